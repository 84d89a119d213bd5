package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// table is the objects of one kind, in one namespace or in all.
type table struct {
	screen
	resource  kube.Resource
	namespace string // "" is all of them, or a kind without namespaces
	list      *list
	waiting   func() ui.Intent // what was asked for before the rows came
}

// Objects is the table of a kind in the session's namespace. It is a root
// view: what the program opens with, and where the palette leads.
func Objects(s *Session, resource kube.Resource) ui.View {
	namespace := ""
	if resource.Namespaced {
		namespace = s.Namespace
	}
	scope := kube.Scope{GroupVersionResource: resource.GroupVersionResource, Namespace: namespace}
	v := &table{resource: resource, namespace: namespace}
	v.list = newList(s, s.Cluster.Listing(scope), resource.Namespaced && namespace == "")
	if namespace != "" {
		v.list.hint = " in " + namespace + "; 0 shows all namespaces"
	}
	// The palette offers the names of namespaces.
	v.screen = newScreen(s, v, v.list.watch, s.namespaces().Watch())
	return v
}

// place implements page.
func (v *table) place() []string {
	name := v.resource.Resource
	if n := v.list.rows.Len(); n > 0 {
		name = fmt.Sprintf("%s %d", name, n)
	}
	if v.resource.Namespaced {
		return []string{namespaceName(v.namespace), name}
	}
	return []string{name}
}

// state implements page.
func (v *table) state() kube.State { return viewed(v.list.listing.State()) }

// empty implements page.
func (v *table) empty() bool { return v.list.rows.Total() == 0 }

const (
	actOpen      ui.Action = "open"
	actNamespace ui.Action = "namespace"
	actNode      ui.Action = "node"
	actOwner     ui.Action = "owner"
	actDelete    ui.Action = "delete"
)

// keys implements page.
func (v *table) keys() []ui.Key {
	keys := []ui.Key{{Action: actOpen, Keys: []string{"enter"}, Help: v.enterHelp(), Group: "Object", Footer: true}}
	keys = append(keys, tabKeys(v.list.rows.Kind())...)
	if v.resource.Kind == "Pod" && v.resource.Group == "" {
		keys = append(keys, ui.Key{Action: actNode, Keys: []string{"o"}, Help: "node it runs on", Group: "Object"})
	}
	keys = append(keys, ui.Key{Action: actOwner, Keys: []string{"J"}, Help: "owner", Group: "Object"})
	if v.session.Cluster.Writable() {
		keys = append(keys, ui.Key{Action: actDelete, Keys: []string{"D"}, Help: "delete (asks)", Group: "Object"})
	}
	keys = append(keys, v.list.keys()...)
	if v.resource.Namespaced {
		keys = append(keys, ui.Key{
			Action: actNamespace, Keys: digits, Show: "0-9",
			Help: "namespace: all, recent", Group: "Cluster", Footer: true,
		})
	}
	return keys
}

var digits = strings.Split("0123456789", "")

func (v *table) enterHelp() string {
	if v.uses() != "" {
		return "use this " + v.uses()
	}
	return "open"
}

// uses is the word for a kind whose objects are places to go to.
func (v *table) uses() string {
	switch v.resource.GroupResource() {
	case schema.GroupResource{Resource: "namespaces"}:
		return "namespace"
	case schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}:
		return "kind"
	}
	return ""
}

// update implements page.
func (v *table) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.session.remember(v.resource)
		return nil
	case ui.Clicked:
		if v.list.clicked(msg) && msg.Double {
			return v.open("")
		}
		return nil
	case ui.Do:
		v.waiting = nil
		if intent, handled := v.do(msg); handled {
			return intent
		}
	}
	intent := v.list.update(msg)
	if v.waiting != nil && v.list.settled {
		return v.waiting()
	}
	return intent
}

func (v *table) do(msg ui.Do) (ui.Intent, bool) {
	switch msg.Action {
	case actOpen:
		return v.open(""), true
	case actNamespace:
		return v.toNamespace(msg.Key), true
	case actNode, actOwner:
		return v.follow(msg.Action), true
	case actDelete:
		return v.delete(), true
	case actPrevious:
		return v.previousLogs(), true
	}
	if id, ok := tabOf(msg.Action); ok {
		return v.open(id), true
	}
	return nil, false
}

// open opens the object under the cursor at a tab, or uses it.
func (v *table) open(tab tabID) ui.Intent {
	r := v.list.current()
	if r == nil {
		v.list.refresh() // rows may have come before their signal
		r = v.list.current()
	}
	v.waiting = nil
	switch {
	case r == nil && !v.list.settled:
		// The key was typed ahead of the rows; it must not be lost to them.
		v.waiting = func() ui.Intent { return v.open(tab) }
		return ui.Say{Text: "will open the first row once loaded", Role: themes.Muted}
	case r == nil:
		return ui.Say{Text: "nothing selected", Role: themes.Muted}
	case tab == "" && v.uses() == "namespace":
		return v.session.useNamespace(r.Name)
	case tab == "" && v.uses() == "kind":
		return v.useKind(r.Name)
	}
	return ui.Open{View: newObject(v.session, v.resource, r.Namespace, r.Name, r, tab)}
}

// previousLogs opens the logs of the run before.
func (v *table) previousLogs() ui.Intent {
	intent := v.open(tabLogs)
	if open, ok := intent.(ui.Open); ok {
		open.View.(*object).subject.previous = true
	}
	if v.waiting != nil {
		v.waiting = v.previousLogs
	}
	return intent
}

// useKind opens the objects of the kind that a CustomResourceDefinition
// defines; its name is "plural.group".
func (v *table) useKind(name string) ui.Intent {
	found := v.session.Cluster.Resources().Find(name)
	if len(found) == 0 {
		return ui.Say{Text: name + " is not served (yet)", Role: themes.Degraded}
	}
	return ui.Open{View: Objects(v.session, found[0])}
}

// toNamespace goes to all namespaces (0) or to a recent one.
func (v *table) toNamespace(key string) ui.Intent {
	n, err := strconv.Atoi(key)
	switch {
	case err != nil || n > len(v.session.Recent):
		return ui.Say{Text: "no recent namespace " + key + "; press : and type a name", Role: themes.Muted}
	case n == 0:
		v.session.setNamespace("")
	default:
		// The order of the recent ones stays while digits are pressed, so that
		// a digit means the same namespace twice.
		v.session.Namespace = v.session.Recent[n-1]
	}
	return ui.Replace{View: Objects(v.session, v.resource)}
}

// follow opens what the object under the cursor runs on or is owned by.
func (v *table) follow(action ui.Action) ui.Intent {
	r := v.list.current()
	if r == nil {
		return nil
	}
	relation, word := kinds.OwnedBy, "owner"
	if action == actNode {
		relation, word = kinds.RunsOn, "node"
	}
	for _, l := range r.Links {
		if l.Relation == relation {
			return v.session.openRef(l.To, "")
		}
	}
	return ui.Say{Text: r.Ref().String() + " has no " + word, Role: themes.Muted}
}

func (v *table) delete() ui.Intent {
	r := v.list.current()
	if r == nil {
		return nil
	}
	return ui.Confirm{Then: v.session.Cluster.Delete(r.Ref(), r.GetUID(), v.resource)}
}

// Draw implements ui.View.
func (v *table) Draw(f ui.Frame) string { return v.list.draw(f, v.resource.Resource) }

// Wake implements ui.View.
func (v *table) Wake(time.Time) time.Time { return v.list.table.Wake() }

func namespaceName(namespace string) string {
	if namespace == "" {
		return "all namespaces"
	}
	return namespace
}
