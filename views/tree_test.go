package views

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// settledTree feeds a view until its tree waits for nothing.
func settledTree(p *person, width, height int, text string) string {
	screen := ""
	p.wait("the tree is complete and holds "+text, func() bool {
		screen = p.draw(width, height)
		complete := !strings.Contains(screen, "loading") && strings.Contains(screen, "● live")
		return complete && strings.Contains(screen, text) && strings.Contains(screen, "v1.36.3")
	})
	return screen
}

// TestTreeScreens draws trees of the shop, whose user may not look at nodes.
func TestTreeScreens(t *testing.T) {
	for _, c := range []struct{ name, kind, object, key, text string }{
		{"deployment", "deploy", "checkout", "t", "checkout-7d9f-x2x9"},
		{"pod", "pod", "checkout-7d9f-x2x9", "t", "forbidden"},
		{"what uses a pod", "pod", "checkout-7d9f-x2x9", "u", "deployment checkout"},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", c.name, size[0], size[1]), func(t *testing.T) {
				cluster := newCluster(t, "shop.yaml")
				cluster.Refuse("nodes")
				s := newSession(t, cluster, "shop")
				p := look(t, one(c.kind, c.object)(t, s))
				p.until(size[0], size[1], "● live", "shop")
				p.press(c.key)
				golden.RequireEqual(t, withoutTabs(settledTree(p, size[0], size[1], c.text)))
			})
		}
	}
}

// TestTreeOfNothing says that nothing uses an object, and not more than can be seen.
func TestTreeOfNothing(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		server, want := newCluster(t, "shop.yaml"), "nothing uses it"
		if hidden {
			server.Refuse("ingresses")
			want = "nothing uses it, as far as can be seen"
		}
		server.Apply(t, "apiVersion: v1\nkind: Service\nmetadata: {name: lonely, namespace: shop}\nspec: {ports: [{port: 80}]}")
		s := newSession(t, server, "shop")
		p := look(t, one("service", "lonely")(t, s))
		p.until(80, 24, "● live", "shop")
		p.press("u")
		screen := settledTree(p, 80, 24, want)
		if strings.Contains(screen, "as far") != hidden || hidden != strings.Contains(screen, "forbidden: ") {
			t.Errorf("hidden %v:\n%s", hidden, screen)
		}
	}
}

// TestTreeOfWhatDoesNotExist says so, and does not speak of what is not there as if it were.
func TestTreeOfWhatDoesNotExist(t *testing.T) {
	for key, want := range map[string]string{"t": "it does not exist, and nothing uses it", "u": "it does not exist"} {
		p := look(t, one("service", "gone")(t, newSession(t, newCluster(t, "shop.yaml"), "shop")))
		p.until(80, 24, "● live", "shop")
		p.press(key)
		if screen := settledTree(p, 80, 24, want); strings.Contains(screen, "it needs nothing") {
			t.Errorf("key %s:\n%s", key, screen)
		}
	}
}

// TestTreeShowsWhatIsAbove opens a tree whose subject is far from its top: what leads to it
// and what it leads to are on the screen.
func TestTreeShowsWhatIsAbove(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: readers, namespace: shop, uid: readers}\n"+
		"spec: {replicas: 40, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}")
	for i := range 40 {
		server.Apply(t, fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: reader-%02d, namespace: shop, labels: {a: b},\n"+
			"  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: readers, uid: readers, controller: true}]}\n"+
			"spec: {containers: [{name: a, image: a}]}\nstatus: {phase: Failed}", i))
	}
	s := newSession(t, server, "shop")
	p := look(t, one("pod", "reader-30")(t, s))
	p.until(80, 24, "● live", "shop")
	p.press("t")
	screen := settledTree(p, 80, 24, "reader-30")
	above, below, found := strings.Cut(screen, "›")
	if !found || strings.Count(above, "pod reader-") < 10 || strings.Count(below, "pod reader-") < 3 {
		t.Errorf("what is around it is out of sight:\n%s", screen)
	}
	p.press("k")
	moved := p.draw(80, 24)
	if !strings.Contains(moved, "reader-31") || strings.Index(moved, "›") >= strings.Index(screen, "›") {
		t.Errorf("the window moves with the cursor:\n%s", moved)
	}
}

