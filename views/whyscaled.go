package views

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// scaledDown is a workload that somebody scaled to 0, the subject or what is behind a Service, and what is known
// of that. Nobody is in trouble there as long as nothing routes to it, so that is not a finding.
type scaledDown struct {
	workload            *kinds.Record
	watch               *kube.HistoryWatch
	rebuild             *kube.Rebuilding
	past                *effects.Past
	seen, rebuilt, done []history.Change
}

// scaledWorkload is the subject if it has 0 replicas, or the workload behind a Service if all that are known
// to be behind it have; else it is nil.
func (v *why) scaledWorkload() (workload *kinds.Record) {
	subject := v.subject.record
	if scalesToZero(subject) {
		return subject
	}
	if subject == nil || subject.Kind != kinds.Service || v.near == nil {
		return nil
	}
	for i := range v.near.uses {
		r := v.near.uses[i].Record
		if r == nil || r.Kind.Group != "apps" && r.Kind != kinds.Pod {
			continue
		}
		if !scalesToZero(r) {
			return nil
		}
		workload = r
	}
	return workload
}

func scalesToZero(r *kinds.Record) bool {
	return r != nil && (r.Kind == kinds.Deployment || r.Kind == kinds.StatefulSet) && r.Status.Level == kinds.Quiet
}

// followScaled asks how the workload that has 0 replicas, if there is one, came to that.
func (v *why) followScaled() ui.All {
	workload := v.scaledWorkload()
	switch {
	case workload == nil:
		v.scaled = nil
		return nil
	case v.scaled != nil && v.scaled.workload.Ref() == workload.Ref():
		if v.scaled.workload != workload {
			v.scaled.workload = workload
			v.scaled.rebuild.Ask(workload, nil)
		}
		return nil
	}
	s, ref := v.subject.session, workload.Ref()
	v.scaled = &scaledDown{
		workload: workload, watch: s.Cluster.History().Watch(ofObjects(ref)), rebuild: s.Cluster.Rebuilding(),
		past: s.Hands.Past(s.Cluster, workload.Created, func(o journal.Object) bool { return effects.RefOf(o) == ref }),
	}
	v.scaled.rebuild.Ask(workload, nil)
	return v.scaled.watches()
}

// watches are the sources of what is known.
func (d *scaledDown) watches() ui.All {
	if d == nil {
		return nil
	}
	return ui.All{ui.Watch{Source: d.watch}, ui.Watch{Source: d.rebuild}, ui.Watch{Source: d.past}}
}

// keep notes what a source yields.
func (d *scaledDown) keep(msg ui.Msg) {
	if d == nil {
		return
	}
	switch msg := msg.(type) {
	case kube.Changed:
		if msg.From == d.watch {
			d.seen = msg.Changes
		}
	case kube.Rebuilt:
		if msg.From == d.rebuild {
			d.rebuilt = msg.Changes
		}
	case effects.Done:
		if msg.From == d.past {
			d.done = msg.Changes
		}
	}
}

// last is how the workload came to 0 replicas; nil where nothing says so.
func (d *scaledDown) last() *history.Change {
	all := history.WithDone(history.Merge(d.seen, d.rebuilt), d.done)
	i := slices.IndexFunc(all, func(c history.Change) bool { return c.Rank == history.Replicas })
	if i < 0 {
		return nil
	}
	first, _, _ := strings.Cut(all[i].Text, ", ") // What matters most is said first.
	if first != "scaled" && !strings.HasSuffix(first, "→ 0") {
		return nil
	}
	return &all[i]
}

// since says when the workload came to 0 replicas, and by whom; "" where nothing tells.
func (d *scaledDown) since(now time.Time) string {
	c := d.last()
	if c == nil {
		return ""
	}
	text := "since " + timeOfDay(c.At, now)
	if by := c.By(); by != "" {
		text += ", " + by
	}
	return text
}

// lines say what would serve, and why it does not, below the title of the subject.
func (d *scaledDown) lines(v *why, width int, now time.Time) (out []entry) {
	say := func(text string) {
		for _, part := range wrap(text, width-4) {
			out = append(out, entry{line: behind(2, part, themes.Text)})
		}
	}
	since := d.since(now)
	if d.workload.Ref() == v.subject.ref() {
		if since != "" {
			say(since)
		}
		return out
	}
	name := strings.ToLower(d.workload.Kind.Kind) + " " + d.workload.Name
	say(strings.TrimSpace("behind it, " + name + " is scaled to 0 " + since))
	switch {
	case len(v.near.usedBy) > 0:
	case len(v.near.linked.gaps()) == 0:
		say("nothing is known that routes to it; what calls it by its name is not known")
	default:
		say("what routes to it is not all known yet")
	}
	return out
}
