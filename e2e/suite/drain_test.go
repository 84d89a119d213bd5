package suite

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// drained is a node without a kubelet, with two pods that a budget guards, one of a DaemonSet and one of
// nobody.
const drained = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeName: %[1]s
      containers: [{name: app, image: "fathom.test/workload:1"}]
---
apiVersion: v1
kind: Pod
metadata: {name: lonely}
spec:
  terminationGracePeriodSeconds: 0
  nodeName: %[1]s
  containers: [{name: app, image: "fathom.test/workload:1"}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {kubernetes.io/hostname: %[1]s}
      tolerations: [{operator: Exists}]
      containers: [{name: app, image: "fathom.test/workload:1"}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api}
spec: {minAvailable: 2, selector: {matchLabels: {app: api}}}
`

// TestDrain drains a node whose pods a budget holds, stops that, and goes on once the budget is gone.
func TestDrain(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "drain", screen.Options{Columns: 120, Rows: 40})
	name := writeNamespace + "-emptied"
	nodeToDrain(t, name)
	kubectlApply(t, namespace, fmt.Sprintf(drained, name))
	serving(t, namespace, 2)

	goTo(f, "nodes")
	filter(f, name)
	f.WaitFor("› "+name, limit)
	chooseEffect(f, "drain")
	f.WaitFor("2 pods to go, 2 of them blocked now, 2 to stay", limit)
	f.WaitFor("never lets any of its 2 pods go: 2 needed of 2, 2 healthy", limit)
	f.WaitFor(regexp.MustCompile(`agent-\w+ +daemonset agent +stays: daemonset agent would recreate it at once`), limit)
	f.WaitFor(regexp.MustCompile(`lonely +stays: nothing would recreate it`), limit)
	f.Keys("f")
	f.WaitFor(regexp.MustCompile(`lonely +goes for good`), limit)
	f.WaitFor("kubectl drain "+name+" --ignore-daemonsets --force", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor("1 of 3 pods gone, 2 blocked, 1 stay", limit)
	goTo(f, "quit")
	f.WaitFor("ctrl+c quits and stops it: drain node "+name, limit)
	f.Keys("D")
	f.WaitFor("2 not evicted; uncordon it when pods may come again", limit)
	if n := podsOf(t, namespace, "app=api"); n != 2 {
		t.Errorf("%d pods of the Deployment are left, want the 2 that a budget guards", n)
	}
	node, err := world.client.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil || !node.Spec.Unschedulable {
		t.Errorf("the node is not cordoned: %v", err)
	}

	f.Keys("esc")
	f.WaitFor("nothing happens before you have seen", limit)
	f.Keys("enter")
	f.WaitFor("no new ones come: it is cordoned already", limit)
	f.WaitFor("2 pods to go", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor("0 of 2 pods gone, 2 blocked, 1 stay", limit)
	// Their template names the node, so a third pod needs no scheduler, which would heed that it is cordoned.
	kubectl(t, "scale", "deployment", "api", "-n", namespace, "--replicas=3")
	f.WaitFor("0 of 2 pods gone, 2 blocked, 1 stay, 1 came meanwhile, drain again", limit)
	budgets := world.client.PolicyV1().PodDisruptionBudgets(namespace)
	if err := budgets.Delete(t.Context(), "api", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.WaitFor("drain node "+name+": 2 of 2 pods gone, 1 stay, 3 came meanwhile", limit)
}

// beginDrain opens the preview of the drain of a node with two pods of a Deployment, and nothing else.
func beginDrain(t *testing.T, f *screen.Terminal, namespace, node string) {
	t.Helper()
	nodeToDrain(t, node)
	deployment, _, _ := strings.Cut(drained, "---")
	kubectlApply(t, namespace, fmt.Sprintf(deployment, node))
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true,
		func(context.Context) (bool, error) { return podsOf(t, namespace, "app=api") == 2, nil })
	if err != nil {
		t.Fatalf("the pods are not there: %v", err)
	}
	goTo(f, "nodes")
	filter(f, node)
	f.WaitFor("› "+node, limit)
}

// TestDrainRefusedByAdmission drains a node whose pods a policy keeps: the preview says so, in the policy's words, and
// so does the drain, which leaves the pods where they are.
func TestDrainRefusedByAdmission(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "keeps", brief(t))
	const node = writeNamespace + "-stern"
	kubectlApply(t, namespace, twoPods)
	beginDrain(t, f, namespace, node)
	freeze(t, namespace)
	chooseEffect(f, "drain")
	f.WaitFor("2 pods to go, 2 of them refused", limit)
	frozen := regexp.MustCompile(`frozen[│\s]+until[│\s]+Monday`)
	f.WaitFor(frozen, limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor("0 of 2 pods gone, 2 failed", limit)
	f.WaitFor(frozen, limit)
	if n := podsOf(t, namespace, "app=api"); n != 2 {
		t.Errorf("%d pods are left, want 2", n)
	}
	entries := journaled(t, state)
	if len(entries) != 3 || entries[0] != "cordon nodes "+node+" done" {
		t.Fatalf("the journal has %q", entries)
	}
	for _, entry := range entries[1:] {
		if !strings.HasPrefix(entry, "evict pods api-") || !strings.HasSuffix(entry, " failed") {
			t.Errorf("the journal has %q", entry)
		}
	}
}

// TestDrainLosesItsAnswers drains a node over a connection that loses each answer: what happened is found out.
func TestDrainLosesItsAnswers(t *testing.T) {
	t.Parallel()
	_, namespace, _ := handled(t, "lossy", brief(t))
	server, kubeconfig := forget(t)
	options, state := brief(t), t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f := openWith(t, kubeconfig, options, "deployments", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	const node = writeNamespace + "-forgotten"
	beginDrain(t, f, namespace, node)
	chooseEffect(f, "drain")
	f.WaitFor("2 pods to go", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	server.lose("answer")
	f.Keys("enter")
	f.WaitFor("drain node "+node+": 2 of 2 pods gone", 2*limit)
	entries := journaled(t, state)
	if len(entries) != 3 {
		t.Errorf("the journal has %q", entries)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry, " done") {
			t.Errorf("the journal has %q", entry)
		}
	}
}

// nodeToDrain makes a node that nobody runs.
func nodeToDrain(t *testing.T, name string) {
	t.Helper()
	nodes := world.client.CoreV1().Nodes()
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}},
		// The shop's agents stay away.
		Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "fathom.test/drill", Effect: corev1.TaintEffectNoSchedule}}},
	}
	if _, err := nodes.Create(t.Context(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "node", name) })
	const room = `{"pods": "110", "cpu": "8", "memory": "8Gi"}`
	status := `{"status": {"capacity": ` + room + `, "allocatable": ` + room + `,
		"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}}`
	if _, err := nodes.PatchStatus(t.Context(), name, []byte(status)); err != nil {
		t.Fatal(err)
	}
}

// serving says of so many pods of the Deployment that they are ready, as their kubelet would, and waits until
// the budget has seen it and the DaemonSet has its pod.
func serving(t *testing.T, namespace string, want int) {
	t.Helper()
	ready := func(ctx context.Context) (bool, error) {
		pods := world.client.CoreV1().Pods(namespace)
		list, err := pods.List(ctx, metav1.ListOptions{LabelSelector: "app=api"})
		if err != nil || len(list.Items) != want {
			return false, err
		}
		for i := range list.Items {
			pod := &list.Items[i]
			pod.Status.Phase = corev1.PodRunning
			pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
			if _, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil {
				return false, nil //nolint:nilerr // Somebody else wrote it: the next time.
			}
		}
		budget, err := world.client.PolicyV1().PodDisruptionBudgets(namespace).Get(ctx, "api", metav1.GetOptions{})
		return err == nil && budget.Status.CurrentHealthy == int32(want) && podsOf(t, namespace, "app=agent") == 1, err
	}
	if err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true, ready); err != nil {
		t.Fatalf("the pods are not there: %v", err)
	}
}

// podsOf is how many pods a label selector finds.
func podsOf(t *testing.T, namespace, selector string) int {
	t.Helper()
	list, err := world.client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}
