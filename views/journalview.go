package views

import (
	"cmp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "journal", help: "what was done here, and what can be taken back", also: []string{"undo", "audit"},
		open: func(s *Session) rootView { return newJournalView(s) },
	})
}

// journalView lists what was done to the cluster that is looked at: in this session and in
// those of the last week.
type journalView struct {
	screen
	read   *journal.Entries // nil before it came
	walk   walk
	filter lineFilter
}

func newJournalView(s *Session) *journalView {
	v := &journalView{}
	if v.screen = newScreen(s, v); s.Hands != nil {
		v.sources = append(v.sources, ui.Watch{Source: s.Hands.Journal.Watch(s.Now().AddDate(0, 0, -journalDays))})
	}
	return v
}

// journalDays is how far back the journal is shown.
const journalDays = 7

// place implements page.
func (v *journalView) place() []string { return []string{"journal"} }

// state implements page.
func (v *journalView) state() kube.State { return kube.State{} }

// empty implements page.
func (v *journalView) empty() bool { return false }

// keys implements page.
func (v *journalView) keys() []ui.Key {
	keys := walkKeys()
	line, is := v.walk.current().then.(journalLine)
	undoes := is && line.entry.Undoes
	keys[0].Help = "open the object"
	if undoes {
		keys[0].Help = "take it back (asks)"
	}
	return append(append(keys, v.filter.keys()...),
		ui.Key{Action: actObject, Keys: []string{"o"}, Help: "open the object", Group: "Object", Footer: undoes})
}

// update implements page.
func (v *journalView) update(msg ui.Msg) ui.Intent {
	if intent, handled := v.filter.update(msg); handled {
		return intent
	}
	switch msg := msg.(type) {
	case journal.Entries:
		v.read = &msg
		return nil
	case ui.Do:
		if line, is := v.walk.current().then.(journalLine); is && msg.Action == actObject {
			return v.session.openRef(effects.RefOf(line.entry.Object), "")
		}
	}
	intent := v.walk.update(msg)
	if line, is := intent.(journalLine); is {
		if !line.entry.Undoes {
			return v.session.openRef(effects.RefOf(line.entry.Object), "")
		}
		return v.undo(line.entry)
	}
	return intent
}

// journalLine is what a line leads to; it never reaches the shell.
type journalLine struct{ entry journal.Entry }

// undo opens the review of what takes an entry back.
func (v *journalView) undo(e journal.Entry) ui.Intent {
	if !v.session.Cluster.Writable() {
		return v.session.sayReadOnly("taking back")
	}
	ref := effects.RefOf(e.Object)
	resource, ok := v.session.Cluster.Resources().ByKind(ref.GroupKind)
	if !ok {
		return ui.Say{Text: "this cluster does not serve " + e.Object.Resource, Role: themes.Degraded}
	}
	back, err := effects.Undo(effects.Target{
		Cluster: v.session.Cluster, Resource: resource, Ref: ref, UID: types.UID(e.Object.UID),
	}, e)
	if err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Degraded}
	}
	if denied := v.session.deniedByRule(back.Name, []effects.Target{back.Target}); denied != nil {
		return denied
	}
	return ui.Open{View: newReview(v.session, []effects.Effect{back})}
}

// Draw implements ui.View.
func (v *journalView) Draw(f ui.Frame) string {
	page := []entry{{line: ui.Line{{Text: "what fathom did in " + v.session.Cluster.Name(), Role: themes.Heading}}}}
	say := func(text string, role themes.Role) {
		for _, line := range note(text, role, f.Width-2) {
			page = append(page, entry{line: line})
		}
	}
	switch {
	case v.session.Hands == nil:
		say("what was saved cannot be changed", themes.Muted)
	case v.read == nil:
		say("reading the journal ...", themes.Muted)
	case v.read.Err != nil:
		say(v.read.Err.Error(), themes.Failing)
	default:
		page = append(page, v.entries(f)...)
	}
	return v.walk.draw(f, page)
}

func (v *journalView) entries(f ui.Frame) []entry {
	var rows []row
	pass, problem := v.filter.passes()
	all, kept := 0, 0
	for _, e := range v.read.Entries {
		if e.Context != v.session.Cluster.Name() {
			continue
		}
		all++
		if pass != nil && !pass(entryText(e)) {
			continue
		}
		kept++
		r := row{id: e.ID, then: journalLine{e}, cells: []ui.Span{
			{Text: whenIn(e.At(), f.Now), Role: themes.Muted}, outcomeSpan(e), {Text: kinds.Clean(e.Words), Role: themes.Text},
		}}
		rows = append(rows, r)
		if e.Reason != "" {
			reason := ui.Span{Text: "reason: " + kinds.Clean(e.Reason), Role: themes.Text}
			rows = append(rows, row{id: e.ID + "?", cells: []ui.Span{{}, {}, reason}})
		}
		for _, c := range e.Changes {
			words := kinds.Clean(effects.Field{Path: c.Path, Before: c.Before, After: c.After}.Words())
			if c.Hidden {
				words = kinds.Clean(c.Path) + " (a Secret's value)"
			}
			rows = append(rows, row{id: e.ID + c.Path, cells: []ui.Span{{}, {}, {Text: words, Role: themes.Muted}}})
		}
		if e.Error != "" {
			why := ui.Span{Text: kinds.Clean(e.Error), Role: themes.Failing}
			rows = append(rows, row{id: e.ID + "!", cells: []ui.Span{{}, {}, why}})
		}
	}
	if all == 0 {
		return []entry{{line: ui.Line{{Text: "nothing in the last week", Role: themes.Muted}}}}
	}
	var out []entry
	if pass != nil {
		out = append(out, entry{line: v.filter.head(kept, counted(all, "lines"), problem)})
	}
	out = append(out, section("last "+counted(journalDays, "days"), rows, inside(f).Width)...)
	if v.read.Unread > 0 {
		text := counted(v.read.Unread, "lines") + " could not be read"
		out = append(out, entry{line: ui.Line{{Text: text, Role: themes.Degraded}}})
	}
	return out
}

// entryText is what the filter looks at: all that is shown of an entry.
func entryText(e journal.Entry) string {
	words := []string{e.Words, e.Reason, e.Error, outcomeSpan(e).Text}
	for _, c := range e.Changes {
		words = append(words, c.Path)
		if !c.Hidden {
			words = append(words, effects.Field{Path: c.Path, Before: c.Before, After: c.After}.Words())
		}
	}
	return kinds.Clean(strings.Join(words, " "))
}

func outcomeSpan(e journal.Entry) ui.Span {
	roles := map[journal.Outcome]themes.Role{
		journal.Done: themes.OK, journal.Failed: themes.Failing, journal.Unknown: themes.Degraded,
	}
	return ui.Span{Text: cmp.Or(string(e.Outcome), "not finished"), Role: roles[e.Outcome]}
}

// whenIn is a time of today as a time, of another day with its date.
func whenIn(at, now time.Time) string {
	at = at.In(now.Location())
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05")
	}
	return at.Format("01-02 15:04")
}

// Wake implements ui.View.
func (v *journalView) Wake(time.Time) time.Time { return time.Time{} }
