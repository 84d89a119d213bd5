package triage

import (
	"slices"
	"strings"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Events are read from their records: the cells say all. They and the EndpointSlices are
// evidence, and have no problems of their own.
var (
	_ = judging(eventKind, recordIsEnough, func(runtime.Object, *entry) {})
	_ = judging(sliceKind, unready, func(d *discoveryv1.EndpointSlice, e *entry) {
		e.facts = &sliceFacts{lastOf(d.ManagedFields, func(*metav1.ManagedFieldsEntry) bool { return true })}
	})
)

// unready reports whether a slice has no endpoint that is ready, or no port.
func unready(r *kinds.Record) bool {
	return lacksPort(r) || !slices.ContainsFunc(r.Links, func(l *kinds.Link) bool {
		return l.Relation == kinds.RoutesTo && l.How == "ready"
	})
}

// recordIsEnough is for kinds whose records say all that is needed of them.
func recordIsEnough(*kinds.Record) bool { return false }

var (
	eventReason  = kinds.Event.Column("REASON")
	eventMessage = kinds.Event.Column("MESSAGE")
	eventLast    = kinds.Event.Column("LAST SEEN")
	eventFirst   = kinds.Event.Column("FIRST SEEN")
)

// warning is a Warning event.
type warning struct {
	reason, message string
	first, last     time.Time
}

func aboutOf(r *kinds.Record) kinds.Ref {
	for _, l := range r.Links {
		if l.Relation == kinds.About {
			return l.To
		}
	}
	return kinds.Ref{}
}

func readWarning(r *kinds.Record) warning {
	first, _ := r.Cells[eventFirst].Moment()
	last, _ := r.Cells[eventLast].Moment()
	return warning{
		reason:  text(r.Cells[eventReason]),
		message: oneLine(text(r.Cells[eventMessage])),
		first:   first,
		last:    last,
	}
}

// oneLine is a text without line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// warningOf returns the newest warning about an object that has one of the reasons, and is
// not older than after. The first reason is the best.
func (s *State) warningOf(ref kinds.Ref, after time.Time, reasons ...string) (best warning, ok bool) {
	rank := len(reasons)
	for _, e := range s.warnings[ref] {
		w := readWarning(e.record)
		i := slices.Index(reasons, w.reason)
		if i < 0 || !w.last.IsZero() && w.last.Before(after) {
			continue
		}
		if i < rank || i == rank && w.last.After(best.last) {
			best, rank, ok = w, i, true
		}
	}
	return best, ok
}

// text is what a cell without an age shows.
func text(c kinds.Cell) string { return c.Format(time.Time{}, kinds.CoarseAge) }
