package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// sizes are those that every screen must be good at.
var sizes = [][2]int{{80, 24}, {120, 40}}

func served(t *testing.T, s *Session, kind string) kube.Resource {
	t.Helper()
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		t.Fatalf("no kind %q", kind)
	}
	return found[0]
}

// screenTest is a screen, and what leads to it.
type screenTest struct {
	name, namespace string
	open            func(*testing.T, *Session) ui.View
	keys            []string
	until           []string // what the finished screen holds
}

// apiScreens are those that show the API itself.
func apiScreens() []screenTest {
	return []screenTest{
		{
			"explain a deployment", "shop", one("deploy", "checkout"), []string{"i"},
			[]string{"minReadySeconds", "7 fields", "● live"},
		},
		{"explain without a document", "shop", one("pod", "db-0"), []string{"i"}, []string{"no OpenAPI", "● live"}},
		{
			"explain a kind", "shop",
			func(t *testing.T, s *Session) ui.View { return Explain(s, served(t, s, "deploy"), "") },
			nil, []string{"minReadySeconds", "● live"},
		},
		{"api", "shop", openAPI, nil, []string{"apps/v1", "● live", "Kubernetes itself"}},
		{"api of a group", "shop", openAPI, []string{"j", "j", "enter", "j", "j", "j"},
			[]string{"1 in shop", "1  deploy", "0  ds", "1  rs", "0  sts", "● live"}},
	}
}

// settledView reports whether a view has asked for all that it asks for by itself.
func settledView(view ui.View) bool {
	switch v := view.(type) {
	case *api:
		return len(v.counts) == len(v.asked)
	case *object:
		return v.subject.session.Cluster.Resources().Complete()
	}
	return true
}

func TestScreens(t *testing.T) {
	tests := []screenTest{
		{"pods", "shop", objects("pods"), nil, []string{"db-0", "● live"}},
		{
			"forwards", "shop", func(_ *testing.T, s *Session) ui.View { return newForwards(s) }, nil,
			[]string{"no ports are forwarded"},
		},
		{"pods of all namespaces", "", objects("pods"), nil, []string{"gateway", "● live"}},
		{"pods by age", "", objects("pods"), []string{"A"}, []string{"gateway", "● live"}},
		{"pods wide", "shop", objects("pods"), []string{"ctrl+w"}, []string{"db-0", "10.1.2.3"}},
		{"only wrong pods", "", objects("pods"), []string{"z"}, []string{"2 hidden", "● live"}},
		{"deployments", "shop", objects("deploy"), nil, []string{"1/3", "● live"}},
		{"no secrets", "shop", objects("secrets"), nil, []string{"no secrets", "● live"}},
		{"denied", "shop", objects("nodes"), nil, []string{"✖ forbidden", "User"}},
		{
			"overview of a deployment",
			"shop",
			one("deploy", "checkout"),
			nil,
			[]string{"checkout-7d9f-x2x9", "Available", "● live"},
		},
		{
			"overview of a pod",
			"shop",
			one("pod", "checkout-7d9f-x2x9"),
			nil,
			[]string{"BackOff", "proxy", "Pulled", "● live"},
		},
		{"overview of a node denied", "", one("node", "worker-1"), nil, []string{"✖ forbidden", "User"}},
		{"overview of nothing", "shop", one("pod", "gone"), nil, []string{"does not exist", "● live"}},
		{"events of a pod", "shop", one("pod", "checkout-7d9f-x2x9"), []string{"E"}, []string{"Pulled", "BackOff", "● live"}},
		{"events of a deployment's own", "shop", one("deploy", "checkout"), []string{"E"}, []string{"no events", "● live"}},
		{
			"contexts",
			"shop",
			func(_ *testing.T, s *Session) ui.View { return newContexts(s) },
			nil,
			[]string{"staging", "● live"},
		},
	}
	for _, tt := range append(tests, apiScreens()...) {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				cluster := newCluster(t, "shop.yaml")
				cluster.Refuse("nodes")
				p := look(t, tt.open(t, newSession(t, cluster, tt.namespace)))
				if len(tt.keys) > 0 {
					// Widths only grow, so every run must have seen the same rows.
					p.until(size[0], size[1], "● live", "shop")
				}
				for _, key := range tt.keys {
					p.press(key)
				}
				p.until(size[0], size[1], append(tt.until, "v1.36.3")...)
				p.untilLinked()
				p.wait("nothing is on its way", func() bool { return settledView(p.view) })
				screen := p.draw(size[0], size[1])
				if _, object := p.view.(*object); object {
					screen = withoutTabs(screen)
				}
				golden.RequireEqual(t, screen)
			})
		}
	}
}

