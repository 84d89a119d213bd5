// Package live keeps the triage of a cluster up to date: it feeds a triage.State from the
// cluster's listings, in a goroutine of its own, and publishes each Verdict.
package live

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// Triage is the triage of one cluster. It lists and watches while somebody watches it, and
// some minutes more. All methods may be called from any goroutine.
type Triage struct {
	cluster   *kube.Cluster
	holds     func(schema.GroupKind) bool // whether a kind was saved; nil when all is live
	namespace string
	fallback  string
	pause     time.Duration // after an error of its own
	firstLogs time.Duration // that the first complete verdict waits for logs at most
	idleAfter time.Duration
	changed   signal.Signal
	counted   signal.Signal // the number of what fails is another
	explains  signal.Signal // another finding is looked at

	mu        sync.Mutex
	verdict   *triage.Verdict
	failing   int
	partly    bool // there may be more
	kept      map[ofContainer][]string
	keptOrder []ofContainer // the first that was kept first
	asked     [2]int        // how many watches there are of each depth, but none
	running   depth
	stop      context.CancelFunc // ends run; nil when it does not run
	idle      *time.Timer        // until it runs at the depth that is asked for
	lookedAt  string             // the ID of the finding that is looked at
}

// depth is how much a triage reads.
type depth int

const (
	nothing  depth = iota
	glancing       // what is small, for the number of what fails
	looking        // all that the rules need
)

// idleAfter is how long the triage goes on after nobody looks.
const idleAfter = 2 * time.Minute

// New returns the triage of a namespace of a cluster, or of all (""). Where all of them are
// forbidden it looks at the fallback, or at the context's own. holds reports whether anything
// of a kind was saved; it is nil for a live cluster.
func New(c *kube.Cluster, namespace, fallback string, holds func(schema.GroupKind) bool) *Triage {
	fallback = cmp.Or(fallback, c.Namespace(), "default")
	return &Triage{cluster: c, holds: holds, namespace: namespace, fallback: fallback, pause: restartAfter,
		firstLogs: firstLogs, idleAfter: idleAfter,
		verdict: &triage.Verdict{Namespace: namespace}, kept: map[ofContainer][]string{}}
}

// Verdict returns the newest verdict; one without a time while there is none.
func (t *Triage) Verdict() *triage.Verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.verdict
}

// Failing returns how many findings are failing, and whether there may be more because not
// everything was read.
func (t *Triage) Failing() (n int, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failing, t.partly
}

// Judged is what a Watch yields.
type Judged struct{ From *Triage }

// Watch is a source that yields Judged when the verdict has changed, or for a Glance the number
// of what fails.
type Watch struct {
	triage       *Triage
	depth        depth
	subscription signal.Subscription
}

// Watch returns a source of Judged. The first one comes at once.
func (t *Triage) Watch() *Watch { return &Watch{triage: t, depth: looking} }

// Glance returns a source of Judged for whoever only asks for Failing. While nobody else looks,
// the triage reads what is small and tells most, judges it once a second at most, and makes no
// verdict.
func (t *Triage) Glance() *Watch { return &Watch{triage: t, depth: glancing} }

// Next waits for a change.
func (w *Watch) Next(ctx context.Context) (any, error) {
	changed := &w.triage.changed
	if w.depth == glancing {
		changed = &w.triage.counted
	}
	attach := func() (detach func()) {
		w.triage.ask(w.depth, 1)
		return func() { w.triage.ask(w.depth, -1) }
	}
	if err := w.subscription.Next(ctx, changed, attach); err != nil {
		return nil, err
	}
	return Judged{w.triage}, nil
}

// ask counts watches of a depth, and begins, or is to end, what they need.
func (t *Triage) ask(d depth, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked[d-1] += more
	switch wanted := t.wanted(); {
	case wanted < t.running:
		if t.idle == nil {
			t.idle = contain.Report(t.messages().Panicked).StartAfter(t.idleAfter, "triage", t.release)
		}
		return
	case wanted > t.running:
		t.run(wanted)
	}
	if t.idle != nil {
		t.idle.Stop()
		t.idle = nil
	}
}

// wanted is the depth that is asked for. It is called with the lock held.
func (t *Triage) wanted() depth {
	for d := looking; d > nothing; d-- {
		if t.asked[d-1] > 0 {
			return d
		}
	}
	return nothing
}

// run ends what runs, and begins to judge at a depth. What was known of another one is not: of
// what it had not read nobody knows since when it is so. It is called with the lock held.
func (t *Triage) run(d depth) {
	if t.stop != nil {
		t.stop()
	}
	if d < t.running {
		// It would be taken for what is so now.
		t.verdict = &triage.Verdict{Namespace: t.namespace}
		t.counted.Notify()
	}
	t.stop, t.running = nil, d
	if d == nothing {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	t.stop = stop
	t.messages().Start("triage", func() {
		defer t.broke(ctx)
		t.feed(ctx, d)
	})
}

// release goes back to the depth that is asked for.
func (t *Triage) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = nil
	if wanted := t.wanted(); wanted < t.running {
		t.run(wanted)
	}
}

// restartAfter is how long the triage stands still after an error of its own.
const restartAfter = 10 * time.Second

// broke says that the triage has ended without being told to, and lets it begin again after
// a while if somebody looks.
func (t *Triage) broke(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	t.mu.Lock()
	last, was := *t.verdict, t.running
	t.run(nothing)
	t.mu.Unlock()
	if was == looking {
		last.Complete = false
		last.Coverage = append(slices.Clip(last.Coverage),
			triage.Coverage{Kind: "all", Of: -1, Missing: "an error of fathom's own, which :messages has"})
		t.publish(&last)
	}
	contain.Report(t.messages().Panicked).StartAfter(t.pause, "triage", func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if wanted := t.wanted(); wanted > t.running {
			t.run(wanted)
		}
	})
}

func (t *Triage) messages() *kube.Messages { return t.cluster.Raw().Messages }

func (t *Triage) publish(v *triage.Verdict) {
	t.mu.Lock()
	awaited := v.Complete && !t.verdict.Complete
	t.verdict, t.failing, t.partly = v, v.Count(triage.Failing), !v.Complete
	t.mu.Unlock()
	if awaited {
		t.changed.NotifyNow()
	} else {
		t.changed.Notify()
	}
	t.counted.Notify()
}

// count takes over how much fails by a glance.
func (t *Triage) count(v *triage.Verdict) {
	n := v.Count(triage.Failing)
	t.mu.Lock()
	another := n != t.failing || !t.partly
	t.failing, t.partly = n, true
	t.mu.Unlock()
	if another {
		t.counted.Notify()
	}
}
