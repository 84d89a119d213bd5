// Package views holds the screens. A view joins cached records with widgets and
// turns keys into intents; it does no I/O, starts no goroutine and reads no
// clock but the one it is given.
//
//	kube.Listing ──> rows ──> list ──> table ──> screen        a table of a kind
//	kube.Listing ──> subject ──> tab ──> object ──> screen     one object
//
// A root view is what the stack of the shell holds, such as table, object and contexts.
// Each embeds screen and has its own file, as does each tab of the object view. The
// other files are what they share, and what the palette and the command line lead to.
package views

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/ui"
)

// tab is one page of the object view.
type tab interface {
	Keys() []ui.Key
	// Update gets ui.Shown when the tab comes to the front, changed when its subject
	// has a new version, and every message of every source that any tab of the object
	// watches: a tab ignores what is not its own.
	Update(ui.Msg) ui.Intent
	Draw(ui.Frame) string
	Wake(now time.Time) time.Time
}

// subjectChanged tells a tab that its subject has a new version, or is gone.
type subjectChanged struct{}

// tabID names a tab: in the row of tabs, in the help and in the action of its
// key.
type tabID string

func (id tabID) action() ui.Action { return ui.Action("tab-" + id) }

// tabSpec is how a tab is offered.
type tabSpec struct {
	order  int // from left to right
	id     tabID
	key    string                 // opens the tab, from a table too
	footer bool                   // the key is worth a place in the footer
	also   []ui.Key               // other ways into the tab, which the views know by their action
	fits   func(*kinds.Kind) bool // nil fits every kind
	api    bool                   // only for objects of the API, and not for what is inside others
	open   func(*subject) tab
	// goesBack says what the tab shows of an earlier version of its object that is looked
	// at; "" is a tab that stays live.
	goesBack string
}

// isFor reports whether the tab is there for a kind; nil is one that is not known yet.
func (s tabSpec) isFor(k *kinds.Kind) bool {
	return (s.fits == nil || k != nil && s.fits(k)) && (!s.api || k == nil || k.In == nil)
}

// keys are the bindings that open the tab.
func (s tabSpec) keys() []ui.Key {
	key := ui.Key{Action: s.id.action(), Keys: []string{s.key}, Help: string(s.id), Group: "Object", Footer: s.footer}
	return append([]ui.Key{key}, s.also...)
}

// viewSpec is how the palette offers a root view.
type viewSpec struct {
	name string
	help string   // what it shows, in a few words
	also []string // other names it is found by
	open func(*Session) rootView
}

// The registries; only init functions of this package write them.
var (
	tabSpecs  []tabSpec
	viewSpecs []viewSpec
)

func registerTab(s tabSpec) {
	tabSpecs = append(tabSpecs, s)
	slices.SortStableFunc(tabSpecs, func(a, b tabSpec) int { return a.order - b.order })
}

func registerView(s viewSpec) {
	viewSpecs = append(viewSpecs, s)
	slices.SortStableFunc(viewSpecs, func(a, b viewSpec) int { return strings.Compare(a.name, b.name) })
}

// tabOf is the tab that an action opens.
func tabOf(a ui.Action) (id tabID, ok bool) {
	i := slices.IndexFunc(tabSpecs, func(s tabSpec) bool { return s.id.action() == a })
	if i < 0 {
		return "", false
	}
	return tabSpecs[i].id, true
}

// tabKeys are the keys that open an object of a kind at one of its tabs.
func tabKeys(kind *kinds.Kind) []ui.Key {
	var keys []ui.Key
	for _, s := range tabSpecs {
		if s.isFor(kind) {
			keys = append(keys, s.keys()...)
		}
	}
	return keys
}

// kube and kinds speak the shell's language without importing it.
var (
	_ ui.Effect = effects.Ready{}
	_ ui.Source = (*kube.Watch)(nil)
	_ ui.Source = (*kube.Logs)(nil)
	_ ui.Source = (*kube.Description)(nil)
	_ ui.Source = (*kube.Explanation)(nil)
	_ ui.Source = (*kube.HealthWatch)(nil)
	_ ui.Source = (*remote.ForwardsWatch)(nil)
	_ ui.Source = (*remote.Copy)(nil)
)
