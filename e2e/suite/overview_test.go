package suite

import (
	"fmt"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestServiceWithoutItsPort breaks a service the quiet way: its pods are ready, but none of their
// ports has the name that it sends to.
func TestServiceWithoutItsPort(t *testing.T) {
	namespace := sandbox(t)
	kubectlApply(t, namespace, `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: fathom.test/workload:1
    args: [--print=open, --log-every=1s]
    ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: htpp}]}
`)
	f := open(t, "service/web", "-n", namespace)
	f.WaitFor("no port: these pods have none", limit)
	f.WaitFor("● live", limit)
}

// TestImageOfARollout tells the old ReplicaSet of a Deployment from the new one on a
// narrow screen.
func TestImageOfARollout(t *testing.T) {
	namespace := sandbox(t)
	f := openWith(
		t,
		world.cluster.Kubeconfig,
		screen.Options{Columns: 80, Rows: 24},
		"deployment/storefront",
		"-n",
		namespace,
	)
	for i, tag := range []string{"one", "two"} {
		kubectlApply(t, namespace, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: storefront}
spec:
  selector: {matchLabels: {app: storefront}}
  template:
    metadata: {labels: {app: storefront}}
    spec:
      nodeSelector: {fathom.test/node: none}
      containers: [{name: app, image: "registry.fathom.test/team/storefront:`+tag+`"}]
`)
		f.WaitFor(fmt.Sprintf("REPLICASETS %d", i+1), limit)
	}
	// Nothing else on this screen names the previous image.
	f.WaitFor("storefront:one", limit)
	f.WaitFor("storefront:two", limit)
}
