package views

import (
	"slices"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// together is one listing for each of several namespaces, read as one: who may list in each
// of them need not be allowed to list in all. It belongs to one rows.Index.
type together struct {
	parts   []*kube.Listing
	seen    []uint64 // of each part, what was read
	version uint64
}

// newTogether returns the listings of a resource in some namespaces.
// labels narrows them; "" does not.
func newTogether(c *kube.Cluster, resource kube.Resource, namespaces []string, labels string) *together {
	t := &together{seen: make([]uint64, len(namespaces))}
	for _, name := range namespaces {
		scope := kube.Scope{GroupVersionResource: resource.GroupVersionResource, Namespace: name, Labels: labels}
		t.parts = append(t.parts, c.Listing(scope))
	}
	return t
}

// Kind implements rows.Listing.
func (t *together) Kind() *kinds.Kind {
	for _, part := range t.parts {
		if k := part.Kind(); k != nil {
			return k
		}
	}
	return nil
}

// Since implements rows.Listing. When one part begins again, all do.
func (t *together) Since(version uint64) kube.Delta {
	out := kube.Delta{Version: t.version, Reset: version == 0 || version != t.version}
	if out.Reset {
		clear(t.seen)
	}
	changed := out.Reset
	for i, part := range t.parts {
		delta := part.Since(t.seen[i])
		if delta.Reset && t.seen[i] != 0 {
			return t.Since(0)
		}
		changed = changed || delta.Version != t.seen[i]
		t.seen[i] = delta.Version
		out.Changed, out.Gone = append(out.Changed, delta.Changed...), append(out.Gone, delta.Gone...)
	}
	if changed {
		t.version++
		out.Version = t.version
	}
	return out
}

// state is that of the part that is worst off.
func (t *together) state() kube.State {
	worst := t.parts[0].State()
	loaded := 0
	for _, part := range t.parts {
		state := part.State()
		loaded += state.Loaded
		if worst.Err == nil && (state.Err != nil || state.Phase.Undecided()) {
			worst = state
		}
	}
	worst.Loaded = loaded
	return worst
}

// has reports whether a listing is one of the parts.
func (t *together) has(l *kube.Listing) bool { return slices.Contains(t.parts, l) }
