package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

func TestSeveralNamespaces(t *testing.T) {
	for _, tt := range []struct {
		text    string
		in, out []string
	}{
		{"shop,payments", []string{"shop", "payments"}, []string{"", "shop2", "kube-system"}},
		{" shop , payments ,", []string{"shop", "payments"}, []string{"web"}},
		{"team-*", []string{"team-", "team-a"}, []string{"team", "a-team-b"}},
		{"!kube-*", []string{"shop", "kubelet"}, []string{"kube-system", "kube-public"}},
		{"!kube-*,!shop", []string{"payments"}, []string{"shop", "kube-system"}},
		{"team-*,!team-b", []string{"team-a"}, []string{"team-b", "shop"}},
		{"*", []string{"a", "b"}, nil},
	} {
		terms := severalIn(tt.text)
		for _, name := range tt.in {
			if !inSeveral(terms, name) {
				t.Errorf("%q: %q is not in", tt.text, name)
			}
		}
		for _, name := range tt.out {
			if inSeveral(terms, name) {
				t.Errorf("%q: %q is in", tt.text, name)
			}
		}
	}
	for text, wrong := range map[string]bool{
		"shop": false, "": false, "a,b": false, "!a": false, "a*b": false,
		"A,b": true, "a,b c": true, "!": true, "!!a": true, "a,[b": true, "a/b,c": true,
	} {
		if got := SpacesProblem(text) != ""; got != wrong {
			t.Errorf("%q: got %q", text, SpacesProblem(text))
		}
	}
}

func TestPaletteOfSeveralNamespaces(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	look(t, Objects(s, served(t, s, "namespaces"))).until(80, 24, "payments")
	home := Objects(s, Pods(s.Cluster))
	for query, want := range map[string]string{
		"shop,payments": "shop,payments", "ns shop,payments": "shop,payments", "ns !kube-*": "!kube-*",
		"!kube-*": "!kube-*", "pods shop,payments": "pods shop,payments", "pods -n shop,payments": "pods shop,payments",
		"deploy -n pay*": "deployments pay*", "pods -n shop,payments /web": "pods shop,payments /web",
		"pods,svc": "pods all namespaces", "po -n !kube-* app=web": "pods !kube-* /app=web",
	} {
		found := Choices(home, query)
		if len(found) == 0 || found[0].Name != want || found[0].Weak {
			t.Errorf("%s: got %v, want %s first", query, found, want)
		}
	}
	for _, query := range []string{"shop,nosuch", "ns Shop,b", "nosuch,other"} {
		for _, c := range Choices(home, query) {
			if _, is := c.Then.(goToNamespace); is && strings.Contains(c.Name, ",") {
				t.Errorf("%s leads to %s", query, c.Name)
			}
		}
	}
}

func TestTableOfSeveralNamespaces(t *testing.T) {
	for spaces, want := range map[string][]string{
		"shop,payments": {"gateway-5f6d", "db-0"}, "!pay*": {"db-0"}, "pay*,nosuch": {"gateway-5f6d"},
	} {
		s := newSession(t, newCluster(t, "shop.yaml"), "")
		s.GoToSpaces(spaces)
		if got := s.Spaces(); got != spaces {
			t.Errorf("got %q, want %q", got, spaces)
		}
		screen := look(t, Objects(s, Pods(s.Cluster))).until(120, 24, append(want, spaces, "● live")...)
		for _, name := range []string{"gateway-5f6d", "db-0"} {
			if strings.Contains(screen, name) != slices.Contains(want, name) {
				t.Errorf("%s: %s:\n%s", spaces, name, screen)
			}
		}
	}
}

