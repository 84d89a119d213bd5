package views

import (
	"cmp"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// screen is the part that every root view embeds. It has a ui.View's Header,
// Keys and Update, made from the page's own, so that no view can forget the
// session, its palette, the keys and the state of a recording, or what to do
// when a cluster does not answer. The view itself has Draw and Wake.
type screen struct {
	session *Session
	page    page
	name    string  // that the palette opened it by; "" for none
	spaces  *string // what the session looked at when this came to the top; nil before
	sources ui.All  // what the view watches
	left    bool    // the user was taken to the contexts because nothing answered
	judging *live.Triage
	judged  *live.Watch // how much is broken, or what; nil until that is asked
	alert   *live.Watch // what is broken, while somebody is to be notified
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
	namespace := v.session.Namespace
	if o, is := v.page.(*object); is {
		namespace = cmp.Or(o.subject.namespace, namespace)
	}
	h := v.session.headerIn(namespace, now, v.page.state())
	h.Place = append(h.Place, v.page.place()...)
	return h
}

const (
	actRefresh ui.Action = "refresh"
	actTriage  ui.Action = "triage"
)

// Keys implements ui.View. A recording's bindings come first, and no other action
// shares their keys.
func (v *screen) Keys() []ui.Key {
	keys := v.page.keys()
	if !slices.ContainsFunc(keys, func(k ui.Key) bool { return k.Action == actRefresh }) {
		keys = append(keys, ui.Key{Action: actRefresh, Keys: []string{"ctrl+r"}, Help: "reconnect now", Group: "Cluster"})
	}
	keys = append(keys, ui.Key{Action: actTriage, Keys: []string{"!"}, Help: "what is broken", Group: "Cluster"})
	keys = append(append(keys, v.session.hotkeys()...), v.session.pluginKeys(v.page.(ui.View))...)
	return v.session.keys(keys)
}

// judge follows how much is broken, for the header of every screen. It begins once the first
// screen has what it shows, so that nothing is slower for it.
func (v *screen) judge() ui.Intent {
	s := v.session
	if s.Triage == nil && (!s.Judges || !v.settled()) {
		return nil
	}
	var begun ui.All
	if t := s.triage(); t != v.judging { // Somebody looks at another namespace.
		v.judging, v.judged, v.alert = t, nil, nil
	}
	if v.judged == nil {
		switch v.page.(type) {
		case *home, *report:
			v.judged = s.triage().Watch()
		default:
			v.judged = s.triage().Glance()
		}
		begun = append(begun, ui.Watch{Source: v.judged})
	}
	if s.notify != nil && v.alert == nil {
		v.alert = s.triage().Watch()
		begun = append(begun, ui.Watch{Source: v.alert})
	}
	if begun == nil {
		return nil
	}
	return begun
}

// settled reports whether all that the screen shows has come, or is forbidden. A server that
// fails is not asked for more.
func (v *screen) settled() bool {
	phase := v.page.state().Phase
	if phase == kube.Idle {
		return v.session.Cluster.Health(v.session.Now()).State == kube.Live
	}
	return phase == kube.Live || phase == kube.Denied
}

// Update implements ui.View.
func (v *screen) Update(msg ui.Msg) ui.Intent {
	v.session.checkColumns()
	v.session.checkRules()
	intent := v.handle(msg)
	if _, key := msg.(ui.Do); key {
		return intent
	}
	if begun := v.judge(); begun != nil {
		intent = ui.All{intent, begun}
	}
	return intent
}

func (v *screen) handle(msg ui.Msg) ui.Intent {
	if intent, handled := v.session.answered(msg); handled {
		return intent
	}
	switch msg := msg.(type) {
	case ui.Shown:
		v.returnTo()
		return ui.All{v.sources, v.page.update(msg), v.session.greet()}
	case live.Judged:
		return ui.All{v.session.notify.compare(v.session), v.page.update(msg)}
	case ui.Do:
		played := v.session.played(msg.Action)
		v.session.stepRead = played == nil
		if played != nil {
			return played
		}
		if there := v.session.hotkey(v.page.(ui.View), msg.Action); there != nil {
			return there
		}
		if begun := v.session.plugin(v.page.(ui.View), msg.Action); begun != nil {
			return begun
		}
		switch msg.Action {
		case actRefresh:
			return v.session.refresh()
		case actTriage:
			if _, home := v.page.(*home); home {
				return nil
			}
			return ui.Open{View: v.session.home()}
		}
	case kube.HealthChanged:
		if !v.left && v.page.empty() && v.session.unanswered() {
			v.left = true
			contexts := newContexts(v.session)
			contexts.awaits = true
			return ui.Open{View: contexts}
		}
	}
	return v.page.update(msg)
}

// returnTo looks again at the namespaces that a screen was opened in: since then another one may have
// been shown above it, or in another tab.
func (v *screen) returnTo() {
	s := v.session
	if s.Looked != nil {
		s.Looked()
	}
	if v.spaces != nil {
		s.Namespace, s.several = *v.spaces, nil
		if several := severalIn(*v.spaces); len(several) > 0 {
			s.Namespace, s.several = "", several
		}
	}
	v.keepSpaces()
}

// keepSpaces makes the namespaces that the session looks at those of the screen.
func (v *screen) keepSpaces() {
	spaces := v.session.Spaces()
	v.spaces = &spaces
}

// greet says the greeting, or asks for write mode, once.
func (s *Session) greet() ui.Intent {
	if s.AsksWrite {
		s.AsksWrite = false
		return askWritable{s}
	}
	if s.Greeting == "" {
		return nil
	}
	text := s.Greeting
	s.Greeting = ""
	return ui.Say{Text: text, Role: themes.Accent}
}
