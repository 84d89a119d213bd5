package links

import (
	"hash/maphash"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Follow says which links a tree follows.
type Follow struct {
	One   bool // only those of Class
	Class kinds.Class
}

// Next returns the next choice: all links, then each class.
func (f Follow) Next() Follow {
	switch {
	case !f.One:
		return Follow{One: true}
	case f.Class == kinds.Security:
		return Follow{}
	}
	return Follow{true, f.Class + 1}
}

// String names the choice in a word.
func (f Follow) String() string {
	if !f.One {
		return "all"
	}
	return f.Class.String()
}

// has reports whether an edge is followed. What runs is found through its owners.
func (f Follow) has(e *Edge) bool {
	if !f.One {
		return true
	}
	class := e.Relation.Class()
	if class == kinds.Configuration && e.To.Kind == "PersistentVolumeClaim" {
		class = kinds.Storage
	}
	return class == f.Class || f.Class == kinds.Runtime && class == kinds.Owners
}

// Line is one line of a tree.
type Line struct {
	ID      uint64 // of the place in the tree; equal lines of later trees have the same
	Depth   int
	rails   uint64 // bit n: more lines follow at depth n
	Words   string // how the object above leads here: "mounts"; "" for a root
	Edge    Edge
	Equals  []kinds.Ref // not nil: the line stands for these, which are well and equal
	Subject bool        // what the tree is of
	Repeat  bool        // stands above already; nothing follows here
	Folds   bool        // something is below it
	Open    bool        // and shown
}

// Rail reports whether another line follows at a depth, beside this one's ancestors.
func (l *Line) Rail(depth int) bool { return l.rails&(1<<min(depth, 63)) != 0 }

// Tree is what an object leads to and what leads to it.
type Tree struct {
	Subject kinds.Ref
	Follow  Follow
	Reverse bool // upwards: what leads to the subject, and nothing else
	// Toggled are the lines that are open where they would not be, or the other way.
	Toggled map[uint64]bool
	// Wanted is a kind of what a namespace contains, of which each object has an open line of its own.
	Wanted schema.GroupKind
	// Apart reports whether an object is not to be folded, however well its record is; nil is none.
	Apart func(kinds.Ref) bool

	graph    *Graph
	center   kinds.Ref            // what the picture is around: the subject, or what that binds
	parents  map[kinds.Ref][]Edge // of the center and what leads to it
	toward   map[kinds.Ref]bool   // they lead to the center
	lines    []Line
	stack    []kinds.Ref
	shown    []map[kinds.Ref]bool // by depth: what the line there leads to
	expanded map[kinds.Ref]bool   // drawn with what is below
}

const (
	// foldMin is how many equal objects that are well make one line.
	foldMin = 4
	// climbMax bounds what leads to an object, and linesMax the lines of a tree.
	climbMax, linesMax = 2000, 100_000
	// openDepth is how far below the subject lines are open by themselves.
	openDepth = 5
)

var seed = maphash.MakeSeed()

// Lines makes the tree from what the graph has now. What it would need and the graph
// lacks are Asks of the graph.
func (t *Tree) Lines(g *Graph) []Line {
	t.graph, t.lines, t.stack, t.shown = g, nil, nil, nil
	t.expanded = map[kinds.Ref]bool{}
	if t.Reverse {
		t.toward, t.parents = map[kinds.Ref]bool{}, nil
		t.add(root(g, t.Subject), 0, 0, true)
		return t.lines
	}
	roots := t.climb()
	for i, ref := range roots {
		t.add(root(g, ref), 0, 0, i == len(roots)-1)
	}
	return t.lines
}

func root(g *Graph, ref kinds.Ref) child {
	return child{Edge: Edge{To: ref, Record: g.Record(ref)}}
}

// child is an edge as a line shows it: with the words of all links to the same object.
type child struct {
	Edge
	words string
}

// below are the lines below an object, before equal ones are folded.
func (t *Tree) below(ref kinds.Ref) []child {
	var edges []Edge
	switch {
	case t.Reverse:
		edges = t.above(ref)
	case ref != t.Subject && ref.GroupKind == kinds.CustomResourceDefinition.GroupKind():
		edges = t.defined(ref)
	default:
		edges = slices.DeleteFunc(t.graph.Below(ref), func(e Edge) bool { return !t.Follow.has(&e) })
		edges = t.tops(edges)
		if ref.Kind == "Namespace" && ref.Group == "" && ref == t.Subject {
			edges = append(edges, t.graph.contained(ref.Name)...)
		}
	}
	var out []child
	at := map[kinds.Ref]int{}
	for _, e := range edges {
		words := e.Words()
		if i, ok := at[e.To]; ok {
			out[i].words = joined(out[i].words, words)
			out[i].Optional = out[i].Optional && e.Optional
			continue
		}
		if e.Relation.Class() != kinds.Owners && t.saidAbove(e.To) || t.common(&e) {
			continue
		}
		at[e.To] = len(out)
		out = append(out, child{e, words})
	}
	return out
}

// defined are the objects of a definition that lead to the subject. There may be any number
// of others, in the whole cluster.
func (t *Tree) defined(ref kinds.Ref) []Edge {
	var out []Edge
	for to := range t.toward {
		if definition, ok := t.graph.definition(to); ok && definition == ref {
			out = append(out, Edge{Relation: kinds.Defines, Forth: true, To: to, Record: t.graph.Record(to)})
		}
	}
	return t.graph.finish(out)
}

// joined are the words of several links to one object. That it is owned says least.
func joined(words, more string) string {
	switch {
	case strings.Contains(words, more):
		return words
	case words == kinds.OwnedBy.Reverse():
		return more
	}
	return words + ", " + more
}

// common reports whether an edge says nothing: that pods run as their namespace's
// default account, or that a class has no CSI driver.
func (t *Tree) common(e *Edge) bool {
	if e.To == t.Subject || t.Reverse {
		return false
	}
	if e.Relation == kinds.RunsAs && e.To.Name == "default" {
		return e.Record != nil
	}
	return e.Relation == kinds.ProvisionedBy && e.Optional && t.graph.Missing(e)
}

// saidAbove reports whether a line above leads to the object as well, as a Deployment
// leads to what all its pods need.
func (t *Tree) saidAbove(ref kinds.Ref) bool {
	if t.Reverse || len(t.shown) == 0 {
		return false
	}
	return slices.ContainsFunc(t.shown[:len(t.shown)-1], func(m map[kinds.Ref]bool) bool { return m[ref] })
}

// tops puts what a selector selects under its owners: a Service leads to the Deployment
// whose pods it selects.
func (t *Tree) tops(edges []Edge) []Edge {
	out := make([]Edge, 0, len(edges))
	seen := map[kinds.Ref]bool{}
	for _, e := range edges {
		if e.Relation != kinds.Selects && e.Relation != kinds.Guards {
			out = append(out, e)
			continue
		}
		if owners := t.owners(e.To); len(owners) > 0 {
			top := owners[len(owners)-1]
			e.To, e.Record = top, t.graph.Record(top)
		}
		if !seen[e.To] {
			seen[e.To] = true
			out = append(out, e)
		}
	}
	return out
}

// add adds a line and what is shown below it.
func (t *Tree) add(c child, depth int, rails uint64, last bool) {
	if len(t.lines) >= linesMax {
		return
	}
	if !last {
		rails |= 1 << min(depth, 63)
	}
	l := Line{
		ID: t.id(c.To, c.words), Depth: depth, rails: rails,
		Words: c.words, Edge: c.Edge, Subject: c.To == t.Subject,
	}
	l.Repeat = slices.Contains(t.stack, c.To) || t.expanded[c.To]
	l.Folds = !l.Repeat && (t.mayFold(c.To) || t.opensItself(&l) && t.mayOwn(c.To))
	l.Open = l.Folds && t.opens(&l)
	at := len(t.lines)
	t.lines = append(t.lines, l)
	if !l.Open {
		return
	}
	t.expanded[c.To] = true
	t.descend(c.To, depth, rails)
	if len(t.lines) == at+1 {
		t.lines[at].Folds, t.lines[at].Open = false, false
	}
}

func (t *Tree) descend(ref kinds.Ref, depth int, rails uint64) {
	t.stack = append(t.stack, ref)
	leads := map[kinds.Ref]bool{}
	t.shown = append(t.shown, leads)
	children := t.below(ref)
	for _, c := range children {
		leads[c.To] = true
	}
	groups := t.fold(children)
	for i, group := range groups {
		last := i == len(groups)-1
		if len(group) == 1 {
			t.add(group[0], depth+1, rails, last)
		} else {
			t.addFold(group, depth+1, rails, last)
		}
	}
	t.stack, t.shown = t.stack[:len(t.stack)-1], t.shown[:len(t.shown)-1]
}

// addFold adds the line of equal objects.
func (t *Tree) addFold(group []child, depth int, rails uint64, last bool) {
	if !last {
		rails |= 1 << min(depth, 63)
	}
	l := Line{
		Depth: depth, rails: rails, Words: group[0].words, Edge: group[0].Edge, Folds: true,
	}
	l.ID = t.id(kinds.Ref{GroupKind: group[0].To.GroupKind}, "="+group[0].words+t.reason(&group[0].Edge))
	for _, c := range group {
		l.Equals = append(l.Equals, c.To)
	}
	l.Open = t.Toggled[l.ID]
	t.lines = append(t.lines, l)
	if !l.Open {
		return
	}
	for i, c := range group {
		t.add(c, depth+1, rails, i == len(group)-1)
	}
}

func (t *Tree) reason(e *Edge) string {
	if e.Record == nil {
		return ""
	}
	return e.Record.Status.Level.String() + e.Record.Status.Reason
}

// fold groups children that are well and equal. All others are groups of one.
func (t *Tree) fold(children []child) [][]child {
	type likeness struct {
		kind          schema.GroupKind
		words, reason string
	}
	at := map[likeness]int{}
	var groups [][]child
	for _, c := range children {
		if c.Record == nil || c.Record.Status.Level > kinds.OK || t.toward[c.To] || t.isApart(c.To) {
			groups = append(groups, []child{c})
			continue
		}
		like := likeness{c.To.GroupKind, c.words, t.reason(&c.Edge)}
		if i, ok := at[like]; ok {
			groups[i] = append(groups[i], c)
			continue
		}
		at[like] = len(groups)
		groups = append(groups, []child{c})
	}
	var out [][]child
	for _, g := range groups {
		if len(g) >= foldMin {
			out = append(out, g)
			continue
		}
		for _, c := range g {
			out = append(out, []child{c})
		}
	}
	return out
}

// isApart reports whether an object has a line of its own, however many are equal.
func (t *Tree) isApart(ref kinds.Ref) bool {
	return ref.GroupKind == t.Wanted || t.Apart != nil && t.Apart(ref)
}

// mayOwn reports whether it is not known yet if an object owns others.
func (t *Tree) mayOwn(ref kinds.Ref) bool {
	return slices.ContainsFunc(owned(ref.GroupKind), func(kind schema.GroupKind) bool {
		c := t.graph.Coverage(Ask{GroupKind: kind, Namespace: ref.Namespace})
		return c == Unknown || c == Loading
	})
}

// mayFold reports whether something may be below an object, without asking for more.
func (t *Tree) mayFold(ref kinds.Ref) bool {
	if t.Reverse || ref == t.Subject || t.toward[ref] {
		return true
	}
	below := func(l *kinds.Link) bool {
		leads := !l.Relation.HolderBelow() && l.Labels == "" && l.Relation != kinds.About
		return leads && t.Follow.has(&Edge{Relation: l.Relation, To: l.To})
	}
	if r := t.graph.Record(ref); r != nil && slices.ContainsFunc(r.Links, below) {
		return true
	}
	return len(t.graph.holders[ref]) > 0 && slices.ContainsFunc(t.graph.holders[ref], func(n *node) bool {
		return slices.ContainsFunc(n.record.Links, func(l *kinds.Link) bool {
			return l.To == ref && l.Relation.HolderBelow() && t.Follow.has(&Edge{Relation: l.Relation, To: l.To})
		})
	})
}

// opens reports whether a line shows what is below it: what leads to the subject, the
// subject, and what that owns, routes to and stores on. What it only needs opens when
// somebody asks.
func (t *Tree) opens(l *Line) bool {
	return t.opensItself(l) != t.Toggled[l.ID]
}

func (t *Tree) opensItself(l *Line) bool {
	if t.Reverse {
		return l.Depth < openDepth
	}
	if t.toward[l.Edge.To] {
		return true
	}
	i := slices.Index(t.stack, t.center)
	if i < 0 || len(t.stack)-i > openDepth {
		return false
	}
	if l.Edge.Relation == kinds.Contains && l.Edge.To.GroupKind == t.Wanted {
		return true
	}
	class := l.Edge.Relation.Class()
	if class == kinds.Owners || class == kinds.Network {
		return l.Edge.Relation != kinds.Contains && passes(&l.Edge) == 0
	}
	needs := l.Edge.To.Kind == "PersistentVolumeClaim" || l.Edge.Relation == kinds.Guards
	return class == kinds.Storage || needs || l.Edge.Relation == kinds.Scales
}

// id is that of the line of an object below the lines of the stack.
func (t *Tree) id(ref kinds.Ref, words string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, r := range append(t.stack, ref) {
		for _, s := range []string{r.Group, r.Kind, r.Namespace, r.Name} {
			_, _ = h.WriteString(s)
			_ = h.WriteByte(0)
		}
	}
	_, _ = h.WriteString(words)
	return h.Sum64()
}

// contained are the objects of a namespace that have no owner.
func (g *Graph) contained(namespace string) []Edge {
	var out []Edge
	for _, kind := range contained() {
		g.ask(kind, namespace)
		t := g.tables[kind]
		if t == nil {
			continue
		}
		for key, n := range t.nodes {
			if key.namespace != namespace || hasOwner(n.record) {
				continue
			}
			out = append(out, Edge{Relation: kinds.Contains, Forth: true, To: n.record.Ref(), Record: n.record})
		}
	}
	return g.finish(out)
}

func hasOwner(r *kinds.Record) bool {
	return slices.ContainsFunc(r.Links, func(l *kinds.Link) bool {
		return l.Relation == kinds.OwnedBy || l.Relation == kinds.BelongsTo
	})
}
