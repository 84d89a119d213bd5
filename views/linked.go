package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/helm"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/links"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// linked feeds a graph with what its answers depend on: for each Ask there is a listing,
// which is watched until the view is left.
type linked struct {
	session *Session
	subject *subject
	graph   *links.Graph
	lists   map[kube.Scope]*linkedList
	put     *kinds.Record // the subject's version in the graph
	seen    int           // asks that were looked at
	known   *kube.Resources
	near    *nearScope // what is listed of what the graph asks for; nil for all of it
	named   map[schema.GroupKind]int
	passed  []schema.GroupKind // too many to list in all namespaces
	left    int                // asks beyond listsMax
}

// linkedList is the listing of one or more asks.
type linkedList struct {
	listing *kube.Listing
	watch   *kube.Watch
	version uint64
	asks    []links.Ask
	holds   links.Ask // what it lists: as much as was asked for, or more
	partial bool      // it lists only some of that
}

func newLinked(s *subject) *linked {
	l := &linked{session: s.session, subject: s, graph: links.New(), lists: map[kube.Scope]*linkedList{}}
	l.named = map[schema.GroupKind]int{}
	l.refresh()
	return l
}

const (
	// listsMax is how many listings are watched for one tree.
	listsMax = 200
	// singleMax is how many objects of a kind are listed one by one.
	singleMax = 20
)

// refresh puts the newest version of the subject into the graph and reports whether
// there was one.
func (l *linked) refresh() bool {
	r := l.subject.record
	if r == nil || r == l.put {
		return false
	}
	l.put = r
	l.graph.Put(r)
	return true
}

// update takes over what changed in a listing and reports whether the graph has changed.
func (l *linked) update(msg kube.ListingChanged) bool {
	for _, list := range l.lists {
		if list.listing != msg.Listing {
			continue
		}
		return l.read(list)
	}
	return false
}

func (l *linked) read(list *linkedList) bool {
	changed := false
	coverage := coverageOf(list.listing.State())
	for _, a := range list.asks {
		changed = changed || l.graph.Coverage(a) != coverage
		l.graph.Cover(a, coverage)
	}
	delta := list.listing.Since(list.version)
	if delta.Reset && list.version != 0 && !list.partial {
		l.graph.Clear(list.holds, delta.Changed)
	}
	list.version = delta.Version
	for _, r := range delta.Changed {
		l.graph.Put(r)
	}
	for _, key := range delta.Gone {
		l.graph.Remove(kinds.Ref{GroupKind: list.holds.GroupKind, Namespace: key.Namespace, Name: key.Name})
	}
	return changed || len(delta.Changed)+len(delta.Gone) > 0
}

func coverageOf(s kube.State) links.Coverage {
	switch s.Phase {
	case kube.Live, kube.Stale:
		return links.Complete
	case kube.Denied:
		return links.Denied
	case kube.Failed:
		return links.Failed
	case kube.Idle, kube.Connecting, kube.Loading, kube.Unreachable, kube.SignedOut:
	}
	return links.Loading
}

// follow watches what the graph was asked for since the last time.
func (l *linked) follow() ui.All {
	resources := l.session.Cluster.Resources()
	asks := l.graph.Asks()
	if len(asks) == l.seen && resources == l.known {
		return nil
	}
	l.seen, l.known, l.left = len(asks), resources, 0
	var all ui.All
	for _, a := range asks {
		if c := l.graph.Coverage(a); c != links.Unknown && c != links.Unserved {
			continue
		}
		resource, ok := resources.ByKind(a.GroupKind)
		switch {
		case ok && resource.Can("list"):
			all = append(all, l.list(a, resource)...)
		case resources.Complete():
			l.graph.Cover(a, links.Unserved)
		}
	}
	return all
}

// awaited reports whether there may be more to watch: a kind that was asked for is not
// known, and the API server has not said yet what it serves.
func (l *linked) awaited() bool {
	if l.session.Cluster.Discovered() && l.session.Cluster.Resources() == l.known {
		return false
	}
	return slices.ContainsFunc(l.graph.Asks(), func(a links.Ask) bool {
		c := l.graph.Coverage(a)
		return c == links.Unknown || c == links.Unserved
	})
}

