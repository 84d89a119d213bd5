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

const tabChanges tabID = "changes"

func init() {
	registerTab(tabSpec{
		order: 80, id: tabChanges, key: "h", footer: true, api: true,
		open: func(s *subject) tab { return newChanges(s) },
	})
}

// changes are what changed of the subject: what was seen since the program watches it, and
// what the cluster remembers of the time before.
type changes struct {
	subject *subject
	list    *changeList
	watch   *kube.HistoryWatch
	rebuild *kube.Rebuilding
	beside  []*beside // what remembers more; nil until the subject is known
	seen    []history.Change
	rebuilt []history.Change
	past    *effects.Past // nil until the subject is known
	done    []history.Change
	settled bool // what the subject itself remembers is there
	blaming *kube.Blaming
	owned   []history.Owned // who set which field; nil until the answer
}

// beside is a listing of objects that remember what became of the subject.
type beside struct {
	what    string // in the note above the table
	listing *kube.Listing
	watch   *kube.Watch
}

func newChanges(s *subject) *changes {
	v := &changes{
		subject: s, list: newChangeList(s.session, false),
		watch:   s.session.Cluster.History().Watch(ofObjects(s.ref())),
		rebuild: s.session.Cluster.Rebuilding(),
		blaming: s.session.Cluster.Blaming(),
	}
	v.list.table.Empty = "no changes are known"
	return v
}

// Keys implements tab.
func (v *changes) Keys() []ui.Key { return v.list.keys() }

// Update implements tab.
func (v *changes) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.past = nil // More may have been done since the tab was last seen.
		return append(v.follow(), ui.Watch{Source: v.watch}, ui.Watch{Source: v.rebuild})
	case subjectChanged:
		return v.follow()
	case kube.ListingChanged:
		if slices.ContainsFunc(v.beside, func(b *beside) bool { return b.listing == msg.Listing }) {
			v.ask()
		}
		return nil
	case kube.Changed:
		if msg.From == v.watch {
			v.seen = msg.Changes
			v.merge()
		}
		return nil
	case kube.Rebuilt:
		if msg.From == v.rebuild {
			v.settled = v.settled || v.subject.record != nil
			v.rebuilt = withWrites(msg.Changes, v.rebuilt)
			v.merge()
		}
		return nil
	case effects.Done:
		if msg.From == v.past {
			v.done = msg.Changes
			v.merge()
		}
		return nil
	case kube.Blamed:
		if msg.From == v.blaming && msg.Err == nil {
			v.owned = msg.Fields
			v.merge()
		}
		return nil
	}
	return v.list.update(msg)
}

// withWrites adds the writes that were rebuilt before and are lost by now: an object remembers only the last one
// of each manager.
func withWrites(rebuilt, before []history.Change) []history.Change {
	for _, c := range before {
		same := func(o history.Change) bool { return o.At.Equal(c.At) && o.Who == c.Who }
		if c.Vague() && !slices.ContainsFunc(rebuilt, same) {
			rebuilt = append(rebuilt, c)
		}
	}
	return rebuilt
}

func (v *changes) merge() {
	all := history.Merge(v.seen, v.rebuilt)
	history.Narrow(all, v.owned)
	v.list.set(history.WithDone(all, v.done))
}

// follow watches what remembers more, once the subject is known.
func (v *changes) follow() ui.All {
	s := v.subject
	if s.record == nil {
		return nil
	}
	if v.beside == nil {
		v.beside = v.remembering()
		if s.deleted.IsZero() {
			v.blaming.Ask(s.record)
		}
	}
	if v.past == nil {
		v.past = v.doneHere()
	}
	v.ask()
	all := ui.All{ui.Watch{Source: v.blaming}, ui.Watch{Source: v.past}}
	for _, b := range v.beside {
		all = append(all, ui.Watch{Source: b.watch})
	}
	return all
}

// doneHere is what was done to the subject, and not to another one that had its name before.
func (v *changes) doneHere() *effects.Past {
	s := v.subject
	ref, uid := s.ref(), string(s.record.GetUID())
	return s.session.Hands.Past(s.session.Cluster, s.record.Created, func(o journal.Object) bool {
		return effects.RefOf(o) == ref && (o.UID == "" || o.UID == uid)
	})
}

