package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// TestUnboundNamesTheKeyHere presses keys of k9s that a table and a text do not have.
func TestUnboundNamesTheKeyHere(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Hands = hands()
	table := look(t, Objects(s, Pods(s.Cluster)))
	table.until(100, 30, "db-0")
	bound := slices.Concat(table.view.Keys(), ui.Globals())
	for key, want := range map[string]string{
		"I": "shift+right sorts by another column", "-": "esc goes back", "ctrl+a": ": lists all kinds",
		"e": "editing needs write mode, :write switches to it",
		"Z": "nothing here, z is problems only", "#": "", "f12": "", "": "",
	} {
		if got := Unbound(bound, key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
	if got := Unbound(nil, "-"); got != "" {
		t.Errorf("where nothing goes back: %q", got)
	}
	logs := startLogs(t).Keys()
	for key, want := range map[string]string{
		"s": "f follows, or pauses", "w": "W wraps long lines", "0": "S chooses how far back",
		"t": "nothing here, T is timestamps",
	} {
		if got := Unbound(logs, key); got != want {
			t.Errorf("logs, %q: got %q, want %q", key, got, want)
		}
	}
	if got := Unbound(bound, "s"); !strings.Contains(got, "needs write mode") {
		t.Errorf("a table, s: got %q", got)
	}
}

// TestOtherMeanings looks for keys that mean other things on other screens.
func TestOtherMeanings(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	table := look(t, Objects(s, Pods(s.Cluster)))
	table.until(100, 30, "db-0")
	elsewhere := otherMeanings(table.view.Keys())
	for key, want := range map[string]string{"N": "previous match", "S": "since"} {
		i := slices.IndexFunc(elsewhere, func(k ui.Key) bool { return k.Show == key })
		if i < 0 || !strings.Contains(elsewhere[i].Help, want) {
			t.Errorf("%s: nothing says %q: %v", key, want, elsewhere)
		}
	}
}

// TestMarksSayWhatTheyAreFor marks two pods.
func TestMarksSayWhatTheyAreFor(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	p.press("space")
	p.press("j")
	p.press("space")
	var footer []string
	for _, k := range p.view.Keys()[:3] {
		if k.Footer {
			footer = append(footer, k.Keys[0]+" "+k.Help)
		}
	}
	if got, want := strings.Join(footer, ", "), `h changes of these 2, c copy 2 names, ctrl+\ unmark 2`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	both := "checkout-7d9f-b7c44\ncheckout-7d9f-x2x9"
	if got, want := p.press("Y"), (ui.Copy{Text: both, What: "2 names"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if targets, hidden := p.view.(*table).targets(); whatOf(targets) != "2 pods" || hidden != nil {
		t.Errorf("a menu would be for %q, hidden %q", whatOf(targets), hidden)
	}
	p.press(`ctrl+\`)
	if got, want := p.press("Y"), (ui.Copy{Text: "checkout-7d9f-x2x9", What: "name"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTwoNamespacesInOneTable marks two of three namespaces and opens them.
func TestTwoNamespacesInOneTable(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: elsewhere}")
	server.Apply(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: elsewhere}")
	s := newSession(t, server, "")
	p := look(t, Objects(s, served(t, s, "ns")))
	p.until(100, 30, "elsewhere")
	for _, name := range []string{"payments", "shop"} {
		p.view.(*table).list.table.SetCurrent("/" + name)
		p.view.(*table).list.refresh()
		p.press("space")
	}
	reset, ok := p.press("enter").(ui.Reset)
	if !ok {
		t.Fatal("the marked namespaces do not open")
	}
	pods := look(t, reset.View)
	screen := pods.until(100, 30, "db-0", "gateway-5f6d", "● live")
	if strings.Contains(screen, "other") {
		t.Errorf("not those of two namespaces:\n%s", screen)
	}
	if asked := server.Requests("/api/v1/pods?"); len(asked) > 0 {
		t.Errorf("it takes the right to list in all namespaces: %q", asked)
	}
	server.Delete(t, kinds.Pod.GroupVersionKind, "payments", "gateway-5f6d")
	pods.wait("a pod goes", func() bool { return !strings.Contains(pods.draw(100, 30), "gateway-5f6d") })
	if got := reset.View.Header(screenNow).Place; !slices.Contains(got, "payments,shop") {
		t.Errorf("the header says %q", got)
	}
	zero := pods.press("0").(ui.Replace)
	look(t, zero.View).until(100, 30, "other")
	if s.several != nil || s.Namespace != "" {
		t.Errorf("0 leaves %q, %q", s.Namespace, s.several)
	}
}

// TestSavedFilesAreNamedAfterTheirPlace has two pods of one name in two namespaces.
func TestSavedFilesAreNamedAfterTheirPlace(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	context := s.Cluster.Name()
	pod := newSubject(s, Pods(s.Cluster), "shop", "db-0", nil)
	node := newSubject(s, kube.Resource{Kind: "Node"}, "", "node-1", nil)
	one := newSubject(s, Pods(s.Cluster), "shop", "db-0", nil)
	one.alone, one.container = true, "app"
	for subject, want := range map[*subject]string{
		pod: context + "-shop-pod-db-0.yaml", node: context + "-node-node-1.yaml", one: context + "-shop-pod-db-0-app.yaml",
	} {
		if got := subject.fileName(".yaml"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
