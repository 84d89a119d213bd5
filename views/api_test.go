package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// services are the APIServices of a group of its own server, which is down, and of one
// that is defined.
const services = `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.shop.example, labels: {kube-aggregator.kubernetes.io/automanaged: "true"}}
spec: {group: shop.example, version: v1}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, service: {namespace: kube-system, name: metrics-server}}
status: {conditions: [{type: Available, status: "False", reason: MissingEndpoints, message: no endpoints}]}
---
apiVersion: metrics.k8s.io/v1beta1
kind: NodeMetrics
metadata: {name: worker-1}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: orders.shop.example}
spec:
  group: shop.example
  scope: Namespaced
  names: {plural: orders, singular: order, kind: Order, shortNames: [ord], categories: [all]}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`

func apiView(t *testing.T, namespace string) (*person, *kubetest.Server) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, services)
	server.Refuse("nodes")
	s := newSession(t, server, namespace)
	p := look(t, openAPI(t, s))
	p.until(120, 40, "● live", "apps/v1", "from        Kubernetes itself", "custom")
	return p, server
}

func filterAPI(p *person, text string) {
	p.t.Helper()
	p.press("/")
	p.view.Update(ui.Typed{Prompt: "filter", Text: text})
	p.perform(p.view.Update(ui.Entered{Prompt: "filter", Text: text}))
}

// TestAPIFindsResources filters by what a resource is called, and opens what is found.
func TestAPIFindsResources(t *testing.T) {
	p, _ := apiView(t, "shop")
	for text, want := range map[string]string{
		"deploy": "deployments.apps", "ord": "orders.shop.example", "hpa": "horizontalpodautoscalers.autoscaling",
		"storage.k8s.io csinode": "csinodes.storage.k8s.io", "NETWORKPOL": "networkpolicies.networking.k8s.io",
	} {
		filterAPI(p, text)
		p.until(120, 40, "/"+text, want)
		open, ok := p.press("enter").(ui.Open)
		if !ok {
			t.Fatalf("%s: enter is %#v", text, p.intent)
		}
		if v := open.View.(*table); qualified(v.resource) != want {
			t.Errorf("%s opens %s", text, qualified(v.resource))
		}
		if v := p.press("i").(ui.Open).View.(*explain); qualified(v.resource) != want {
			t.Errorf("%s explains %s", text, qualified(v.resource))
		}
	}
	filterAPI(p, "nothing at all")
	p.until(120, 40, "0 of ")
	if p.press("enter") != nil {
		t.Errorf("enter on nothing: %#v", p.intent)
	}
	p.press("esc")
	if screen := p.draw(120, 40); strings.Contains(screen, "nothing at all") || strings.Contains(screen, "deployments") {
		t.Errorf("the filter is not cleared, or something is unfolded:\n%s", screen)
	}
}

// TestAPISaysWhatItKnows looks at what is said of a resource and of where it is from.
func TestAPISaysWhatItKnows(t *testing.T) {
	p, _ := apiView(t, "shop")
	for text, want := range map[string][]string{
		"pods":        {"3 in shop", "pod, po", "/api/v1/namespaces/NAMESPACE/pods", "log (get)"},
		"orders":      {"0 in shop", "from        CustomResourceDefinitions", "categories  all"},
		"nodemetrics": {"the aggregated API of service kube-system/metrics-server:443", "MissingEndpoints: no endpoints"},
		"nodes node":  {"you may not list them: ", "forbidden"},
		"namespaces":  {"2 in the cluster", "/api/v1/namespaces"},
	} {
		filterAPI(p, text)
		p.until(120, 40, want...)
	}
}

// TestAPICountsWhatIsLookedAt holds that a request is sent only for what somebody
// unfolds or stands on.
func TestAPICountsWhatIsLookedAt(t *testing.T) {
	p, server := apiView(t, "")
	asked := func(resource string) bool { return len(server.Requests("/"+resource+"?limit=1")) > 0 }
	p.press("a")
	p.until(120, 60, "deployments", "configmaps")
	for _, resource := range []string{"configmaps", "deployments", "jobs"} {
		if asked(resource) {
			t.Errorf("%s were counted, and nobody looked at them", resource)
		}
	}
	p.press("j")
	p.until(120, 60, "in all namespaces")
	if !asked("configmaps") || asked("endpoints") {
		t.Errorf("under the cursor: %q", server.Requests("limit=1"))
	}
	p.press("a")
	p.press("g")
	p.press("enter")
	p.wait("all that is visible was counted", func() bool { return asked("services") })
	if asked("deployments") {
		t.Error("deployments were counted, and are folded away")
	}
	if n := len(server.Requests("/configmaps?limit=1")); n != 1 {
		t.Errorf("configmaps were counted %d times", n)
	}
}

// TestAPIOfAUserWithoutRights is for one who may not see where the API comes from.
func TestAPIOfAUserWithoutRights(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, services)
	server.Refuse("apiservices")
	p := look(t, openAPI(t, newSession(t, server, "shop")))
	filterAPI(p, "orders")
	p.until(120, 40, "from        not known: ", "forbidden")
	filterAPI(p, "deployments")
	p.until(120, 40, "from        Kubernetes itself")
}
