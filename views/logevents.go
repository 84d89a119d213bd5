package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	kubelogs "github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const actLogEvents ui.Action = "events-among-lines"

// logEvents are events that stand among the lines of logs, where they were last seen. The
// zero value is none.
type logEvents struct {
	listing *kube.Listing
	watch   ui.Source
	version uint64
	told    map[kinds.UID]time.Time
}

// toggleEvents shows the events of the pods and of what they belong to, or no longer.
func (v *logs) toggleEvents() ui.Intent {
	if e := v.events; e.listing != nil {
		v.events = logEvents{}
		return append(v.start(), ui.Unwatch{Source: e.watch})
	}
	scope := kube.Scope{GroupVersionResource: eventsResource, Namespace: v.subject.namespace}
	v.events.listing = v.subject.session.Cluster.Listing(scope)
	v.events.watch = v.events.listing.Watch()
	v.adoptEvents()
	return ui.Watch{Source: v.events.watch}
}

// adoptEvents puts what is new about the events among the lines.
func (v *logs) adoptEvents() {
	e := &v.events
	if e.listing == nil {
		return
	}
	if e.told == nil {
		e.told, e.version = map[kinds.UID]time.Time{}, 0
	}
	delta := e.listing.Since(e.version)
	e.version = delta.Version
	var lines []kube.LogLine
	for _, r := range delta.Changed {
		at, ok := r.Cells[kinds.Event.Column("LAST SEEN")].Moment()
		if !ok || e.told[r.UID].Equal(at) || !v.concerns(r) {
			continue
		}
		e.told[r.UID] = at
		lines = append(lines, kube.LogLine{
			Time: at, Text: eventWords(r), Stream: logbuf.EventStream, Flags: kubelogs.Marker,
		})
	}
	slices.SortStableFunc(lines, func(a, b kube.LogLine) int { return a.Time.Compare(b.Time) })
	if len(lines) > 0 {
		v.take(lines)
	}
}

// concerns reports whether an event is about a pod that is read, or about what such pods
// belong to.
func (v *logs) concerns(event *kinds.Record) bool {
	for _, l := range event.Links {
		if l.Relation != kinds.About || l.UID == "" {
			continue
		}
		for _, s := range v.subjects() {
			if s.record != nil && (s.record.GetUID() == l.UID || ownedBy(s.record, l.UID)) {
				return true
			}
		}
		for _, c := range v.children {
			if c.contains(l.UID) {
				return true
			}
		}
		uid := kinds.NewUID(l.UID)
		if slices.ContainsFunc(v.streams, func(s logStream) bool { return s.pod.UID == uid }) {
			return true
		}
	}
	return false
}

func ownedBy(r *kinds.Record, owner types.UID) bool {
	return slices.ContainsFunc(r.Links, func(l *kinds.Link) bool {
		return l.Relation == kinds.OwnedBy && l.UID == owner
	})
}

// eventWords are an event in one line: "event Warning BackOff 12 times pod/web-1: Back-off".
func eventWords(r *kinds.Record) string {
	cell := func(name string) string {
		return r.Cells[kinds.Event.Column(name)].Format(time.Time{}, kinds.CoarseAge)
	}
	times := ""
	if n := cell("COUNT"); n != "" && n != "1" {
		times = " " + n + " times"
	}
	return fmt.Sprintf("event %s %s%s %s: %s", cell("TYPE"), cell("REASON"), times, cell("OBJECT"),
		strings.Join(strings.Fields(cell("MESSAGE")), " "))
}
