package views

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// screen is the part that every root view embeds. It has a ui.View's Header,
// Keys and Update, made from the page's own, so that no view can forget the
// session, its palette, the keys and the state of a recording, or what to do
// when a cluster does not answer. The view itself has Draw and Wake.
type screen struct {
	session *Session
	page    page
	sources ui.All // what the view watches
	left    bool   // the user was taken to the contexts because nothing answered
}

// page is what a root view says about itself.
type page interface {
	// place names the view in the header, behind the context.
	place() []string
	// state is how fresh the view is; the zero value leaves that to the cluster.
	state() kube.State
	// keys are the view's own bindings, the most useful first.
	keys() []ui.Key
	// update takes every message but those that screen answers itself.
	update(ui.Msg) ui.Intent
	// empty reports whether the user would lose nothing by going elsewhere.
	empty() bool
}

// rootView is a view that embeds screen; nothing else is one.
type rootView interface {
	ui.View
	root() *screen
}

// SessionOf is the session of a view of this package.
func SessionOf(view ui.View) *Session { return view.(rootView).root().session }

func newScreen(s *Session, p page, sources ...ui.Source) screen {
	sources = append(sources, s.Cluster.WatchHealth())
	if s.Player != nil {
		sources = append(sources, s.Player.Watch())
	}
	all := make(ui.All, len(sources))
	for i, source := range sources {
		all[i] = ui.Watch{Source: source}
	}
	return screen{session: s, page: p, sources: all}
}

func (v *screen) root() *screen { return v }

// Header implements ui.View.
func (v *screen) Header(now time.Time) ui.Header {
	h := v.session.header(now, v.page.state())
	h.Place = append(h.Place, v.page.place()...)
	return h
}

const actRefresh ui.Action = "refresh"

// Keys implements ui.View. A recording's bindings come first, and no other action
// shares their keys.
func (v *screen) Keys() []ui.Key {
	keys := v.page.keys()
	if !slices.ContainsFunc(keys, func(k ui.Key) bool { return k.Action == actRefresh }) {
		keys = append(keys, ui.Key{Action: actRefresh, Keys: []string{"ctrl+r"}, Help: "reconnect now", Group: "Cluster"})
	}
	return v.session.keys(keys)
}

// Update implements ui.View.
func (v *screen) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return ui.All{v.sources, v.page.update(msg)}
	case ui.Do:
		if played := v.session.played(msg.Action); played != nil {
			return played
		}
		if msg.Action == actRefresh {
			return v.session.refresh()
		}
	case kube.HealthChanged:
		if !v.left && v.page.empty() && v.session.unanswered() {
			v.left = true
			return ui.Open{View: newContexts(v.session)}
		}
	}
	return v.page.update(msg)
}
