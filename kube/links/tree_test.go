package links

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func uidOf(kind, name string) types.UID { return types.UID(kind + "/" + name) }

func secrets(namespace string) Ask {
	return Ask{GroupKind: schema.GroupKind{Kind: "Secret"}, Namespace: namespace}
}

// TestOnePictureFromAnyMember draws a workload and what leads to it from each of them.
func TestOnePictureFromAnyMember(t *testing.T) {
	g := webGraph(t)
	g.Cover(secrets("shop"), Complete)
	for _, subject := range []string{
		"Ingress.networking.k8s.io shop/web", "Service shop/web", "Deployment.apps shop/web",
		"ReplicaSet.apps shop/web-1", "Pod shop/web-1-a", "ConfigMap shop/web", "Secret shop/db",
		"ServiceAccount shop/web", "Node worker-1", "Namespace shop", "IngressClass.networking.k8s.io nginx",
	} {
		t.Run(subject, func(t *testing.T) {
			tree := Tree{Subject: refOf(subject)}
			golden.RequireEqual(t, text(g, tree.Lines(g)))
		})
	}
}

// TestWhatUses draws what leads to an object, the nearest first.
func TestWhatUses(t *testing.T) {
	g := webGraph(t)
	for _, subject := range []string{
		"ConfigMap shop/web", "Secret shop/db", "Node worker-1", "Ingress.networking.k8s.io shop/web",
	} {
		t.Run(subject, func(t *testing.T) {
			tree := Tree{Subject: refOf(subject), Reverse: true}
			golden.RequireEqual(t, text(g, tree.Lines(g)))
		})
	}
}

// TestFollow draws a Deployment by each class of links.
func TestFollow(t *testing.T) {
	g := webGraph(t)
	for f := (Follow{}).Next(); f.One; f = f.Next() {
		t.Run(f.String(), func(t *testing.T) {
			tree := Tree{Subject: refOf("Deployment.apps shop/web"), Follow: f}
			golden.RequireEqual(t, text(g, tree.Lines(g)))
		})
	}
}

// TestApart keeps one of several equal objects out of their fold.
func TestApart(t *testing.T) {
	g := New()
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		g.Put(records(t, "\napiVersion: v1\nkind: Secret\nmetadata: {namespace: shop, name: "+name+"}")[0])
	}
	tree := Tree{Subject: refOf("Namespace shop"), Apart: func(ref kinds.Ref) bool { return ref.Name == "c" }}
	if got := text(g, tree.Lines(g)); !strings.Contains(got, "4 Secret") || !strings.Contains(got, "shop/c") {
		t.Errorf("c is not on a line of its own beside the others:\n%s", got)
	}
}

// TestWhatIsNotListedIsNotMissing tells what is not known from what is not there.
func TestWhatIsNotListedIsNotMissing(t *testing.T) {
	g := webGraph(t)
	missing := func() bool {
		for _, e := range g.Below(refOf("Deployment.apps shop/web")) {
			if e.To.Name == "db" {
				return g.Missing(&e)
			}
		}
		t.Fatal("the Deployment does not lead to its Secret")
		return false
	}
	for c, want := range map[Coverage]bool{
		Unknown: false, Loading: false, Denied: false, Failed: false, Unserved: false, Complete: true,
	} {
		if g.Cover(secrets("shop"), c); missing() != want {
			t.Errorf("coverage %d: missing is %v", c, !want)
		}
	}
	g.Cover(secrets("shop"), Denied)
	if g.Cover(secrets(""), Complete); !missing() {
		t.Error("what is not among all Secrets is not called missing")
	}
}

// TestAsks names what an answer depends on.
func TestAsks(t *testing.T) {
	g := webGraph(t)
	g.Below(refOf("Deployment.apps shop/web"))
	for _, want := range []Ask{
		secrets("shop"), {GroupKind: schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, Namespace: "shop"},
		{GroupKind: schema.GroupKind{Kind: "ConfigMap"}, Namespace: "shop"},
	} {
		found := false
		for _, a := range g.Asks() {
			found = found || a == want
		}
		if !found {
			t.Errorf("does not ask for %v", want)
		}
	}
}

