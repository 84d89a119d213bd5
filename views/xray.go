package views

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// treeWords lead from the palette to a tree; the first is k9s's.
var treeWords = []string{"xray", "tree"}

// pointing is a view whose cursor stands on an object.
type pointing interface {
	pointed() (ref kinds.Ref, ok bool)
}

// pointed implements pointing.
func (v *table) pointed() (ref kinds.Ref, ok bool) {
	r := v.list.current()
	if r == nil {
		return kinds.Ref{}, false
	}
	if v.containers() {
		pod, _, _ := kinds.SplitContainer(r)
		return kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: r.Namespace, Name: pod}, true
	}
	return r.Ref(), true
}

// pointed implements pointing.
func (v *object) pointed() (ref kinds.Ref, ok bool) {
	if t, is := v.tabs[v.current].(*tree); is && t.target() {
		return t.current().Edge.To, true
	}
	return v.subject.ref(), v.index(tabTree) >= 0
}

// pointedBy is what the cursor of a view stands on, as a place to go to at its tree.
func (s *Session) pointedBy(view ui.View) (to goToObject, ok bool) {
	v, ok := view.(pointing)
	if !ok {
		return goToObject{}, false
	}
	ref, ok := v.pointed()
	if !ok {
		return goToObject{}, false
	}
	resource, ok := s.Cluster.Resources().ByKind(ref.GroupKind)
	return goToObject{s, resource, ref.Namespace, ref.Name, tabTree}, ok
}

// treeChoice is the tree of what the cursor stands on, or else of the namespace.
func (s *Session) treeChoice(view ui.View) ui.Choice {
	c := ui.Choice{Name: treeWords[0], Also: treeWords[1:]}
	to, ok := s.pointedBy(view)
	if !ok {
		to, ok = s.treeOfNamespace(s.Namespace)
	}
	if !ok {
		c.Detail = "view: the tree of an object: xray deploy/web"
		c.Then = ui.Say{Text: "name an object: xray deploy/web", Role: themes.Muted}
		return c
	}
	c.Detail, c.Then = "view: tree of "+to.text(), to
	return c
}

// text is "deployment web".
func (g goToObject) text() string { return strings.ToLower(g.resource.Kind) + " " + g.name }

func (s *Session) treeOfNamespace(name string) (to goToObject, ok bool) {
	resource, ok := s.Cluster.Resources().ByKind(schema.GroupKind{Kind: "Namespace"})
	return goToObject{s, resource, "", name, tabTree}, ok && name != ""
}

// treesOf are the trees behind a word for trees: "deploy/web", "deploy web" and "deploy
// shop/web" are an object's. A kind alone, as k9s takes it, and one with a namespace, are
// that of the namespace, of which only that kind is shown.
func (s *Session) treesOf(view ui.View, what string) []ui.Choice {
	at := strings.IndexAny(what, "/ ")
	kind, name := what, ""
	if at >= 0 {
		kind, name = what[:at], strings.TrimSpace(what[at+1:])
	}
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil
	}
	var out []ui.Choice
	add := func(to goToObject, detail string) {
		out = append(out, ui.Choice{Name: to.text(), Detail: detail, Then: to})
	}
	if to, ok := s.pointedBy(view); ok && name == "" && to.resource.GroupResource() == found[0].GroupResource() {
		add(to, "tree of what the cursor is on")
	}
	space := name
	if name == "" {
		space = s.Namespace
	}
	known := name == "" || slices.Contains(s.namespaceNames(), name)
	if to, ok := s.treeOfNamespace(space); ok && known && found[0].Namespaced {
		out = append(out, ui.Choice{
			Name: found[0].Resource + " in " + space, Detail: "tree of the " + found[0].Resource + " in it",
			Then: goToTreeOf{to, found[0].GroupKind()},
		})
	}
	return append(out, s.treesIn(found[0], kind, name)...)
}

// goToTreeOf goes to a tree of which only a kind is shown.
type goToTreeOf struct {
	goToObject
	only schema.GroupKind
}

// Intent implements ui.Lazy.
func (g goToTreeOf) Intent() ui.Intent {
	open := g.goToObject.Intent()
	open.(ui.Open).View.(*object).subject.only = g.only
	return open
}

// treesIn are the objects that the palette offers for a kind, as trees.
func (s *Session) treesIn(resource kube.Resource, kind, name string) []ui.Choice {
	out := s.tabsIn(kind, name, tabTree, "tree")
	if len(out) == 0 {
		out = append(out, ui.Choice{
			Name: resource.Resource, Detail: "t shows the tree of one",
			Then: goToKind{session: s, resource: resource, namespace: s.Namespace},
		})
	}
	return out
}

// tabsIn are the objects that the palette offers for a kind, at a tab.
func (s *Session) tabsIn(kind, name string, tab tabID, word string) []ui.Choice {
	var out []ui.Choice
	for _, c := range s.inKind(kind, name) {
		if to, ok := c.Then.(goToObject); ok {
			to.tab = tab
			c.Detail, c.Then = word+", "+c.Detail, to
			out = append(out, c)
		}
	}
	return out
}

// whyWord leads to why an object is as it is.
const whyWord = "why"

// tabWords lead from the palette to a tab of an object.
var tabWords = map[string]tabID{whyWord: tabWhy, "describe": "describe", "yaml": "yaml", "changes": tabChanges}

// tabNamed are the objects behind a word for a tab: "deploy/web", "deploy web", "deploy shop/web".
func (s *Session) tabNamed(word, what string) []ui.Choice {
	kind, name := what, ""
	if at := strings.IndexAny(what, "/ "); at >= 0 {
		kind, name = what[:at], strings.TrimSpace(what[at+1:])
	}
	return s.tabsIn(kind, name, tabWords[word], word)
}

// logWord leads from the palette to logs.
const logWord = "logs"

// logsNamed are the logs behind the word for them: "deploy/web", "deploy web", "pod
// shop/web-1" are an object's; one word alone is a pod.
func (s *Session) logsNamed(what string) []ui.Choice {
	kind, name := "pods", what
	if at := strings.IndexAny(what, "/ "); at >= 0 {
		kind, name = what[:at], strings.TrimSpace(what[at+1:])
	}
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil
	}
	if k, _ := kinds.For(found[0].GroupKind()); k == nil || !hasLogs(k) {
		return []ui.Choice{{Name: found[0].Resource, Detail: "have no pods of their own, so no logs", Weak: true, Dim: true}}
	}
	return s.tabsIn(kind, name, tabLogs, "logs")
}