// list begins to watch what an Ask is about.
func (l *linked) list(a links.Ask, resource kube.Resource) ui.All {
	scope := kube.Scope{GroupVersionResource: resource.GroupVersionResource}
	if resource.Namespaced {
		scope.Namespace = a.Namespace
	}
	if a.GroupKind == kinds.HelmRelease.GroupKind() && a.Name == "" {
		scope.Labels = kinds.HelmCurrent // The others are most of them, and may be a megabyte each.
	}
	if a.Name != "" && !l.session.isSaved() && l.named[a.GroupKind] < singleMax {
		scope.Fields = "metadata.name=" + a.Name
	}
	if l.near != nil && !l.near.wants(a, resource) {
		return nil
	}
	list := &linkedList{asks: []links.Ask{a}, holds: a}
	if scope.Fields == "" {
		list.holds.Name = ""
	}
	if s := l.subject; s.resource.Kind == "Node" && s.resource.Group == "" && a.Kind == "Pod" && a.Namespace == "" {
		// All pods would be too many for one node.
		scope.Fields, list.partial = "spec.nodeName="+s.name, true
	}
	if resource.Namespaced && l.tooMany(a, scope) {
		return nil
	}
	if known := l.lists[scope]; known != nil {
		known.asks = append(known.asks, a)
		l.graph.Cover(a, coverageOf(known.listing.State()))
		return nil
	}
	if len(l.lists) >= listsMax {
		l.left++
		return nil
	}
	if scope.Fields != "" {
		l.named[a.GroupKind]++
	}
	list.listing = l.session.Cluster.Listing(scope)
	list.watch = list.listing.Watch()
	l.lists[scope] = list
	l.graph.Cover(a, links.Loading)
	l.read(list)
	return ui.All{ui.Watch{Source: list.watch}}
}

// tooMany reports whether a scope is all objects in all namespaces of a kind of which there
// may be any number. What is loaded anyway, or was saved, costs nothing.
func (l *linked) tooMany(a links.Ask, scope kube.Scope) bool {
	job := schema.GroupKind{Group: "batch", Kind: "Job"}
	if scope.Namespace != "" || scope.Fields != "" || l.session.isSaved() ||
		a.GroupKind != job && !slices.Contains(many, a.GroupKind) ||
		l.session.Cluster.Listing(scope).State().Phase == kube.Live {
		return false
	}
	if !slices.Contains(l.passed, a.GroupKind) {
		l.passed = append(l.passed, a.GroupKind)
	}
	return true
}

// watches asks for every listing again.
func (l *linked) watches() ui.All {
	var all ui.All
	for _, list := range l.lists {
		all = append(all, ui.Watch{Source: list.watch})
	}
	return all
}

// gaps says in words what the graph does not have: what is still loading, forbidden,
// not served, or failed; what is in no namespace comes last.
func (l *linked) gaps() []string {
	byState := map[links.Coverage][]string{}
	asks := l.graph.Asks()
	slices.Reverse(asks)
	for _, a := range asks {
		c := l.graph.Coverage(a)
		if c == links.Complete && !l.held(a.GroupKind) {
			c = links.Unserved // Of a kind that was not saved the list is empty.
		}
		if c == links.Unserved && (!l.session.isSaved() || custom(a.GroupKind)) {
			continue // There are none, or nobody knows whether there were.
		}
		if a.Name != "" && l.near != nil {
			continue // Its own line says so.
		}
		name := l.resourceName(a.GroupKind)
		if !slices.Contains(byState[c], name) {
			byState[c] = append(byState[c], name)
		}
	}
	var out []string
	say := func(words string, c links.Coverage) {
		if names := byState[c]; len(names) > 0 {
			out = append(out, words+strings.Join(names, ", "))
		}
	}
	say("loading ", links.Loading)
	say("forbidden: ", links.Denied)
	say("no answer: ", links.Failed)
	say("not saved: ", links.Unserved)
	var passed []string
	for _, kind := range l.passed {
		passed = append(passed, l.resourceName(kind))
	}
	if len(passed) > 0 {
		out = append(out, "not looked at in all namespaces: "+strings.Join(passed, ", "))
	}
	if l.left > 0 {
		out = append(out, fmt.Sprintf("%d lists not loaded, of %d", l.left, l.left+len(l.lists)))
	}
	return out
}

