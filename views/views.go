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

// spec is how a tab is offered.
type spec struct {
	order int // from left to right
	key   ui.Key
	also  []ui.Key // other ways into the tab, which the views know by their action
	title string
	fits  func(*kinds.Kind) bool // nil fits every kind
	open  func(*subject) tab
}

var specs []spec

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
	_ ui.Source = (*kube.Pulse)(nil)
)
