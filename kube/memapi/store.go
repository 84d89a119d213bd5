package memapi

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/contain"
)

// Options are what an API starts with.
type Options struct {
	Clock *Clock // required
	// History is how many changes of one resource a watch can look back; 0
	// means 10,000. A larger Replace is kept whole.
	History int
	// BookmarkEvery is how often, in real time, a quiet watch gets a bookmark; 0
	// means every minute.
	BookmarkEvery time.Duration
	// Print writes the Tables of the kinds that it knows; nil means that it knows
	// none.
	Print Print
	// Version is the server's gitVersion; empty means v1.37.0.
	Version string
	// Refused is called, with the API locked, for every object that cannot be
	// served: it is left out, and so is an earlier version of it. When nil, Put,
	// Update and Replace fail because of it.
	Refused func(Object, error)
	// Panicked gets the panics of requests, whose answer is the server's internal error,
	// or the end of their body. nil drops them.
	Panicked contain.Report
}

// API answers as an API server does. All methods are safe for every goroutine.
//
// Until the first request every object keeps its own resourceVersion, in whatever order
// objects come. After that a change keeps its own if it is newer than every other;
// otherwise it gets the next one: versions only rise.
type API struct {
	options Options
	pack    *pack

	mu        sync.Mutex
	asked     bool // there was a request
	version   uint64
	base      uint64 // the version at the first request; nothing is known from before
	resources map[schema.GroupVersionKind]*resource
	byPath    map[schema.GroupVersionResource]*resource
	families  map[schema.GroupKind]*store // never loses one: watches wait on it
	logs      map[logKey]*lines
	documents map[string][]byte // OpenAPI v3, by path
}

// store holds the objects of one resource, in whichever versions it is served.
// It is guarded by the API's lock; the slices are never changed, only replaced.
type store struct {
	family  schema.GroupKind
	changed chan struct{} // closed and replaced when anything changes
	items   map[string]*item
	latest  uint64   // version of the last change
	oldest  uint64   // version of the last change that history has lost
	history []change // by version
	sorted  []*item  // by key; nil when it has to be built
	past    snapshot // an earlier state, which pages of a list go on with
}

type snapshot struct {
	version uint64
	sorted  []*item
}

// change is what happened at a version: before is nil for a new object, after
// has the last state of a deleted one.
type change struct {
	version       uint64
	before, after *item
	deleted       bool
}

func newStore(family schema.GroupKind) *store {
	return &store{family: family, changed: make(chan struct{}), items: map[string]*item{}}
}

// New returns an API without objects, which serves the stable built-in kinds.
func New(o Options) (*API, error) {
	if o.Clock == nil {
		return nil, errors.New("an API in memory needs a clock")
	}
	if o.History == 0 {
		o.History = 10_000
	}
	if o.BookmarkEvery == 0 {
		o.BookmarkEvery = time.Minute
	}
	if o.Version == "" {
		o.Version = "v1.37.0"
	}
	a := &API{options: o, pack: newPack(), version: 1, logs: map[logKey]*lines{}}
	a.builtin()
	return a, nil
}

// Clock returns the clock that the API was made with.
func (a *API) Clock() *Clock { return a.options.Clock }

// Version returns the newest resourceVersion.
func (a *API) Version() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.version
}

// Len returns how many objects are held.
func (a *API) Len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, s := range a.families {
		n += len(s.items)
	}
	return n
}

// Put adds objects or replaces them whole, all at one moment. It puts none and
// fails because of one that cannot be served, unless Options.Refused is set: one
// without kind or name, a namespaced one without a namespace, or a
// CustomResourceDefinition that cannot be read.
func (a *API) Put(objects ...Object) error { return a.Update(objects, nil) }

// Update puts and removes objects at one moment: a list shows all of it or
// nothing. Removing what is not there is not an error. It fails as Put does.
func (a *API) Update(put []Object, remove []Ref) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	accepted, refused, err := a.accept(put)
	if err != nil {
		return err
	}
	b := batch{}
	for _, ref := range slices.Concat(remove, refused) {
		if s := a.families[familyOf(ref.WithVersion(""))]; s != nil {
			a.remove(b, s, keyOf(ref.Namespace, ref.Name))
		}
	}
	for _, o := range accepted {
		if err := a.put(b, o); err != nil {
			return err
		}
	}
	a.notify(b)
	return nil
}

// Replace makes the objects the whole state, as a jump in time does. Watchers
// get only the difference: an object with the UID and version of the one that is
// held is the same. It fails as Put does.
func (a *API) Replace(objects []Object) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	objects, _, err := a.accept(objects)
	if err != nil {
		return err
	}
	var differ []Object
	stay := map[*store]map[string]bool{}
	for _, o := range objects {
		r := a.resources[o.GVK]
		if r == nil {
			differ = append(differ, o)
			continue
		}
		key := keyOf(o.Namespace, o.Name)
		if stay[r.store] == nil {
			stay[r.store] = map[string]bool{}
		}
		stay[r.store][key] = true
		if held := r.store.items[key]; held == nil || held.uid != o.UID || held.own != o.Version || o.Version == 0 {
			differ = append(differ, o)
		}
	}
	b := batch{}
	for _, s := range a.families {
		for _, key := range slices.Sorted(maps.Keys(s.items)) {
			if !stay[s][key] {
				a.remove(b, s, key)
			}
		}
	}
	slices.SortStableFunc(differ, func(x, y Object) int { return cmp.Compare(x.Version, y.Version) })
	for _, o := range differ {
		if err := a.put(b, o); err != nil {
			return err
		}
	}
	a.notify(b)
	return nil
}

