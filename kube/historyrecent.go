package kube

import (
	"cmp"
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// RecentFor is how far back a Recent looks.
	RecentFor = time.Hour
	// recentMost is how many objects, those that were written last, are rebuilt.
	recentMost = 500
	// recentEvery is how often listings that have come are looked for. What changes after one has
	// come is seen anyway.
	recentEvery = time.Second
)

// Recent is a source for as long as somebody looks at a HistoryWatch: it gives that what the cluster
// remembers of the last hour, from what listings hold. It yields nothing itself, and asks the
// cluster for nothing but who set which field of what was written, and which Deployments were scaled.
type Recent struct {
	watch  *HistoryWatch
	read   map[*Listing]bool
	wrote  []recentWrite
	helm   map[Key][]history.Release // by the release
	looked bool
}

// recentWrite is an object that somebody wrote a short time ago.
type recentWrite struct {
	record *kinds.Record
	at     time.Time
}

// Recent returns what gives the watch the changes of the last hour.
func (w *HistoryWatch) Recent() *Recent {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.awaited = true
	return &Recent{watch: w, read: map[*Listing]bool{}, helm: map[Key][]history.Release{}}
}

// Next looks at listings as they come, until the context ends.
func (r *Recent) Next(ctx context.Context) (any, error) {
	r.watch.history.cluster.Scalings(ctx, "")
	for {
		if r.look(ctx) || !r.looked {
			r.looked = true
			r.rebuild(ctx)
		}
		if !signal.Sleep(ctx, recentEvery, nil) {
			return nil, ctx.Err()
		}
	}
}

// look reads the listings that have come since it looked last, and reports whether there were any.
func (r *Recent) look(ctx context.Context) (more bool) {
	c := r.watch.history.cluster
	since := c.Now().Add(-RecentFor)
	for _, l := range c.allListings() {
		kind := l.Kind()
		if kind == nil || r.read[l] || l.State().Phase.Undecided() {
			continue
		}
		r.read[l], more = true, true
		if kind.PartOf != nil || history.IsNoise(kind.GroupKind()) || slices.Contains(madeByOthers, kind) {
			continue
		}
		for _, record := range l.Since(0).Changed {
			if ctx.Err() != nil {
				return false
			}
			if keep := r.watch.keep; keep != nil && !keep(record.Ref()) {
				continue
			}
			if kind == kinds.HelmRelease {
				release := releaseOf(record)
				key := Key{record.Namespace, release.Name}
				r.helm[key] = append(r.helm[key], release)
			} else if at := c.written(record); at.After(since) {
				r.wrote = append(r.wrote, recentWrite{record, at})
			}
		}
	}
	slices.SortStableFunc(r.wrote, func(a, b recentWrite) int { return b.at.Compare(a.at) })
	// Several listings may hold an object.
	seen := map[kinds.UID]bool{}
	r.wrote = slices.DeleteFunc(r.wrote, func(w recentWrite) bool {
		again := seen[w.record.UID]
		seen[w.record.UID] = true
		return again
	})
	r.wrote = r.wrote[:min(len(r.wrote), recentMost)]
	return more
}

// scaled are the Deployments of which events say that they were scaled, and which are not among what
// was written.
func (r *Recent) scaled() (out []recentWrite) {
	c := r.watch.history.cluster
	known := map[kinds.UID]bool{}
	for _, w := range r.wrote {
		known[w.record.UID] = true
	}
	for _, event := range c.allScalings() {
		for _, link := range event.Links {
			if link.Relation != kinds.About || r.watch.keep != nil && !r.watch.keep(link.To) {
				continue
			}
			record := c.heldRecord(link.To)
			if record == nil || known[record.UID] || len(out) == recentMost {
				continue
			}
			known[record.UID] = true
			out = append(out, recentWrite{record: record})
		}
	}
	return out
}

// madeByOthers are kinds of which there are many, and whose changes follow from those of others.
var madeByOthers = []*kinds.Kind{kinds.Pod, kinds.ReplicaSet, kinds.ControllerRevision, kinds.EndpointSlice}

// written is when a person or a tool last wrote to an object, as far as its managers say; zero if
// only the control plane did. The field sets are not read.
func (c *Cluster) written(r *kinds.Record) (at time.Time) {
	obj, err := c.Decode(r)
	if err != nil {
		return at
	}
	if m, ok := obj.(metav1.Object); ok {
		for _, e := range m.GetManagedFields() {
			scaled := e.Subresource == "scale"
			if e.Time == nil || e.Subresource != "" && !scaled || history.IsControlPlane(e.Manager) && !scaled {
				continue
			}
			if e.Time.After(at) {
				at = e.Time.Time
			}
		}
	}
	return at
}

// rebuild rebuilds the changes of what was written, and wakes the watch.
func (r *Recent) rebuild(ctx context.Context) {
	h := r.watch.history
	var all []history.Change
	for _, w := range append(slices.Clip(r.wrote), r.scaled()...) {
		if ctx.Err() != nil {
			return
		}
		all = append(all, h.cluster.Rebuild(w.record, h.cluster.heldBeside(w.record))...)
	}
	for _, releases := range r.helm {
		slices.SortStableFunc(releases, func(a, b history.Release) int { return cmp.Compare(a.Revision, b.Revision) })
		all = append(all, history.RebuildReleases(releases)...)
	}
	since := h.cluster.Now().Add(-RecentFor)
	all = slices.DeleteFunc(all, func(c history.Change) bool {
		return c.At.Before(since) || c.Rank == history.Status || c.Controlled
	})
	remembered := history.Merge(nil, all)
	of := map[kinds.Ref]bool{}
	for i := range remembered {
		of[remembered[i].Object] = true
	}
	r.watch.mu.Lock()
	r.watch.remembered, r.watch.of, r.watch.awaited = remembered, of, false
	r.watch.mu.Unlock()
	h.changed.Notify()
}

// withRemembered adds what the cluster remembers to what was seen.
func withRemembered(seen, remembered []history.Change, of map[kinds.Ref]bool) []history.Change {
	if len(remembered) == 0 {
		return seen
	}
	// To compare each with each is dear.
	var others, same []history.Change
	for _, c := range seen {
		if of[c.Object] {
			same = append(same, c)
		} else {
			others = append(others, c)
		}
	}
	all := append(others, history.Merge(same, remembered)...)
	history.Sort(all)
	return all
}
