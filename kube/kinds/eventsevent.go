package kinds

import (
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// EventsEvent is an Event as the group events.k8s.io serves it: the same objects, whose
// fields have other names.
var EventsEvent = register(Kind{
	GroupVersionKind: eventsv1.SchemeGroupVersion.WithKind("Event"),
	Resource:         "events",
	Short:            []string{"ev"},
	Namespaced:       true,
	Columns:          Event.Columns,
	New:              func() runtime.Object { return &eventsv1.Event{} },
}, func(e *eventsv1.Event, r *Record) { readEvent(coreEvent(e), r) }, func(e *eventsv1.Event) Details {
	return eventDetails(coreEvent(e))
})

// coreEvent is the event as the core group serves it.
func coreEvent(e *eventsv1.Event) *corev1.Event {
	c := &corev1.Event{
		InvolvedObject: e.Regarding, Related: e.Related, Reason: e.Reason, Message: e.Note, Type: e.Type,
		EventTime: e.EventTime, FirstTimestamp: e.DeprecatedFirstTimestamp, LastTimestamp: e.DeprecatedLastTimestamp,
		Count: e.DeprecatedCount, Source: e.DeprecatedSource, Action: e.Action,
		ReportingController: e.ReportingController, ReportingInstance: e.ReportingInstance,
	}
	if e.Series != nil {
		c.Series = &corev1.EventSeries{Count: e.Series.Count, LastObservedTime: e.Series.LastObservedTime}
	}
	return c
}
