package views

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/ui"
)

// typist is an editor that has been left.
type typist struct{ shown, text string }

func (t *typist) Text() string                                    { return t.text }
func (t *typist) String() string                                  { return "editor" }
func (t *typist) CommandLine() string                             { return "vi" }
func (t *typist) RunOn(context.Context, *os.File, *os.File) error { return nil }
func (t *typist) replace(old, by string)                          { t.text = strings.Replace(t.shown, old, by, 1) }

func editorOf(intent ui.Intent) (editing, bool) { e, is := intent.(editing); return e, is }

// TestEditIsNotLost edits an object that could not be written, and finds the text in the editor again.
func TestEditIsNotLost(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	dryRuns(t, server)
	s := writableSession(t, server)
	var opened []*typist
	s.Edit = func(_, text string) Editor {
		opened = append(opened, &typist{shown: text, text: text})
		return opened[len(opened)-1]
	}
	s.Namespace = "shop"
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	targets, _ := rows.view.(*table).targets()
	source := &editSource{session: s, target: targets[0]}
	read, err := source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, _ := editorOf(read.(toEdit).open(""))
	opened[0].replace("spec:", "spec:\n  paused: true")
	review := first.After(nil).(ui.Open).View.(*review)
	effect := followed{oneEffect([]effects.Ready{{}}), review.failed}
	if effect.After(nil) != nil {
		t.Error("it is offered again though it was written")
	}
	watch := effect.After(errors.New("not done: it has changed since you looked")).(ui.Watch)
	msg, err := watch.Source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	choose := msg.(ui.Lazy).Intent().(ui.Choose)
	if len(choose.Choices) != 2 || !strings.Contains(choose.Choices[0].Detail, "it has changed since you looked") {
		t.Fatalf("it offers %+v", choose)
	}
	if _, is := editorOf(choose.Choices[0].Then.(ui.Lazy).Intent()); !is {
		t.Fatal("it does not open the editor")
	}
	if text := opened[1].shown; !strings.Contains(text, "paused: true") ||
		!strings.HasPrefix(text, "# fathom: not done: it has changed since you looked\n") {
		t.Errorf("the editor has\n%s", text)
	}
}
