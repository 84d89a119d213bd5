package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/ui"
)

// TestJournalIsReadAgain shows what is written while somebody looks, and of that the whole entries of which
// the filter finds anything.
func TestJournalIsReadAgain(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Hands = hands()
	p := look(t, newJournalView(s))
	p.until(80, 24, "nothing in the last week")
	write := func(words, reason string, outcome journal.Outcome, changes ...journal.Change) {
		e := journal.Entry{
			Context: s.Cluster.Name(), Effect: "scale", Words: words, Reason: reason, Outcome: outcome, Changes: changes,
		}
		if _, err := s.Hands.Journal.Begin(e); err != nil {
			t.Fatal(err)
		}
	}
	replicas := journal.Change{Path: "/spec/replicas", Before: 2, After: 3}
	write("scale deployment shop/web", "incident 7", journal.Done, replicas)
	write("evict pod shop/db-0, to drain node n1", "", journal.Failed)
	write("edit secret shop/db", "", journal.Done, journal.Change{Path: "/data/password", Hidden: true})
	write("a colleague's, elsewhere", "", journal.Done)
	p.until(80, 24, "shop/web", "shop/db-0", "secret shop/db", "colleague")
	for filter, want := range map[string][]string{
		"drain": {"shop/db-0"}, "incident": {"shop/web", "incident 7", effects.Field{
			Path: "/spec/replicas", Before: 2, After: 3}.Words()},
		"failed": {"shop/db-0"}, "replicas": {"shop/web"}, "!drain secret": {"secret shop/db"}, "nothing-like-it": nil,
	} {
		p.press("/")
		p.view.Update(ui.Entered{Prompt: "filter", Text: filter})
		screen := p.draw(80, 24)
		kept := 0
		for _, entry := range []string{"scale deployment", "evict pod", "edit secret", "a colleague's"} {
			if strings.Contains(screen, entry) {
				kept++
			}
		}
		for _, text := range want {
			if !strings.Contains(screen, text) {
				t.Errorf("/%s hides %q:\n%s", filter, text, screen)
			}
		}
		if most := min(len(want), 1); kept != most || !strings.Contains(screen, "of 4 ") {
			t.Errorf("/%s keeps %d entries, want %d:\n%s", filter, kept, most, screen)
		}
	}
	p.press("esc")
	if screen := p.draw(80, 24); strings.Count(screen, "shop/") != 3 {
		t.Errorf("esc does not clear the filter:\n%s", screen)
	}
	hints := 0
	for _, k := range p.view.Keys() { // None of the entries can be taken back, so that enter opens the object.
		if k.Footer && k.Help == "open the object" {
			hints++
		}
	}
	if hints != 1 {
		t.Errorf("the footer says %d times how to open the object", hints)
	}
}
