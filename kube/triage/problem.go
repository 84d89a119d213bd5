package triage

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// problem is what a rule says of one object, before problems become findings.
type problem struct {
	rule     string // a key of Rules
	part     string // which part of the object, where it may have several: a container
	severity Severity
	weight   int // of several problems in one finding, the heaviest gives the reason
	object   kinds.Ref
	reason   string
	since    time.Time // zero when the object does not say
	atLeast  bool
	// refers is set where since is when something was written that leads nowhere: what was seen to begin
	// began then. A write to the scale subresource leaves no time.
	refers bool
	// from and until bound when it counts; zero leaves it open. What began may be
	// over within seconds, as the start of a pod.
	from, until time.Time
	// delay is how long it must have been seen to count, and spare how much longer while
	// the workload has all the pods that it wants.
	delay    time.Duration
	spare    time.Duration
	evidence []Evidence
	// events are the reasons of Warning events that say why, the best first. With one of
	// them there, the problem counts at once. Those before after are history.
	events []string
	after  time.Time
	// said is when a refusal was said.
	said time.Time
	// because are objects whose own trouble is the cause, the likeliest first.
	because []cause
	// crash is set for a container that ended badly, after so many restarts.
	crash    bool
	restarts int32
	// hangs is set for a container that runs and should have ended, and environment is what may name
	// the hosts that it waits for.
	hangs       bool
	environment string
	// spoken is until when the crash before that run is what is said of the container.
	spoken time.Time
	// demand is what is wrong with the first cause by this alone, though it is as somebody
	// wants it: it is missed.
	demand string
	// follows is set for what is one only while a cause of it is in trouble.
	follows bool
	// owned is set where the problem belongs to the finding of the object's owner.
	owned bool
}

// cause is an object that may be the cause of a problem, and how the two are linked.
type cause struct {
	kinds.Ref
	why string
}

// counts reports whether the problem is one at that time, and when that may change.
func (p *problem) counts(now time.Time, seen time.Time) (yes bool, wake time.Time) {
	from := p.from
	if p.delay > 0 {
		begin := seen
		if !p.since.IsZero() && p.since.Before(seen) {
			begin = p.since
		}
		if begin.Add(p.delay).After(from) {
			from = begin.Add(p.delay)
		}
	}
	switch {
	case now.Before(from):
		return false, from
	case !p.until.IsZero() && !now.Before(p.until):
		return false, time.Time{}
	}
	return true, p.until
}

// The weights of problems.
const (
	weightCount   = 10 // fewer than there should be
	weightUnready = 40
	weightProbe   = 60
	weightPending = 70
	weightStart   = 80 // a container that does not start or stay
	weightCreate  = 90 // pods that cannot be made
)

func groupKind(group, kind string) schema.GroupKind {
	return schema.GroupKind{Group: group, Kind: kind}
}

func refTo(group, kind, namespace, name string) kinds.Ref {
	return kinds.Ref{GroupKind: groupKind(group, kind), Namespace: namespace, Name: name}
}
