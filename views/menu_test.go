package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestMenuSaysWhatRightsLack shows what may not be done before anybody chooses it: to edit, and whatever
// needs a stream, too. Of two rights that would do, one is enough.
func TestMenuSaysWhatRightsLack(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Hands = hands()
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, may string // one right that there is
		want      []string
		open      []string // what stays as it was
	}{
		{"nothing", "", []string{
			"edit you may not patch pods", "shell you may not get or create pods/exec",
			"attach you may not get or create pods/attach",
			"forward you may not get or create pods/portforward",
			"copy files you may not get or create pods/exec",
			"debug you may not patch pods/ephemeralcontainers or create pods",
		}, nil},
		{"a shell", "create exec", []string{"edit you may not"}, []string{"shell", "copy files"}},
		{"a copy to debug", "create ", []string{"shell you may not"}, []string{"debug"}},
		{"to edit", "patch ", []string{"shell you may not"}, []string{"edit"}},
	} {
		p := look(t, Objects(s, Pods(s.Cluster)))
		p.until(120, 40, "db-0")
		targets, _ := p.view.(*table).targets()
		targets[0].Resource.Verbs = nil // The test's API says that it takes no changes.
		v := newMenu(s, targets)
		msg, err := v.asked.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked := msg.(kube.AllowedOf)
		for i := range asked.Answers {
			a := &asked.Answers[i]
			a.Err, a.May = nil, a.Verb+" "+a.Subresource == tt.may
		}
		v.Update(asked)
		drawn := v.Draw(ui.Frame{Width: 120, Height: 40, Theme: themes.Plain, Now: screenNow})
		screen := strings.Join(strings.Fields(drawn), " ")
		for _, want := range tt.want {
			if !strings.Contains(screen, want) {
				t.Errorf("with %s it does not say %q:\n%s", tt.name, want, screen)
			}
		}
		for _, open := range tt.open {
			if strings.Contains(screen, open+" you may not") {
				t.Errorf("with %s, %s is refused:\n%s", tt.name, open, screen)
			}
		}
	}
}

// TestMenuAsksInEachNamespace has marks in two namespaces, in one of which we may do nothing.
func TestMenuAsksInEachNamespace(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Hands = hands()
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(120, 40, "db-0")
	targets, _ := p.view.(*table).targets()
	targets[0].Resource.Verbs = nil // The test's API says that it takes no changes.
	other := targets[0]
	targets[0].Ref.Namespace, other.Ref.Namespace = "shop", "payments"
	v := newMenu(s, append(targets[:1], other))
	msg, err := v.asked.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := msg.(kube.AllowedOf)
	for i := range asked.Answers {
		a := &asked.Answers[i]
		a.Err, a.May = nil, a.Namespace == "shop"
	}
	v.Update(asked)
	drawn := v.Draw(ui.Frame{Width: 120, Height: 40, Theme: themes.Plain, Now: screenNow})
	screen := strings.Join(strings.Fields(drawn), " ")
	if want := "kill you may not delete pods in payments"; !strings.Contains(screen, want) {
		t.Errorf("it does not say %q:\n%s", want, screen)
	}
}