// scopeError is the error for an object that has a namespace though its kind has
// none, or none though it needs one.
func (r *resource) scopeError(o Object) error {
	if r.namespaced {
		return fmt.Errorf("%s %q has no namespace", o.GVK.Kind, o.Name)
	}
	return fmt.Errorf("%s %q is in the namespace %q, but its kind has none", o.GVK.Kind, o.Name, o.Namespace)
}

// accept returns the objects that can be served, as they are served, and names those
// that were refused.
func (a *API) accept(objects []Object) (accepted []Object, refused []Ref, err error) {
	accepted = make([]Object, 0, len(objects))
	for _, o := range objects {
		o, err := a.acceptOne(o)
		switch {
		case err == nil:
			accepted = append(accepted, o)
		case a.options.Refused == nil:
			return nil, nil, err
		default:
			a.options.Refused(o, err)
			refused = append(refused, o.Ref())
		}
	}
	return accepted, refused, nil
}

func (a *API) acceptOne(o Object) (Object, error) {
	if err := o.check(); err != nil {
		return o, err
	}
	if r := a.resources[o.GVK]; r != nil && r.namespaced != (o.Namespace != "") {
		return o, r.scopeError(o)
	}
	if o.GVK.GroupKind() != definitionKind {
		return o, nil
	}
	o = upgradeDefinition(o)
	_, err := readDefinition(o)
	return o, err
}

// batch counts the changes of one moment, by store.
type batch map[*store]int

// put stores an object that was accepted.
func (a *API) put(b batch, o Object) error {
	r := a.resources[o.GVK]
	if r == nil && o.GVK == oldAutoscaler {
		// It cannot express what other objects of its kind may say, so it is not
		// served.
		r = a.resources[oldAutoscaler.GroupKind().WithVersion("v2")]
	}
	if r == nil {
		r = a.guess(o.GVK, o.Namespace != "")
	}
	if raw, ok := o.Data.(Raw); ok {
		o.Data = a.pack.add(r.store, keyOf(o.Namespace, o.Name), raw)
	}
	old := r.store.items[keyOf(o.Namespace, o.Name)]
	version := o.Version
	if version == 0 || version <= a.version && a.asked {
		version = a.version + 1
	}
	now := newItem(o, version)
	r.store.items[now.key] = now
	a.record(b, r.store, change{version: version, before: old, after: now})
	if o.GVK.GroupKind() == definitionKind {
		return a.define(o)
	}
	return nil
}

func (a *API) remove(b batch, s *store, key string) {
	old := s.items[key]
	if old == nil {
		return
	}
	delete(s.items, key)
	a.record(b, s, change{version: a.version + 1, before: old, after: old.at(a.version + 1), deleted: true})
	if s.family == definitionKind {
		a.undefine(old.name())
	}
}

func (a *API) record(b batch, s *store, c change) {
	a.version = max(a.version, c.version)
	s.latest, s.sorted = c.version, nil
	b[s]++
	if a.asked {
		s.history = append(s.history, c)
	}
}

// notify wakes the watches of what the batch changed.
func (a *API) notify(b batch) {
	for s, changes := range b {
		if over := len(s.history) - max(a.options.History, changes); over > 0 {
			s.oldest = s.history[over-1].version
			s.history = s.history[over:]
		}
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// noteRequest is called by every request for objects.
func (a *API) noteRequest() {
	if !a.asked {
		a.asked, a.base = true, a.version
	}
}

// at returns the items of a store as they were at a version, by key; ok is false when
// that is too long ago. The slice is shared and must not be changed.
func (a *API) at(s *store, version uint64) (sorted []*item, ok bool) {
	if version < max(a.base, s.oldest) {
		return nil, false
	}
	if version >= s.latest || len(s.history) == 0 {
		if s.sorted == nil {
			s.sorted = sortItems(s.items)
		}
		return s.sorted, true
	}
	if s.past.version == version {
		return s.past.sorted, true
	}
	items := maps.Clone(s.items)
	for _, c := range slices.Backward(s.history) {
		if c.version <= version {
			break
		}
		if c.before == nil {
			delete(items, c.after.key)
		} else {
			items[c.before.key] = c.before
		}
	}
	s.past = snapshot{version, sortItems(items)}
	return s.past.sorted, true
}

func sortItems(items map[string]*item) []*item {
	return slices.SortedFunc(maps.Values(items), func(x, y *item) int { return strings.Compare(x.key, y.key) })
}
