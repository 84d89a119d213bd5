package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// table is the objects of one kind, in one namespace or in all.
type table struct {
	screen
	resource  kube.Resource
	namespace string   // "" is all of them, or a kind without namespaces
	several   []string // with namespace "": only these; nil for all
	list      *list
	newest    *newest          // of the releases of Helm; nil for other kinds
	waiting   func() ui.Intent // what was asked for before the rows came
}

// Objects is the table of a kind in the session's namespace. It is a root
// view: what the program opens with, and where the palette leads.
func Objects(s *Session, resource kube.Resource) ui.View {
	namespace := ""
	if resource.Namespaced {
		namespace = s.Namespace
	}
	scope := kube.Scope{GroupVersionResource: resource.GroupVersionResource, Namespace: namespace, Labels: s.Selector}
	v := &table{resource: resource, namespace: namespace}
	// The records of a kind without a file are of the kind that their own listing has read.
	_, known := kinds.For(resource.GroupKind())
	if resource.Namespaced && namespace == "" && !v.held() && len(s.several) > 0 {
		v.several = s.several
	}
	if v.several != nil && known && areNames(v.several) && !v.containers() {
		v.list = newListOf(s, newTogether(s.Cluster, resource, v.several, s.Selector))
	} else {
		v.list = newList(s, s.Cluster.Listing(scope), resource.Namespaced && namespace == "")
	}
	if v.several != nil {
		v.list.keepOnly(func(r *kinds.Record) bool { return inSeveral(v.several, r.Namespace) })
		v.list.hint = " in " + v.space()
	}
	v.list.arrangeColumns(s.columnRule(resource, v.spaces()))
	v.list.usage = newUsage(s, resource.GroupKind(), namespace)
	v.list.absent = v.absence
	if namespace != "" {
		v.list.hint = " in " + namespace
	}
	if s.Selector != "" {
		v.list.hint += " with " + s.Selector
	}
	if v.held() {
		v.newest = newNewest(v.list)
	}
	// The palette offers the names of namespaces.
	v.screen = newScreen(s, v, v.list.watch, s.namespaces().Watch())
	if all := v.list.together; all != nil {
		for _, part := range all.parts[1:] {
			v.sources = append(v.sources, ui.Watch{Source: part.Watch()})
		}
	}
	return v
}

// spaces are the namespaces that are looked at; nil for all.
func (v *table) spaces() []string {
	if v.namespace != "" {
		return []string{v.namespace}
	}
	if areNames(v.several) {
		return v.several
	}
	return nil
}

// place implements page.
func (v *table) place() []string {
	name := v.resource.Resource
	if n := v.list.rows.Len(); n > 0 {
		name = fmt.Sprintf("%s %d", name, n)
	}
	if v.resource.Namespaced {
		return []string{v.space(), name}
	}
	return []string{name}
}

// space is the namespace, or the namespaces, in words.
func (v *table) space() string {
	if v.several != nil {
		return strings.Join(v.several, ",")
	}
	return namespaceName(v.namespace)
}

// state implements page.
func (v *table) state() kube.State { return viewed(v.list.state()) }

// empty implements page.
func (v *table) empty() bool { return v.list.rows.Total() == 0 }

const (
	actOpen      ui.Action = "open"
	actNamespace ui.Action = "namespace"
	actNode      ui.Action = "node"
	actOwner     ui.Action = "owner"
)

// keys implements page.
func (v *table) keys() []ui.Key {
	keys := []ui.Key{{Action: actOpen, Keys: []string{"enter"}, Help: v.enterHelp(), Group: "Object", Footer: true}}
	kind := v.list.rows.Kind()
	if v.containers() {
		kind = kinds.Pod
	}
	keys = append(keys, tabKeys(kind)...)
	if v.resource.Kind == "Pod" && v.resource.Group == "" {
		keys = append(keys, ui.Key{Action: actNode, Keys: []string{"o"}, Help: "node it runs on", Group: "Object"})
	}
	keys = append(keys, ownerKey)
	if kind != nil && kind.Secret && !v.held() {
		show := ui.Key{Action: actReveal, Keys: []string{"x"}, Help: "show values", Group: "Object", Footer: true}
		keys = append(keys, show)
	}
	if !v.containers() && !v.held() {
		keys = append(keys, v.session.handKeys(v.resource)...)
	}
	keys = append(keys, v.session.remoteKeys(v.resource, keys)...)
	keys = append(keys, v.list.keys()...)
	if v.resource.Namespaced {
		keys = append(keys, v.session.digitKey())
	}
	if v.list.settled && v.list.rows.Len() == 0 {
		keys = withoutRows(keys)
	}
	return v.markedFirst(keys)
}

