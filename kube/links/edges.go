package links

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Edge is a link as one of its ends sees it.
type Edge struct {
	Relation kinds.Relation
	Forth    bool // the link is held by the end that asked
	To       kinds.Ref
	// Record is the other end; nil when it is not there, which Graph.Coverage tells
	// apart from not known yet.
	Record   *kinds.Record
	Optional bool
	How      string
}

// Words are the relation as the end that asked says it: "mounts", "mounted by".
func (e *Edge) Words() string {
	if e.Forth {
		return e.Relation.String()
	}
	return e.Relation.Reverse()
}

// Below returns what stands below an object: what it owns and makes, what it leads to,
// binds and needs. Each is named once for each relation.
func (g *Graph) Below(ref kinds.Ref) []Edge {
	out := g.held(ref, false)
	for _, kind := range owned(ref.GroupKind) {
		g.ask(kind, ref.Namespace)
	}
	return g.finish(g.backward(out, ref, true))
}

// Above returns what stands above an object: its owners, and what leads to it, binds it
// or needs it.
func (g *Graph) Above(ref kinds.Ref) []Edge {
	out := g.held(ref, true)
	namespace := ref.Namespace
	if ref.Kind == "Namespace" && ref.Group == "" {
		namespace = ref.Name // What binds a namespace is in it.
	}
	for _, kind := range linking(ref.GroupKind) {
		g.ask(kind, namespace)
	}
	if definition, ok := g.definition(ref); ok {
		g.asked[Ask{definition.GroupKind, "", definition.Name}] = true
	}
	out = g.backward(out, ref, false)
	return g.finish(g.selecting(out, ref))
}

// definition names what defines the kind of an object, if that is a custom one.
func (g *Graph) definition(ref kinds.Ref) (to kinds.Ref, ok bool) {
	r := g.Record(ref)
	if _, builtin := kinds.For(ref.GroupKind); builtin || r == nil || r.Kind.In != nil {
		return kinds.Ref{}, false
	}
	to.GroupKind, to.Name = kinds.CustomResourceDefinition.GroupKind(), r.Kind.GVR().GroupResource().String()
	return to, true
}

// Routes returns what routes to a Service from its namespace.
func (g *Graph) Routes(service kinds.Ref) []Edge {
	for _, kind := range parseKinds(routing) {
		g.ask(kind, service.Namespace)
	}
	out := g.named(nil, service, g.Record(service), false)
	return g.finish(slices.DeleteFunc(out, func(e Edge) bool { return e.Relation != kinds.RoutesTo }))
}

// held are the links that the object itself holds and that lead to one side.
func (g *Graph) held(ref kinds.Ref, above bool) []Edge {
	r := g.Record(ref)
	if r == nil {
		g.askFor(ref)
		return nil
	}
	var out []Edge
	for _, l := range r.Links {
		switch {
		case l.Relation.HolderBelow() != above || l.Relation == kinds.About:
		case l.ByName() && strings.HasSuffix(l.To.Name, kinds.AnyNumber):
			out = g.numbered(out, l)
		case l.ByName():
			g.askFor(l.To)
			out = append(out, g.forth(l, l.To, g.Record(l.To)))
		case l.Labels != "":
			// What a template makes is owned by what has it.
		default:
			out = g.selected(out, l)
		}
	}
	return out
}

func (g *Graph) forth(l *kinds.Link, to kinds.Ref, r *kinds.Record) Edge {
	if replaced(l, r) {
		r = nil
	}
	return Edge{Relation: l.Relation, Forth: true, To: to, Record: r, Optional: l.Optional, How: l.How}
}

// replaced reports whether another object has the name that a link means. What was saved
// without UIDs is known by its name alone.
func replaced(l *kinds.Link, r *kinds.Record) bool {
	if r == nil || l.UID == "" {
		return false
	}
	id := r.GetUID()
	return id != "" && id != l.UID
}

