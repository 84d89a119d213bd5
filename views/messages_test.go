package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

func TestMessages(t *testing.T) {
	s := newSession(t, newCluster(t, "documents.yaml"), "shop")
	p := look(t, newMessages(s))
	if len(s.Messages.All()) == 0 {
		p.until(80, 24, "no messages")
	}
	s.Messages.Add("warning", "v1 Endpoints is deprecated")
	s.Messages.Add("error", "a\x1b[31mb")
	s.Messages.Add("error", "a\x1b[31mb")
	screen := p.until(80, 24, "deprecated", "(2 times)")
	rows := strings.Split(strings.TrimSpace(screen), "\n")
	if last := rows[len(rows)-1]; !strings.Contains(last, "error    a␛[31mb  (2 times)") {
		t.Errorf("the newest is not the last: %q", last)
	}
	p.view.Update(ui.Entered{Prompt: "search", Text: "endpoints"})
	p.until(80, 24, "for endpoints")
	if saved := p.press("ctrl+s").(ui.Save); !strings.Contains(string(saved.Text.(ui.Text)), "deprecated\n") {
		t.Errorf("saved %q", saved.Text)
	}
}
