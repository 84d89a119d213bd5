package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// OpenTab is where a tab is, to be opened there again: at a table, at an object, or at a view that the
// palette knows by name.
type OpenTab struct {
	Context string `json:"context"`
	View    string `json:"view,omitempty"`   // "atlas"; "" is a table or an object
	Object  string `json:"object,omitempty"` // "" is a table
	Page    tabID  `json:"page,omitempty"`   // of the object
	Place          // of an object, its kind and namespace
}

// triageView is the name of home among the views.
const triageView = "triage"

// KeepTab returns where a tab is, by its views, the visible one first: at the first of them that can be
// opened again. ok is false where there is none.
func KeepTab(stack []ui.View) (kept OpenTab, ok bool) {
	for _, view := range stack {
		if at, waits := view.(*restored); waits {
			return at.tab, true
		}
		s := SessionOf(view)
		if s.Cluster.ActsAs() != "" || s.isSaved() {
			continue
		}
		if kept, ok = keepView(view); ok {
			kept.Context = s.Cluster.Name()
			return kept, true
		}
	}
	return kept, false
}

func keepView(view ui.View) (OpenTab, bool) {
	switch v := view.(type) {
	case *table:
		return OpenTab{Place: v.shown()}, !v.containers()
	case *object:
		s := v.subject
		place := Place{Resource: qualified(s.resource), Spaces: s.namespace}
		return OpenTab{Object: s.name, Page: v.specs[v.current].id, Place: place}, !s.alone && s.asOf == nil
	case *home:
		return OpenTab{View: triageView, Place: Place{Spaces: v.verdict.Namespace}}, true
	}
	name := view.(rootView).root().name
	return OpenTab{View: name}, name != ""
}

// in returns the first view of the tab in a session of its context; nil where the cluster does not have
// its kind.
func (t OpenTab) in(s *Session) ui.View {
	switch {
	case t.View == triageView && t.Spaces != "":
		return s.triageIn(t.Spaces)
	case t.View == triageView:
		return s.home()
	case t.View != "":
		return Named(s, t.View)
	}
	found := s.Cluster.Resources().Find(t.Resource)
	switch {
	case len(found) == 0:
		return nil
	case t.Object != "":
		s.GoToSpaces(t.Spaces)
		return newObject(s, found[0], t.Spaces, t.Object, nil, t.Page)
	}
	return goToPlace{s, found[0], t.Place}.view()
}

// text says where the tab is, in words.
func (t OpenTab) text() string {
	what, _, _ := strings.Cut(t.Resource, ".")
	if t.Object != "" {
		what += "/" + t.Object
	}
	return strings.TrimSpace(t.Spaces + " " + what + t.View)
}

// restored is a tab of an earlier run that nobody has looked at yet. It opens when it comes to the
// screen, for that may mean to sign in to another cluster.
type restored struct {
	screen
	tab     OpenTab
	problem string // why it did not open
}

// Restore returns the first view of a tab that was kept. s is the session that the program begins with.
func Restore(s *Session, tab OpenTab) ui.View {
	v := &restored{tab: tab}
	v.screen = newScreen(s, v)
	return v
}

// place implements page.
func (v *restored) place() []string {
	if v.tab.Context != v.session.Cluster.Name() {
		return []string{v.tab.Context + " " + v.tab.text()}
	}
	return []string{v.tab.text()}
}

// state implements page.
func (v *restored) state() kube.State { return kube.State{} }

// keys implements page.
func (v *restored) keys() []ui.Key {
	return []ui.Key{{Action: actOpen, Keys: []string{"enter"}, Help: "try again", Group: "Here", Footer: true}}
}

// empty implements page: this tab shows nothing, and where nothing answers that is said here.
func (v *restored) empty() bool { return false }

// update implements page.
func (v *restored) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return v.open()
	case ui.Do:
		if msg.Action == actOpen {
			return v.open()
		}
	}
	return nil
}

// open opens the tab, at once where its cluster is at hand.
func (v *restored) open() ui.Intent {
	v.problem = ""
	if v.tab.Context == v.session.Cluster.Name() {
		if view := v.tab.in(v.session); view != nil {
			return ui.Replace{View: view}
		}
	}
	return ui.Watch{Source: &restorer{view: v, session: v.session, tab: v.tab}}
}