// TestPutAndRemove changes a graph as a watch does and compares it with one made afresh.
func TestPutAndRemove(t *testing.T) {
	all := records(t, "web.yaml")
	g := New()
	for _, r := range all {
		g.Put(r)
	}
	for _, r := range all {
		g.Remove(r.Ref())
	}
	g.Remove(refOf("Pod shop/never"))
	if n := g.Len(); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	if len(g.holders)+len(g.selectors)+len(g.makers) != 0 {
		t.Errorf("left behind: %d holders, %d selectors, %d makers", len(g.holders), len(g.selectors), len(g.makers))
	}
	for _, r := range all {
		g.Put(r)
		g.Put(r)
	}
	for _, subject := range []string{"Pod shop/web-1-a", "ConfigMap shop/web"} {
		tree := Tree{Subject: refOf(subject)}
		if a, b := text(g, tree.Lines(g)), text(webGraph(t), tree.Lines(webGraph(t))); a != b {
			t.Errorf("got\n%s\nwant\n%s", a, b)
		}
	}
}

// TestChangedLabels lets a pod leave its Service and come back.
func TestChangedLabels(t *testing.T) {
	g := New()
	service := `
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {selector: {app: web, tier: front}}`
	pod := func(labels string) *kinds.Record {
		return records(t, `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web, labels: `+labels+`}`)[0]
	}
	g.Put(records(t, service)[0])
	for _, c := range []struct {
		labels string
		want   int
	}{
		{"{app: web, tier: front}", 1}, {"{app: web}", 0}, {"{app: web, tier: front, more: x}", 1}, {"{}", 0},
	} {
		g.Put(pod(c.labels))
		below, above := g.Below(refOf("Service shop/web")), g.Above(refOf("Pod shop/web"))
		if len(below) != c.want || len(above) != c.want {
			t.Errorf("%s: %d pods of the Service, %d Services of the pod", c.labels, len(below), len(above))
		}
	}
}

// TestTreeOfADefinition draws a CustomResourceDefinition with what its objects own, from
// each of them: the other objects are there only where it is the subject.
func TestTreeOfADefinition(t *testing.T) {
	g := New()
	for _, r := range records(t, "custom.yaml") {
		g.Put(r)
	}
	for _, subject := range []string{
		"CustomResourceDefinition.apiextensions.k8s.io gardens.fathom.test", "Garden.fathom.test shop/eden",
		"ConfigMap shop/eden",
	} {
		t.Run(subject, func(t *testing.T) {
			tree := Tree{Subject: refOf(subject)}
			golden.RequireEqual(t, text(g, tree.Lines(g)))
		})
	}
	definition := Ask{
		GroupKind: schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"},
		Name:      "gardens.fathom.test",
	}
	if asks := g.Asks(); !slices.Contains(asks, definition) {
		t.Errorf("the definition is not among %v", asks)
	}
}

// bindings are what binds the workload of web.yaml.
const bindings = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: shop, name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {namespace: shop, name: web}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: web}
spec: {podSelector: {matchLabels: {app: web}}}
`

// TestOnePictureFromWhatBindsOneWorkload draws a workload from each object that binds it,
// and what binds several by itself.
func TestOnePictureFromWhatBindsOneWorkload(t *testing.T) {
	g := webGraph(t)
	for _, r := range records(t, bindings) {
		g.Put(r)
	}
	draw := func(subject string) string {
		tree := Tree{Subject: refOf(subject)}
		return strings.ReplaceAll(text(g, tree.Lines(g)), " *", "")
	}
	want := draw("Deployment.apps shop/web")
	for _, subject := range []string{
		"HorizontalPodAutoscaler.autoscaling shop/web", "PodDisruptionBudget.policy shop/web",
		"NetworkPolicy.networking.k8s.io shop/web",
	} {
		if got := draw(subject); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", subject, got, want)
		}
	}
	for _, r := range records(t, `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: other}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: all}
spec: {podSelector: {}}`) {
		g.Put(r)
	}
	got := draw("NetworkPolicy.networking.k8s.io shop/all")
	if !strings.HasPrefix(got, "networkpolicy shop/all\n") || strings.Contains(got, "ingress ") {
		t.Errorf("what binds all pods: got\n%s", got)
	}
}