// TestTabRow draws the tabs of a pod, which has all of them.
func TestTabRow(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, one("pod", "checkout-7d9f-x2x9")(t, s))
	screen := p.until(80, 24, "BackOff", "● live")
	golden.RequireEqual(t, strings.Split(screen, "\n")[1])
}

// TestClicksOnTabs clicks on each name in the row, whichever tab is current.
func TestClicksOnTabs(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, one("pod", "checkout-7d9f-x2x9")(t, s))
	row := strings.Split(p.until(80, 24, "BackOff", "● live"), "\n")[1]
	v := p.view.(*object)
	for range v.specs {
		for _, spec := range v.specs {
			p.draw(80, 24)
			p.perform(v.Update(ui.Clicked{X: strings.Index(row, string(spec.id)), Y: 0}))
			if got := v.specs[v.current].id; got != spec.id {
				t.Errorf("a click on %s shows %s", spec.id, got)
			}
		}
		p.press("tab")
	}
}

// TestTablesUseTheirWidth draws pods in a terminal that has room for all of a
// pod's columns, and in one that has not.
func TestTablesUseTheirWidth(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	for _, width := range []int{80, 120, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			golden.RequireEqual(t, p.until(width, 12, "db-0", "● live", "v1.36.3"))
		})
	}
	for range 20 {
		p.press("shift+right")
		if screen := p.draw(80, 12); !strings.ContainsAny(screen, "▲▼") {
			t.Fatalf("sorted by a column that nobody sees:\n%s", screen)
		}
	}
	still := ui.Frame{Width: 200, Height: 10, Theme: themes.Plain, Now: screenNow, Still: true}
	if once := p.view.Draw(still); strings.Contains(once, "NOMINATED") {
		t.Errorf("printed once, it depends on the width:\n%s", once)
	}
}

// openAPI opens the view of the API.
func openAPI(_ *testing.T, s *Session) ui.View { return openView{s, "api"}.Intent().(ui.Open).View }

func objects(kind string) func(*testing.T, *Session) ui.View {
	return func(t *testing.T, s *Session) ui.View { return Objects(s, served(t, s, kind)) }
}

func one(kind, name string) func(*testing.T, *Session) ui.View {
	return func(t *testing.T, s *Session) ui.View {
		r := served(t, s, kind)
		return newObject(s, r, s.namespaceFor(r), name, nil, "")
	}
}

// TestOwnedEvents checks that a Deployment's events can be joined by those of
// its pods.
func TestOwnedEvents(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, one("deploy", "checkout")(t, s))
	p.until(100, 30, "checkout-7d9f-x2x9")
	p.press("E")
	p.until(80, 30, "no events of its own; o adds those of its pods")
	p.press("o")
	p.until(100, 30, "BackOff", "Pulled")
	p.press("o")
	p.until(100, 30, "no events of its own")
}

// TestEventsAreNewestFirst looks at events that are there already when their tab
// opens, as they are from the second time on.
func TestEventsAreNewestFirst(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	for range 2 {
		p := look(t, one("pod", "checkout-7d9f-x2x9")(t, s))
		p.until(100, 30, "BackOff", "Pulled", "● live")
		p.press("E")
		screen := p.until(100, 30, "LAST SEEN▲", "BackOff", "Pulled", "● live")
		if strings.Index(screen, "Warning") > strings.Index(screen, "Normal") {
			t.Errorf("the oldest event comes first:\n%s", screen)
		}
	}
}

// TestKeysBecomeIntents presses keys on a table and compares what it wants.
func TestKeysBecomeIntents(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Recent = []string{"shop", "payments"}
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")

	opened := func(key string) *object {
		t.Helper()
		open, ok := p.press(key).(ui.Open)
		if !ok {
			t.Fatalf("%s: got %#v, want Open", key, p.intent)
		}
		return open.View.(*object)
	}
	if v := opened("enter"); v.subject.name != "checkout-7d9f-b7c44" || v.specs[v.current].id != "overview" {
		t.Errorf("enter opened %s at %s", v.subject.name, v.specs[v.current].id)
	}
	for key, id := range map[string]tabID{"d": "describe", "y": "yaml", "E": "events", "l": "logs"} {
		if v := opened(key); v.specs[v.current].id != id {
			t.Errorf("%s opened %s, want %s", key, v.specs[v.current].id, id)
		}
	}
	if v := opened("J"); v.subject.ref() != (kinds.Ref{GroupKind: schema.GroupKind{Group: "apps", Kind: "ReplicaSet"},
		Namespace: "shop", Name: "checkout-7d9f"}) {
		t.Errorf("J opened %v", v.subject.ref())
	}
	if v := opened("o"); v.subject.name != "worker-1" || v.subject.namespace != "" {
		t.Errorf("o opened %v", v.subject.ref())
	}
	for key, namespace := range map[string]string{"0": "", "2": "payments"} {
		replace, ok := p.press(key).(ui.Replace)
		if !ok || replace.View.(*table).namespace != namespace {
			t.Errorf("%s: got %#v", key, p.intent)
		}
	}
	if _, ok := p.press("7").(ui.Say); !ok {
		t.Errorf("7: got %#v, want Say", p.intent)
	}
	if got := p.press("/"); got != (ui.Prompt{Name: "filter", Label: "/"}) {
		t.Errorf("/: got %#v", got)
	}
	for _, k := range p.view.Keys() {
		if k.Action == actDelete {
			t.Error("delete is offered without --write")
		}
	}
}