// Draw implements ui.View.
func (v *restored) Draw(f ui.Frame) string {
	if v.problem == "" {
		line := ui.Line{{Text: " opening " + strings.Join(v.place(), " ") + " ...", Role: themes.Waiting}}
		return ui.PaintLine(f, line, f.Width, 0)
	}
	var out []string
	lines := append(failure(v.problem, f.Width),
		ui.Line{{Text: "   enter tries again, ctrl+x closes this tab", Role: themes.Muted}})
	for _, line := range lines[:min(len(lines), f.Height)] {
		out = append(out, ui.PaintLine(f, line, f.Width, 0))
	}
	return strings.Join(out, "\n")
}

// Wake implements ui.View.
func (v *restored) Wake(time.Time) time.Time { return time.Time{} }

// restorer finds the session of a tab and its kind, once.
type restorer struct {
	view    *restored
	session *Session
	tab     OpenTab
	done    bool
}

// restoredIn is what a restorer found.
type restoredIn struct {
	view    *restored
	session *Session
	err     error
}

// restoreWait is how long a cluster may take to say which kinds it has.
const restoreWait = 10 * time.Second

// Next implements ui.Source.
func (r *restorer) Next(ctx context.Context) (ui.Msg, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	session := r.session
	if r.tab.Context != session.Cluster.Name() {
		var err error
		if session, _, err = r.session.Connect(r.tab.Context); err != nil {
			return restoredIn{r.view, nil, err}, nil
		}
	}
	if r.tab.Resource == "" || len(session.Cluster.Resources().Find(r.tab.Resource)) > 0 {
		return restoredIn{r.view, session, nil}, nil
	}
	wait, stop := context.WithTimeout(ctx, restoreWait)
	defer stop()
	return restoredIn{r.view, session, session.Cluster.WaitResources(wait)}, nil
}

// Intent implements ui.Lazy.
func (r restoredIn) Intent() ui.Intent {
	err := r.err
	if err == nil {
		if view := r.view.tab.in(r.session); view != nil {
			return ui.Replace{View: view}
		}
		err = errors.New("the cluster does not serve " + r.view.tab.Resource + r.view.tab.View)
	}
	r.view.problem = r.view.tab.Context + ": " + err.Error()
	return nil
}

// AnotherTab is what a new tab begins with: the same place where it can be opened again, or else what is
// broken.
func AnotherTab(top ui.View) ui.View {
	if v, is := top.(ui.Reopener); is {
		return v.Reopen()
	}
	return SessionOf(top).home()
}

// CloseTab is asked before a tab closes: write mode of a context ends with its last tab.
func CloseTab(top ui.View, stay []ui.View) ui.Intent {
	s := SessionOf(top)
	for _, view := range stay {
		if SessionOf(view).Cluster == s.Cluster {
			return nil
		}
	}
	return s.leave(nil)
}

// tabWord stands before what is opened in a new tab.
const tabWord = "tab"

// tabChoices are the palette's entries for tabs.
func tabChoices() []ui.Choice {
	return []ui.Choice{
		{Name: tabWord, Detail: "command: a new tab; tab WORDS opens what they lead to in one", Then: ui.NewTab{}},
		{Name: "tabs", Detail: "command: go to a tab; tab 2 is the second", Then: ui.ChooseTab{}},
		{Name: "tab close", Detail: "command: close this tab", Then: ui.CloseTab{}},
	}
}

// tabOfWords opens in a new tab what words lead to; a number goes to a tab.
func tabOfWords(view ui.View, words string) []ui.Choice {
	words = strings.TrimPrefix(words, ":")
	if n, err := strconv.Atoi(words); err == nil && n > 0 {
		return []ui.Choice{{Name: fmt.Sprint("tab ", n), Detail: "go to this tab", Then: ui.ToTab{Number: n}}}
	}
	if words != "" && strings.HasPrefix("close", strings.ToLower(words)) {
		return tabChoices()[2:]
	}
	choices := Choices(view, words)
	for i, c := range choices {
		if c.Then != nil {
			choices[i].Detail, choices[i].Then = "new tab: "+c.Detail, ui.NewTab{Then: c.Then}
		}
	}
	return choices
}
