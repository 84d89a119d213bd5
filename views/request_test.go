package views

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// leadsTo says what a choice does, in a word and what it is done to.
func leadsTo(c ui.Choice) string {
	switch to := c.Then.(type) {
	case goToKind:
		return strings.TrimSpace(fmt.Sprintf("%s in %q %s", to.resource.Resource, to.namespace, to.filter))
	case goToObject:
		return to.resource.Singular + " " + to.namespace + "/" + to.name
	case goToNamespace:
		return "switch to " + to.namespace
	case openView:
		return "view " + to.name
	case ui.Watch:
		if seeker, is := to.Source.(*seeker); is {
			return leadsTo(ui.Choice{Then: seeker.to})
		}
		connector := to.Source.(*connector)
		if connector.there == nil {
			return "context " + connector.name
		}
		return "context " + connector.name + ", " + leadsTo(ui.Choice{Then: *connector.there})
	}
	return fmt.Sprintf("%T", c.Then)
}

// TestPaletteTakesWhatKubectlAndK9sTake checks what enter does after what hands know.
func TestPaletteTakesWhatKubectlAndK9sTake(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Known = []kube.Context{{Name: s.Cluster.Name()}, {Name: "prod-us"}, {Name: "test-us"}}
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	for _, tt := range []struct{ typed, want string }{
		// kubectl's short names and k9s's aliases.
		{"po", `pods in "shop"`},
		{"dp", `deployments in "shop"`},
		{"deploy", `deployments in "shop"`},
		{"sec", `secrets in "shop"`},
		{"crb", `clusterrolebindings in "shop"`},
		{"cr", `clusterroles in "shop"`},
		{"rb", `rolebindings in "shop"`},
		{"ro", `roles in "shop"`},
		{"np", `networkpolicies in "shop"`},
		{"jo", `jobs in "shop"`},
		{"pulse", "view atlas"},
		{"ctx", "view contexts"},
		{"top pods", "view top"},
		{"top po", "view top"},
		{"top nodes", `nodes in ""`},
		// Behind a kind.
		{"pods app=shop", `pods in "shop" app=shop`},
		{"pods /web", `pods in "shop" web`},
		{"pods /web|cart restarts>3", `pods in "shop" web|cart restarts>3`},
		{"pods -n payments", `pods in "payments"`},
		{"po -n payments app=web", `pods in "payments" app=web`},
		{"pods --namespace=payments /web", `pods in "payments" web`},
		{"pods -n pay", `pods in "payments"`},
		{"pods -n elsewhere", `pods in "elsewhere"`},
		{"pods -A", `pods in ""`},
		{"pods -A -l app=web,tier!=db", `pods in "" -l app=web,tier!=db`},
		{"dp -l app=web", `deployments in "shop" -l app=web`},
		{"pods payments", `pods in "payments"`},
		{"pods payments app=web", `pods in "payments" app=web`},
		{"nodes -l a=b", `nodes in "" -l a=b`},
		{"pods @prod-us", `context prod-us, pods in "shop"`},
		{"pods kube-system /web @prod-us app=shop", `context prod-us, pods in "kube-system" web app=shop`},
		{"pods x @prod-us", `context prod-us, pods in "x"`},
		{"pods @test", `context test-us, pods in "shop"`},
		{"pods --context prod-us -n x /web", `context prod-us, pods in "x" web`},
		{"pods db-0", "pod shop/db-0"},
		{"pods shop/db-0", "pod shop/db-0"},
		{"pods shop/web", `pods in "shop" web`},
		{"pods -n payments web-1", `pods in "payments" web-1`},
		{"pod -n payments web-1", "pod payments/web-1"},
		{"pod other/web-1", "pod other/web-1"},
		// Places.
		{"ns payments", "switch to payments"},
		{"ns pay", "switch to payments"},
		{"namespace shop", "switch to shop"},
		{"ctx prod-us", "context prod-us"},
		{"ctx prod-eu", "view contexts"},
		{"context test", "context test-us"},
	} {
		choices := Choices(p.view, tt.typed)
		if len(choices) == 0 {
			t.Errorf("%q finds nothing", tt.typed)
			continue
		}
		if got := leadsTo(choices[0]); got != tt.want || choices[0].Weak {
			t.Errorf("%q: %q leads to %s (weak: %v), want %s", tt.typed, choices[0].Name, got, choices[0].Weak, tt.want)
		}
	}
}