// TestTreeKeys filters a tree, folds a line, narrows the links and opens what is under the
// cursor.
func TestTreeKeys(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, one("deploy", "checkout")(t, s))
	p.until(120, 40, "● live", "shop")
	p.press("t")
	whole := settledTree(p, 120, 40, "checkout-7d9f-x2x9")
	if !strings.Contains(whole, "›") {
		t.Errorf("no cursor in\n%s", whole)
	}
	p.press("space")
	if folded := p.draw(120, 40); strings.Contains(folded, "checkout-7d9f-x2x9") || !strings.Contains(folded, "▸ ") {
		t.Errorf("folded it is\n%s", folded)
	}
	p.press("space")
	p.perform(p.view.Update(ui.Entered{Text: "x2x9"}))
	filtered := p.draw(120, 40)
	for text, want := range map[string]bool{
		"/x2x9": true, "checkout-7d9f-x2x9": true, "deployment checkout": true, "service": false,
	} {
		if strings.Contains(filtered, text) != want {
			t.Errorf("filtered, %q is there: %v\n%s", text, !want, filtered)
		}
	}
	p.press("G")
	opened, ok := p.press("d").(ui.Open)
	if !ok || opened.View.(*object).subject.name != "checkout-7d9f-x2x9" || opened.View.(*object).first != "describe" {
		t.Errorf("d on a pod leads to %#v", opened)
	}
	p.press("esc")
	p.press("f")
	if narrowed := p.draw(120, 40); !strings.Contains(narrowed, "owners links only") {
		t.Errorf("narrowed it is\n%s", narrowed)
	}
}

// TestTreesListLittle opens trees of what is in no namespace, and of what runs on a node:
// neither all pods of the cluster nor all its nodes are listed.
func TestTreesListLittle(t *testing.T) {
	for _, c := range []struct{ kind, object, text string }{
		{"pc", "urgent", "deployment shop/web"},
		{"node", "worker-3", "pod shop/web-7d9f-x2x9"},
		{"deploy", "web", "worker-3"},
		{"sa", "web", "rolebinding web"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			cluster := newCluster(t, "web.yaml")
			cluster.Apply(t, "apiVersion: v1\nkind: Node\nmetadata: {name: worker-3}")
			s := newSession(t, cluster, "shop")
			p := look(t, newObject(s, served(t, s, c.kind), inNamespace(served(t, s, c.kind).Namespaced), c.object, nil, ""))
			p.until(120, 60, "● live")
			p.press("t")
			screen := settledTree(p, 120, 60, c.text)
			if said := strings.Contains(screen, "not looked at in all namespaces: "); said != (c.kind == "pc") {
				t.Errorf("says what was not looked at: %v\n%s", said, screen)
			}
			for _, r := range cluster.Requests("GET /api/v1/") {
				path, query, _ := strings.Cut(strings.TrimPrefix(r, "GET /api/v1/"), "?")
				long := path == "pods" || path == "nodes" || path == "secrets" || path == "configmaps"
				if long && !strings.Contains(query, "fieldSelector") {
					t.Errorf("asks for %s", r)
				}
			}
			t.Logf("%d listings", len(p.view.(*object).tabs[p.view.(*object).current].(*tree).linked.lists))
		})
	}
}

func inNamespace(yes bool) string {
	if yes {
		return "shop"
	}
	return ""
}

// TestTreeIsAwaitedUntilDiscovery opens the tree of a definition before the API server has
// named the kind that it defines.
func TestTreeIsAwaitedUntilDiscovery(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	server.Apply(t, "apiVersion: shop.example/v1\nkind: Cart\nmetadata: {name: mine, namespace: shop}")
	held := make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api" || r.URL.Path == "/apis" {
			<-held
		}
		return false
	})
	cluster, err := kube.Open(kube.Options{Backend: &kube.Backend{Name: "b", Transport: server, Now: server.Clock().Now}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	s := &Session{Cluster: cluster, Now: cluster.Now, Messages: kube.NewMessages()}
	p := look(t, newObject(s, served(t, s, "crd"), "", "carts.shop.example", nil, tabTree))
	p.until(80, 24, "● live", "customresourcedefinition carts.shop.example")
	p.wait("something is awaited while nobody knows whether there are carts", func() bool {
		p.draw(80, 24)
		return Awaited(p.view)
	})
	close(held)
	p.wait("nothing more is awaited", func() bool { p.draw(80, 24); return !Awaited(p.view) })
	v := p.view.(*object)
	carts := schema.GroupVersionResource{Group: "shop.example", Version: "v1", Resource: "carts"}
	if v.tabs[v.current].(*tree).linked.lists[kube.Scope{GroupVersionResource: carts}] == nil {
		t.Error("the carts are not listed")
	}
	p.until(80, 24, "defines cart shop/mine")
}
