package live

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// readAll takes over what changed, and reports whether all that has begun has come.
func (r *runner) readAll(ctx context.Context) bool {
	whole := false
	for _, f := range slices.Clone(r.feeds) {
		if f.dirty || !f.settled { // That it has come may not be told yet.
			f.dirty = false
			r.read(ctx, f)
		}
		whole = whole || f.of.GroupKind == kinds.Pod.GroupKind() && !f.of.partial && f.settled
	}
	if whole {
		r.end(func(f *feed) bool { return f.of.partial })
	}
	settled := r.customs.awaited == 0
	for _, f := range r.feeds {
		settled = settled && f.settled
	}
	return settled
}

// end ends feeds.
func (r *runner) end(which func(*feed) bool) {
	r.feeds = slices.DeleteFunc(r.feeds, func(f *feed) bool {
		over := which(f)
		if over {
			f.end()
		}
		return over
	})
}

// read takes over what changed in a listing.
func (r *runner) read(ctx context.Context, f *feed) {
	state := f.listing.State()
	kind := f.of.GroupKind
	f.settled = !state.Phase.Undecided()
	if !f.of.partial && f.of.namespace != triage.NodeLeases {
		c := r.triage.coverage(f.of, state)
		if f.of.namespace == "" {
			c.Namespace = f.listing.Scope().Namespace
		}
		r.state.Cover(kind, c)
	}
	if state.Phase == kube.Denied && f.listing.Scope().Namespace == "" && f.of.namespaced {
		r.narrow(ctx, f)
	}
	delta := f.listing.Since(f.version)
	if delta.Reset && f.version != 0 && (r.glance || !f.of.partial) {
		r.state.Keep(kind, f.of.namespace, delta.Changed)
	}
	f.version = delta.Version
	if delta.Reset {
		// Siblings are kept together, and unpacked once if they follow each other.
		slices.SortFunc(delta.Changed, func(a, b *kinds.Record) int {
			return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
		})
	}
	for _, record := range delta.Changed {
		r.state.Put(record, r.object(record))
	}
	// What has left a part may be in the whole.
	for _, key := range delta.Gone {
		if r.glance || !f.of.partial || r.stage < len(r.stages) {
			r.state.Remove(kinds.Ref{GroupKind: kind, Namespace: key.Namespace, Name: key.Name})
		}
	}
}

// object is the whole object of a record, if the rules need it.
func (r *runner) object(record *kinds.Record) runtime.Object {
	if !triage.Needs(record) {
		return nil
	}
	obj, err := r.triage.cluster.Decode(record)
	if err != nil {
		return nil
	}
	return obj
}

// narrow looks at one namespace where all of them are forbidden.
func (r *runner) narrow(ctx context.Context, f *feed) {
	r.end(func(o *feed) bool { return o == f })
	scope := f.listing.Scope()
	scope.Namespace = r.triage.fallback
	r.follow(ctx, f.of, scope)
	if f.of.GroupKind == kinds.Pod.GroupKind() {
		r.namespace = scope.Namespace
	}
}

func (t *Triage) coverage(of watch, s kube.State) triage.Coverage {
	c := triage.Coverage{Kind: of.Resource, Of: s.Loaded}
	switch s.Phase {
	case kube.Live, kube.Stale:
		// What is not there was not saved, which says nothing of what there was.
		if t.holds != nil && s.Loaded == 0 && !t.holds(of.GroupKind) {
			c.Missing, c.Of = "not saved", -1
		} else if of.unwell {
			c.Missing = triage.Well
		}
	case kube.Denied:
		c.Missing, c.Of = triage.Forbidden, -1
	case kube.Failed:
		c.Missing, c.Of = "not served", -1
		if s.Err != nil {
			c.Missing = s.Err.Error()
		}
	default:
		c.Missing = triage.Loading
		if s.Remaining >= 0 {
			c.Of += int(s.Remaining)
		} else {
			c.Of = -1
		}
	}
	return c
}
