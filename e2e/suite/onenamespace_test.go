package suite

import (
	"regexp"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd/api"
)

// visitor returns the kubeconfig of a ServiceAccount that may read one namespace, signed
// in by a token, and puts a Deployment there of which a Secret is missing.
func visitor(t *testing.T, namespace string) string {
	t.Helper()
	kubectlApply(t, namespace, `
apiVersion: v1
kind: ServiceAccount
metadata: {name: visitor}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: visitor}
rules:
- apiGroups: ["", apps, batch, networking.k8s.io, discovery.k8s.io, autoscaling, policy, metrics.k8s.io]
  resources: ["*"]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: visitor}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: visitor}
subjects: [{kind: ServiceAccount, name: visitor, namespace: `+namespace+`}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "fathom.test/workload:1", envFrom: [{configMapRef: {name: web}}, {secretRef: {name: gone}}]}
`)
	seconds := int64(3600)
	token, err := world.client.CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), "visitor",
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}},
		metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := kubeconfigOf(t, world.cluster.Kubeconfig)
	current := config.Contexts[config.CurrentContext]
	current.Namespace, current.AuthInfo = namespace, "visitor"
	config.AuthInfos = map[string]*api.AuthInfo{"visitor": {Token: token.Status.Token}}
	return writtenKubeconfig(t, config)
}

// TestOneNamespaceIsEnough walks as somebody who may see one namespace through all that
// spans kinds: what they may see is there, and the rest is named.
func TestOneNamespaceIsEnough(t *testing.T) {
	namespace := sandbox(t)
	kubeconfig := visitor(t, namespace)
	f := openWith(t, kubeconfig, tall, "tree", "deployment/web")
	f.WaitFor(regexp.MustCompile(`env from secret gone +missing`), limit)
	f.WaitFor("forbidden to look at", limit)
	f.WaitFor(regexp.MustCompile(`forbidden: .*nodes`), limit)
	goTo(f, "configmaps")
	f.WaitFor(regexp.MustCompile(`(?m)^[› ] web`), limit)
	f.Keys("/")
	f.Type("web")
	f.Keys("enter", "u")
	f.WaitFor("in env of deployment web", limit)
	goTo(f, "atlas")
	for _, want := range []string{
		`deployments .*only in ` + namespace, `○ nodes .*hidden: you may not list nodes`, `parts hidden by your rights`,
	} {
		f.WaitFor(regexp.MustCompile(`(?s)`+want), limit)
	}
	goTo(f, "api")
	filter(f, "nodes")
	f.WaitFor(regexp.MustCompile(`nodes +forbidden +no +cluster`), limit)
	goTo(f, "helm")
	f.WaitFor("no Helm releases in "+namespace, limit)
	goTo(f, "top")
	f.WaitFor("nothing here has been measured yet", limit)
	for _, c := range []struct {
		args string
		want string
		code int
	}{
		{"--once tree deployment/web", "secret gone", 0},
		{"--once containers", "app   web-", 0},
		{"--once explain deploy.spec.replicas", "FIELD: replicas <integer>", 0},
		{"--once api", "deployments", 0},
		{"--once top nodes", "cannot list resource \"nodes\" in API group \"metrics.k8s.io\"", 1},
		{"--once nodes", "cannot list resource \"nodes\"", 1},
		{"triage -A", "pods of all namespaces may not be listed: only " + namespace + " was looked at", 2},
		{"report", "Not judged: namespaces other than " + namespace, 0},
	} {
		out, problems, code := run(t, []string{"KUBECONFIG=" + kubeconfig}, world.fathom, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+problems, c.want) {
			t.Errorf("%s: exit %d: %s%s; want %q", c.args, code, out, problems, c.want)
		}
	}
}
