package kube

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Scope is what a listing holds: one resource, in one namespace or in all, with
// selectors as kubectl writes them.
type Scope struct {
	schema.GroupVersionResource
	Namespace string // "": all namespaces, or a resource without them
	Labels    string // label selector
	Fields    string // field selector
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

// Changed is what a Watch yields.
type Changed struct{ Listing *Listing }

// Listing is the objects of one scope, kept in step with the API server while
// somebody watches. All methods may be called from any goroutine.
type Listing struct {
	cluster *Cluster
	scope   Scope
	bell    bell
}

// Listing returns the one listing of a scope; it starts nothing by itself.
func (c *Cluster) Listing(s Scope) *Listing { return &Listing{cluster: c, scope: s} }

// Watch is a source that yields Changed.
type Watch struct {
	listing *Listing
	ear     ear
}

// Watch returns a source that tells when the listing or its state changed. The
// listing is kept in step from the first call of Next until its context ends,
// and some minutes more. The first Changed comes at once.
func (l *Listing) Watch() *Watch { return &Watch{listing: l} }

// Next waits for a change.
func (w *Watch) Next(ctx context.Context) (any, error) {
	if err := w.ear.next(ctx, &w.listing.bell, nil); err != nil {
		return nil, err
	}
	return Changed{w.listing}, nil
}

// Listing is what the watch is of.
func (w *Watch) Listing() *Listing { return w.listing }

// Scope is what the listing holds.
func (l *Listing) Scope() Scope { return l.scope }

// Kind is how the objects are read; nil until it is known.
func (l *Listing) Kind() *kinds.Kind { return nil }

// State is how the listing is doing.
func (l *Listing) State() State { return State{Remaining: -1} }

// Since returns what changed after a version; 0 is before everything.
func (l *Listing) Since(v uint64) Delta { return Delta{} }

// Get returns one object, or nil.
func (l *Listing) Get(namespace, name string) *kinds.Record { return nil }

// Len is how many objects there are.
func (l *Listing) Len() int { return 0 }
