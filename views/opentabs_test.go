package views

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// TestKeptTabs keeps where a tab is, through JSON, and opens it there again.
func TestKeptTabs(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	pods := p.view.(*table)
	pods.list.show("checkout", true)
	pods.list.sortAs(order{Column: "AGE", Descending: true})
	s.GoToSpaces("shop,payments")
	several := Objects(s, served(t, s, "deployments.apps"))
	nodes := Objects(s, served(t, s, "nodes"))
	object := look(t, newObject(s, Pods(s.Cluster), "shop", "db-0", nil, ""))
	object.until(100, 30, "db-0")
	object.press("y")
	menu := newMessages(s) // Nothing that the palette opened by a name.

	for _, tt := range []struct {
		name  string
		stack []ui.View
		want  OpenTab
	}{
		{"a table", []ui.View{pods}, OpenTab{Context: "prod-eu", Place: Place{
			Resource: "pods", Spaces: "shop", Filter: "checkout", Wrong: true, Order: order{Column: "AGE", Descending: true},
		}}},
		{"a table of several namespaces", []ui.View{several}, OpenTab{Context: "prod-eu", Place: Place{
			Resource: "deployments.apps", Spaces: "shop,payments", Order: several.(*table).list.sorting(),
		}}},
		{"a kind without namespaces", []ui.View{nodes}, OpenTab{Context: "prod-eu", Place: Place{
			Resource: "nodes", Order: nodes.(*table).list.sorting(),
		}}},
		{"an object", []ui.View{object.view, pods}, OpenTab{Context: "prod-eu", Object: "db-0", Page: "yaml", Place: Place{
			Resource: "pods", Spaces: "shop",
		}}},
		{"home", []ui.View{newHome(s)}, OpenTab{Context: "prod-eu", View: "triage"}},
		{"a view of the palette", []ui.View{Named(s, "atlas")}, OpenTab{Context: "prod-eu", View: "atlas"}},
		{"what lies below", []ui.View{menu, nodes}, OpenTab{Context: "prod-eu", Place: Place{
			Resource: "nodes", Order: nodes.(*table).list.sorting(),
		}}},
		{"one that nobody looked at", []ui.View{Restore(s, OpenTab{Context: "dev", View: "api"})},
			OpenTab{Context: "dev", View: "api"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kept, ok := KeepTab(tt.stack)
			if !ok || kept != tt.want {
				t.Fatal(cmp.Diff(kept, tt.want, cmp.AllowUnexported(order{})))
			}
			text, err := json.Marshal(kept)
			var read OpenTab
			if err == nil {
				err = json.Unmarshal(text, &read)
			}
			if err != nil || read != kept {
				t.Fatalf("%s becomes %+v, %v", text, read, err)
			}
			if kept.Context == "dev" {
				return
			}
			replace, ok := find[ui.Replace](Restore(s, read).Update(ui.Shown{}))
			if !ok {
				t.Fatal("it does not open")
			}
			look(t, replace.View).until(100, 30, "prod-eu")
			if again, _ := KeepTab([]ui.View{replace.View}); again != kept {
				t.Error(cmp.Diff(again, kept, cmp.AllowUnexported(order{})))
			}
		})
	}
	if kept, ok := KeepTab([]ui.View{menu}); ok {
		t.Errorf("of messages alone, %+v is kept", kept)
	}
}

