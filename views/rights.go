package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// account is whom a binding may bind: "ServiceAccount", "User" or "Group".
type account struct{ kind, namespace, name string }

// rights are the rules of the roles that an account is bound to.
type rights struct {
	session  *Session
	of       account
	bindings []*kube.Listing // in no namespace, and in all or, where those are forbidden, in one
	roles    map[kinds.Ref]*kube.Listing
	grants   []*grant
	every    []string // roles of what every account is bound to
	all      ui.All   // what is watched
}

// grant is that an account is bound to a role.
type grant struct {
	role      kinds.Ref
	namespace string // where it holds; "" is everywhere
	by        string // the group that is bound, if that is not the account itself
}

const (
	// grantsMax is how many roles are shown, each a request.
	grantsMax = 20
	// rulesMax is how many rules of a role are shown.
	rulesMax = 6
)

func newRights(s *Session, of account) *rights {
	r := &rights{session: s, of: of, roles: map[kinds.Ref]*kube.Listing{}}
	r.list(kinds.ClusterRoleBinding, "")
	r.list(kinds.RoleBinding, "")
	return r
}

func (r *rights) list(k *kinds.Kind, namespace string) {
	r.bindings = append(r.bindings, r.watch(kube.Scope{GroupVersionResource: k.GVR(), Namespace: namespace}))
}

func (r *rights) watch(scope kube.Scope) *kube.Listing {
	l := r.session.Cluster.Listing(scope)
	r.all = append(r.all, ui.Watch{Source: l.Watch()})
	return l
}

// follow watches what is looked at.
func (r *rights) follow() ui.Intent {
	r.read()
	return r.all
}

// update takes over what changed in a listing, and returns what is to be watched besides.
func (r *rights) update(msg kube.ListingChanged) ui.Intent {
	known := len(r.all)
	last := r.bindings[len(r.bindings)-1]
	if last.State().Phase == kube.Denied && last.Scope().Namespace == "" && r.of.namespace != "" {
		r.list(kinds.RoleBinding, r.of.namespace)
	}
	if slices.Contains(r.bindings, msg.Listing) || len(r.all) > known {
		r.read()
	}
	return r.all[known:]
}

// every is the group of all who are signed in.
const every = "system:authenticated"

// read finds the bindings.
func (r *rights) read() {
	r.grants, r.every = nil, nil
	for _, l := range r.bindings {
		for _, b := range l.Since(0).Changed {
			by, bound := r.of.boundBy(b)
			if !bound {
				continue
			}
			for _, link := range b.Links {
				switch {
				case link.Relation != kinds.Grants:
				case by == every && strings.HasPrefix(link.To.Name, "system:"):
					r.every = append(r.every, link.To.Name)
				default:
					r.grants = append(r.grants, &grant{link.To, b.Namespace, by})
				}
			}
		}
	}
	slices.Sort(r.every)
	// What is bound to the account itself comes first.
	slices.SortFunc(r.grants, func(a, b *grant) int {
		return cmp.Or(strings.Compare(a.by, b.by), strings.Compare(a.namespace, b.namespace),
			strings.Compare(a.role.Name, b.role.Name))
	})
	for _, g := range r.grants[:min(len(r.grants), grantsMax)] {
		if k, ok := kinds.For(g.role.GroupKind); ok && r.roles[g.role] == nil {
			r.roles[g.role] = r.watch(kube.Scope{
				GroupVersionResource: k.GVR(), Namespace: g.role.Namespace, Fields: "metadata.name=" + g.role.Name,
			})
		}
	}
}

// The cells of a binding.
const (
	bindingUsers  = 3
	bindingGroups = 4
)

