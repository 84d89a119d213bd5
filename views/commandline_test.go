package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestMenuCopiesCommands walks over the menu of a pod and asks of each line what kubectl would do.
func TestMenuCopiesCommands(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Hands, s.Namespace = hands(), "shop"
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(120, 40, "db-0")
	targets, _ := p.view.(*table).targets()
	name := "pod/" + targets[0].Ref.Name
	targets[0].Resource.Verbs = nil // The test's API says that it takes no changes.
	v := newMenu(s, targets)
	frame := ui.Frame{Width: 120, Height: 60, Theme: themes.Plain, Now: screenNow}
	v.Draw(frame)
	at := " -n " + targets[0].Ref.Namespace + " --context " + s.Cluster.Name()
	var got []string
	for range 20 {
		switch said := v.Update(ui.Do{Action: actCommand}).(type) {
		case ui.Copy:
			got = append(got, said.Text)
		case ui.Say:
			got = append(got, said.Text)
		}
		v.Update(ui.Do{Action: ui.Down})
		v.Draw(frame)
	}
	for _, want := range []string{
		"label: its review has the command",
		"kubectl delete " + name + " --grace-period=0 --force" + at,
		"kubectl exec -it " + name + at + " -- sh",
		"kubectl attach -it " + name + at,
		"kubectl port-forward " + name + " LOCAL:REMOTE" + at,
		"kubectl cp " + targets[0].Ref.Name + ":FROM TO" + at,
		"kubectl debug -it " + name + " --image=busybox" + at,
		"kubectl edit " + name + at,
		"kubectl has no command for this", // to evict
	} {
		if !slices.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, strings.Join(got, "\n"))
		}
	}
}