// TestRestoredElsewhere opens a tab of another context once it is looked at, and says why it cannot.
func TestRestoredElsewhere(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	there := newSession(t, newCluster(t, "shop.yaml"), "payments")
	connected, refused := 0, errors.New("no such context")
	s.Connect = func(string) (*Session, kube.Resource, error) {
		connected++
		return there, Pods(there.Cluster), refused
	}
	p := look(t, Restore(s, OpenTab{Context: "dev", Object: "db-0", Place: Place{Resource: "pods", Spaces: "shop"}}))
	p.until(80, 24, "dev: no such context", "ctrl+x closes this tab")
	if place := p.view.Header(screenNow).Place; place[0] != "prod-eu" || place[1] != "dev shop pods/db-0" {
		t.Errorf("the header names %q: what keys do is in prod-eu", place)
	}
	refused = nil
	p.press("enter")
	p.wait("it opens", func() bool { _, opens := p.intent.(ui.Replace); return opens })
	view := p.intent.(ui.Replace).View
	look(t, view).until(80, 24, "pod db-0")
	if SessionOf(view) != there || connected != 2 {
		t.Errorf("after %d times it is in %v", connected, SessionOf(view).Namespace)
	}

	p = look(t, Restore(s, OpenTab{Context: "prod-eu", Place: Place{Resource: "widgets.example.com"}}))
	p.until(80, 24, "does not serve widgets.example.com")
}

// TestScreensReturnToTheirNamespaces holds that a screen which comes back to the top looks at what it
// did before: the palette, the digits and what is remembered follow it.
func TestScreensReturnToTheirNamespaces(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	below := Objects(s, Pods(s.Cluster))
	below.Update(ui.Shown{})
	above := goToNamespace{s, "payments"}.Intent().(ui.Open).View
	above.Update(ui.Shown{})
	if s.Spaces() != "payments" {
		t.Fatalf("above it is %q", s.Spaces())
	}
	below.Update(ui.Shown{})
	if got := Choices(below, "deploy")[0].Then.(goToKind).namespace; s.Spaces() != "shop" || got != "shop" {
		t.Errorf("back below it is %q, and :deploy leads to %q", s.Spaces(), got)
	}
	both := goToNamespace{s, "shop,payments"}.Intent().(ui.Open).View
	both.Update(ui.Shown{})
	below.Update(ui.Shown{})
	both.Update(ui.Shown{})
	if s.Spaces() != "shop,payments" {
		t.Errorf("back at both it is %q", s.Spaces())
	}
}

func TestTabsInPalette(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(80, 24, "db-0")
	for query, want := range map[string]ui.Intent{
		"tab": ui.NewTab{}, "tabs": ui.ChooseTab{}, "tab 3": ui.ToTab{Number: 3}, "tab close": ui.CloseTab{},
		"tab cl": ui.CloseTab{},
	} {
		if found := Choices(p.view, query); len(found) == 0 || found[0].Then != want || found[0].Weak {
			t.Errorf("%q: got %v, want %v first", query, found, want)
		}
	}
	for _, query := range []string{"tab deploy -n payments", "tab :deploy -n payments"} {
		opens, ok := Choices(p.view, query)[0].Then.(ui.NewTab)
		if !ok {
			t.Fatalf("%q opens no tab", query)
		}
		if to := opens.Then.(goToKind); to.namespace != "payments" || to.resource.Resource != "deployments" {
			t.Errorf("%q opens %+v", query, to)
		}
	}
	s.Places = []Place{{Name: "lost", Resource: "widgets.example.com"}}
	if found := Choices(p.view, "tab lost"); len(found) == 0 || found[0].Then != nil {
		t.Errorf("what leads nowhere opens a tab: %+v", found)
	}
}

// TestClosedTabEndsWriteMode closes tabs of a context with write mode.
func TestClosedTabEndsWriteMode(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	other := newSession(t, newCluster(t, "shop.yaml"), "shop")
	view, same, elsewhere := Objects(s, Pods(s.Cluster)), Objects(s, Pods(s.Cluster)), Objects(other, Pods(other.Cluster))
	if CloseTab(view, []ui.View{elsewhere, same}) != nil || !s.Cluster.Writable() {
		t.Error("write mode ends although another tab is there")
	}
	if CloseTab(view, []ui.View{elsewhere}) != nil || s.Cluster.Writable() {
		t.Error("write mode goes on after the last tab of its context")
	}
}
