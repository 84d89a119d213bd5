package history

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ringDefault is how many bytes a Ring keeps when it has no Budget.
const ringDefault = 64 << 20

const (
	// edgesShare of the budget is for what was created and deleted: a busy cluster updates
	// a thousand objects for each that goes.
	edgesShare = 4
	// entryBytes is what an entry takes beside its bodies, with its place in the maps.
	entryBytes = 512
	// goneBytes is what the record of a deleted object takes.
	goneBytes = 1024
)

// Entry is one version of an object that became the next.
type Entry struct {
	Number   uint64   // rises in the order in which changes were seen
	Old, New *Version // nil for what was created or deleted
	At       time.Time
	// Gone is the last record of an object that was deleted, nil for other changes.
	Gone *kinds.Record

	before, after *Entry // of the same object
}

// Ref names the object.
func (e *Entry) Ref() kinds.Ref {
	if e.New != nil {
		return e.New.Ref()
	}
	return e.Old.Ref()
}

// bytes is what the entry takes beside its bodies.
func (e *Entry) bytes() int {
	if e.Gone != nil {
		return entryBytes + goneBytes
	}
	return entryBytes
}

// Ring keeps the newest changes of objects, within a budget of bytes. What was created and
// deleted has a part of it for itself, which updates cannot use up. Any goroutine may use
// it; the zero Ring is ready for use.
type Ring struct {
	Budget int // bytes; 0 means ringDefault
	// Size returns how many bytes a body holds on to; bodies that share what holds them
	// count once. nil is 0.
	Size func(kinds.Body) int
	// Shrink keeps of an older version only how it differs from the next, and reports whether
	// that takes less. It is asked once the budget is used up; nil never does.
	Shrink func(older, newer kinds.Body) bool

	mu      sync.Mutex
	last    uint64
	newest  map[kinds.Ref]*Version // of the newest entry of an object; one that is gone has no body
	lasts   map[kinds.Ref]*Entry   // the newest entry of an object
	updates queue
	edges   queue
}

// Put keeps a change, and reports whether it was new: several listings may see the same.
// old is nil for an object that was created, new for one that was deleted.
func (r *Ring) Put(older, newer *kinds.Record, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	some := cmp.Or(newer, older)
	ref := some.Ref()
	last := r.newest[ref]
	if last.covers(some, newer == nil) {
		return false
	}
	e := &Entry{At: at}
	if older != nil {
		if e.Old = last; last == nil || last.gone() || last.ResourceVersion != older.ResourceVersion {
			e.Old = VersionOf(older, time.Time{})
		}
	}
	now := &Version{UID: some.UID, ResourceVersion: some.ResourceVersion}
	if newer != nil {
		now = VersionOf(newer, at)
		if e.Old != nil {
			now.step = e.Old.step + 1
		}
		e.New = now
	} else {
		e.Gone = older
	}
	if r.newest == nil {
		r.newest, r.lasts = map[kinds.Ref]*Version{}, map[kinds.Ref]*Entry{}
	}
	r.newest[ref] = now
	if e.before = r.lasts[ref]; e.before != nil {
		e.before.after = e
	}
	r.lasts[ref] = e
	r.last++
	e.Number = r.last
	budget := cmp.Or(r.Budget, ringDefault)
	if older == nil || newer == nil {
		r.edges.push(e, r.size)
		r.edges.trim(budget/edgesShare, r.forget)
		return true
	}
	budget -= budget / edgesShare
	r.updates.push(e, r.size)
	for more := true; more && r.updates.bytes > budget; {
		more = r.shrinkNext()
	}
	r.updates.trim(budget, r.forget)
	return true
}

// wholeEvery is how many versions of an object there are to one that stays whole: to read one
// is to read those that follow, up to that.
const wholeEvery = 16

// shrinkNext shrinks the oldest version of the updates that may still be, and reports whether
// there was one. What was created or deleted stays whole: it outlives the updates.
func (r *Ring) shrinkNext() bool {
	q := &r.updates
	for r.Shrink != nil && q.large < len(q.entries) {
		e := q.entries[q.large]
		q.large++
		v := e.Old
		if v.Body.Kept == nil || v.step%wholeEvery == wholeEvery-1 || r.edges.holders[v.Body.Kept] != nil {
			continue
		}
		if r.Shrink(v.Body, e.New.Body) {
			h := q.holders[v.Body.Kept]
			q.bytes -= h.bytes
			h.bytes = r.size(v.Body)
			q.bytes += h.bytes
			return true
		}
	}
	return false
}

func (r *Ring) size(b kinds.Body) int {
	if r.Size == nil || b.Kept == nil {
		return 0
	}
	return r.Size(b)
}

// forget is called for an entry that makes room for others.
func (r *Ring) forget(e *Entry) {
	ref := e.Ref()
	if last := r.newest[ref]; last == e.New || e.New == nil && last != nil && last.gone() {
		delete(r.newest, ref)
	}
	if e.before != nil {
		e.before.after = e.after
	}
	switch {
	case e.after != nil:
		e.after.before = e.before
	case e.before != nil:
		r.lasts[ref] = e.before
	default:
		delete(r.lasts, ref)
	}
}

// covers reports whether a change was seen before the version, which is the newest of its
// name or nil: another listing was quicker. gone says that the object was deleted.
func (v *Version) covers(r *kinds.Record, gone bool) bool {
	switch {
	case v == nil:
		return false
	case v.UID == r.UID && (v.gone() || gone):
		return v.gone()
	}
	return !isLater(r.ResourceVersion, v.ResourceVersion)
}

