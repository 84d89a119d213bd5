package kube

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// Scope is what a listing holds: one resource, in one namespace or in all, with
// selectors as kubectl writes them, and all that is selected or only what is not well.
type Scope struct {
	schema.GroupVersionResource
	Namespace string // "": all namespaces, or a resource without them
	Labels    string // label selector
	Fields    string // field selector
	// Unwell leaves out, as it arrives, what is known to be well (kinds.Kind.IsWell). The API has
	// no selector for that, so all of it is read, and next to nothing is kept.
	Unwell bool
}

// String is "pods in shop", as messages name a listing.
func (s Scope) String() string {
	words := []string{s.GroupResource().String()}
	if s.Namespace != "" {
		words = append(words, "in", s.Namespace)
	}
	for _, selector := range []string{s.Labels, s.Fields} {
		if selector != "" {
			words = append(words, "where", selector)
		}
	}
	if s.Unwell {
		words = append(words, "that are not well")
	}
	return kinds.Clean(strings.Join(words, " "))
}

// Key names an object in a listing.
type Key struct{ Namespace, Name string }

// State is how a listing is doing.
type State struct {
	Phase     Phase     // Idle, Connecting, Loading, Live, Stale, Denied or Failed
	Loaded    int       // how many objects are there
	Remaining int64     // how many more the server announced; -1 when it did not
	Since     time.Time // when the phase began
	Err       error     // why it is Stale, Denied or Failed; its text is clean
}

// Delta is what changed in a listing since a version of it.
type Delta struct {
	Version uint64
	Reset   bool // forget everything; Changed holds all there is
	Changed []*kinds.Record
	Gone    []Key
}

// ListingChanged is what a Watch yields.
type ListingChanged struct{ Listing *Listing }

// Listing is the objects of one scope, kept in step with the API server while
// somebody watches. Objects are there as soon as they arrive; when the
// connection breaks, the old ones stay and State says so. All methods may be
// called from any goroutine.
type Listing struct {
	cluster *Cluster
	scope   Scope
	changed signal.Signal
	// generation is the one of the CustomResourceDefinition that the columns
	// were read from; 0 when they come from elsewhere.
	generation atomic.Int64
	// polled is set when the user may list but not watch.
	polled   atomic.Bool
	retryNow chan struct{} // ends a wait between two tries; holds at most one

	mu   sync.Mutex
	kind *kinds.Kind
	rows map[Key]*kinds.Record
	room int // how many rows the map was made for
	// pointing are the keys by what rows point at, also of rows that have gone; nil until somebody asks.
	pointing  map[types.UID][]Key
	changes   changeLog
	state     State
	synced    bool // the rows were complete since the start
	watches   int
	stop      context.CancelFunc // ends run; nil when it does not run
	reflector *reflectorRun      // the one that may write
	idle      *time.Timer        // runs after the last watch has ended
}

// Listing returns the one listing of a scope; it starts nothing by itself.
func (c *Cluster) Listing(s Scope) *Listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.listings[s]
	if l == nil {
		l = &Listing{
			cluster:  c,
			scope:    s,
			retryNow: make(chan struct{}, 1),
			state:    State{Remaining: -1},
			rows:     map[Key]*kinds.Record{},
		}
		if s.GroupVersionResource == kinds.ContainerKind.GVR() {
			l.kind = kinds.ContainerKind
		} else if k := kindWithFile(s.GroupVersionResource); k != nil {
			l.kind = k
		}
		c.listings[s] = l
	}
	return l
}

// Watch is a source that yields ListingChanged.
type Watch struct {
	listing      *Listing
	subscription signal.Subscription
}

// Watch returns a source that reports when the listing or its state changed. The
// listing is kept in step from the first call of Next until its context ends, and some
// minutes more. The first ListingChanged comes at once.
func (l *Listing) Watch() *Watch { return &Watch{listing: l} }

// Listing returns the listing that is watched.
func (w *Watch) Listing() *Listing { return w.listing }

