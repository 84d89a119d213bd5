package triage

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/history"
)

// written is when somebody last wrote what an object should be, by its managedFields. Which
// fields they are about is not kept.
func written(entries []metav1.ManagedFieldsEntry) time.Time {
	return lastOf(entries, func(e *metav1.ManagedFieldsEntry) bool {
		return (e.Subresource == "" || e.Subresource == "scale") && !history.IsControlPlane(e.Manager)
	})
}

func lastOf(entries []metav1.ManagedFieldsEntry, which func(*metav1.ManagedFieldsEntry) bool) time.Time {
	var last time.Time
	for i := range entries {
		if e := &entries[i]; e.Time != nil && e.Time.After(last) && which(e) {
			last = e.Time.Time
		}
	}
	return last
}

// recently is how old a reference may be for its trouble to be as old. One that has been
// there for longer has probably led somewhere once, and nothing says until when.
const recently = time.Hour

// sliceFacts is when an EndpointSlice without ready endpoints became so, at the latest.
type sliceFacts struct{ written time.Time }

// scaling is when somebody wrote how many pods a workload should have, at the latest.
type scaling struct {
	at time.Time
	// exact is set where nothing else was written then: an image may have been, too.
	exact bool
}

func scaledBy(entries []metav1.ManagedFieldsEntry) scaling {
	at := lastOf(entries, func(e *metav1.ManagedFieldsEntry) bool { return e.Subresource == "scale" })
	if !at.IsZero() {
		return scaling{at, true}
	}
	return scaling{written(entries), false}
}

// scaledSince is since when a Service has been without endpoints because its workloads were
// scaled to zero.
func (s *State) scaledSince(e *entry, behind []cause) (since time.Time, atLeast bool) {
	w, ok := workloadOf(s.entry(behind[0].Ref))
	if !ok {
		return time.Time{}, false
	}
	if w.scaled.exact {
		return w.scaled.at, false
	}
	// The endpoints may have gone before, with a rollout.
	if since, atLeast = s.emptySince(e, time.Time{}); atLeast {
		since = later(since, w.scaled.at)
	}
	return since, atLeast
}

// emptySince is since when the slices of a Service have been without ready endpoints, if its
// selector was written at a time: what is written is followed within seconds.
func (s *State) emptySince(e *entry, selector time.Time) (since time.Time, atLeast bool) {
	for _, slice := range s.slices[e.record.Ref()] {
		if f, ok := slice.facts.(*sliceFacts); ok && f.written.After(since) {
			since = f.written
		}
	}
	if late := since.Sub(selector); !selector.IsZero() && late >= -time.Second && late < atOnce {
		return selector, false
	}
	return since, !since.IsZero()
}
