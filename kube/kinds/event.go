package kinds

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Event is what a component of the cluster said about an object.
var Event = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Event"),
	Resource:         "events",
	Short:            []string{"ev"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "LAST SEEN"},
		{Name: "TYPE", State: true, Drop: 3},
		{Name: "REASON", State: true, Drop: 2},
		{Name: "OBJECT", State: true, Object: true},
		{Name: "SUBOBJECT", Wide: true},
		{Name: "SOURCE", Wide: true},
		{Name: "MESSAGE", Prose: true},
		{Name: "FIRST SEEN", Wide: true},
		{Name: "COUNT", Wide: true, Right: true, Lead: true},
		{Name: "NAME", Wide: true},
	},
	New: func() runtime.Object { return &corev1.Event{} },
}, readEvent, eventDetails)

func readEvent(e *corev1.Event, r *Record) {
	first, last, count := eventTimes(e)
	object := strings.ToLower(e.InvolvedObject.Kind)
	if e.InvolvedObject.Name != "" {
		object += "/" + e.InvolvedObject.Name
	}
	r.Cells = []Cell{
		AgeCell(last),
		TextCell(e.Type),
		TextCell(e.Reason),
		TextCell(object),
		TextCell(e.InvolvedObject.FieldPath),
		TextCell(eventSource(e)),
		ownCell(strings.TrimSpace(e.Message)),
		AgeCell(first),
		countCell(int64(count)),
		ownCell(r.Name),
	}
	r.link(Link{Relation: About, To: eventRef(&e.InvolvedObject), UID: eventUID(&e.InvolvedObject)})
	if e.Related != nil {
		r.link(Link{Relation: About, To: eventRef(e.Related), UID: eventUID(e.Related)})
	}
	if e.Type == corev1.EventTypeWarning {
		r.Status = Status{Degraded, Clean(e.Reason), first}
	}
}

// eventTimes reads both shapes that an event may have: with counts and
// timestamps, or as events.k8s.io makes them, with a time and a series.
func eventTimes(e *corev1.Event) (first, last time.Time, count int32) {
	first, last, count = e.FirstTimestamp.Time, e.LastTimestamp.Time, e.Count
	if first.IsZero() {
		first = e.EventTime.Time
	}
	if last.IsZero() {
		last = first
	}
	switch {
	case e.Series != nil:
		last, count = e.Series.LastObservedTime.Time, e.Series.Count
	case count == 0:
		count = 1
	}
	return first, last, count
}

// eventSource is "kubelet, worker-1".
func eventSource(e *corev1.Event) string {
	component := firstOf(e.Source.Component, e.ReportingController)
	return component + comma(firstOf(e.Source.Host, e.ReportingInstance))
}

func eventRef(o *corev1.ObjectReference) Ref {
	group, _ := schema.ParseGroupVersion(o.APIVersion)
	group.Group = intern(group.Group)
	return ref(group, intern(o.Kind), o.Namespace, o.Name)
}

// eventUID is the UID of an event's object. The kubelet's events about its
// node carry the node's name in its place.
func eventUID(o *corev1.ObjectReference) types.UID {
	if string(o.UID) == o.Name {
		return ""
	}
	return o.UID
}

func eventDetails(e *corev1.Event) Details {
	var f facts
	_, _, count := eventTimes(e)
	level := Quiet
	if e.Type == corev1.EventTypeWarning {
		level = Degraded
	}
	f.addLevel("Type", e.Type, level)
	f.add("Reason", e.Reason)
	f.add("Message", strings.TrimSpace(e.Message))
	about := eventRef(&e.InvolvedObject)
	f.linkAs("Object", about.String(), about)
	f.add("Subobject", e.InvolvedObject.FieldPath)
	if e.Related != nil {
		related := eventRef(e.Related)
		f.linkAs("Related", related.String(), related)
	}
	f.add("Action", e.Action)
	f.add("Source", eventSource(e))
	f.add("Count", strconv.Itoa(int(count)))
	return Details{Facts: f}
}