// Next waits for a change.
func (w *Watch) Next(ctx context.Context) (any, error) {
	if err := w.subscription.Next(ctx, &w.listing.changed, w.listing.attach); err != nil {
		return nil, err
	}
	return ListingChanged{w.listing}, nil
}

// attach starts the listing for one more watch; detach ends that.
func (l *Listing) attach() (detach func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches++
	if l.idle != nil {
		l.idle.Stop()
		l.idle = nil
	}
	if l.stop == nil && l.cluster.ctx.Err() == nil {
		ctx, stop := context.WithCancel(l.cluster.ctx)
		l.stop = stop
		l.setPhase(Connecting, nil)
		l.cluster.options.Messages.Start(l, func() { l.reflectUntilStopped(ctx) })
	}
	return l.detach
}

func (l *Listing) detach() {
	defer l.cluster.options.Messages.Recover(l, nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches--
	if l.watches == 0 && l.stop != nil {
		l.idle = l.cluster.options.Messages.contain().StartAfter(l.cluster.options.Idle, l, l.releaseIdle)
	}
}

func (l *Listing) releaseIdle() {
	l.mu.Lock()
	watched := l.watches > 0
	l.mu.Unlock()
	if !watched {
		l.release()
		l.cluster.forgetBodies(l.scope.GroupVersionResource)
		kinds.Forget()
		debug.FreeOSMemory() // the next collection may be minutes away
	}
}

// release stops the listing and frees what it holds.
func (l *Listing) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop == nil {
		return
	}
	l.stop()
	l.stop, l.reflector = nil, nil
	l.synced = false
	l.dropRows()
	l.setPhase(Idle, nil)
}

// dropRows forgets the rows. It is called with the lock held.
func (l *Listing) dropRows() {
	l.rows, l.room, l.pointing = map[Key]*kinds.Record{}, 0, nil
	l.changes.forget()
	l.state.Remaining = -1
}

// watched reports whether any watch is attached.
func (l *Listing) watched() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watches > 0
}

// setPhase is called with the lock held.
func (l *Listing) setPhase(phase Phase, err error) {
	if phase != Loading {
		l.state.Remaining = -1
	}
	l.state.Err = err
	if l.state.Phase == phase {
		l.changed.Notify()
		return
	}
	l.state.Phase, l.state.Since = phase, time.Now()
	l.changed.NotifyNow()
}

// String is "pods in shop", as messages name a listing.
func (l *Listing) String() string { return l.scope.String() }

// Scope is what the listing holds.
func (l *Listing) Scope() Scope { return l.scope }

// Kind is how the objects are read; nil until it is known. It may change while
// the listing runs, when a CustomResourceDefinition's columns do; Since answers
// with a Reset then.
func (l *Listing) Kind() *kinds.Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kind
}

// State is how the listing is doing.
func (l *Listing) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := l.state
	state.Loaded = len(l.rows)
	return state
}

// Since returns what changed after a version; 0 is before everything. Its cost grows
// with the number of changes.
func (l *Listing) Since(v uint64) Delta {
	l.mu.Lock()
	defer l.mu.Unlock()
	delta := Delta{Version: l.changes.version}
	seen := map[Key]struct{}{}
	known := l.changes.since(v, func(k Key) {
		if _, twice := seen[k]; twice {
			return
		}
		seen[k] = struct{}{}
		if r := l.rows[k]; r != nil {
			delta.Changed = append(delta.Changed, r)
		} else {
			delta.Gone = append(delta.Gone, k)
		}
	})
	if !known {
		return Delta{Version: l.changes.version, Reset: true, Changed: slices.Collect(maps.Values(l.rows))}
	}
	return delta
}

// Get returns one object, or nil.
func (l *Listing) Get(namespace, name string) *kinds.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rows[Key{namespace, name}]
}

// Len is how many objects there are.
func (l *Listing) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rows)
}
