// Package views holds the screens. One file is one view or one tab of the
// object view. A view joins cached records with widgets and turns keys into
// intents; it does no I/O, starts no goroutine and reads no clock but the one
// it is given.
//
//	kube.Listing ──> rows ──> ui.Table ──> screen        a table of a kind
//	kube.Listing ──> subject ──> tab ──> screen          one object
package views

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// tab is one page of the object view.
type tab interface {
	Keys() []ui.Key
	// Update is told ui.Shown when the tab comes to the front, changed when
	// its subject has a new version, and every message of every source that
	// any tab of the object watches: a tab passes over what is not its own.
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

// spec is how a tab is offered.
type spec struct {
	order  int // from left to right
	id     tabID
	key    string                 // opens the tab, from a table too
	footer bool                   // the key is worth a place in the footer
	also   []ui.Key               // other ways into the tab, which the views know by their action
	fits   func(*kinds.Kind) bool // nil fits every kind
	open   func(*subject) tab
}

// keys are the bindings that open the tab.
func (s spec) keys() []ui.Key {
	key := ui.Key{Action: s.id.action(), Keys: []string{s.key}, Help: string(s.id), Group: "Object", Footer: s.footer}
	return append([]ui.Key{key}, s.also...)
}

var specs []spec

// tabOf is the tab that an action opens.
func tabOf(a ui.Action) (id tabID, ok bool) {
	i := slices.IndexFunc(specs, func(s spec) bool { return s.id.action() == a })
	if i < 0 {
		return "", false
	}
	return specs[i].id, true
}

// tabKeys are the keys that open an object of a kind at one of its tabs.
func tabKeys(kind *kinds.Kind) []ui.Key {
	var keys []ui.Key
	for _, s := range specs {
		if s.fits == nil || kind != nil && s.fits(kind) {
			keys = append(keys, s.keys()...)
		}
	}
	return keys
}

// register adds a tab; only init functions of this package call it.
func register(s spec) {
	specs = append(specs, s)
	slices.SortStableFunc(specs, func(a, b spec) int { return a.order - b.order })
}

// kube and kinds speak the shell's language without importing it.
var (
	_ ui.Effect = kube.Delete{}
	_ ui.Source = (*kube.Watch)(nil)
	_ ui.Source = (*kube.Logs)(nil)
	_ ui.Source = (*kube.Description)(nil)
	_ ui.Source = (*kube.HealthWatch)(nil)
)