// TestPaletteKnowsAMistypedNamespace holds that over all namespaces too a word that nothing has in its
// name is taken for a namespace like it, and a part of a name for that.
func TestPaletteKnowsAMistypedNamespace(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0", "● live")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	for typed, want := range map[string]string{
		"pods paymnets":        "pods payments: did you mean those in payments?",
		"pods heckou":          "shop/checkout-7d9f-b7c44: open pod",
		"pods quite-different": "pods all namespaces /quite-different: open those in all namespaces, filtered",
	} {
		if c := Choices(p.view, typed)[0]; c.Name+": "+c.Detail != want {
			t.Errorf("%q: %s: %s, want %s", typed, c.Name, c.Detail, want)
		}
	}
}

// TestPaletteSaysWhatDoesNotExist holds that a name that neither a namespace nor an object has leads
// nowhere, and says which there is.
func TestPaletteSaysWhatDoesNotExist(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	for typed, want := range map[string]string{
		"pods paymnets":        "no pod in shop and no namespace is called paymnets; did you mean namespace payments?",
		"pods db-9":            "no pod in shop and no namespace is called db-9; did you mean pod shop/db-0?",
		"pods quite-different": "no pod in shop and no namespace is called quite-different",
		"pod -n payments nix":  "no pod in payments is called nix",
		"pods/payments":        "no pod in shop is called payments",
		"node nix":             "no node is called nix",
	} {
		choices := Choices(p.view, typed)
		if len(choices) == 0 {
			t.Errorf("%q finds nothing", typed)
			continue
		}
		watch, is := choices[0].Then.(ui.Watch)
		if !is {
			t.Errorf("%q leads to %s", typed, leadsTo(choices[0]))
			continue
		}
		msg, err := watch.Source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if said, is := msg.(ui.Lazy).Intent().(ui.Say); !is || said.Text != want {
			t.Errorf("%q: %q, want %q", typed, said.Text, want)
		}
	}
	for _, typed := range []string{"pod/queue-0 payments", "pod queue-0 payments", "pod payments queue-0"} {
		if got := Choices(p.view, typed)[0].Then.(ui.Watch); got.Source == nil {
			t.Errorf("%q leads nowhere", typed)
		}
	}
	to := Choices(p.view, "deploy/checkout")[0].Then.(ui.Watch).Source
	msg, err := to.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, opens := msg.(ui.Lazy).Intent().(goToObject); !opens {
		t.Errorf("a Deployment that nobody has listed: %#v", msg)
	}
}

// TestPaletteKnowsWhatIsDone checks the words of k9s and kubectl that are keys here.
func TestPaletteKnowsWhatIsDone(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Namespace = "shop"
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0", "● live")
	for typed, want := range map[string]string{"help": "ui.ShowHelp", "aliases": "view api"} {
		if c := Choices(p.view, typed)[0]; leadsTo(c) != want || c.Weak {
			t.Errorf("%q leads to %s", typed, leadsTo(c))
		}
	}
	open, is := Choices(p.view, "evict")[0].Then.(ui.Lazy).Intent().(ui.Open)
	if !is || !strings.Contains(look(t, open.View).draw(80, 24), "nothing happens before") {
		t.Errorf("evict leads to %+v, not to the menu", open)
	}
	if _, is := Choices(newContexts(s), "cordon")[0].Then.(ui.Say); !is {
		t.Error("cordon without an object does not say what it needs")
	}
}