// isLater compares two versions, which are numbers that rise. What is not a number is
// later than all but itself.
func isLater(a, b string) bool {
	x, errX := strconv.ParseUint(a, 10, 64)
	y, errY := strconv.ParseUint(b, 10, 64)
	if errX != nil || errY != nil {
		return a != b
	}
	return x > y
}

// gone reports whether the version stands for an object that was deleted.
func (v *Version) gone() bool { return v.Kind == nil }

// Entries returns the changes that were seen since a time, the newest first. keep chooses
// the objects; nil is all.
func (r *Ring) Entries(since time.Time, keep func(kinds.Ref) bool) (entries []*Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, b := r.updates.since(since), r.edges.since(since)
	for len(a)+len(b) > 0 {
		var e *Entry
		if len(b) == 0 || len(a) > 0 && a[len(a)-1].Number > b[len(b)-1].Number {
			e, a = a[len(a)-1], a[:len(a)-1]
		} else {
			e, b = b[len(b)-1], b[:len(b)-1]
		}
		if keep == nil || keep(e.Ref()) {
			entries = append(entries, e)
		}
	}
	return entries
}

// Of returns the changes of some objects that were seen since a time, the newest first.
func (r *Ring) Of(since time.Time, refs iter.Seq[kinds.Ref]) (entries []*Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref := range refs {
		for e := r.lasts[ref]; e != nil && !e.At.Before(since); e = e.before {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b *Entry) int { return cmp.Compare(b.Number, a.Number) })
	return entries
}

// Gone returns the deletions of objects that were not created again, the newest first.
func (r *Ring) Gone() []*Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*Entry
	for _, e := range slices.Backward(r.edges.since(time.Time{})) {
		if e.Gone != nil {
			if last := r.newest[e.Ref()]; last == nil || last.UID == e.Gone.UID {
				out = append(out, e)
			}
		}
	}
	return out
}

// Versions returns the versions of one object that are kept, the newest first.
func (r *Ring) Versions(ref kinds.Ref) []*Version {
	var out []*Version
	for _, e := range r.Of(time.Time{}, func(yield func(kinds.Ref) bool) { yield(ref) }) {
		for _, v := range []*Version{e.New, e.Old} {
			if v != nil && (len(out) == 0 || out[len(out)-1].ResourceVersion != v.ResourceVersion) {
				out = append(out, v)
			}
		}
	}
	return out
}

// Usage is what a Ring holds.
type Usage struct {
	Entries, Bytes int
	Oldest         time.Time // of the updates that are kept; zero without any
	Dropped        bool      // older ones have made room
}

// Usage returns what the ring holds.
func (r *Ring) Usage() Usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := Usage{
		Entries: r.updates.len() + r.edges.len(), Bytes: r.updates.bytes + r.edges.bytes,
		Dropped: r.updates.dropped,
	}
	if r.updates.len() > 0 {
		u.Oldest = r.updates.entries[r.updates.first].At
	}
	return u
}

// queue is entries in the order in which they came, and what their bodies are kept in.
type queue struct {
	entries []*Entry
	first   int // entries before it have gone
	large   int // the older versions of entries before it are as small as they can be
	bytes   int
	dropped bool
	holders map[any]*holder // by kinds.Body.Kept
}

// holder is what holds bodies: one, or some siblings.
type holder struct{ entries, bytes int }

func (q *queue) len() int { return len(q.entries) - q.first }

// push adds an entry.
func (q *queue) push(e *Entry, size func(kinds.Body) int) {
	q.entries = append(q.entries, e)
	q.bytes += e.bytes()
	for _, v := range []*Version{e.Old, e.New} {
		q.hold(v, size)
	}
}

// trim drops the oldest entries that exceed the budget.
func (q *queue) trim(budget int, dropped func(*Entry)) {
	for q.bytes > budget && q.len() > 1 {
		old := q.entries[q.first]
		q.entries[q.first] = nil
		q.first++
		q.dropped = true
		q.bytes -= old.bytes()
		q.release(old.Old)
		q.release(old.New)
		dropped(old)
	}
	q.large = max(q.large, q.first)
	if q.first > len(q.entries)/2 && q.first > 1024 {
		q.entries = append(make([]*Entry, 0, 2*q.len()), q.entries[q.first:]...)
		q.first, q.large = 0, q.large-q.first
	}
}

func (q *queue) hold(v *Version, size func(kinds.Body) int) {
	if v == nil || v.Body.Kept == nil {
		return
	}
	h := q.holders[v.Body.Kept]
	if h == nil {
		if q.holders == nil {
			q.holders = map[any]*holder{}
		}
		h = &holder{bytes: size(v.Body)}
		q.holders[v.Body.Kept] = h
		q.bytes += h.bytes
	}
	h.entries++
}

func (q *queue) release(v *Version) {
	if v == nil || v.Body.Kept == nil {
		return
	}
	h := q.holders[v.Body.Kept]
	if h.entries--; h.entries == 0 {
		q.bytes -= h.bytes
		delete(q.holders, v.Body.Kept)
	}
}

// since returns the entries since a time, the oldest first.
func (q *queue) since(t time.Time) []*Entry {
	if t.IsZero() {
		return q.entries[q.first:]
	}
	at := len(q.entries)
	for at > q.first && !q.entries[at-1].At.Before(t) {
		at--
	}
	return q.entries[at:]
}
