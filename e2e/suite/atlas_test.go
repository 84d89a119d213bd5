package suite

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// tall shows the whole atlas at once in its narrow form.
var tall = screen.Options{Columns: 100, Rows: 160}

// TestAtlasOfAHealthyCluster compares what the atlas says with what runs here.
func TestAtlasOfAHealthyCluster(t *testing.T) {
	f := openWith(t, world.cluster.Kubeconfig, tall)
	f.WaitFor("● live", limit)
	goTo(f, "atlas")
	dns := `– dns .*not shown`
	if world.cluster.Provider == "kind" {
		dns = `● dns .*kube-system/coredns ready`
	}
	for _, want := range []string{
		`● kube-apiserver +front of the API · ready: all \d+ checks pass`, `● etcd +holds all state · answers the API server`,
		`– cloud-controller .*not shown`, `kubelet .*all renew their leases`, `runtime .*containerd://`,
		`█+▒*░+ .*requested \(\d+%\)`, dns, `custom kinds .*all established`, `● groups .*\d+ groups`,
		`you +.*SelfSubjectReview`, `signed in by +client certificate`, `your rights .*everything`,
		`admission .*\d+ plugins: `, `authorizers .*RBAC`,
	} {
		f.WaitFor(regexp.MustCompile(`(?s)`+want), limit)
	}
	shot := f.WaitFor(regexp.MustCompile(`deployments +pods that replace each other · \d+`), limit)
	if shot.Contains("hidden") {
		t.Errorf("something is hidden from an administrator\n%s", shot)
	}
	f.Keys("g", "down", "down")
	f.WaitFor("›· its checks", limit)
	f.Keys("enter")
	f.WaitFor("/readyz", limit)
	f.WaitFor("● etcd-readiness", limit)
	f.Keys("esc")
	f.WaitFor("kube-apiserver", limit)
}

// brokenParts are a webhook that nobody answers, an add-on without a node, and a quota that
// is used up. Nobody else meets them.
const brokenParts = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAMESPACE}
webhooks:
- name: nobody.fathom.test
  failurePolicy: Fail
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig: {service: {namespace: NAMESPACE, name: nobody}}
  namespaceSelector: {matchLabels: {fathom.test/never: "true"}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: headlamp, labels: {app.kubernetes.io/name: headlamp}}
spec:
  replicas: 1
  selector: {matchLabels: {app: headlamp}}
  template:
    metadata: {labels: {app: headlamp}}
    spec:
      nodeSelector: {fathom.test/node: none}
      containers: [{name: app, image: "fathom.test/workload:1"}]
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: full}
spec: {hard: {configmaps: "1"}}
`

// breakParts makes the broken parts in a namespace and returns when their states are known.
func breakParts(t *testing.T, namespace string) {
	t.Helper()
	abandonedLease(t, "kube-scheduler")
	kubectlApply(t, namespace, strings.ReplaceAll(brokenParts, "NAMESPACE", namespace))
	t.Cleanup(func() { cleanUp(t, "validatingwebhookconfiguration", namespace) })
	kubectl(t, "wait", "-n", namespace, "--timeout=60s", "--for=jsonpath={.status.used.configmaps}=1", "quota/full")
}

// TestAtlasNamesWhatIsBroken breaks a few things that only this test has.
func TestAtlasNamesWhatIsBroken(t *testing.T) {
	namespace := sandbox(t)
	breakParts(t, namespace)
	f := openWith(t, world.cluster.Kubeconfig, tall)
	f.WaitFor("● live", limit)
	goTo(f, "pulse")
	for _, want := range []string{
		`✖ webhook +nobody.fathom.test: nobody ready behind ` + namespace + `/nobody`,
		`(✖|▲|◌) dashboard +` + namespace + `/headlamp 0/1`,
		`quota +█+ ` + namespace + `/full configmaps 1 of 1`,
		`✖ scheduler +places pods · lease of gone-1 not renewed for \d+\w: no pod is placed`, `✖ not well: .*webhook`,
	} {
		f.WaitFor(regexp.MustCompile(`(?s)`+want), limit)
	}
}

// abandonedLease makes the lease of a part of the control plane whose leader died. Where the cluster has one instance
// of each, which elects no leader, the part runs on; else it is stopped.
func abandonedLease(t *testing.T, name string) {
	t.Helper()
	leases := world.client.CoordinationV1().Leases("kube-system")
	_, err := leases.Get(t.Context(), name, metav1.GetOptions{})
	var lease *coordinationv1.Lease
	if err == nil {
		stopUntilTheEnd(t, name)
		lease, err = leases.Get(t.Context(), name, metav1.GetOptions{})
	} else {
		lease, err = leases.Create(t.Context(), &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: name},
		}, metav1.CreateOptions{})
		t.Cleanup(func() {
			if err := leases.Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
				t.Errorf("delete lease %s: %v", name, err)
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	holder, seconds, renewed := "gone-1_5c1e", int32(15), metav1.NewMicroTime(time.Now().Add(-time.Hour))
	lease.Spec = coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, RenewTime: &renewed}
	if _, err := leases.Update(t.Context(), lease, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// stopUntilTheEnd stops a part of the control plane, and has it lead again at the end of the test.
func stopUntilTheEnd(t *testing.T, name string) {
	t.Helper()
	part, err := world.cluster.Component(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := part.Start(ctx); err != nil {
			t.Error(err)
		}
		started := time.Now()
		err := wait.PollUntilContextTimeout(ctx, time.Second, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
			lease, err := world.client.CoordinationV1().Leases("kube-system").Get(ctx, name, metav1.GetOptions{})
			return err == nil && lease.Spec.RenewTime != nil && lease.Spec.RenewTime.After(started), nil
		})
		if err != nil {
			t.Errorf("%s does not lead again: %v", name, err)
		}
	})
	if err := part.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestAtlasOfOncall is for whom nearly everything is hidden: what they may see is there,
// and the rest is named.
func TestAtlasOfOncall(t *testing.T) {
	f := openWith(t, oncall(t), tall)
	f.WaitFor("● live", limit)
	goTo(f, "atlas")
	for _, want := range []string{
		`● kube-apiserver +front of the API · ready: all \d+ checks pass`, `size hidden`,
		`○ scheduler .*hidden: you may not list leases`, `○ nodes .*hidden: you may not list nodes`,
		`deployments .*only in payments`, `secrets hidden`, `in payments you may read `,
		`○ custom kinds .*hidden`, `parts hidden by your rights`,
	} {
		f.WaitFor(regexp.MustCompile(`(?s)`+want), limit)
	}
}

// TestAtlasOfADump says of what when it is, and what the dump lacks.
func TestAtlasOfADump(t *testing.T) {
	path := dumpShapes[0].take(t, nil)
	f := openWith(t, "/does/not/exist", tall, "open", path, "pods", "-n", "shop")
	f.WaitFor("db-0", limit)
	goTo(f, "atlas")
	for _, want := range []string{
		`as of dump 20`, `– kube-apiserver .*a dump answers no checks`, `– scheduler .*no lease kube-scheduler in this dump`,
		`● nodes .*1 of 1 ready|nodes .*\d of \d ready`, `no quotas in this dump`, `a dump knows no user`,
	} {
		f.WaitFor(regexp.MustCompile(`(?s)`+want), limit)
	}
}