// boundBy reports whether a binding binds an account, and by which of its groups.
func (a account) boundBy(b *kinds.Record) (group string, bound bool) {
	if len(b.Cells) <= bindingGroups {
		return "", false
	}
	names := func(cell int) []string { return strings.Split(b.Cells[cell].Format(time.Time{}, nil), ", ") }
	user, groups := a.name, []string{every}
	switch a.kind {
	case "Group":
		return "", slices.Contains(names(bindingGroups), a.name)
	case "ServiceAccount":
		// k8s.io/apiserver/pkg/authentication/serviceaccount/util.go names its user and its groups.
		user = "system:serviceaccount:" + a.namespace + ":" + a.name
		groups = append(groups, "system:serviceaccounts", "system:serviceaccounts:"+a.namespace)
		own := kinds.Ref{GroupKind: schema.GroupKind{Kind: a.kind}, Namespace: a.namespace, Name: a.name}
		if slices.ContainsFunc(b.Links, func(l *kinds.Link) bool { return l.Relation == kinds.Binds && l.To == own }) {
			return "", true
		}
	}
	if slices.Contains(names(bindingUsers), user) {
		return "", true
	}
	for _, g := range groups {
		if slices.Contains(names(bindingGroups), g) {
			return g, true
		}
	}
	return "", false
}

// section says what the account may do, and where.
func (r *rights) section(width int) []entry {
	var out []row
	for i, g := range r.grants {
		if i == grantsMax {
			out = append(out, muted(fmt.Sprintf("and %d more roles", len(r.grants)-i)))
			break
		}
		out = append(out, r.rules(g)...)
	}
	var gaps []string
	loading := false
	for _, l := range r.bindings {
		state := l.State()
		loading = loading || state.Phase.Undecided()
		if state.Err != nil {
			where := cmp.Or(l.Scope().Namespace, "all namespaces")
			gaps = append(gaps, l.Scope().Resource+" of "+where+": "+short(state.Err.Error()))
		}
	}
	switch {
	case loading:
		out = append(out, muted("loading ..."))
	case len(gaps) > 0:
		out = append(out, row{cells: []ui.Span{{
			Text: "perhaps more: not known are " + strings.Join(gaps, "; "), Role: themes.Degraded,
		}}})
	case len(out) == 0 && r.of.kind != "User":
		out = append(out, muted("nothing but what every account may"))
	case len(out) == 0:
		out = append(out, muted("nothing is bound to a user of this name"))
	}
	if len(r.every) > 0 {
		out = append(out, muted("as every account: "+strings.Join(slices.Compact(r.every), ", ")))
	}
	if r.of.kind == "User" {
		out = append(out, muted("the groups of a user are in its credential: what they may do is not here"))
	}
	return section("may do", out, width)
}

func muted(text string) row { return row{cells: []ui.Span{{Text: text, Role: themes.Muted}}} }

// rules are what a role allows, a line each.
func (r *rights) rules(g *grant) []row {
	where := "everywhere"
	if g.namespace != "" {
		where = "in " + g.namespace
	}
	var texts []string
	role, listing := themes.Text, r.roles[g.role]
	switch rec := listing.Get(g.role.Namespace, g.role.Name); {
	case rec != nil:
		obj, err := r.session.Cluster.Decode(rec)
		if err != nil {
			texts = append(texts, err.Error())
			break
		}
		for _, fact := range rec.Kind.Details(obj).Facts {
			if fact.Name == "Rule" || fact.Name == "Rules" {
				texts = append(texts, fact.Value)
			}
		}
	case listing.State().Err != nil:
		texts, role = append(texts, short(listing.State().Err.Error())), themes.Degraded
	case listing.State().Phase == kube.Live:
		texts, role = append(texts, "does not exist: it allows nothing"), themes.Degraded
	default:
		texts, role = append(texts, "loading ..."), themes.Muted
	}
	if more := len(texts) - rulesMax; more > 0 {
		texts = append(texts[:rulesMax], fmt.Sprintf("and %d more rules; enter shows all", more))
	}
	if g.by != "" {
		texts[0] += ", as one of " + g.by
	}
	name := shortRef(kinds.Ref{GroupKind: g.role.GroupKind, Name: g.role.Name})
	var out []row
	for i, text := range texts {
		line := row{
			id: fmt.Sprint("may ", *g, i), then: goTo{g.role},
			cells: []ui.Span{{Text: where, Role: themes.Muted}, {Text: name, Role: themes.Accent}, {Text: text, Role: role}},
		}
		if i > 0 {
			line.then, line.cells[0].Text, line.cells[1].Text = nil, "", ""
		}
		out = append(out, line)
	}
	return out
}
