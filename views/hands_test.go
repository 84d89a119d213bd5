package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestHiddenMarksAreNamed marks two pods and filters for a third: an effect is about the marked ones,
// not about what the cursor stands on, and says that nobody sees them.
func TestHiddenMarksAreNamed(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Namespace = "shop"
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	for range 2 {
		p.press("space")
		p.press("j")
	}
	p.view.Update(ui.Typed{Prompt: "filter", Text: "db-0"})
	p.view.Update(ui.Entered{Prompt: "filter", Text: "db-0"})
	p.until(100, 30, "db-0")
	targets, hidden := p.view.(*table).targets()
	if len(targets) != 2 || len(hidden) != 2 || targets[0].Ref.Name == "db-0" || targets[1].Ref.Name == "db-0" {
		t.Fatalf("an effect would be about %v, hidden %q", targets, hidden)
	}
	opened, ok := p.view.Update(ui.Do{Action: actDelete}).(ui.Open)
	if !ok {
		t.Fatal("no review opens")
	}
	text := look(t, opened.View).draw(80, 24)
	if !strings.Contains(text, "2 marked objects hidden by the filter: "+hidden[0]) {
		t.Errorf("the review does not name them:\n%s", text)
	}
}

// TestHandsOfNothing presses keys of effects where there is nothing, or where nothing can be changed.
func TestHandsOfNothing(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	for _, c := range []struct {
		session *Session
		action  ui.Action
		want    string
	}{
		{s, actMenu, "nothing selected"}, {s, actDelete, "nothing selected"}, {s, actEdit, "nothing selected"},
		{&Session{Cluster: s.Cluster}, actMenu, "what was saved cannot be changed"},
	} {
		if said, ok := c.session.hand(c.action, nil).(ui.Say); !ok || said.Text != c.want {
			t.Errorf("%s: %v, want %q", c.action, said, c.want)
		}
	}
}
