package suite

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// marked is a Deployment without pods, whose metadata says what deployed it.
func marked(name, metadata string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ` + name + `, ` + metadata + `}
spec:
  replicas: 0
  selector: {matchLabels: {app: ` + name + `}}
  template:
    metadata: {labels: {app: ` + name + `}}
    spec: {containers: [{name: app, image: "fathom.test/workload:1"}]}
`
}

// applyAs is kubectl apply on the server's side, as a tool that calls itself manager.
func applyAs(t *testing.T, namespace, manager, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "objects.yaml")
	write(t, file, text)
	kubectl(t, "apply", "--server-side", "--field-manager="+manager, "-n", namespace, "-f", file)
}

// notes opens the review, waits for a note about who else sets what changes, and leaves without an answer.
func (r reviewed) notes(f *screen.Terminal, note string) {
	r.look(f)
	f.WaitFor(regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(note), " ", `\s+`)), limit)
	r.leave(f)
}

// TestOwnersOfFields reads on the review of a change what has deployed the object, by the managers of its fields and by
// the marks that tools leave.
func TestOwnersOfFields(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "owners", brief(t))
	applyAs(t, namespace, "argocd-controller", marked("synced", "labels: {tier: back}"))
	kubectlApply(t, namespace, marked("tracked", "annotations: {argocd.argoproj.io/tracking-id: x}")+"---"+
		marked("fluxed", "labels: {kustomize.toolkit.fluxcd.io/name: shop}")+"---"+
		marked("released", "labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: shop}"))
	for _, c := range []struct{ object, note string }{
		{"synced", "spec.template.spec.containers.0.image is managed by Argo CD, which may change it back"},
		{"tracked", "deployed by Argo CD, which may change it back"},
		{"fluxed", "deployed by Flux, which may change it back"},
		{"released", "deployed by Helm (release shop), which may change it back"},
	} {
		reviewed{"deployments", c.object, "image", "images (", "app=fathom.test/workload:2"}.notes(f, c.note)
	}
	reviewed{"deployments", "synced", "scale", "replicas: ", "3"}.notes(f,
		"spec.replicas is managed by Argo CD, which may change it back")
	reviewed{"deployments", "tracked", "delete", "", ""}.notes(f, "deployed by Argo CD, which may make it again")
	onlyWrites(t, namespace)
}

// TestOwnersOfReplicas reads on the review of a scale which HorizontalPodAutoscaler sets the replicas, and on that of a
// change to a ReplicaSet which Deployment owns it.
func TestOwnersOfReplicas(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "scalers", brief(t))
	kubectl(t, "autoscale", "deployment", "web", "-n", namespace, "--name=elastic", "--min=1", "--max=2", "--cpu=80%")
	reviewed{"deployments", "web", "scale", "replicas: ", "3"}.notes(f,
		"scaled by horizontalpodautoscaler elastic, which will change it back unless it is set to 0")
	kubectl(t, "wait", "--for=create", "replicaset", "-l", "app=web", "-n", namespace, "--timeout", limit.String())
	set := strings.TrimSpace(kubectl(t, "get", "replicasets", "-n", namespace, "-o", "jsonpath={.items[0].metadata.name}"))
	reviewed{"replicasets", set, "scale", "replicas: ", "3"}.notes(f, "owned by deployment web, which may change it back")
	reviewed{"replicasets", set, "label", "labels (", "tier=back"}.notes(f,
		"owned by deployment web, which may change it back")
	onlyWrites(t, namespace)
}
