package views

import (
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// rootViews are one of each: the registered ones, a table and an object.
func rootViews(t *testing.T, s *Session) map[string]rootView {
	t.Helper()
	pod, err := Find(s, "pods/db-0")
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]rootView{"table": Objects(s, Pods(s.Cluster)).(rootView), "object": pod.(rootView)}
	for _, v := range viewSpecs {
		views[v.name] = v.open(s)
	}
	return views
}

// TestEveryRootViewHasWhatScreenBrings holds that no root view hides the palette,
// the refresh, the health of the cluster or the state of a recording.
func TestEveryRootViewHasWhatScreenBrings(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Player = &fakePlayer{}
	for name, view := range rootViews(t, s) {
		if SessionOf(view) != s || len(Choices(view, "")) == 0 {
			t.Errorf("%s: the palette is empty", name)
		}
		if !slices.ContainsFunc(view.Keys(), func(k ui.Key) bool { return k.Action == actRefresh }) {
			t.Errorf("%s: no key refreshes", name)
		}
		all, ok := view.Update(ui.Do{Action: actRefresh}).(ui.All)
		if !ok || all[0] != (refresh{s.Cluster}) {
			t.Errorf("%s: refresh wants %v", name, all)
		}
		sources := view.root().sources
		if !contains(view.Update(ui.Shown{}), sources...) {
			t.Errorf("%s: does not watch its sources", name)
		}
		if !slices.ContainsFunc(sources, func(i ui.Intent) bool { _, ok := i.(ui.Watch).Source.(*quiet); return ok }) {
			t.Errorf("%s: does not watch the recording", name)
		}
		if place := view.Header(screenNow).Place; len(place) < 2 || place[0] != "prod-eu" {
			t.Errorf("%s: is at %q", name, place)
		}
	}
}

// contains reports whether an intent is or holds all of others.
func contains(intent ui.Intent, wanted ...ui.Intent) bool {
	var flat []ui.Intent
	var collect func(ui.Intent)
	collect = func(i ui.Intent) {
		if all, ok := i.(ui.All); ok {
			for _, inner := range all {
				collect(inner)
			}
			return
		}
		flat = append(flat, i)
	}
	collect(intent)
	return !slices.ContainsFunc(wanted, func(w ui.Intent) bool { return !slices.Contains(flat, w) })
}

// TestPaletteOpensRegisteredViews carries out what the palette offers for each
// view.
func TestPaletteOpensRegisteredViews(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	for _, v := range viewSpecs {
		choices := s.viewChoices()
		i := slices.IndexFunc(choices, func(c ui.Choice) bool { return c.Name == v.name })
		if i < 0 {
			t.Errorf("%s is not offered", v.name)
			continue
		}
		open, ok := choices[i].Then.(ui.Lazy).Intent().(ui.Open)
		if !ok || SessionOf(open.View) != s {
			t.Errorf("%s leads to %v", v.name, open)
		}
	}
}

// TestTabsAreToldApart holds that no two tabs share a name, and that no kind has two with
// one key.
func TestTabsAreToldApart(t *testing.T) {
	names := map[tabID]bool{}
	for _, tab := range tabSpecs {
		if names[tab.id] {
			t.Errorf("two tabs are called %s", tab.id)
		}
		names[tab.id] = true
	}
	for _, kind := range append(kinds.All(), nil) {
		keys := map[string]tabID{}
		for _, tab := range tabSpecs {
			if !tab.isFor(kind) {
				continue
			}
			if other, twice := keys[tab.key]; twice {
				t.Errorf("of a %v, %s has the key %s of %s", kind, tab.id, tab.key, other)
			}
			keys[tab.key] = tab.id
		}
	}
}