// numbered adds the claims of a StatefulSet, by their names.
func (g *Graph) numbered(out []Edge, l *kinds.Link) []Edge {
	g.ask(l.To.GroupKind, l.To.Namespace)
	t := g.table(l.To.GroupKind)
	prefix := strings.TrimSuffix(l.To.Name, kinds.AnyNumber)
	for key, n := range t.nodes {
		if number, ok := strings.CutPrefix(key.name, prefix); ok && key.namespace == l.To.Namespace && isNumber(number) {
			out = append(out, g.forth(l, n.record.Ref(), n.record))
		}
	}
	return out
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// anyNumber is the name of a claim of a StatefulSet as the StatefulSet knows it, "" for
// other names.
func anyNumber(s string) string {
	i := strings.LastIndexByte(s, '-')
	if i < 0 || !isNumber(s[i+1:]) {
		return ""
	}
	return s[:i+1] + kinds.AnyNumber
}

// selected adds what a selector selects: objects, and what makes such pods.
func (g *Graph) selected(out []Edge, l *kinds.Link) []Edge {
	if l.To.Kind == "" {
		if l.Relation == kinds.Installs {
			for _, kind := range parseKinds(installed) {
				g.ask(kind, l.To.Namespace)
			}
		}
		for kind := range g.tables {
			out = g.selectedOf(out, l, kind)
		}
		return out
	}
	g.ask(l.To.GroupKind, l.To.Namespace)
	found := g.selectedOf(nil, l, l.To.GroupKind)
	if len(found) == 0 && l.To.Kind == "Pod" {
		// What would make such pods may have been scaled to 0.
		for _, kind := range parseKinds(scalable) {
			g.ask(kind, l.To.Namespace)
		}
	}
	return append(out, found...)
}

func (g *Graph) selectedOf(out []Edge, l *kinds.Link, kind schema.GroupKind) []Edge {
	s := g.selector(l.Selector)
	for _, n := range g.candidates(kind, l.To.Namespace, demanded(s)) {
		within := l.To.Namespace == "" || n.record.Namespace == l.To.Namespace
		if within && s.Matches(labelSet(n.record.Labels)) && !copied(l, n.record) {
			out = append(out, g.forth(l, n.record.Ref(), n.record))
		}
	}
	if l.Relation == kinds.Installs {
		return out
	}
	for _, n := range g.makersOf(kind, l.To.Namespace, demanded(s)) {
		if made := g.made(n.record); made != nil && s.Matches(labelSet(made)) {
			out = append(out, g.forth(l, n.record.Ref(), n.record))
		}
	}
	return out
}

// copied reports whether an object only has the labels of a release because a controller
// has copied them to it.
func copied(l *kinds.Link, r *kinds.Record) bool { return l.Relation == kinds.Installs && isOwned(r) }

func isOwned(r *kinds.Record) bool {
	return slices.ContainsFunc(r.Links, func(l *kinds.Link) bool { return l.Relation == kinds.OwnedBy })
}

// candidates are the objects among which all selected ones are: those with the rarest of
// the labels, or all.
func (g *Graph) candidates(kind schema.GroupKind, namespace string, labels []kinds.Label) []*node {
	t := g.tables[kind]
	if t == nil {
		return nil
	}
	if len(labels) == 0 || namespace == "" {
		all := make([]*node, 0, len(t.nodes))
		for key, n := range t.nodes {
			if namespace == "" || key.namespace == namespace {
				all = append(all, n)
			}
		}
		return all
	}
	t.labelled()
	return rarest(t.pairs, kind, namespace, labels)
}

// makersOf are what makes pods with the rarest of the labels.
func (g *Graph) makersOf(kind schema.GroupKind, namespace string, labels []kinds.Label) []*node {
	if len(labels) > 0 {
		return rarest(g.makers, kind, namespace, labels)
	}
	var all []*node
	for p, list := range g.makers {
		if p.GroupKind == kind && p.namespace == namespace {
			for _, n := range list {
				if !slices.Contains(all, n) {
					all = append(all, n)
				}
			}
		}
	}
	return all
}

func rarest(index map[pair][]*node, kind schema.GroupKind, namespace string, labels []kinds.Label) []*node {
	best := index[pair{kind, namespace, labels[0]}]
	for _, l := range labels[1:] {
		if list := index[pair{kind, namespace, l}]; len(list) < len(best) {
			best = list
		}
	}
	return best
}

// made are the labels of the pods that an object makes, nil when it makes none.
func (g *Graph) made(r *kinds.Record) []kinds.Label {
	for _, l := range r.Links {
		if l.Labels != "" {
			return g.set(l.Labels)
		}
	}
	return nil
}

// backward adds the links of others that name the object and lead to one side of it.
func (g *Graph) backward(out []Edge, ref kinds.Ref, below bool) []Edge {
	r := g.Record(ref)
	out = g.named(out, ref, r, below)
	if pattern := anyNumber(ref.Name); pattern != "" {
		to := ref
		to.Name = pattern
		out = g.named(out, to, nil, below)
	}
	return out
}

// named adds the holders of links to an object that is known under a name.
func (g *Graph) named(out []Edge, to kinds.Ref, r *kinds.Record, below bool) []Edge {
	for _, n := range g.holders[to] {
		for _, l := range n.record.Links {
			if l.To != to || l.Relation.HolderBelow() != below || l.Relation == kinds.About {
				continue
			}
			if replaced(l, r) {
				continue
			}
			out = append(out, g.back(l, n))
		}
	}
	return out
}

func (g *Graph) back(l *kinds.Link, n *node) Edge {
	return Edge{Relation: l.Relation, To: n.record.Ref(), Record: n.record, Optional: l.Optional, How: l.How}
}

// selecting adds what selects the object, or the pods that it makes.
func (g *Graph) selecting(out []Edge, ref kinds.Ref) []Edge {
	r := g.Record(ref)
	if r == nil {
		return out
	}
	out = append(out, g.installing(r)...)
	out = g.selectedBy(out, ref.GroupKind, ref.Namespace, r.Labels)
	if made := g.made(r); made != nil {
		pod := schema.GroupKind{Kind: "Pod"}
		for _, kind := range linking(pod) {
			g.ask(kind, ref.Namespace)
		}
		out = g.selectedBy(out, pod, ref.Namespace, made)
	}
	return out
}

// installing are the newest revisions of the releases of Helm that have installed an
// object.
func (g *Graph) installing(r *kinds.Record) []Edge {
	if !slices.Contains(r.Labels, kinds.ManagedByHelm) || isOwned(r) {
		return nil
	}
	g.ask(kinds.HelmRelease.GroupKind(), r.Namespace)
	newest := map[string]Edge{}
	for _, label := range r.Labels {
		for _, s := range g.selectors[pair{schema.GroupKind{}, r.Namespace, label}] {
			if s.link.Relation != kinds.Installs || !g.selector(s.link.Selector).Matches(labelSet(r.Labels)) {
				continue
			}
			name, revision := kinds.HelmRevision(s.by.record.Name)
			known, ok := newest[name]
			if _, before := kinds.HelmRevision(known.To.Name); !ok || revision > before {
				newest[name] = g.back(s.link, s.by)
			}
		}
	}
	return slices.Collect(maps.Values(newest))
}

func (g *Graph) selectedBy(out []Edge, kind schema.GroupKind, namespace string, set []kinds.Label) []Edge {
	look := func(kind schema.GroupKind, namespace string, label kinds.Label) {
		for _, s := range g.selectors[pair{kind, namespace, label}] {
			if s.link.Relation != kinds.Installs && g.selector(s.link.Selector).Matches(labelSet(set)) {
				out = append(out, g.back(s.link, s.by))
			}
		}
	}
	spaces := []string{namespace, ""}
	if namespace == "" {
		spaces = spaces[:1]
	}
	for _, space := range spaces {
		look(kind, space, kinds.Label{})
		for _, l := range set {
			look(kind, space, l)
			look(schema.GroupKind{}, space, l)
		}
	}
	return out
}

// finish sorts edges by relation, the worst first, and names each object once for each
// relation.
func (g *Graph) finish(edges []Edge) []Edge {
	slices.SortStableFunc(edges, func(a, b Edge) int {
		return cmp.Or(
			cmp.Compare(a.Relation, b.Relation),
			cmp.Compare(passes(&a), passes(&b)),
			strings.Compare(a.To.Kind, b.To.Kind),
			-cmp.Compare(g.badness(&a), g.badness(&b)),
			strings.Compare(a.To.Namespace, b.To.Namespace),
			strings.Compare(a.To.Name, b.To.Name),
		)
	})
	return slices.CompactFunc(edges, func(a, b Edge) bool { return a.Relation == b.Relation && a.To == b.To })
}

// passes is 1 for what comes after the objects that it tells of.
func passes(e *Edge) int {
	if slices.Contains(passing, e.To.Kind) {
		return 1
	}
	return 0
}

// badness orders the other ends of edges; what is missing comes before what fails.
func (g *Graph) badness(e *Edge) kinds.Level {
	if e.Record != nil {
		return e.Record.Status.Level
	}
	if !e.Optional && g.Missing(e) {
		return kinds.Failing + 1
	}
	return kinds.Quiet
}

// Missing reports whether the other end of an edge is known not to exist.
func (g *Graph) Missing(e *Edge) bool {
	if e.Record != nil {
		return false
	}
	return g.Coverage(Ask{e.To.GroupKind, e.To.Namespace, e.To.Name}) == Complete
}
