package triage

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// sightKey names a problem, or with no rule the finding of an object.
type sightKey struct {
	object     kinds.Ref
	rule, part string
}

// partScaled is the part of a problem that somebody made by scaling a workload to 0.
const partScaled = "scaled to 0"

// sightOf is the finding of an object for a problem. Somebody scaled it to 0 at another time than that at
// which its pods began to fail.
func sightOf(object kinds.Ref, p *problem) sightKey {
	if p.part == partScaled {
		return sightKey{object, "", partScaled}
	}
	return sightKey{object, "", ""}
}

// sighting is how long a problem has been there.
type sighting struct {
	id    sightKey
	begin time.Time // when it was first seen
	first time.Time // the same, if it began then: zero when it was there before anybody looked
	bound time.Time // the earliest time from which on it is known to be there; zero without one
	left  time.Time // when somebody looked and it was gone; zero while it is there
	round uint64    // of the verdict that looked last
	// returns counts how often it was gone and came again.
	returns int
}

const (
	// gone is how long a problem must be away to be over: a container that crashes runs
	// in between.
	gone = 30 * time.Second
	// remembered is how long one that is over is known, to tell that it comes and goes.
	remembered = 15 * time.Minute
	// flapping is how often a finding must have come back to be called so.
	flapping = 3
)

// sight notes that a problem of a docket is there.
func (c *court) sight(id sightKey, d *docket) *sighting {
	s := c.state
	seen := s.seen[id]
	switch {
	case seen == nil:
		seen = &sighting{id: id, begin: c.now}
		if s.watching {
			seen.first = c.now
		}
		s.seen[id] = seen
	case !seen.left.IsZero() && c.now.Sub(seen.left) > gone:
		seen.begin, seen.first, seen.bound = c.now, c.now, time.Time{}
		seen.returns++
	}
	seen.left, seen.round = time.Time{}, s.round
	d.seen = append(d.seen, seen)
	return seen
}

// leaving is a problem that was gone at a time.
type leaving struct {
	*sighting
	at time.Time
}

// leaves notes that a problem is gone, unless the verdict that is made has seen it.
func (s *State) leaves(seen *sighting, now time.Time) {
	if seen.round != s.round && seen.left.IsZero() {
		seen.left = now
		s.left = append(s.left, leaving{seen, now})
	}
}

// forget drops what has been over for long.
func (s *State) forget(now time.Time) {
	for len(s.left) > 0 && now.Sub(s.left[0].at) > remembered {
		// What came again since is not over, or was over a second time later.
		if l := s.left[0]; l.left.Equal(l.at) {
			delete(s.seen, l.id)
		}
		s.left = s.left[1:]
	}
}

// onset settles since when a finding lasts: an object that was seen to be well until then
// knows better than what replaced its pods.
func (c *court) onset(f *Finding, r *row) {
	d := c.state.docketOf(f.Object.Namespace)
	seen := c.sight(sightOf(f.Object, r.chosen[0]), d)
	if !seen.first.IsZero() && (f.Since.IsZero() || seen.first.Before(f.Since)) {
		f.Since, f.AtLeast = seen.first, false
	}
	if f.AtLeast && isCrash(f.Rule) && !seen.first.IsZero() && seen.first.Sub(f.Since) > gone {
		f.Since, f.AtLeast = seen.first, false // It was well in between: the event is of an earlier loop.
	}
	if (f.AtLeast || isCrash(f.Rule)) && !f.Since.IsZero() {
		// What says it may be of the last run only, which is another one soon.
		if seen.bound.IsZero() || f.Since.Before(seen.bound) {
			seen.bound = f.Since
		}
		f.Since = seen.bound
	}
	f.Flapping = seen.returns >= flapping
	if settles := c.settles(f, r); c.now.Before(settles) {
		f.Settling = true
		d.wakes(settles, c.now)
	}
}

// Rewind forgets when problems were seen: the clock of a recording went back. Until all has been read
// again, nothing that is there has just begun.
func (s *State) Rewind() {
	s.watching = false
	clear(s.seen)
	clear(s.dockets)
	clear(s.rows)
	s.left, s.last, s.all = nil, nil, true
	s.quiet = time.Time{}
}

// covered is how much of each kind is known, by name.
func (s *State) covered() []Coverage {
	out := make([]Coverage, 0, len(s.coverage))
	for kind, c := range s.coverage {
		c.Judged = s.tables[kind].len()
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Coverage) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// totalled are the kinds whose numbers say how a cluster is.
var totalled = []*kinds.Kind{
	kinds.Node, kinds.Pod, kinds.Deployment, kinds.StatefulSet, kinds.DaemonSet, kinds.Job, kinds.PersistentVolumeClaim,
}

func (s *State) totals() []Total {
	var out []Total
	for _, k := range totalled {
		all := s.tables[k.GroupKind()].len()
		if k == kinds.Pod {
			all -= s.done
		}
		total := Total{Kind: k.Resource, Well: s.well[k.GroupKind()], All: all}
		if k == kinds.Node {
			total.Cordoned = s.aside
		}
		out = append(out, total)
	}
	return out
}
