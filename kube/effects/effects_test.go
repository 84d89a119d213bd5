package effects

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

var (
	pod    = kinds.Ref{GroupKind: schema.GroupKind{Kind: "Pod"}, Namespace: "shop", Name: "web-1"}
	secret = kinds.Ref{GroupKind: schema.GroupKind{Kind: "Secret"}, Namespace: "shop", Name: "db"}
)

// open opens a cluster of a test, in memory.
func open(t *testing.T) *kube.Cluster {
	t.Helper()
	s := kubetest.New(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	flags := genericclioptions.NewConfigFlags(false)
	address := s.Listen(t).URL
	flags.APIServer = &address
	c, err := kube.Open(kube.Options{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// targetOf is an object of a kind.
func targetOf(c *kube.Cluster, k *kinds.Kind, name string) Target {
	ref := kinds.Ref{GroupKind: k.GroupKind(), Name: name}
	if k.Namespaced {
		ref.Namespace = "shop"
	}
	r := kube.Resource{
		GroupVersionResource: k.GVR(), Kind: k.Kind, Singular: strings.ToLower(k.Kind), Namespaced: k.Namespaced,
		Verbs: []string{"delete", "get", "list", "patch", "watch"},
	}
	return Target{Cluster: c, Resource: r, Ref: ref}
}

const (
	deployment = `{"kind":"Deployment","metadata":{"name":"web","uid":"u","resourceVersion":"7","labels":{"app":"web"},
		"finalizers":["a.example/x","b.example/y"]},"spec":{"replicas":3,"template":{"metadata":{},"spec":{
		"containers":[{"name":"app","image":"web:1"},{"name":"side","image":"side:1"}],
		"initContainers":[{"name":"init","image":"init:1"}]}}}}`
	node = `{"kind":"Node","metadata":{"name":"n1","uid":"u","resourceVersion":"7"},
		"spec":{"taints":[{"key":"a","effect":"NoSchedule"}]}}`
	claim = `{"kind":"PersistentVolumeClaim","metadata":{"name":"data","uid":"u"},
		"spec":{"resources":{"requests":{"storage":"10Gi"}}}}`
	cron    = `{"kind":"CronJob","metadata":{"name":"night","uid":"u"},"spec":{"suspend":true}}`
	request = `{"kind":"CertificateSigningRequest","metadata":{"name":"csr","uid":"u"},"status":{}}`
)

// TestMutations says what each effect makes of an object.
func TestMutations(t *testing.T) {
	c := open(t)
	for _, test := range []struct {
		offer, text string
		kind        *kinds.Kind
		object      string
		want        string // what differs, or the beginning of the error
	}{
		{"scale", "5", kinds.Deployment, deployment, "spec.replicas 3 → 5"},
		{"scale", " 0 ", kinds.Deployment, deployment, "spec.replicas 3 → 0"},
		{"scale", "3", kinds.Deployment, deployment, "! nothing to do"},
		{"scale", "-1", kinds.Deployment, deployment, `! "-1" is not a number of replicas`},
		{"scale", "many", kinds.Deployment, deployment, `! "many" is not a number of replicas`},
		{"scale", "99999999999", kinds.Deployment, deployment, `! "99999999999" is not a number of replicas`},
		{"restart", "", kinds.Deployment, deployment, "~spec.template.metadata.annotations nothing → " + restartedAt},
		{"pause", "", kinds.Deployment, deployment, "spec.paused nothing → true"},
		{"resume", "", kinds.Deployment, deployment, "! nothing to do"},
		{"image", "app=web:2", kinds.Deployment, deployment, "spec.template.spec.containers.0.image web:1 → web:2"},
		{"image", "init=i:2 side=s:2", kinds.Deployment, deployment,
			"spec.template.spec.containers.1.image side:1 → s:2, " +
				"spec.template.spec.initContainers.0.image init:1 → i:2"},
		{"image", "db=x", kinds.Deployment, deployment, `! it has no container "db"; it has app, init, side`},
		{"image", "web:2", kinds.Deployment, deployment, `! "web:2" is not container=image`},
		{"image", " ", kinds.Deployment, deployment, "! say which container"},
		{"label", "a=1 app-", kinds.Deployment, deployment,
			"metadata.labels.a nothing → 1, metadata.labels.app web → nothing"},
		{"label", "app-", kinds.Deployment, deployment, "metadata.labels app=web → nothing"},
		{"label", "a b", kinds.Deployment, deployment, `! "a" is neither key=value nor key-`},
		{"label", "a=b/c", kinds.Deployment, deployment, `! "b/c" is not a value`},
		{"label", "a/b/c=d", kinds.Deployment, deployment, `! "a/b/c" is not a key`},
		{"label", "", kinds.Deployment, deployment, "! say what to set"},
		{"annotate", "a.b/c=two words", kinds.Deployment, deployment, "metadata.annotations nothing → a.b/c=two words"},
		{"finalizer", "a.example/x", kinds.Deployment, deployment, "metadata.finalizers 2 items → 1 items"},
		{"finalizer", "c", kinds.Deployment, deployment, `! it has no finalizer "c"`},
		{"cordon", "", kinds.Node, node, "spec.unschedulable nothing → true"},
		{"uncordon", "", kinds.Node, node, "! nothing to do"},
		{"taint", "b=c:NoExecute", kinds.Node, node, "spec.taints 1 items → 2 items"},
		{"taint", "a=1:NoSchedule", kinds.Node, node, "spec.taints.0.value nothing → 1"},
		{"taint", "a:NoSchedule-", kinds.Node, node, "spec.taints 1 items → nothing"},
		{"taint", "a:NoSchedule", kinds.Node, node, "! nothing to do"},
		{"taint", "a:Never", kinds.Node, node, `! "a:Never" is not key=value:Effect`},
		{"taint", "a b:NoSchedule", kinds.Node, node, `! "a b" is not a key`},
		{"expand", "20Gi", kinds.PersistentVolumeClaim, claim, "spec.resources.requests.storage 10Gi → 20Gi"},
		{"expand", "5Gi", kinds.PersistentVolumeClaim, claim, "! a claim cannot shrink: it asks for 10Gi"},
		{"expand", "much", kinds.PersistentVolumeClaim, claim, `! "much" is not a size`},
		{"suspend", "", kinds.CronJob, cron, "! nothing to do"},
		{"unsuspend", "", kinds.CronJob, cron, "spec.suspend true → false"},
		{"approve", "", kinds.CertificateSigningRequest, request, "status.conditions nothing → 1 items"},
	} {
		offer, known := Named(test.offer)
		if !known {
			t.Errorf("no offer %s", test.offer)
			continue
		}
		got := mutated(t, offer, targetOf(c, test.kind, "x"), test.text, test.object)
		want, begins := strings.CutPrefix(test.want, "~")
		if !strings.HasPrefix(got, want) || !begins && !strings.HasPrefix(want, "!") && got != want {
			t.Errorf("%s %q: %q, want %q", test.offer, test.text, got, test.want)
		}
	}
}

func mutated(t *testing.T, o Offer, target Target, text, object string) string {
	t.Helper()
	e, err := o.Make(target, text)
	if err != nil {
		return "! " + err.Error()
	}
	before := parse(t, object)
	if _, err := e.act.change(before); err != nil {
		return "! " + err.Error()
	}
	if left := Compare(before, parse(t, object), true); len(left) > 0 {
		t.Errorf("%s has changed the object that was looked at: %v", o.Name, left)
	}
	after := runtime.DeepCopyJSON(before)
	p := e.act.(patch)
	if err := p.mutate(after); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, f := range Compare(before, after, p.status) {
		words = append(words, f.Words())
	}
	return strings.Join(words, ", ")
}

// TestWords reads aloud what each effect is, and what kubectl's command would be.
func TestWords(t *testing.T) {
	c := open(t)
	in := " in " + c.Name()
	deployment, aPod := targetOf(c, kinds.Deployment, "web"), targetOf(c, kinds.Pod, "web-1")
	for _, test := range []struct {
		offer, text string
		target      Target
		want        string
		kubectl     string // without namespace and context
	}{
		{"scale", "1", deployment, "scale deployment shop/web to 1 replica", "scale deployment/web --replicas=1"},
		{"restart", "", deployment, "restart deployment shop/web", "rollout restart deployment/web"},
		{"rollback", "0", deployment, "roll back deployment shop/web to the revision before",
			"rollout undo deployment/web --to-revision=0"},
		{"image", "app=web:2", deployment, "set the image of deployment shop/web to app=web:2",
			"set image deployment/web app=web:2"},
		{"annotate", "a=it's two", deployment, "annotate deployment shop/web with a=it's two",
			`annotate --overwrite deployment/web 'a=it'\''s two'`},
		{"delete", "", aPod, "delete pod shop/web-1", "delete pod/web-1"},
		{"delete-with", "orphan", aPod, "delete pod shop/web-1 and leave what it owns", "delete pod/web-1 --cascade=orphan"},
		{"kill", "", aPod, "delete pod shop/web-1 at once, without waiting for its containers to end",
			"delete pod/web-1 --grace-period=0 --force"},
		{"cordon", "", targetOf(c, kinds.Node, "n1"), "cordon node n1", "cordon n1"},
	} {
		offer, _ := Named(test.offer)
		e, err := offer.Make(test.target, test.text)
		if err != nil {
			t.Errorf("%s: %v", test.offer, err)
			continue
		}
		if got := e.String(); got != test.want+in {
			t.Errorf("%s says %q, want %q", test.offer, got, test.want+in)
		}
		if got := e.Kubectl(); !strings.HasPrefix(got, "kubectl "+test.kubectl+" ") {
			t.Errorf("%s is %q, want %q", test.offer, got, test.kubectl)
		}
	}
}

// TestOffersAreWhole makes each offer from its example, and finds what it needs.
func TestOffersAreWhole(t *testing.T) {
	c := open(t)
	seen := map[string]bool{}
	for _, o := range offers {
		if seen[o.Name] || strings.ContainsAny(o.Name, " ") || o.Help == "" {
			t.Errorf("offer %q", o.Name)
		}
		seen[o.Name] = true
		if q, ok := o.Rights(targetOf(c, kinds.Deployment, "web")); !ok || q.Verb == "" || q.Resource.Resource == "" {
			t.Errorf("the rights of %s: %v %v", o.Name, q, ok)
		}
	}
}

// TestWhatAFinalizerGuards says what may be lost without a finalizer.
func TestWhatAFinalizerGuards(t *testing.T) {
	const foreign = "whoever set it has something to clean up first, and may not get to it without it"
	for _, test := range []struct{ name, object, finalizer, want string }{
		{"Kubernetes' own", `{"metadata":{"finalizers":["kubernetes.io/pvc-protection"]}}`,
			"kubernetes.io/pvc-protection", "it keeps a claim that a pod uses, and its data"},
		{"somebody else's", `{"metadata":{"finalizers":["a.example/x"]}}`, "a.example/x", foreign},
		{"the last one of a deletion",
			`{"metadata":{"finalizers":["a.example/x"],"deletionTimestamp":"2026-12-01T11:00:00Z"}}`, "a.example/x",
			foreign + "; is being deleted: without its last finalizer it is gone at once"},
		{"one of two in a deletion",
			`{"metadata":{"finalizers":["a.example/x","b"],"deletionTimestamp":"2026-12-01T11:00:00Z"}}`, "b", foreign},
	} {
		if got := strings.Join(unguarded(parse(t, test.object), test.finalizer), "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
