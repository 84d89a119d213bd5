package suite

import (
	"context"
	"regexp"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// idleSets are a StatefulSet and a DaemonSet without pods.
const idleSets = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  replicas: 0
  serviceName: queue
  selector: {matchLabels: {app: queue}}
  template:
    metadata: {labels: {app: queue}}
    spec: {containers: [{name: app, image: "fathom.test/workload:1"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {nowhere: "true"}
      containers: [{name: app, image: "fathom.test/workload:1"}]
`

// untilRevisions waits until so many revisions of a workload are kept.
func untilRevisions(t *testing.T, namespace, app string, n int) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true,
		func(ctx context.Context) (bool, error) {
			of := metav1.ListOptions{LabelSelector: "app=" + app}
			kept, err := world.client.AppsV1().ControllerRevisions(namespace).List(ctx, of)
			return err == nil && len(kept.Items) == n, err
		})
	if err != nil {
		t.Fatalf("revision %d of %s is not there: %v", n, app, err)
	}
}

// TestRollbackOfSets rolls a StatefulSet and a DaemonSet back to the revision before the last one, which a
// ControllerRevision keeps.
func TestRollbackOfSets(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "rollback", brief(t))
	kubectlApply(t, namespace, idleSets)
	for _, c := range []struct{ kind, name string }{{"statefulset", "queue"}, {"daemonset", "agent"}} {
		untilRevisions(t, namespace, c.name, 1)
		for n, tag := range []string{"2", "3"} {
			kubectl(t, "set", "image", c.kind, c.name, "-n", namespace, "app=fathom.test/workload:"+tag)
			untilRevisions(t, namespace, c.name, n+2)
		}
		reviewed{kind: c.kind + "s", object: c.name}.find(f)
		chooseEffect(f, "rollback")
		f.WaitFor("rollback "+c.kind+" "+namespace+"/"+c.name+" to", limit)
		f.WaitFor(regexp.MustCompile(`› 2 +fathom.test/workload:2`), limit)
		f.Keys("down")
		f.WaitFor(regexp.MustCompile(`› 1 +fathom.test/workload:1`), limit)
		f.Keys("enter")
		f.WaitFor("roll back "+c.kind+" "+namespace+"/"+c.name+" to revision 1 in", limit)
		f.WaitFor(regexp.MustCompile(`(?m)^- +.*image: fathom.test/workload:3`), limit)
		f.WaitFor(regexp.MustCompile(`(?m)^\+ +.*image: fathom.test/workload:1`), limit)
		f.WaitFor("kubectl rollout undo "+c.kind+"/"+c.name+" --to-revision=1", limit)
		yes(f, "done: roll back "+c.kind)
		got := kubectl(t, "get", c.kind, c.name, "-n", namespace, "-o", "jsonpath={.spec.template.spec.containers[*].image}")
		if got != "fathom.test/workload:1" {
			t.Errorf("the %s has %s", c.kind, got)
		}
	}
	equalEntries(t, journaled(t, state), "rollback statefulsets queue done", "rollback daemonsets agent done")
	onlyWrites(t, namespace, "patch statefulsets queue", "patch daemonsets agent")
}
