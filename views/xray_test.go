package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestWordsForTrees types what leads to trees, over a table and over an object.
func TestWordsForTrees(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	s.Recent = []string{"shop", "payments"}
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "web-7d9f-x2x9", "● live")
	deployment := look(t, one("deploy", "web")(t, s))
	deployment.until(100, 30, "web-7d9f-x2x9", "● live")
	everywhere := newSession(t, newCluster(t, "web.yaml"), "")
	for _, c := range []struct {
		over        ui.View
		typed, want string
	}{
		{pods.view, "xray", "pod shop/web-7d9f-x2x9"},
		{pods.view, "tree", "pod shop/web-7d9f-x2x9"},
		{deployment.view, "xray", "deployment shop/web"},
		{newContexts(s), "xray", "namespace shop"},
		{pods.view, "xray po", "pod shop/web-7d9f-x2x9"},
		{pods.view, "xray pods web-7d9f-x2x9", "pod shop/web-7d9f-x2x9"},
		{pods.view, "xray deploy/web", "deployment shop/web"},
		{pods.view, "XRAY deploy/web", "deployment shop/web"},
		{pods.view, "tree deploy web", "deployment shop/web"},
		{pods.view, "xray deploy/payments/api", "deployment payments/api"},
		{pods.view, "xray deploy payments/api", "deployment payments/api"},
		{pods.view, "xray deployments", "namespace shop"},
		{pods.view, "xray deployments payments", "namespace payments"},
		{pods.view, "xray no/worker-1", "node worker-1"},
		{pods.view, "xray nosuch/web", ""},
		{newContexts(everywhere), "xray svc/web", "service default/web"},
	} {
		choices := Choices(c.over, c.typed)
		if len(choices) == 0 {
			if c.want != "" {
				t.Errorf("%q finds nothing", c.typed)
			}
			continue
		}
		if watch, is := choices[0].Then.(ui.Watch); is {
			choices[0].Then = watch.Source.(*seeker).to
		}
		to, ok := choices[0].Then.(goToObject)
		if of, is := choices[0].Then.(goToTreeOf); is {
			to, ok = of.goToObject, true
		}
		if !ok {
			t.Errorf("%q leads to %#v, want %s", c.typed, choices[0].Then, c.want)
			continue
		}
		v := to.Intent().(ui.Open).View.(*object)
		if got := v.subject.ref().String(); got != c.want || v.first != tabTree && v.specs[v.current].id != tabTree {
			t.Errorf("%q leads to %s at %q, want the tree of %s", c.typed, got, v.first, c.want)
		}
	}
}

// TestTreeOfAKind is k9s's xray of a kind in a namespace.
func TestTreeOfAKind(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	s.Recent = []string{"shop", "payments"}
	choices := Choices(look(t, Objects(s, Pods(s.Cluster))).view, "xray deploy shop")
	p := look(t, choices[0].Then.(ui.Lazy).Intent().(ui.Open).View)
	p.until(100, 40, "deployments only", "namespace shop", "deployment shop/web", "web-7d9f-x2x9")
	p.wait("nothing else is shown", func() bool {
		return !strings.Contains(p.draw(100, 40), "service shop/")
	})
	p.press("esc")
	if screen := p.until(100, 40, "service shop/"); strings.Contains(screen, "deployments only") {
		t.Errorf("esc does not show all:\n%s", screen)
	}
}

// TestUsedByOfAPolicy holds that what only guards others says where those are.
func TestUsedByOfAPolicy(t *testing.T) {
	cluster := newCluster(t, "web.yaml")
	cluster.Apply(t, `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: front, namespace: shop, uid: np1,
  creationTimestamp: "2026-04-01T12:00:00Z"}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}}`)
	p := look(t, one("netpol", "front")(t, newSession(t, cluster, "shop")))
	p.press("u")
	p.until(80, 24, "nothing uses it; t shows the pods that it guards")
}

// TestHalfDownAtTheEnd holds that ctrl+d, which deletes in k9s, is not silent where it moves nothing.
func TestHalfDownAtTheEnd(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(80, 24, "db-0", "● live")
	p.press("G")
	p.draw(80, 24)
	const want = "no row below: ctrl+d is half a page down"
	if said, is := p.press("ctrl+d").(ui.Say); !is || !strings.Contains(said.Text, want) {
		t.Errorf("at the last row: %#v", p.intent)
	}
	p.press("g")
	p.draw(80, 24)
	if intent := p.press("ctrl+d"); intent != nil {
		t.Errorf("at the first row: %#v", intent)
	}
}

