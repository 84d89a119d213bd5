package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// putHalfServed puts a Service and an Ingress before the Deployment of which one pod of two is ready.
func putHalfServed(t *testing.T, server *kubetest.Server, ready bool) {
	t.Helper()
	server.Apply(t, `{apiVersion: v1, kind: Service, metadata: {name: checkout, namespace: shop, uid: s1},
spec: {selector: {app: checkout}, ports: [{port: 80, targetPort: 8080}]}}`)
	server.Apply(t, fmt.Sprintf(`{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
metadata: {name: checkout-x, namespace: shop, labels: {kubernetes.io/service-name: checkout}}, ports: [{port: 8080}],
endpoints: [
  {addresses: [10.1.2.3], conditions: {ready: false}, targetRef: {kind: Pod, namespace: shop, name: checkout-7d9f-x2x9}},
  {addresses: [10.1.1.9], conditions: {ready: %t}, targetRef: {kind: Pod, namespace: shop, name: checkout-7d9f-b7c44}}]}`,
		ready))
	server.Apply(t, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front, namespace: shop, uid: i1},
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: checkout, port: {number: 80}}}}]}}]}}`)
}

// TestWhatIsLeft holds that what still answers is not said to be down, at home, in why of the cause
// and in why of what has less left, which leads to the cause.
func TestWhatIsLeft(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	putHalfServed(t, server, true)
	const degrades = "degrades: ingress shop/front, service shop/checkout (1 of 2 endpoints ready)"
	if screen := openHome(t, newSession(t, server, "shop"), degrades).draw(80, 40); !strings.Contains(screen, degrades) {
		t.Errorf("at 80 columns\n%s", screen)
	}
	s := newSession(t, server, "shop") // Home has gone to all namespaces.
	p := look(t, one("deploy", "checkout")(t, s))
	p.press("w")
	if screen := p.until(120, 50, "DEGRADES", "1 of 2 endpoints ready"); strings.Contains(screen, "TAKES DOWN") {
		t.Errorf("it is not down\n%s", screen)
	}
	for kind, words := range map[string]string{
		"svc": "selects the pods of deployment shop/checkout; the cause is",
		"ing": "routes to service shop/checkout; the cause is",
	} {
		name := map[string]string{"svc": "checkout", "ing": "front"}[kind]
		p := look(t, one(kind, name)(t, s))
		p.press("w")
		p.until(80, 40, "1 of 2 endpoints ready", words, "deployment shop/checkout  failing")
	}
}

// TestNothingIsLeft holds that what has no endpoint left is down.
func TestNothingIsLeft(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	putHalfServed(t, server, false)
	openHome(t, newSession(t, server, "shop"), "takes down: ingress shop/front, service shop/checkout")
}
