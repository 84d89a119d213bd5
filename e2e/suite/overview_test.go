package suite

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
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

// clipboardCode is what puts a text into the terminal's clipboard.
var clipboardCode = regexp.MustCompile(`\x1b\]52;c;([A-Za-z0-9+/=]*)`)

// copiedBy returns the texts that a terminal was given for its clipboard.
func copiedBy(f *screen.Terminal) (out []string) {
	for _, code := range clipboardCode.FindAllSubmatch(bytes.Clone(f.Transcript()), -1) {
		text, err := base64.StdEncoding.DecodeString(string(code[1]))
		if err != nil {
			text = []byte(err.Error())
		}
		out = append(out, string(text))
	}
	return out
}

// TestCopyOneValue copies one value of a ConfigMap, and of a Secret one that is shown, and
// nothing else.
func TestCopyOneValue(t *testing.T) {
	namespace := sandbox(t)
	kubectlApply(t, namespace, `
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {A_LEVEL: info, B_URL: "http://db:5432/?a=b"}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {a-name: shop, b-password: "not a real one"}
`)
	f := open(t, "configmap/web", "-n", namespace)
	f.WaitFor("B_URL", limit)
	f.Keys("c")
	f.WaitFor("copied info", limit)
	f.Keys("j", "c")
	f.WaitFor("copied http://db:5432/?a=b", limit)
	if got, want := copiedBy(f), []string{"info", "http://db:5432/?a=b"}; !slices.Equal(got, want) {
		t.Errorf("the clipboard got %q, want %q", got, want)
	}

	f = open(t, "secret/web", "-n", namespace)
	f.WaitFor("b-password  14 B", limit)
	f.Keys("c")
	f.WaitFor("x shows the values; then c copies one", limit)
	f.Keys("x")
	f.WaitFor("not a real one", limit)
	f.Keys("j", "c")
	f.WaitFor("copied the value of b-password", limit)
	if got, want := copiedBy(f), []string{"not a real one"}; !slices.Equal(got, want) {
		t.Errorf("the clipboard got %q, want %q", got, want)
	}
}
