package kube

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/redact"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// History is what has changed since the program looks at a cluster: of all that its
// listings hold, as far back as there is room. What an update means is found out when
// somebody asks, and remembered.
type History struct {
	cluster *Cluster
	ring    history.Ring
	changed signal.Signal
	fields  fieldSets

	mu      sync.Mutex
	known   map[uint64]*history.Change // by Entry.Number; nil for one that means nothing
	rebuilt map[kinds.Ref]rebuilt
}

// History returns what has changed.
func (c *Cluster) History() *History { return &c.history }

// Usage returns what is kept.
func (h *History) Usage() history.Usage { return h.ring.Usage() }

// Versions returns the versions of an object that are kept, the newest first.
func (h *History) Versions(ref kinds.Ref) []*history.Version { return h.ring.Versions(ref) }

// remember keeps what a listing saw change: old is nil for a new object, new for one that
// is gone. It is called with the lock held.
//
// What the first load brings is not a change. What enters or leaves a selection was not
// created or deleted.
func (l *Listing) remember(older, newer *kinds.Record) {
	r := newer
	if r == nil {
		r = older
	}
	if !l.synced || r.Body.Kept == nil || r.Kind.PartOf != nil || r.ResourceVersion == "" ||
		history.IsNoise(r.Kind.GroupKind()) {
		return
	}
	if !l.scope.isWhole(r.Kind) && (older == nil || newer == nil && !l.scope.wasDeleted(older)) {
		return
	}
	h := &l.cluster.history
	if h.ring.Put(older, newer, l.cluster.Now()) {
		h.changed.Notify()
	}
}

// NotOfHelm is the field selector of Secrets in which Helm keeps nothing: its revisions
// may be most of the bytes of all Secrets.
const NotOfHelm = "type!=helm.sh/release.v1"

// isWhole reports whether objects enter and leave the scope only when they are created and
// deleted.
func (s Scope) isWhole(kind *kinds.Kind) bool {
	if s.Unwell {
		return false
	}
	if s.Fields == NotOfHelm {
		return s.Labels == "" // A Secret keeps its type.
	}
	one := !strings.Contains(s.Fields, ",") &&
		(strings.HasPrefix(s.Fields, "metadata.name=") || strings.HasPrefix(s.Fields, "spec.nodeName="))
	return (s.Labels == "" || s.Labels == kind.InLabels) && (s.Fields == "" || one)
}

// wasDeleted reports whether an object that left a selection by labels was about to be
// deleted, which is why it left.
func (s Scope) wasDeleted(r *kinds.Record) bool { return s.Fields == "" && !r.Deleting.IsZero() }

// Gone is an object that was deleted while it was watched.
type Gone struct {
	Record *kinds.Record // its last version
	Since  time.Time
}

// Gone returns the objects that were deleted and not created again, the last deleted
// first, of those that keep chooses.
func (h *History) Gone(keep func(*kinds.Record) bool) []Gone {
	var out []Gone
	for _, e := range h.ring.Gone() {
		if keep(e.Gone) {
			out = append(out, Gone{e.Gone, e.At})
		}
	}
	return out
}

// Past returns the record of a version that is kept.
func (c *Cluster) Past(v *history.Version) (r *kinds.Record, err error) {
	defer c.options.Messages.Recover("history", &err)
	obj, err := c.Decode(&kinds.Record{Kind: v.Kind, Namespace: v.Namespace, Name: v.Name, Body: v.Body})
	if err != nil {
		return nil, err
	}
	if r, err = v.Kind.Record(obj); err != nil {
		return nil, err
	}
	r.Body = v.Body
	return r, nil
}

// Content returns the fields of a version, or of the part of the object that it is about.
// Values of Secrets are hidden. Its text is as the cluster has it, not cleaned.
func (c *Cluster) Content(v *history.Version) (map[string]any, error) {
	fields, err := c.versionFields(v)
	if err != nil {
		return nil, err
	}
	if v.Kind.Secret {
		fields = redact.Secret(fields, redact.Plain)
	} else {
		fields, _ = redact.Object(fields, redact.Plain)
	}
	for _, step := range v.Part {
		fields, _ = fields[step].(map[string]any)
	}
	return fields, nil
}

func (c *Cluster) versionFields(v *history.Version) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	return c.Fields(&kinds.Record{Kind: v.Kind, Namespace: v.Namespace, Name: v.Name, Body: v.Body})
}

// againWithin is how soon an object of the same name makes one change with a deletion.
const againWithin = 5 * time.Minute

// Changes returns what was seen to change since a time, the newest first, of the objects
// that keep chooses; nil is all. It decodes what nobody has asked for before: call it off
// the program's loop.
func (h *History) Changes(since time.Time, keep func(kinds.Ref) bool) []history.Change {
	changes, _ := h.read(context.Background(), since, h.ring.Entries(fromOf(since), keep), time.Time{})
	return changes
}

