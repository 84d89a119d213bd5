package links

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Ask is a set of objects that an answer depends on: a kind in a namespace, or in all of
// them (""); with a name, one object.
type Ask struct {
	schema.GroupKind
	Namespace string
	Name      string
}

// Coverage says how much of an Ask a Graph has.
type Coverage uint8

// The coverages.
const (
	Unknown  Coverage = iota // nobody has listed it yet
	Loading                  // it is being listed
	Complete                 // all of it is there: what is not, does not exist
	Denied                   // the user may not list it
	Failed                   // it could not be listed
	Unserved                 // the cluster, or what was saved of it, does not have the kind
)

// Graph is records, joined by their links.
type Graph struct {
	// ByName has the Graph ask for what a link names, and not for all of its kind in the
	// namespace. What is in no namespace it asks for by name in any case.
	ByName bool

	tables    map[schema.GroupKind]*table
	holders   map[kinds.Ref][]*node // of links that name the object
	selectors map[pair][]selecting  // by a label that the selected must have, and by none
	makers    map[pair][]*node      // of pods with the label
	coverage  map[Ask]Coverage
	asked     map[Ask]bool
	parsed    map[string]labels.Selector
	sets      map[string][]kinds.Label
}

// node is an object. Indexes hold nodes, so that a new version of an object with the
// same links changes none of them.
type node struct{ record *kinds.Record }

type table struct {
	nodes map[name]*node
	// pairs are the nodes by their labels; nil until a selector asks for the kind.
	pairs map[pair][]*node
}

type name struct{ namespace, name string }

// pair is a label that objects of a kind have in a namespace. The empty label stands for
// selectors that demand none.
type pair struct {
	schema.GroupKind
	namespace string
	label     kinds.Label
}

type selecting struct {
	by   *node
	link *kinds.Link
}

// New returns an empty Graph.
func New() *Graph {
	return &Graph{
		tables:    map[schema.GroupKind]*table{},
		holders:   map[kinds.Ref][]*node{},
		selectors: map[pair][]selecting{},
		makers:    map[pair][]*node{},
		coverage:  map[Ask]Coverage{},
		asked:     map[Ask]bool{},
		parsed:    map[string]labels.Selector{},
		sets:      map[string][]kinds.Label{},
	}
}

// Put adds a record, in place of the version that is there.
func (g *Graph) Put(r *kinds.Record) {
	t := g.table(r.Kind.GroupKind())
	key := name{r.Namespace, r.Name}
	n := t.nodes[key]
	if n == nil {
		n = &node{r}
		t.nodes[key] = n
		g.index(n)
		t.label(n)
		return
	}
	if !sameLinks(n.record.Links, r.Links) {
		g.unindex(n)
		defer g.index(n)
	}
	if !slices.Equal(n.record.Labels, r.Labels) {
		t.unlabel(n)
		defer t.label(n)
	}
	n.record = r
}

// Remove takes an object away.
func (g *Graph) Remove(ref kinds.Ref) {
	t, key := g.table(ref.GroupKind), name{ref.Namespace, ref.Name}
	n := t.nodes[key]
	if n == nil {
		return
	}
	g.unindex(n)
	t.unlabel(n)
	delete(t.nodes, key)
}

// Record returns what is known of an object, nil when nothing is.
func (g *Graph) Record(ref kinds.Ref) *kinds.Record {
	if t := g.tables[ref.GroupKind]; t != nil {
		if n := t.nodes[name{ref.Namespace, ref.Name}]; n != nil {
			return n.record
		}
	}
	return nil
}

// Has reports whether there is any object of a kind.
func (g *Graph) Has(kind schema.GroupKind) bool {
	t := g.tables[kind]
	return t != nil && len(t.nodes) > 0
}

// Len returns how many objects there are.
func (g *Graph) Len() int {
	all := 0
	for _, t := range g.tables {
		all += len(t.nodes)
	}
	return all
}

// Cover says how much of an Ask there is. All namespaces cover each of them, and all
// objects each one.
func (g *Graph) Cover(a Ask, c Coverage) { g.coverage[a] = c }

// Coverage returns how much of an Ask there is.
func (g *Graph) Coverage(a Ask) Coverage {
	c := g.coverage[a]
	if a.Name != "" && c == Unknown {
		a.Name = ""
		return g.Coverage(a)
	}
	if a.Namespace != "" && c != Complete {
		// What was not listed on its own may have come with all.
		if all := g.coverage[Ask{GroupKind: a.GroupKind}]; all == Complete || c == Unknown {
			return all
		}
	}
	return c
}

// Asks returns what answers depended on since the Graph was made, sorted.
func (g *Graph) Asks() []Ask {
	out := make([]Ask, 0, len(g.asked))
	for a := range g.asked {
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b Ask) int { return strings.Compare(a.order(), b.order()) })
	return out
}

func (a Ask) order() string { return a.Namespace + " " + a.Group + " " + a.Kind + " " + a.Name }

func (g *Graph) ask(kind schema.GroupKind, namespace string) {
	if kind.Kind == "" {
		return
	}
	if namespace != "" && !namespaced(kind) {
		namespace = ""
	}
	g.asked[Ask{GroupKind: kind, Namespace: namespace}] = true
}

// askFor asks for an object that a link names.
func (g *Graph) askFor(to kinds.Ref) {
	inNamespace := namespaced(to.GroupKind)
	if inNamespace && !g.ByName || to.Name == "" {
		g.ask(to.GroupKind, to.Namespace)
		return
	}
	if !inNamespace {
		to.Namespace = ""
	}
	g.asked[Ask{to.GroupKind, to.Namespace, to.Name}] = true
}

