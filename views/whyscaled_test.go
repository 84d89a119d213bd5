package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// TestWhyOfAServiceThatIsScaledDown holds that a Service without endpoints is not simply well, though
// nobody is in trouble.
func TestWhyOfAServiceThatIsScaledDown(t *testing.T) {
	const objects = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, uid: n1}}
---
{apiVersion: v1, kind: Service, metadata: {name: idle, namespace: shop, uid: s1, creationTimestamp: "2026-04-01T12:00:00Z"},
  spec: {clusterIP: 10.0.0.1, selector: {app: idle}, ports: [{port: 80}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: idle
  namespace: shop
  uid: d1
  creationTimestamp: "2026-04-01T12:00:00Z"
  managedFields: [{manager: kubectl, operation: Update, subresource: scale, apiVersion: apps/v1, time: "2026-05-01T11:50:00Z"}]
spec:
  replicas: 0
  selector: {matchLabels: {app: idle}}
  template: {metadata: {labels: {app: idle}}, spec: {containers: [{name: app, image: app}]}}
`
	cluster := kubetest.New(t, screenNow)
	cluster.Apply(t, objects)
	s := newSession(t, cluster, "shop")
	itself := look(t, one("deploy", "idle")(t, s))
	itself.press("w")
	itself.until(80, 24, "deployment shop/idle  scaled to 0", "  since 11:50:00, by hand (kubectl)")
	p := look(t, one("svc", "idle")(t, s))
	p.press("w")
	screen := p.until(80, 24, "behind it, deployment idle is scaled to 0", "11:50:00",
		"by hand (kubectl)", "nothing is known that routes to it")
	if strings.Contains(screen, "nothing is known to be wrong") {
		t.Errorf("it is called well:\n%s", screen)
	}
	cluster.Apply(t, strings.NewReplacer("replicas: 0", "replicas: 1", `uid: d1`, `uid: d1
  resourceVersion: "9000"`).Replace(objects[strings.Index(objects, "apiVersion: apps/v1"):]))
	p.wait("it is forgotten", func() bool { return !strings.Contains(p.draw(80, 24), "is scaled to 0") })
	itself.wait("it is forgotten there too", func() bool { return !strings.Contains(itself.draw(80, 24), "scaled to 0") })
}