// fromOf is from when entries tell what has changed since a time: what was deleted then may have
// been created since.
func fromOf(since time.Time) time.Time {
	if since.IsZero() {
		return since
	}
	return since.Add(-againWithin)
}

// changesMost is how many changes are returned at most: nobody reads more of them.
const changesMost = 5000

// read returns what entries tell since a time, until a deadline if there is one, and reports whether
// it got to the end.
func (h *History) read(
	ctx context.Context, since time.Time, entries []*history.Entry, deadline time.Time,
) (changes []history.Change, complete bool) {
	again := map[kinds.Ref]*history.Entry{}
	joined := map[*history.Entry]*history.Entry{} // a deletion, by the creation after it
	deleted := map[*history.Entry]bool{}
	for _, e := range entries {
		switch ref := e.Ref(); {
		case e.Old == nil:
			again[ref] = e
		case e.New == nil:
			if next := again[ref]; next != nil && next.At.Sub(e.At) < againWithin {
				joined[next], deleted[e] = e, true
			}
			delete(again, ref)
		}
	}
	for _, e := range entries {
		if e.At.Before(since) || len(changes) == changesMost {
			break
		}
		if ctx.Err() != nil || !deadline.IsZero() && time.Now().After(deadline) {
			return changes, false
		}
		if deleted[e] {
			continue
		}
		if c := h.change(e, joined[e]); c != nil {
			changes = append(changes, *c)
		}
	}
	return changes, true
}

// change returns what an entry means; nil is nothing. before is the deletion that it made
// up for, or nil.
func (h *History) change(e, before *history.Entry) *history.Change {
	h.mu.Lock()
	known, ok := h.known[e.Number]
	h.mu.Unlock()
	if ok {
		return known
	}
	step := history.Step{Old: e.Old, New: e.New, At: e.At}
	if before != nil {
		step.Old = before.Old
	}
	if change, means := h.cluster.stepChange(step); means {
		known = &change
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[uint64]*history.Change{}
	}
	h.known[e.Number] = known
	h.prune()
	return known
}

// prune forgets the meaning of entries that are no longer kept, whose versions it would
// keep in memory. It is called with the lock held.
func (h *History) prune() {
	const spare = 512
	if len(h.known) < h.ring.Usage().Entries+spare {
		return
	}
	kept := map[uint64]*history.Change{}
	entries := h.ring.Entries(time.Time{}, nil)
	for _, e := range entries {
		if c, ok := h.known[e.Number]; ok {
			kept[e.Number] = c
		}
	}
	h.known = kept
}

// stepChange decodes a step and says what it changed. A version that can no longer be read
// changed in an unknown way.
func (c *Cluster) stepChange(step history.Step) (change history.Change, means bool) {
	var err error
	defer c.options.Messages.Recover("history", &err)
	if step.OldObject, err = c.versionFields(step.Old); err == nil {
		step.NewObject, err = c.versionFields(step.New)
	}
	if err != nil {
		step.OldObject, step.NewObject = nil, nil
		if step.Old != nil && step.New != nil {
			return history.Change{}, false
		}
	}
	step.Secret = step.Old != nil && step.Old.Kind.Secret || step.New != nil && step.New.Kind.Secret
	return step.Change()
}

// Before returns the changes of some objects before the onset of trouble, the likeliest
// cause first: what was seen, and what the cluster remembers as far as it is loaded. It
// decodes objects: call it off the program's loop.
func (h *History) Before(near history.Near, onset time.Time, window time.Duration) []history.Change {
	window = cmp.Or(window, history.BeforeDefault)
	since := onset.Add(-window)
	changes, _ := h.read(context.Background(), since, h.ring.Of(fromOf(since), maps.Keys(near)), time.Time{})
	for ref := range near {
		if r := h.cluster.heldRecord(ref); r != nil {
			changes = history.Merge(changes, h.rebuild(r))
		}
	}
	return history.Before(changes, near, onset, window)
}

// rebuilt is what was rebuilt of a record, and from what.
type rebuilt struct {
	record  *kinds.Record
	beside  []*kinds.Record
	changes []history.Change
}

// rebuiltMost bounds how many objects are remembered.
const rebuiltMost = 512

// rebuild returns what the cluster remembers of an object, from what listings hold. It is
// decoded once for a version.
func (h *History) rebuild(r *kinds.Record) []history.Change {
	beside := h.cluster.heldBeside(r)
	h.mu.Lock()
	last, ok := h.rebuilt[r.Ref()]
	h.mu.Unlock()
	if ok && last.record == r && slices.Equal(last.beside, beside) {
		return last.changes
	}
	changes := h.cluster.Rebuild(r, beside)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rebuilt == nil || len(h.rebuilt) > rebuiltMost {
		h.rebuilt = map[kinds.Ref]rebuilt{}
	}
	h.rebuilt[r.Ref()] = rebuilt{r, beside, changes}
	return changes
}