// namespaced reports whether objects of a kind live in namespaces; custom ones do, as
// far as is known here.
func namespaced(kind schema.GroupKind) bool {
	k, ok := kinds.For(kind)
	return !ok || k.Namespaced
}

func (g *Graph) table(kind schema.GroupKind) *table {
	t := g.tables[kind]
	if t == nil {
		t = &table{nodes: map[name]*node{}}
		g.tables[kind] = t
	}
	return t
}

// sameLinks compares what records point to. Records share their links, so most
// comparisons are of pointers.
func sameLinks(a, b []*kinds.Link) bool {
	return slices.EqualFunc(a, b, func(a, b *kinds.Link) bool { return a == b || *a == *b })
}

func (g *Graph) index(n *node) {
	for _, l := range n.record.Links {
		switch {
		case l.ByName():
			g.holders[l.To] = append(g.holders[l.To], n)
		case l.Labels != "":
			for _, label := range g.set(l.Labels) {
				p := pair{l.To.GroupKind, l.To.Namespace, label}
				g.makers[p] = append(g.makers[p], n)
			}
		default:
			p := g.selectorPair(l)
			g.selectors[p] = append(g.selectors[p], selecting{n, l})
		}
	}
}

func (g *Graph) unindex(n *node) {
	for _, l := range n.record.Links {
		switch {
		case l.ByName():
			without(g.holders, l.To, func(h *node) bool { return h == n })
		case l.Labels != "":
			for _, label := range g.set(l.Labels) {
				without(g.makers, pair{l.To.GroupKind, l.To.Namespace, label}, func(m *node) bool { return m == n })
			}
		default:
			without(g.selectors, g.selectorPair(l), func(s selecting) bool { return s.by == n && s.link == l })
		}
	}
}

// without removes the first element that is meant from a list of an index.
func without[K comparable, V any](index map[K][]V, key K, meant func(V) bool) {
	list := index[key]
	i := slices.IndexFunc(list, meant)
	if i < 0 {
		return
	}
	last := len(list) - 1
	list[i] = list[last]
	clear(list[last:])
	if last == 0 {
		delete(index, key)
		return
	}
	index[key] = list[:last]
}

// selectorPair is where the selector of a link is found from the labels of an object:
// at the first label that it demands.
func (g *Graph) selectorPair(l *kinds.Link) pair {
	p := pair{GroupKind: l.To.GroupKind, namespace: l.To.Namespace}
	if equal := demanded(g.selector(l.Selector)); len(equal) > 0 {
		p.label = equal[0]
	}
	return p
}

// demanded are the labels that an object must have to be selected.
func demanded(s labels.Selector) []kinds.Label {
	requirements, _ := s.Requirements()
	var out []kinds.Label
	for _, r := range requirements {
		one := r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals || r.Operator() == selection.In
		if values := r.ValuesUnsorted(); one && len(values) == 1 {
			out = append(out, kinds.Label{Key: r.Key(), Value: values[0]})
		}
	}
	return out
}

// selector parses a selector once. Links have valid ones; what is not selects nothing.
func (g *Graph) selector(text string) labels.Selector {
	s, ok := g.parsed[text]
	if !ok {
		var err error
		if s, err = labels.Parse(text); err != nil {
			s = labels.Nothing()
		}
		g.parsed[text] = s
	}
	return s
}

// set parses the labels of a template once.
func (g *Graph) set(text string) []kinds.Label {
	s, ok := g.sets[text]
	if !ok {
		for part := range strings.SplitSeq(text, ",") {
			key, value, _ := strings.Cut(part, "=")
			s = append(s, kinds.Label{Key: key, Value: value})
		}
		g.sets[text] = s
	}
	return s
}

// label adds a node to the index of labels, if there is one.
func (t *table) label(n *node) {
	if t.pairs == nil {
		return
	}
	for _, l := range n.record.Labels {
		p := pair{n.record.Kind.GroupKind(), n.record.Namespace, l}
		t.pairs[p] = append(t.pairs[p], n)
	}
}

func (t *table) unlabel(n *node) {
	if t.pairs == nil {
		return
	}
	for _, l := range n.record.Labels {
		p := pair{n.record.Kind.GroupKind(), n.record.Namespace, l}
		without(t.pairs, p, func(m *node) bool { return m == n })
	}
}

// labelled makes the index of labels.
func (t *table) labelled() {
	if t.pairs != nil {
		return
	}
	t.pairs = map[pair][]*node{}
	for _, n := range t.nodes {
		t.label(n)
	}
}

// labelSet lets a selector look at the labels of a record.
type labelSet []kinds.Label

func (s labelSet) Lookup(key string) (value string, ok bool) {
	for _, l := range s {
		if l.Key == key {
			return l.Value, true
		}
	}
	return "", false
}

func (s labelSet) Has(key string) bool {
	_, ok := s.Lookup(key)
	return ok
}

func (s labelSet) Get(key string) string {
	value, _ := s.Lookup(key)
	return value
}

// Clear removes what an Ask is about, except for the records that are given.
func (g *Graph) Clear(a Ask, except []*kinds.Record) {
	keep := make(map[name]bool, len(except))
	for _, r := range except {
		keep[name{r.Namespace, r.Name}] = true
	}
	for key, n := range g.table(a.GroupKind).nodes {
		meant := (a.Namespace == "" || key.namespace == a.Namespace) && (a.Name == "" || key.name == a.Name)
		if meant && !keep[key] {
			g.Remove(n.record.Ref())
		}
	}
}