// TestPaletteTakesKindAndName checks that KIND/NAME is the object of that name.
func TestPaletteTakesKindAndName(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	for typed, want := range map[string]string{
		"pods/db-0":            "pod shop/db-0",
		"po/web-1 -n payments": "pod payments/web-1",
		"pods/payments":        "pod shop/payments",
		"deploy/web":           "deployment shop/web",
		"deployments.apps/web": "deployment shop/web",
		"pod/payments/web-1":   "pod payments/web-1",
		"no/node-1":            "node /node-1",
		"ns/payments":          "namespace /payments",
	} {
		if choices := Choices(p.view, typed); len(choices) == 0 || leadsTo(choices[0]) != want || choices[0].Weak {
			t.Errorf("%q: %+v, want %s", typed, choices, want)
		}
	}
}

// TestPaletteLooksInAllNamespaces holds that an object whose namespace nobody has named is looked for in
// all of them, not opened in one where it is not.
func TestPaletteLooksInAllNamespaces(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	for _, typed := range []string{"deploy/web", "deploy web"} {
		choices := Choices(p.view, typed)
		if len(choices) < 2 || choices[0].Name != "deployments all namespaces /web" || choices[0].Weak ||
			leadsTo(choices[1]) != "deployment default/web" {
			t.Errorf("%q: %+v", typed, choices)
		}
	}
	if choices := Choices(p.view, "pods/db-0"); len(choices) == 0 || leadsTo(choices[0]) != "pod shop/db-0" {
		t.Errorf("a pod that is known: %+v", choices)
	}
}

// TestPaletteOffersNoNonsense checks that nothing is opened that cannot be, and that a weak
// hit waits to be selected.
func TestPaletteOffersNoNonsense(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	p.wait("the namespaces are known", func() bool { return s.namespaces().Len() > 0 })
	for _, typed := range []string{
		"pods a b", "pods A_B", "pods -x", "pods %2f", "pods ..", "/", "nosuch/web", "pods/A_B", "pods/web -x",
		"user", "plcb",
	} {
		for i, c := range Choices(p.view, typed) {
			if i == 0 && !c.Weak || strings.Contains(c.Detail, "by name") {
				t.Errorf("%q: %q (%s) is offered", typed, c.Name, c.Detail)
			}
		}
	}
	details := func(typed string) (out []string) {
		for _, c := range Choices(p.view, typed) {
			out = append(out, c.Detail)
		}
		return out
	}
	if got := strings.Join(details("ns shop"), "; "); !strings.HasPrefix(got, "switch to namespace (1 in tables); ") ||
		!strings.Contains(got, "open the namespace object") {
		t.Errorf("ns shop does not say what enter does: %s", got)
	}
	if first := Choices(p.view, "")[0]; first.Name != "pods" {
		t.Errorf("with nothing typed %q comes first", first.Name)
	}
	p = look(t, Objects(s, served(t, s, "cm")))
	p.view.Update(ui.Shown{})
	var names []string
	for _, c := range Choices(p.view, "")[:5] {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "configmaps pods deployments services nodes" {
		t.Errorf("with nothing typed: %s, want what was visited, then everyday kinds", got)
	}
}

// TestNotSaved tells what was not saved from what is not there.
func TestNotSaved(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Saved = "dump"
	s.Holds = func(kind schema.GroupKind) bool { return kind.Kind == "Pod" || kind.Kind == "Namespace" }
	p := look(t, Objects(s, served(t, s, "leases")))
	p.until(100, 30, "leases are not in this dump, which has pods, namespaces")
	if err := Problem(p.view); err == nil || !strings.Contains(err.Error(), "not in this dump") {
		t.Errorf("the problem of what was not saved is %v", err)
	}
	choices := Choices(p.view, "")
	var dim, lit int
	for i, c := range choices {
		if _, is := c.Then.(goToKind); is && c.Dim {
			dim = max(dim, i)
		} else if is {
			lit = i
		}
	}
	if dim < lit || lit == 0 {
		t.Errorf("what was not saved stands before what was: %v", choices)
	}
	s.Namespace = "nosuch"
	p = look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "namespace nosuch does not exist")
	s.Namespace, s.Only = "payments", []string{"shop"}
	s.setNamespace("elsewhere")
	p = look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "namespace elsewhere is not in this tape, which has shop")
	if Problem(p.view) == nil {
		t.Error("a namespace that was not saved is like an empty one")
	}
}