// withoutRows takes the keys that need a row out of the footer. They still answer that nothing
// is selected.
func withoutRows(keys []ui.Key) []ui.Key {
	for i, k := range keys {
		keys[i].Footer = k.Footer && (k.Group != "Object" || k.Action == tabExplain.action())
	}
	return keys
}

// markedFirst says first what can be done with marked rows.
func (v *table) markedFirst(keys []ui.Key) []ui.Key {
	n := len(v.list.table.Marks())
	if n == 0 {
		return keys
	}
	var first, rest []ui.Key
	for _, k := range keys {
		switch {
		case k.Action == actOpen && v.uses() == "namespace":
			k.Help = "use these " + counted(n, "namespaces")
		case k.Action == actCopy:
			k.Help = "copy " + counted(n, "names")
		case k.Action == tabChanges.action() && n > 1 && !v.containers():
			k.Help = fmt.Sprintf("changes of these %d", n)
		case k.Action == actMenu:
			k.Help = "menu for these " + strconv.Itoa(n)
		case k.Action == ui.MarkNone:
			k.Help = fmt.Sprintf("unmark %d", n)
		default:
			rest = append(rest, k)
			continue
		}
		k.Footer = true
		first = append(first, k)
	}
	return append(first, rest...)
}

var ownerKey = ui.Key{Action: actOwner, Keys: []string{"J"}, Help: "owner", Group: "Object"}

// held reports whether the table is of what is read from inside other objects.
func (v *table) held() bool {
	return v.resource.GroupVersionResource == kube.HelmReleases.GroupVersionResource
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
		if !v.containers() { // The next start could not find them among the kinds.
			v.session.remember(v.resource)
		}
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
	if changed, ok := msg.(kube.ListingChanged); ok && v.newest != nil && changed.Listing == v.list.listing {
		v.newest.update()
	}
	if v.waiting != nil && v.list.settled {
		return ui.All{ui.Say{}, v.waiting()} // What is awaited no longer stands in the footer.
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
		return v.session.follow(v.list.current(), msg.Action), true
	case actPrevious:
		return v.previousLogs(), true
	case actReveal:
		return v.reveal(), true
	}
	if intent, ok := v.session.remoteOf(msg.Action, v.resource, v.list.current(), ""); ok {
		return intent, true
	}
	if isHand(msg.Action) {
		targets, hidden := v.targets()
		return v.session.hand(msg.Action, targets, hidden...), true
	}
	if id, ok := tabOf(msg.Action); ok {
		if marked := v.marked(); id == tabChanges && len(marked) > 1 {
			return ui.Open{View: newChangesView(v.session, marked)}, true
		} else if id == tabLogs && len(marked) > 1 {
			return ui.Open{View: newLogsView(v.session, marked)}, true
		}
		return v.open(id), true
	}
	return nil, false
}

// marked are the objects that are marked.
func (v *table) marked() []kinds.Ref {
	var out []kinds.Ref
	for _, id := range v.list.table.Marks() {
		if i := v.list.rows.Find(id); i >= 0 && !v.containers() {
			out = append(out, v.list.rows.Record(i).Ref())
		}
	}
	return out
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
	case r == nil && tab == tabExplain: // the kind can be explained without an object
		return ui.Open{View: Explain(v.session, v.resource, "")}
	case r == nil && !v.list.settled:
		// The key was typed ahead of the rows; it must not be lost to them.
		v.waiting = func() ui.Intent { return v.open(tab) }
		return ui.Say{Text: "will open the first row once loaded", Role: themes.Muted}
	case r == nil:
		return ui.Say{Text: "nothing selected", Role: themes.Muted}
	case v.containers():
		return v.session.openRow(r, tab)
	case tab == "" && v.uses() == "namespace" && len(v.list.table.Marks()) > 0:
		return v.session.useNamespaces(v.list.markedNames())
	case tab == "" && v.uses() == "namespace":
		return v.session.useNamespace(r.Name)
	case tab == "" && v.uses() == "kind":
		return v.useKind(r.Name)
	}
	return ui.Open{View: newObject(v.session, v.resource, r.Namespace, r.Name, r, tab)}
}