// TestWordsForTabs types what leads to a tab of an object.
func TestWordsForTabs(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	s.Recent = []string{"shop", "payments"}
	over := look(t, Objects(s, Pods(s.Cluster))).view
	for _, c := range []struct {
		typed, want string
		tab         tabID
	}{
		{"why deploy/web", "deployment shop/web", tabWhy},
		{"WHY deploy web", "deployment shop/web", tabWhy},
		{"why deploy/api -n payments", "deployment payments/api", tabWhy},
		{"why deploy payments/api", "deployment payments/api", tabWhy},
		{"why no/worker-1", "node worker-1", tabWhy},
		{"describe deploy web", "deployment shop/web", "describe"},
		{"kubectl describe deploy/web", "deployment shop/web", "describe"},
		{"yaml deploy/web", "deployment shop/web", "yaml"},
		{"changes deploy/web", "deployment shop/web", tabChanges},
		{"why nosuch/web", "", ""},
	} {
		choices := Choices(over, c.typed)
		if c.want == "" && len(choices) == 0 {
			continue
		}
		if len(choices) == 0 {
			t.Errorf("%q finds nothing", c.typed)
			continue
		}
		to, _ := choices[0].Then.(goToObject)
		if to.tab != c.tab || to.Intent().(ui.Open).View.(*object).subject.ref().String() != c.want {
			t.Errorf("%q leads to %#v, want %s of %s", c.typed, choices[0].Then, c.tab, c.want)
		}
	}
}

// TestHabitsOfKubectl types whole commands, and the name of an object alone.
func TestHabitsOfKubectl(t *testing.T) {
	cluster := newCluster(t, "web.yaml")
	cluster.Apply(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: lonely, namespace: shop}, spec: {}}`)
	s := newSession(t, cluster, "shop")
	over := look(t, Objects(s, served(t, s, "deploy")))
	over.until(80, 24, "lonely", "● live")
	for typed, want := range map[string]string{
		"kubectl get pods -A": "pods", "get deploy -n shop": "deployments", "k get no": "nodes", "GET pods": "pods",
		"kubectl -n shop get pods": "pods shop", "k -l app=web -n shop get po -w": "pods shop /-l app=web",
		"get pods,svc -n shop": "pods shop", "deploy,svc": "deployments shop",
		"pods -o wide": "pods", "po -owide -n shop": "pods shop",
		"kubectl logs -f deploy/lonely -n shop --tail=20": "shop/lonely", "logs deploy/lonely -f --tail 5": "shop/lonely",
		"kubectl rollout status deploy/lonely": "shop/lonely",
	} {
		choices := Choices(over.view, typed)
		if len(choices) == 0 || !strings.HasPrefix(choices[0].Name, want) {
			t.Errorf("%q leads to %+v", typed, choices)
		}
	}
	choices := Choices(newContexts(s), "lonely")
	if to, ok := choices[0].Then.(goToObject); !ok || to.name != "lonely" {
		t.Errorf("a name alone leads to %+v", choices[0])
	}
	for _, typed := range []string{"we", "k", "kubectl", "get "} {
		for _, c := range Choices(newContexts(s), typed) {
			if strings.HasPrefix(c.Detail, "open ") {
				t.Errorf("%q finds %s", typed, c.Name)
			}
		}
	}
}

// TestWordsForTreesWithoutAnObject has nothing that a tree could be of.
func TestWordsForTreesWithoutAnObject(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "")
	if _, ok := Choices(newContexts(s), "xray")[0].Then.(ui.Say); !ok {
		t.Error("xray without an object does not say what it needs")
	}
	to, ok := Choices(newContexts(s), "xray deployments")[0].Then.(goToKind)
	if !ok || to.resource.Resource != "deployments" {
		t.Error("xray deployments in all namespaces does not lead to their table")
	}
}

// TestOwnerOfAnObject goes from an object, and from a line of its tree, to the owner.
func TestOwnerOfAnObject(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	p := look(t, one("pod", "web-7d9f-x2x9")(t, s))
	p.until(100, 40, "CONTAINERS", "● live")
	owner := func(want string) {
		t.Helper()
		opened, ok := p.press("J").(ui.Open)
		if !ok || opened.View.(*object).subject.ref().String() != want {
			t.Errorf("J leads to %v, want %s", p.intent, want)
		}
	}
	owner("replicaset shop/web-7d9f")
	p.press("t")
	settledTree(p, 120, 40, "deployment web")
	p.press("k")
	owner("deployment shop/web")
	p = look(t, one("deploy", "web")(t, s))
	p.until(100, 40, "REPLICASETS", "● live")
	if _, ok := p.press("J").(ui.Say); !ok {
		t.Errorf("J on what has no owner leads to %v", p.intent)
	}
}

// TestWordsForLogs types what leads to logs.
func TestWordsForLogs(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "web-7d9f-x2x9", "● live")
	for _, c := range []struct{ typed, want string }{
		{"logs deploy/web", "deployment shop/web"},
		{"LOGS deploy web", "deployment shop/web"},
		{"logs deploy payments/api", "deployment payments/api"},
		{"logs po web-7d9f-x2x9", "pod shop/web-7d9f-x2x9"},
		{"logs web-7d9f-x2x9", "pod shop/web-7d9f-x2x9"},
		{"logs svc/web", "service shop/web"},
		{"logs cm/web", ""},
		{"logs nosuch/web", ""},
	} {
		choices := Choices(pods.view, c.typed)
		got := ""
		if len(choices) > 0 {
			if to, ok := choices[0].Then.(goToObject); ok {
				got = strings.ToLower(to.resource.Kind) + " " + to.namespace + "/" + to.name
				if to.tab != tabLogs {
					t.Errorf("%q leads to %q of %s", c.typed, to.tab, got)
				}
			}
		}
		if got != c.want {
			t.Errorf("%q leads to %q, want %q", c.typed, got, c.want)
		}
	}
}
