package views

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "changes", help: "what changed in the last hour, who and when", also: []string{"history"},
		open: func(s *Session) rootView { return newChangesView(s, nil) },
	})
}

// changesView is what changed of all that is watched, or of some objects: what was seen, and what
// the cluster remembers of the last hour.
type changesView struct {
	screen
	list  *changeList
	of    []kinds.Ref // nil is all
	watch *kube.HistoryWatch
	last  kube.Changed
	past  *effects.Past
	done  []history.Change
}

func newChangesView(s *Session, of []kinds.Ref) *changesView {
	v := &changesView{list: newChangeList(s, true), of: of}
	var keep func(kinds.Ref) bool
	if of != nil {
		keep = ofObjects(of...)
	}
	v.watch = s.Cluster.History().Watch(keep)
	v.past = s.Hands.Past(s.Cluster, s.Cluster.Now().Add(-kube.RecentFor), func(o journal.Object) bool {
		return keep == nil || keep(effects.RefOf(o))
	})
	v.screen = newScreen(s, v, v.watch, v.watch.Recent(), v.past)
	v.list.table.Empty = "reading what changed ..."
	return v
}

// place implements page.
func (v *changesView) place() []string {
	if v.of != nil {
		return []string{"changes of " + counted(len(v.of), "objects")}
	}
	return []string{"changes"}
}

// state implements page.
func (v *changesView) state() kube.State { return kube.State{} }

// empty implements page.
func (v *changesView) empty() bool { return len(v.list.all) == 0 }

// keys implements page.
func (v *changesView) keys() []ui.Key { return v.list.keys() }

// update implements page.
func (v *changesView) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case effects.Done:
		if msg.From == v.past {
			v.done = msg.Changes
			v.list.set(history.WithDone(v.last.Changes, v.done))
		}
		return nil
	case kube.Changed:
		if msg.From == v.watch {
			v.last = msg
			v.list.set(history.WithDone(msg.Changes, v.done))
			if msg.Complete {
				v.list.table.Empty = "no change of the last hour is known"
			}
		}
		return nil
	}
	return v.list.update(msg)
}

// Draw implements ui.View.
func (v *changesView) Draw(f ui.Frame) string { return v.list.draw(f, v.note(f.Now)) }

// note says how far back the changes reach.
func (v *changesView) note(now time.Time) ui.Line {
	words := " " + countOf(v.list)
	if v.last.From != nil && !v.last.Complete {
		words += ", reading more ..."
	}
	usage := v.last.Usage
	switch {
	case usage.Dropped:
		words += "  updates since " + usage.Oldest.In(now.Location()).Format("15:04:05") + "; older ones made room"
	case v.of == nil:
		words += "  of what fathom has looked at so far"
	}
	if slices.ContainsFunc(v.list.rows.shown, func(c *history.Change) bool { return c.Rebuilt }) {
		words += "  ~ from before"
	}
	return ui.Line{{Text: words, Role: themes.Muted}}
}

// Wake implements ui.View.
func (v *changesView) Wake(time.Time) time.Time { return time.Time{} }
