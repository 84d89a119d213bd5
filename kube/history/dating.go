package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// dating is when a workload came to a revision.
type dating struct {
	back             bool // to one that it had before
	earliest, latest time.Time
}

func (d *dating) exact() bool { return d.earliest.Equal(d.latest) }

// dateRevisions finds out when a workload came to each of its revisions, the oldest first. That is
// when a revision was made, but for one that was there before: its ReplicaSet is also written
// whenever the workload is scaled, so the time of that is only a bound.
func dateRevisions(all []revision, workload map[string]any, events []map[string]any) {
	for i := range all {
		r := &all[i]
		r.earliest, r.latest = r.created, r.created
		if i > 0 {
			last := all[i-1].earliest
			r.back = r.before != "" || r.created.Before(last)
			if r.back && last.After(r.earliest) {
				r.earliest = last
			}
		}
		if !r.back && r.before == "" {
			continue
		}
		if r.latest = r.written; r.written.Before(r.earliest) {
			r.latest = time.Time{}
		}
		if r.numbered && !r.latest.IsZero() {
			r.earliest = r.latest
		}
	}
	newest := len(all) - 1
	for i := newest; i > 0; i-- {
		r, older := &all[i], &all[i-1]
		if !r.back || r.exact() {
			continue
		}
		if i < newest {
			r.notAfter(all[i+1].latest)
		}
		// What is between two times that are not known may be of a time before both.
		if older.exact() {
			for _, at := range scaledUp(events, r.Version.Name) {
				r.notAfter(at)
			}
		}
		if i == newest {
			if older.exact() {
				r.notAfter(rolledOut(workload, r.Version.Name))
			}
			r.byAuthor(older, workload)
		}
	}
}

// notAfter narrows when a workload came to a revision. A time that is not within what is known is
// about something else.
func (r *revision) notAfter(at time.Time) {
	if at.After(r.earliest) && (r.latest.IsZero() || at.Before(r.latest)) {
		r.latest = at
	}
}

// byAuthor dates the newest revision by the entry of managedFields of whoever wrote it. Who sets a
// value has an entry that is at least as young. So if only one is young enough, and none is too
// young, that is it. Who only removes fields leaves no entry.
func (r *revision) byAuthor(older *revision, workload map[string]any) {
	sets := func(d Difference) bool { return d.New != nil }
	if r.latest.IsZero() || !slices.ContainsFunc(r.differences(older), sets) {
		return
	}
	wrote := slices.DeleteFunc(ManagersOf(workload), func(m Manager) bool {
		return m.Subresource != "" || IsControlPlane(m.Name) || !m.At.After(r.earliest)
	})
	if len(wrote) == 1 && !wrote[0].At.After(r.latest) {
		r.earliest, r.latest = wrote[0].At, wrote[0].At
	}
}

// scaledUp are the times at which events say that a Deployment scaled up a ReplicaSet
// (k8s.io/kubernetes/pkg/controller/deployment/sync.go, scaleReplicaSet).
func scaledUp(events []map[string]any, set string) (at []time.Time) {
	for _, e := range events {
		said := text(e["message"]) + text(e["note"])
		if text(e["reason"]) == "ScalingReplicaSet" && strings.HasPrefix(said, "Scaled up replica set "+set+" ") {
			for _, v := range []any{
				e["firstTimestamp"], e["lastTimestamp"], e["eventTime"], asMap(e["series"])["lastObservedTime"],
			} {
				at = append(at, moment(v))
			}
		}
	}
	return at
}

// scaledFrom is what the last event about a ReplicaSet says that it was scaled from, and when, if it was scaled
// to a number of replicas: "Scaled down replica set web-5d9f from 3 to 0".
func scaledFrom(events []map[string]any, set string, to int64) (from string, at time.Time) {
	for _, e := range events {
		said := text(e["message"]) + text(e["note"])
		_, how, is := strings.Cut(said, " replica set "+set+" from ")
		last := moment(e["lastTimestamp"])
		if last.IsZero() {
			last = moment(e["eventTime"])
		}
		if text(e["reason"]) != "ScalingReplicaSet" || !is || !last.After(at) {
			continue
		}
		at, from = last, ""
		if before, after, ok := strings.Cut(how, " to "); ok && after == fmt.Sprint(to) {
			from = kinds.Clean(before)
		}
	}
	if from == "" {
		return "", time.Time{}
	}
	return from, at
}

// rolledOut is when a Deployment was done with the rollout of a ReplicaSet, if that was its last;
// else it is zero. Scaling does not move it.
func rolledOut(workload map[string]any, set string) time.Time {
	for _, c := range asList(asMap(workload["status"])["conditions"]) {
		condition := asMap(c)
		if text(condition["type"]) == "Progressing" && text(condition["reason"]) == "NewReplicaSetAvailable" &&
			strings.Contains(text(condition["message"]), `"`+set+`"`) {
			return moment(condition["lastUpdateTime"])
		}
	}
	return time.Time{}
}

// scaling is the last scaling of a Deployment, if it was after the rollout of its newest ReplicaSet.
// The entry of managedFields that the API server makes of it has no time
// (k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go, ToParent). The ReplicaSet is then
// written for it, and otherwise only for what somebody who has an entry wrote to the Deployment.
//
// Where replicas had another owner, kubectl's scale leaves no entry at all: then only an event tells it.
func (r *revision) scaling(owner kinds.Ref, workload map[string]any, events []map[string]any) []Change {
	replicas := asMap(workload["spec"])["replicas"]
	done := rolledOut(workload, r.Version.Name)
	if replicas == nil || r.latest.IsZero() || done.Before(r.latest) || !r.written.After(done) ||
		number(replicas) != number(r.replicas) {
		return nil
	}
	made := rebuilding{ref: owner, controlled: controlled(workload)}
	var scaled []Manager
	for _, m := range ManagersOf(workload) {
		switch {
		case m.Subresource == "scale" && m.At.IsZero():
			scaled = append(scaled, m)
		case m.Subresource != "" || IsControlPlane(m.Name):
		case r.written.Sub(m.At) <= mergeSlack:
			return nil
		}
	}
	if len(scaled) == 0 {
		if from, at := scaledFrom(events, r.Version.Name, number(replicas)); at.After(done) {
			made.add(at, "replicas "+from+" → "+fmt.Sprint(replicas), Replicas, Manager{})
		}
		return made.changes
	}
	by := Manager{}
	if len(scaled) == 1 {
		by = scaled[0]
	}
	made.add(r.written, "scaled, now "+fmt.Sprint(replicas)+" replicas", Replicas, by)
	return made.changes
}
