package views

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/links"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// nearby is what the subject leads to and what leads to it: the first level of its tree,
// and what routes to its Services.
type nearby struct {
	linked       *linked
	uses, usedBy []neighbor
}

// neighbor is another object and how the subject is linked to it.
type neighbor struct {
	links.Edge
	words string
}

const (
	// nearMax is how many objects of a kind are shown for one relation.
	nearMax = 12
	// namedMax is how many objects of a kind are asked for one by one.
	namedMax = 8
)

// newNearby begins with what the subject itself names. shown are the kinds that the page
// has already.
func newNearby(s *subject, shown []schema.GroupKind) *nearby {
	n := &nearby{linked: newLinked(s)}
	n.linked.graph.ByName = true
	n.linked.near = &nearScope{shown: shown, named: map[schema.GroupKind]int{}, saved: s.session.isSaved()}
	return n
}

// follow reads the links again and watches what they depend on.
func (n *nearby) follow() ui.All {
	var all ui.All
	for range 8 {
		n.read()
		more := n.linked.follow()
		if len(more) == 0 {
			break
		}
		all = append(all, more...)
	}
	return all
}

func (n *nearby) read() {
	g, ref := n.linked.graph, n.linked.subject.ref()
	n.uses = n.neighbors(g.Below(ref))
	n.usedBy = nil
	for _, m := range n.neighbors(g.Above(ref)) {
		n.usedBy = append(n.usedBy, m)
		if m.To.Kind == "Service" && m.To.Group == "" {
			for _, e := range g.Routes(m.To) {
				n.usedBy = append(n.usedBy, neighbor{e, "via " + m.To.Name + " from"})
			}
		}
	}
}

// neighbors are edges without what the page shows elsewhere, and one for each object.
func (n *nearby) neighbors(edges []links.Edge) []neighbor {
	var out []neighbor
	at := map[kinds.Ref]int{}
	for _, e := range edges {
		account := e.Relation == kinds.RunsAs && e.To.Name == "default"
		if slices.Contains(n.linked.near.shown, e.To.GroupKind) || account && !n.linked.graph.Missing(&e) {
			continue
		}
		if i, ok := at[e.To]; ok {
			out[i].words += ", " + e.Words()
			continue
		}
		at[e.To] = len(out)
		out = append(out, neighbor{e, e.Words()})
	}
	return out
}

// nearScope decides what is listed for the first level of links: what a link names, one
// by one, and the kinds that lead here, in the namespace. What may be many, or is in no
// namespace, is left to the tree.
type nearScope struct {
	shown  []schema.GroupKind       // the page has them already
	named  map[schema.GroupKind]int // how many objects were asked for by name
	passed []schema.GroupKind       // not listed, though they may lead here
	saved  bool                     // asking costs nothing
}

// many are kinds of which a namespace may have so many that they are not listed for a
// few lines.
var many = []schema.GroupKind{
	{Kind: "Pod"}, {Group: "apps", Kind: "ReplicaSet"}, {Kind: "Secret"}, {Kind: "ConfigMap"},
}

// few are kinds in no namespace that are listed all the same: without them an account seems
// to have no rights.
var few = []schema.GroupKind{{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}}

// asides are kinds that tell of others or that hardly anybody uses: they are not worth a
// request here.
var asides = []schema.GroupKind{
	{Kind: "Event"}, {Kind: "Endpoints"}, {Group: "discovery.k8s.io", Kind: "EndpointSlice"},
	{Group: "apps", Kind: "ControllerRevision"}, {Group: "networking.k8s.io", Kind: "IPAddress"},
	{Kind: "ReplicationController"}, {Kind: "PodTemplate"},
}

// wants reports whether anything is listed for an Ask.
func (n *nearScope) wants(a links.Ask, resource kube.Resource) bool {
	switch {
	case a.Name != "" && n.saved:
		return true
	case a.Name != "" && n.named[a.GroupKind] < namedMax:
		n.named[a.GroupKind]++
		return true
	case a.Name != "", slices.Contains(n.shown, a.GroupKind), slices.Contains(asides, a.GroupKind):
		return false
	case slices.Contains(few, a.GroupKind):
		return true
	case !resource.Namespaced, a.Namespace == "", slices.Contains(many, a.GroupKind):
		if !slices.Contains(n.passed, a.GroupKind) {
			n.passed = append(n.passed, a.GroupKind)
		}
		return false
	}
	return true
}

// sections are the lines of the page, what the subject names first: that is known at once,
// so that nothing moves when the rest comes.
func (n *nearby) sections(width int) []entry {
	uses := n.rows(n.uses, tabTree)
	usedBy := n.rows(n.usedBy, tabUsedBy)
	var notes []row
	if text := n.notes(); text != "" {
		notes = append(notes, row{cells: []ui.Span{{Text: text, Role: themes.Muted}}})
	}
	switch {
	case len(usedBy) > 0:
		usedBy, notes = append(usedBy, notes...), nil
	case len(uses) > 0:
		uses, notes = append(uses, notes...), nil
	}
	out := append(section("uses", uses, width), section("used by", usedBy, width)...)
	return append(out, section("links", notes, width)...)
}

// notes say in one line what these lines do not know.
func (n *nearby) notes() string {
	var notes, names []string
	for _, gap := range n.linked.gaps() {
		if strings.HasPrefix(gap, "loading ") {
			gap = "loading ..."
		}
		notes = append(notes, gap)
	}
	for _, kind := range n.linked.near.passed {
		names = append(names, n.linked.resourceName(kind))
	}
	if len(names) > 0 {
		slices.Sort(names)
		where := "t"
		if n.linked.session.Printed {
			where = "fathom tree"
		}
		notes = append(notes, "not looked at here: "+strings.Join(names, ", ")+"; "+where+" looks")
	}
	return strings.Join(notes, "; ")
}

func (n *nearby) rows(all []neighbor, more tabID) []row {
	var out []row
	words, count := "", 0
	var kind schema.GroupKind
	flush := func() {
		if count > nearMax {
			text := fmt.Sprintf("and %d more", count-nearMax)
			out = append(out, row{
				id: "more " + words + kind.String(), cells: []ui.Span{{}, {Text: text, Role: themes.Muted}}, then: showTab{more},
			})
		}
	}
	for i := range all {
		m := &all[i]
		said := m.words
		if m.words != words || m.To.GroupKind != kind {
			flush()
			count = 0
		}
		if m.words == words {
			said = ""
		}
		words, kind, count = m.words, m.To.GroupKind, count+1
		if count <= nearMax {
			out = append(out, n.row(m, said))
		}
	}
	flush()
	return out
}

func (n *nearby) row(m *neighbor, said string) row {
	status, role := n.linked.status(&m.Edge)
	known := n.linked.subject.session.troubles()[m.To]
	switch {
	case status == "" && known.reason != "": // A notice does not show in the status.
		status, role = known.reason, themes.Waiting
	case status == "":
		status, role = m.How, themes.Muted
	case m.Record == nil && m.How != "":
		status += ": " + m.How
	}
	name := themes.Text
	if role != themes.Muted {
		name = role
	}
	then := n.linked.absent(&m.Edge)
	if then == nil {
		then = goTo{m.To}
	}
	return row{id: m.words + m.To.String(), whole: true, then: then, cells: []ui.Span{
		{Text: said, Role: themes.Muted}, {Text: n.linked.name(m.To), Role: name}, {Text: status, Role: role},
	}}
}