// containers reports whether the rows are not objects but parts of pods.
func (v *table) containers() bool {
	return v.resource.GroupVersionResource == containersResource.GroupVersionResource
}

// previousLogs opens the logs of the run before.
func (v *table) previousLogs() ui.Intent {
	return v.openAs(tabLogs, func(s *subject) { s.previous = true })
}

// reveal opens the Secret under the cursor with its values.
func (v *table) reveal() ui.Intent {
	return v.openAs("overview", func(s *subject) { s.reveal = true })
}

// openAs opens the object under the cursor at a tab, with what was asked for besides.
func (v *table) openAs(tab tabID, ask func(*subject)) ui.Intent {
	intent := v.open(tab)
	if open, ok := intent.(ui.Open); ok {
		ask(open.View.(*object).subject)
	}
	if v.waiting != nil {
		v.waiting = func() ui.Intent { return v.openAs(tab, ask) }
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
	namespace, ok := v.session.digit(key)
	if !ok {
		return v.session.noDigit(key)
	}
	// The order of the recent ones stays while digits are pressed, so that a digit means
	// the same namespace twice.
	v.session.Namespace, v.session.several = namespace, nil
	return ui.All{
		ui.Say{Text: v.session.digitsText(recentMax), Role: themes.Muted},
		ui.Replace{View: Objects(v.session, v.resource)},
	}
}

// digit is the namespace that a digit means: all of them (0), or a recent one.
func (s *Session) digit(key string) (namespace string, ok bool) {
	n, err := strconv.Atoi(key)
	switch {
	case err != nil || n > len(s.Recent):
		return "", false
	case n == 0:
		return "", true
	}
	return s.Recent[n-1], true
}

func (s *Session) noDigit(key string) ui.Intent {
	return ui.Say{
		Text: "no recent namespace " + key + "; " + s.digitsText(recentMax) + "; : goes to any", Role: themes.Muted,
	}
}

func (s *Session) digitKey() ui.Key {
	return ui.Key{
		Action: actNamespace, Keys: digits, Show: s.digitsShown(), Help: "namespace", Group: "Cluster", Footer: true,
	}
}

// digitsShown are the digits for the footer, with what they mean if there is more to go to
// than where one is.
func (s *Session) digitsShown() string {
	if len(s.Recent) < 2 {
		return "0-9"
	}
	return s.digitsText(2)
}

// digitsText says what the digits mean, up to one of them: "0 all  1 shop".
func (s *Session) digitsText(most int) string {
	var out strings.Builder
	out.WriteString("0 all")
	for i, name := range s.Recent[:min(most, len(s.Recent))] {
		out.WriteString("  " + strconv.Itoa(i+1) + " " + name)
	}
	return out.String()
}

// follow opens what an object runs on or is owned by.
func (s *Session) follow(r *kinds.Record, action ui.Action) ui.Intent {
	if r == nil {
		return nil
	}
	relation, word := kinds.OwnedBy, "owner"
	if action == actNode {
		relation, word = kinds.RunsOn, "node"
	}
	for _, l := range r.Links {
		if l.Relation == relation {
			return s.openRef(l.To, "")
		}
	}
	return ui.Say{Text: r.Ref().String() + " has no " + word, Role: themes.Muted}
}

// targets are the objects that an effect is about: the marked ones, or that under the cursor
// where none is marked. Those that the filter hides are among them, and are named.
func (v *table) targets() (out []effects.Target, hidden []string) {
	marks := v.list.table.Marks()
	if r := v.list.current(); len(marks) == 0 && r != nil {
		return []effects.Target{v.session.target(v.resource, r)}, nil
	}
	for _, id := range marks {
		r := v.list.rows.Member(id)
		if r == nil {
			continue // It is gone.
		}
		out = append(out, v.session.target(v.resource, r))
		if v.list.rows.Find(id) < 0 {
			hidden = append(hidden, r.Name)
		}
	}
	return out, hidden
}

// Draw implements ui.View.
func (v *table) Draw(f ui.Frame) string {
	noun := v.resource.Resource
	if v.resource.GroupKind() == kinds.HelmRelease.GroupKind() {
		noun = "Helm releases"
	}
	return v.list.draw(f, noun)
}

// Wake implements ui.View.
func (v *table) Wake(time.Time) time.Time { return v.list.table.Wake() }

func namespaceName(namespace string) string {
	if namespace == "" {
		return "all namespaces"
	}
	return namespace
}
