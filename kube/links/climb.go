package links

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// climb finds all that leads to the center, and returns where that begins.
func (t *Tree) climb() []kinds.Ref {
	t.parents = map[kinds.Ref][]Edge{}
	t.center = t.bound()
	t.toward = map[kinds.Ref]bool{t.center: true}
	var roots []kinds.Ref
	for queue := []kinds.Ref{t.center}; len(queue) > 0 && len(t.toward) < climbMax; queue = queue[1:] {
		above := t.above(queue[0])
		if len(above) == 0 {
			roots = append(roots, queue[0])
		}
		for _, e := range above {
			if !t.toward[e.To] {
				t.toward[e.To] = true
				queue = append(queue, e.To)
			}
		}
	}
	if len(roots) == 0 || !t.toward[t.Subject] {
		roots = append(roots, t.Subject) // Owners in a circle, or too many that lead to the center.
	}
	slices.SortStableFunc(roots, func(a, b kinds.Ref) int {
		return cmp.Or(cmp.Compare(beside(a), beside(b)), -cmp.Compare(t.level(a), t.level(b)), compareRefs(a, b))
	})
	return roots
}

// bound is what the subject binds if that is all it does, as an autoscaler does with one
// workload: its picture is that of the workload. Otherwise it is the subject itself.
func (t *Tree) bound() kinds.Ref {
	if t.Follow.One || beside(t.Subject) == 0 {
		return t.Subject
	}
	to := t.tops(slices.DeleteFunc(t.graph.Below(t.Subject), func(e Edge) bool {
		return e.Relation != kinds.Guards && e.Relation != kinds.Scales
	}))
	if len(to) != 1 || to[0].Record == nil {
		return t.Subject
	}
	return to[0].To
}

// besides are the kinds that bind what others lead to: the picture begins with those.
var besides = []string{
	"PodDisruptionBudget", "NetworkPolicy", "HorizontalPodAutoscaler", "VerticalPodAutoscaler", "RoleBinding",
	"ClusterRoleBinding",
}

func beside(ref kinds.Ref) int {
	if slices.Contains(besides, ref.Kind) {
		return 1
	}
	return 0
}

func compareRefs(a, b kinds.Ref) int {
	return cmp.Or(
		strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name),
	)
}

func (t *Tree) level(ref kinds.Ref) kinds.Level {
	if r := t.graph.Record(ref); r != nil {
		return r.Status.Level
	}
	return kinds.Quiet
}

// above are the edges that lead to an object. What an owner says as well is the owner's:
// a Service leads to the Deployment, not to each of its pods.
func (t *Tree) above(ref kinds.Ref) []Edge {
	if known, ok := t.parents[ref]; ok {
		return known
	}
	edges := slices.DeleteFunc(t.graph.Above(ref), func(e Edge) bool {
		return !t.Follow.has(&e)
	})
	if t.parents == nil {
		t.parents = map[kinds.Ref][]Edge{}
	}
	t.parents[ref] = edges
	said := map[kinds.Ref]bool{}
	for _, owner := range t.owners(ref) {
		for _, e := range t.graph.Above(owner) {
			said[e.To] = true
		}
	}
	among := map[kinds.Ref]bool{}
	for _, e := range edges {
		among[e.To] = true
	}
	edges = slices.DeleteFunc(slices.Clone(edges), func(e Edge) bool {
		if e.Relation.Class() == kinds.Owners {
			return false
		}
		part := func(l *kinds.Link) bool { return l.Relation == kinds.BelongsTo && among[l.To] }
		return said[e.To] || slices.ContainsFunc(t.owners(e.To), func(o kinds.Ref) bool { return among[o] }) ||
			e.Record != nil && slices.ContainsFunc(e.Record.Links, part)
	})
	t.parents[ref] = edges
	return edges
}

// ownersMax bounds chains of owners, which may be circles.
const ownersMax = 6

// owners are the owners of an object and theirs, the nearest first.
func (t *Tree) owners(ref kinds.Ref) []kinds.Ref {
	var out []kinds.Ref
	for r := t.graph.Record(ref); r != nil && len(out) < ownersMax; {
		i := slices.IndexFunc(r.Links, func(l *kinds.Link) bool { return l.Relation == kinds.OwnedBy })
		if i < 0 {
			break
		}
		owner := r.Links[i].To
		t.graph.ask(owner.GroupKind, owner.Namespace)
		if r = t.graph.Record(owner); r != nil {
			owner = r.Ref()
			out = append(out, owner)
		}
	}
	return out
}