// ask has the changes rebuilt from what is there now.
func (v *changes) ask() {
	var records []*kinds.Record
	for _, b := range v.beside {
		records = append(records, b.listing.Since(0).Changed...)
	}
	v.rebuild.Ask(v.subject.record, records)
}

// remembering are the listings of what remembers the subject's past.
func (v *changes) remembering() []*beside {
	s := v.subject
	out := []*beside{}
	add := func(what string, l *kube.Listing) { out = append(out, &beside{what, l, l.Watch()}) }
	add("events", s.events())
	if kind := revisionKind(s.record.Kind); kind != nil {
		add("revisions", s.session.Cluster.Listing(kube.Scope{
			GroupVersionResource: kind.GVR(), Namespace: s.namespace, Labels: v.selector(),
		}))
	}
	if release := v.release(); release != "" {
		add("Helm's releases", s.session.Cluster.Listing(kube.Scope{
			GroupVersionResource: kube.HelmReleases.GroupVersionResource, Namespace: s.namespace, Labels: "name=" + release,
		}))
	}
	return out
}

// revisionKind is the kind of the objects that keep a workload's earlier pod templates.
func revisionKind(k *kinds.Kind) *kinds.Kind {
	switch k {
	case kinds.Deployment:
		return kinds.ReplicaSet
	case kinds.StatefulSet, kinds.DaemonSet:
		return kinds.ControllerRevision
	}
	return nil
}

// selector is what the subject's revisions are selected by, "" when it is not known: they
// are those that it owns anyway.
func (v *changes) selector() string {
	s := v.subject
	obj, err := s.session.Cluster.Decode(s.record)
	if err != nil {
		return ""
	}
	for _, child := range s.record.Kind.Details(obj).Children {
		if child.Selector != "" {
			return child.Selector
		}
	}
	return ""
}

// release is the Helm release that the subject is of, or "".
func (v *changes) release() string {
	s := v.subject
	if by, _ := s.record.Label("app.kubernetes.io/managed-by"); by != "Helm" {
		return ""
	}
	fields, err := s.session.Cluster.Fields(s.record)
	if err != nil {
		return ""
	}
	metadata, _ := fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	release, _ := annotations["meta.helm.sh/release-name"].(string)
	if namespace, _ := annotations["meta.helm.sh/release-namespace"].(string); namespace != s.namespace {
		return ""
	}
	return release
}

// Draw implements tab.
func (v *changes) Draw(f ui.Frame) string { return v.list.draw(f, v.note()) }

// note says what is shown, what is not known, and what a mark means.
func (v *changes) note() ui.Line {
	line := ui.Line{{Text: " " + countOf(v.list), Role: themes.Muted}}
	for _, b := range v.beside {
		switch state := b.listing.State(); {
		case state.Phase == kube.Denied:
			line = append(line, ui.Span{Text: "  " + b.what + " forbidden", Role: themes.Degraded})
		case state.Err != nil:
			line = append(line, ui.Span{Text: "  " + b.what + " not read", Role: themes.Degraded})
		case state.Phase.Undecided():
			line = append(line, ui.Span{Text: "  loading " + b.what, Role: themes.Muted})
		}
	}
	if slices.ContainsFunc(v.list.rows.shown, func(c *history.Change) bool { return c.Rebuilt }) {
		line = append(line, ui.Span{Text: "  ~ from before fathom watched it", Role: themes.Muted})
	}
	return line
}

// countOf says how many changes are shown, and what hides others.
func countOf(l *changeList) string {
	words := counted(l.rows.Len(), "changes")
	if hidden := len(l.all) - l.rows.Len(); hidden > 0 {
		words += " of " + counted(len(l.all), "")
	}
	words = strings.TrimSpace(words)
	if l.filter != "" {
		words += ", /" + l.filter
	}
	if !l.reports {
		words += ", status hidden"
	}
	return words
}

// Wake implements tab.
func (v *changes) Wake(time.Time) time.Time { return time.Time{} }