func TestAliasesAndHotkeys(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Aliases = []Alias{
		{"prod", "pods -n payments /gate"}, {"dp", "deployments"}, {"pods", "pods -A"}, {"p", "prod"}, {"round", "about"},
		{"about", "round"}, {"lost", "nosuchkind"},
	}
	s.Hotkeys = []Hotkey{{Key: "f5", Text: "prod", Help: "the gateway"}, {Key: "f6", Text: "lost"}}
	view := Objects(s, Pods(s.Cluster))
	for text, want := range map[string]string{
		"prod": "pods -n payments /gate", "PROD": "pods -n payments /gate", "prod -n x": "pods -n payments /gate -n x",
		"dp web": "deployments web", "pods": "pods -A", "p": "pods -n payments /gate", "other": "other", "": "",
		"round": "round", "produce": "produce",
	} {
		if got := s.Expand(text); got != want && text != "round" {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for query, want := range map[string]string{
		"prod": "pods payments /gate", "dp": "deployments", "pods": "pods all namespaces", "pro": "prod",
	} {
		if found := Choices(view, query); len(found) == 0 || found[0].Name != want {
			t.Errorf("%s: got %v, want %s first", query, found, want)
		}
	}
	for _, open := range []func() ui.View{
		func() ui.View { return Go(view, "prod") },
		func() ui.View {
			key := view.Update(ui.Do{Action: hotkeyAction + "f5", Key: "f5"})
			return key.(ui.Lazy).Intent().(ui.Lazy).Intent().(ui.Open).View
		},
	} {
		there, ok := open().(*table)
		if !ok || s.Namespace != "payments" {
			t.Fatalf("got %v in %s", there, s.Namespace)
		}
		look(t, there).until(120, 24, "gateway-5f6d", "/gate")
		s.GoToSpaces("shop")
	}
	if there := Go(view, "lost"); there != nil {
		t.Errorf("an alias for no kind leads to %v", there)
	}
	lost := s.hotkey(view, hotkeyAction+"f6").(ui.Lazy).Intent()
	if say, ok := lost.(ui.Say); !ok || !strings.Contains(say.Text, "lost") {
		t.Error("a hotkey for no kind says nothing")
	}
	if !slices.ContainsFunc(view.Keys(), func(k ui.Key) bool { return k.Help == "the gateway" }) {
		t.Error("the help does not have the hotkey")
	}
}

func TestSavedPlaces(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	var file []Place
	s.KeepPlaces = func(_ string, change func([]Place) []Place) ([]Place, error) {
		file = change(slices.Clone(file))
		return file, nil
	}
	v := Objects(s, Pods(s.Cluster)).(*table)
	p := look(t, v)
	p.until(120, 24, "gateway-5f6d")
	v.list.setFilter("app=checkout")
	v.list.sortTo(v.list.rows.Column("RESTARTS"))
	choose := func(query string) {
		t.Helper()
		found := Choices(v, query)
		if len(found) == 0 || found[0].Weak {
			t.Fatalf("%s: got %v", query, found)
		}
		p.perform(found[0].Then)
	}
	choose("save the checkouts")
	p.wait("it is kept", func() bool { return len(s.Places) == 1 })
	s.GoToSpaces("shop")
	v = Objects(s, Pods(s.Cluster)).(*table)
	there := Go(v, "the checkouts").(*table)
	screen := look(t, there).until(120, 24, "/app=checkout", "RESTARTS▼", "all namespaces")
	if strings.Index(screen, "x2x9") > strings.Index(screen, "b7c44") {
		t.Errorf("not in the order that was saved:\n%s", screen)
	}
	v = Objects(s, served(t, s, "nodes")).(*table)
	choose("save the checkouts")
	p.wait("it is another", func() bool { return len(s.Places) == 1 && s.Places[0].Resource == "nodes" })
	choose("forget the checkouts")
	p.wait("it is gone", func() bool { return len(s.Places) == 0 && len(file) == 0 })
	for _, c := range Choices(newContexts(s), "save x") {
		if !c.Dim {
			t.Errorf("what is not a table can be saved: %v", c)
		}
	}
	s.Places = []Place{{Name: "gone", Resource: "widgets.example.com"}}
	if c := Choices(v, "gone"); len(c) == 0 || !c[0].Dim {
		t.Errorf("a place of a kind that is not there: got %v", c)
	}
}