// TestCopyOfMarkedRows copies the names of rows that are marked, one a line.
func TestCopyOfMarkedRows(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0", "● live")
	p.press("space")
	if got, want := p.press("c"), (ui.Copy{Text: "checkout-7d9f-b7c44", What: "1 name"}); got != want {
		t.Errorf("one: got %#v, want %#v", got, want)
	}
	p.press("down")
	p.press("space")
	want := ui.Copy{Text: "checkout-7d9f-b7c44\ncheckout-7d9f-x2x9", What: "2 names"}
	if got := p.press("c"); got != want {
		t.Errorf("two: got %#v, want %#v", got, want)
	}
}

// TestFilterWhileTyping checks that typing narrows, escape restores, and the
// number of hidden rows is shown.
func TestFilterWhileTyping(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0", "gateway")
	p.press("/")
	p.view.Update(ui.Typed{Prompt: "filter", Text: "checkout"})
	p.until(100, 30, "2 of 4 pods, 2 hidden")
	p.view.Update(ui.Cancelled{Prompt: "filter"})
	p.until(100, 30, "gateway")
	p.press("/")
	p.view.Update(ui.Typed{Prompt: "filter", Text: "status=Pending"})
	p.view.Update(ui.Entered{Prompt: "filter", Text: "status=Pending"})
	p.until(100, 30, "1 of 4 pods, 3 hidden", "db-0")
	p.press("esc")
	p.until(100, 30, "gateway")
}

// TestPalette checks what names lead to.
func TestPalette(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	first := func(query string) ui.Choice {
		t.Helper()
		choices := Choices(p.view, query)
		if len(choices) == 0 {
			t.Fatalf("%q finds nothing", query)
		}
		return choices[0]
	}
	for query, want := range map[string]string{
		"deploy": "deployments", "po": "pods", "no": "nodes", "pod": "pods", "rs": "replicasets", "ctx": "contexts",
		"Deployment": "deployments", "deployments.apps": "deployments", "payments": "payments", "all": "all namespaces",
		"q": "quit", "pod db-0": "shop/db-0", "pods payments": "pods payments", "messages": "messages",
	} {
		if got := first(query).Name; got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	v := first("pod other/web-1").Then.(ui.Watch).Source.(*seeker).to.Intent().(ui.Open).View.(*object)
	if v.subject.namespace != "other" || v.subject.name != "web-1" {
		t.Errorf("an object by its name: got %v", v.subject.ref())
	}
	if got := Choices(p.view, "nosuchkind x"); len(got) != 0 {
		t.Errorf("an unknown kind: got %v", got)
	}
}

// TestOpenBeforeRows presses keys before there is anything to open.
func TestOpenBeforeRows(t *testing.T) {
	for key, tab := range map[string]tabID{"d": "describe", "enter": "", "p": tabLogs} {
		s := newSession(t, newCluster(t, "shop.yaml"), "shop")
		p := look(t, Objects(s, Pods(s.Cluster)))
		p.press(key)
		p.wait("an object opens", func() bool { _, ok := p.intent.(ui.Open); return ok })
		v := p.intent.(ui.Open).View.(*object)
		if v.first != tab || v.subject.previous != (key == "p") || v.subject.name != "checkout-7d9f-b7c44" {
			t.Errorf("%s: opened %s at %q, previous run %v", key, v.subject.name, v.first, v.subject.previous)
		}
	}
}

// TestOwnerDenied opens a Deployment for a user who may not see ReplicaSets.
func TestOwnerDenied(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	cluster.Refuse("replicasets")
	p := look(t, one("deploy", "checkout")(t, newSession(t, cluster, "shop")))
	p.until(100, 30, "replicasets is forbidden", "checkout-7d9f-x2x9")
}