// custom reports whether a kind is not one of Kubernetes' own.
func custom(kind schema.GroupKind) bool {
	_, known := kinds.For(kind)
	return !known
}

func (l *linked) resourceName(kind schema.GroupKind) string {
	if kind == kinds.HelmRelease.GroupKind() {
		return "helm releases"
	}
	if r, ok := l.session.Cluster.Resources().ByKind(kind); ok {
		return r.Resource
	}
	if k, ok := kinds.For(kind); ok {
		return k.Resource
	}
	return strings.ToLower(kind.Kind)
}

// missing says why the other end of an edge is not there.
func (l *linked) missing(e *links.Edge) string {
	if l.graph.Missing(e) {
		switch {
		case l.session.isSaved() && !l.wasSaved(e.To):
			return "not saved"
		case e.Optional:
			return "missing, optional"
		}
		return "missing"
	}
	switch l.graph.Coverage(links.Ask{GroupKind: e.To.GroupKind, Namespace: e.To.Namespace, Name: e.To.Name}) {
	case links.Unknown, links.Complete:
	case links.Loading:
		return "loading"
	case links.Denied:
		return "forbidden to look at"
	case links.Failed:
		return "no answer"
	case links.Unserved:
		if l.session.isSaved() {
			return "not saved"
		}
		return "not served"
	}
	return ""
}

// wasSaved reports whether an object would be in what was saved, if it had been there. A
// recording says which kinds and namespaces it has. A dump does not: it is taken to have
// all objects of a kind if it has one that was looked for.
func (l *linked) wasSaved(to kinds.Ref) bool {
	s := l.session
	if s.Player == nil {
		return l.graph.Has(to.GroupKind)
	}
	recorded := len(s.Only) == 0 || to.Namespace == "" || slices.Contains(s.Only, to.Namespace)
	return recorded && l.held(to.GroupKind)
}

// held reports whether the cluster may have objects of a kind, or they were saved.
func (l *linked) held(kind schema.GroupKind) bool {
	return l.session.holds(kube.Resource{
		GroupVersionResource: schema.GroupVersionResource{Group: kind.Group}, Kind: kind.Kind,
	})
}

// absent is what is said to who opens the other end of an edge, when it is not there.
func (l *linked) absent(e *links.Edge) ui.Intent {
	switch {
	case !l.graph.Missing(e):
		return nil
	case l.missing(e) == "not saved":
		return ui.Say{Text: e.To.String() + " was not saved", Role: themes.Muted}
	}
	return ui.Say{Text: e.To.String() + " does not exist", Role: themes.Degraded}
}

// name is an object without the namespace that it shares with the subject.
func (l *linked) name(to kinds.Ref) string {
	if to.Namespace == l.subject.namespace {
		to.Namespace = ""
	}
	if to.GroupKind == kinds.HelmRelease.GroupKind() {
		to.Name = strings.TrimPrefix(to.Name, helm.Prefix)
	}
	return to.String()
}

// status is how the other end of an edge is, in words.
func (l *linked) status(e *links.Edge) (string, themes.Role) {
	r := e.Record
	if r == nil {
		status := l.missing(e)
		role := themes.Muted
		if status == "missing" {
			role = themes.Failing
		}
		return status, role
	}
	how, _ := l.subject.judgment(e.To, r.Status)
	if how.level > kinds.OK {
		return strings.TrimSpace(how.level.String() + "  " + how.reason), rows.LevelRole(how.level)
	}
	var words []string
	for i, c := range r.Kind.Columns {
		if !c.State || c.Wide || i >= len(r.Cells) {
			continue
		}
		switch text := r.Cells[i].Format(time.Time{}, kinds.CoarseAge); {
		case text == "" || text == "<none>":
		case r.Cells[i].Form() == kinds.Number:
			words = append(words, text+" "+strings.ToLower(c.Name))
		default:
			words = append(words, text)
		}
	}
	if reason := r.Status.Reason; reason != "" && r.Status.Level <= kinds.OK {
		words = append(words, reason)
	}
	return strings.Join(words, "  "), rows.LevelRole(r.Status.Level)
}
