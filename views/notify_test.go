package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// lonePod is a pod that cannot start, with a reason of its own.
const lonePod = `{apiVersion: v1, kind: Pod, metadata: {name: lone, namespace: shop}, spec: {nodeName: n1,
containers: [{name: app}]}, status: {phase: Pending, containerStatuses: [{name: app, image: x, imageID: "", ready: false,
restartCount: 0, state: {waiting: {reason: CreateContainerConfigError, message: "configmap \"conf\" \e]0;owned\a"}}}]}}`

// chosen carries out the palette's entry of a name.
func (p *person) chosen(name string) ui.Intent {
	p.t.Helper()
	p.intent = nil
	for _, c := range Choices(p.view, "") {
		if c.Name == name {
			p.perform(c.Then.(ui.Lazy).Intent())
			return p.intent
		}
	}
	p.t.Fatalf("the palette has no %q", name)
	return nil
}

// notified waits for a notification and returns its text.
func (p *person) notified() string {
	p.t.Helper()
	text := ""
	p.wait("it notifies", func() bool {
		n, ok := p.intent.(ui.Notify)
		text = n.Text
		return ok
	})
	p.intent = nil
	return text
}

// TestNotifyOfWhatFails notifies of a pod that cannot start, on a screen that does not show
// it, and not of what was there before.
func TestNotifyOfWhatFails(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	s := newSession(t, server, "shop")
	p := look(t, objects("deploy")(t, s))
	said, _ := p.chosen("notify").(ui.Say)
	if !strings.Contains(said.Text, "at most every 30s") {
		t.Errorf("it says %q", said.Text)
	}
	p.until(120, 40, "failing")
	p.wait("everything is judged", func() bool { return s.notify.verdict != nil })
	if _, ok := p.intent.(ui.Notify); ok {
		t.Errorf("it notifies of what was there before: %v", p.intent)
	}
	server.Apply(t, lonePod)
	if text := p.notified(); !strings.HasPrefix(text, `failing: pod shop/lone: `) || kinds.Clean(text) != text {
		t.Errorf("it notifies of %q", text)
	}
	p.chosen("notify")
	if s.notify != nil {
		t.Error("it goes on")
	}
}

// TestNotifyOfOneObject follows a pod that is broken, mended, and nothing else.
func TestNotifyOfOneObject(t *testing.T) {
	server := newCluster(t, "well.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, lonePod)
	s := newSession(t, server, "shop")
	p := look(t, one("pod", "lone")(t, s))
	p.until(120, 40, "lone", "● live")
	if said, _ := p.chosen("notify").(ui.Say); !strings.Contains(said.Text, "pod shop/lone gets better or worse") {
		t.Errorf("it says %q", said.Text)
	}
	p.until(120, 40, "1 failing", "notify")
	p.wait("it knows how the pod is", func() bool { return s.notify.verdict != nil })
	server.Apply(t, strings.ReplaceAll(lonePod, "lone", "other"))
	p.until(120, 40, "2 failing")
	if _, ok := p.intent.(ui.Notify); ok {
		t.Errorf("it notifies of another object: %v", p.intent)
	}
	server.Delete(t, kinds.Pod.GroupVersionKind, "shop", "lone")
	if text := p.notified(); text != "pod shop/lone: well again" {
		t.Errorf("it notifies of %q", text)
	}
}

// TestEveryScreenCountsWhatFails opens a table as `fathom deployments` does.
func TestEveryScreenCountsWhatFails(t *testing.T) {
	for _, judges := range []bool{true, false} {
		server := newCluster(t, "shop.yaml")
		answersChecks(server, goodChecks)
		s := newSession(t, server, "shop")
		s.Judges = judges
		p := look(t, objects("deploy")(t, s))
		if s.Triage != nil {
			t.Error("the triage begins before the table is there")
		}
		p.until(120, 40, "● live", "checkout")
		if (s.Triage != nil) != judges {
			t.Errorf("judges %v: %v", judges, s.Triage)
		}
		if !judges {
			continue
		}
		p.until(120, 40, "1+ failing") // The pod that nothing owns runs, between its crashes.
		s.Triage = s.NewTriage("shop", "shop")
		p.view.(*table).judged = s.Triage.Glance()
		s.setNamespace("payments")
		p.perform(ui.Watch{Source: p.view.(*table).judged})
		p.until(120, 40, "1+ failing in shop")
		s.setNamespace("shop")
		if screen := p.until(120, 40, "1+ failing"); strings.Contains(screen, "failing in") {
			t.Errorf("it names the namespace that is shown: %s", screen)
		}
		if open, ok := p.press("!").(ui.Open); !ok || open.View.(*home) == nil {
			t.Error("! does not lead to the triage")
		}
	}
}
