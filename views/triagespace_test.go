package views

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// TestHomeOfNoNamespace holds that a namespace that does not exist is not called well.
func TestHomeOfNoNamespace(t *testing.T) {
	s := newSession(t, newCluster(t, "well.yaml"), "nosuch")
	s.Asked, s.Triage = true, s.NewTriage("nosuch", "nosuch")
	p := openHome(t, s, "namespace nosuch does not exist; 0 looks at all")
	screen := p.draw(80, 24)
	if strings.Contains(screen, "nothing is broken") || strings.Contains(screen, "WHAT THERE IS") {
		t.Errorf("it is called well:\n%s", screen)
	}
	replace, ok := p.press("0").(ui.Replace)
	if !ok {
		t.Fatalf("0 leads to %#v", p.intent)
	}
	look(t, replace.View).until(80, 24, "all namespaces  triage", "nothing is broken since")
}

// TestHomeInAnotherNamespace narrows home, and widens it again.
func TestHomeInAnotherNamespace(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := openHome(t, s, "CrashLoopBackOff", "all namespaces  triage")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	for _, tt := range []struct{ typed, namespace string }{
		{"triage shop", "shop"}, {"triage pay", "payments"},
		{"home -n shop", "shop"}, {"triage -A", ""}, {"triage all", ""},
	} {
		choices := Choices(p.view, tt.typed)
		if len(choices) == 0 || choices[0].Then != (goToTriage{s, tt.namespace}) {
			t.Errorf("%q: %+v", tt.typed, choices)
		}
	}
	other := look(t, Objects(s, Pods(s.Cluster)))
	other.until(80, 24, "db-0", "failing")

	narrow := look(t, Choices(p.view, "triage payments")[0].Then.(ui.Lazy).Intent().(ui.Open).View)
	screen := narrow.until(80, 24, "payments  triage", "● live")
	if strings.Contains(screen, "CrashLoopBackOff") || s.Namespace != "payments" {
		t.Errorf("it is in %q:\n%s", s.Namespace, screen)
	}
	// What other screens say follows.
	other.perform(other.view.Update(ui.Shown{}))
	if judging := other.view.(*table).judging; judging != s.Triage {
		t.Error("another screen follows what is not looked at any more")
	}
	look(t, narrow.press("0").(ui.Replace).View).until(80, 24, "all namespaces  triage", "CrashLoopBackOff")
	if say, ok := narrow.press("7").(ui.Say); !ok || !strings.HasPrefix(say.Text, "no recent namespace 7; 0 all") {
		t.Errorf("7 leads to %#v", narrow.intent)
	}
}

// TestHomeNamesTheWayOut opens home for a user without rights in the namespace that it falls back
// to, and goes where they have some.
func TestHomeNamesTheWayOut(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Refuse("pods")
	s := newSession(t, server, "default")
	s.Known = []kube.Context{
		{Name: "prod-eu", Server: "a"}, {Name: "other", Server: "a", Namespace: "oncall"},
		{Name: "again", Server: "a", Namespace: "oncall"}, {Name: "elsewhere", Server: "b", Namespace: "billing"},
	}
	p := look(t, newHome(s))
	screen := p.until(100, 24, ":ns NAME, or -n NAME at the start", "the kubeconfig names oncall")
	if strings.Contains(screen, "billing") {
		t.Errorf("a namespace of another server is named:\n%s", screen)
	}
	s.setNamespace("oncall") // As :ns does.
	table := look(t, Objects(s, Pods(s.Cluster)))
	home := table.press("!").(ui.Open).View
	look(t, home).until(100, 24, "oncall  triage", ":ns NAME")
}

// TestHomeOfOneNamespace opens home for a user who may look at one namespace: that the others were not
// judged is said, and why 0 leads nowhere.
func TestHomeOfOneNamespace(t *testing.T) {
	server := newCluster(t, "well.yaml")
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		all := r.URL.Query().Has("limit") && !strings.Contains(r.URL.Path, "/namespaces/")
		if all {
			w.WriteHeader(http.StatusForbidden)
		}
		return all
	})
	p := openHome(t, newSession(t, server, "shop"), "not judged: other namespaces,")
	screen := p.until(80, 24, "nothing is broken in what could be looked at")
	if say, ok := p.press("0").(ui.Say); !ok || say.Text != "the pods of all namespaces may not be listed" {
		t.Errorf("0 leads to %#v\n%s", p.intent, screen)
	}
}

// TestNoWayOutForWhoSeesAll opens home with all rights, and after a namespace was chosen.
func TestNoWayOutForWhoSeesAll(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	if screen := openHome(t, s, "CrashLoopBackOff").draw(120, 40); strings.Contains(screen, ":ns") {
		t.Errorf("it names a way out:\n%s", screen)
	}
	s.setNamespace("payments")
	table := look(t, Objects(s, Pods(s.Cluster)))
	look(t, table.press("!").(ui.Open).View).until(120, 40, "all namespaces  triage", "CrashLoopBackOff")
}

// TestSinceText holds that a time of another day has its date.
func TestSinceText(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for since, want := range map[time.Duration]string{
		time.Minute: "since 11:59:00, 1m", 13 * time.Hour: "since Apr 30 23:00, 13h",
		10 * 24 * time.Hour: "since Apr 21 12:00, 10d", 800 * 24 * time.Hour: "since 2024-02-21, 2y",
	} {
		if got := sinceText(&triage.Finding{Since: now.Add(-since)}, now); got != want {
			t.Errorf("%s: got %q, want %q", since, got, want)
		}
	}
}

// TestHomeSaysWhichRowsItShows opens home on more findings than there is room for.
func TestHomeSaysWhichRowsItShows(t *testing.T) {
	server := newCluster(t, "well.yaml")
	for i := range 20 {
		server.Apply(t, fmt.Sprintf(`{apiVersion: batch/v1, kind: Job, metadata: {name: job-%02d, namespace: shop},
spec: {template: {spec: {containers: [{name: app, image: a}]}}}, status: {failed: 1, conditions: [
  {type: Failed, status: "True", reason: BackoffLimitExceeded, lastTransitionTime: "2026-01-01T00:00:00Z"}]}}`, i))
	}
	p := openHome(t, newSession(t, server, "shop"), "20 failing")
	p.until(80, 24, " 1–13 of 20 ──")
	p.press("G")
	p.until(80, 24, " 8–20 of 20 ──")
	if screen := p.draw(120, 40); strings.Contains(screen, " of 20 ──") {
		t.Errorf("all are shown, but it says\n%s", screen)
	}
}
