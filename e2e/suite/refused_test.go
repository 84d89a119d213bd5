package suite

import (
	"context"
	"regexp"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// TestRefusedByAdmission asks for what a policy of the cluster refuses: the dry run says so, in the policy's words,
// before anything was sent.
func TestRefusedByAdmission(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "frozen", brief(t))
	all := every(namespace)
	for _, r := range all {
		r.prepare(t, namespace)
	}
	freeze(t, namespace)
	for _, r := range all {
		r.look(f)
		f.WaitFor("cannot be done: ", limit)
		shot := f.WaitFor(regexp.MustCompile(`frozen\s+until\s+Monday`), limit)
		if shot.Contains("Yes") || shot.Contains("choose yes") {
			t.Errorf("%s may be answered with yes\n%s", r.effect, shot)
		}
		r.leave(f)
	}
	equalEntries(t, journaled(t, state))
	onlyWrites(t, namespace)
}

// freeze lets a policy refuse all that people change in a namespace, and of what is named by it. The namespace has the
// pod apple.
func freeze(t *testing.T, namespace string) {
	t.Helper()
	name := namespace + "-policy"
	t.Cleanup(func() {
		cleanUp(t, "validatingadmissionpolicybinding/"+name, "validatingadmissionpolicy/"+name)
		untilFrozen(context.WithoutCancel(t.Context()), t, namespace, false)
	})
	kubectlApply(t, namespace, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: `+name+`}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+namespace+`}}
    resourceRules:
    - {apiGroups: ["", apps, batch, certificates.k8s.io], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}
  matchConditions:
  - {name: people, expression: "!request.userInfo.username.startsWith('system:')"}
  # A namespace selector leaves out nothing that is in no namespace.
  - name: inside
    expression: >-
      request.resource.resource != 'namespaces' && (has(request.namespace) &&
      request.namespace == '`+namespace+`' || request.name.startsWith('`+namespace+`-'))
  validations:
  - {expression: "false", message: "this namespace is frozen until Monday"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: `+name+`}
spec: {policyName: `+name+`, validationActions: [Deny]}
`)
	untilFrozen(t.Context(), t, namespace, true)
}

// untilFrozen waits until the API server heeds the policy, or that it is gone.
func untilFrozen(ctx context.Context, t *testing.T, namespace string, frozen bool) {
	t.Helper()
	pods := world.client.CoreV1().Pods(namespace)
	dry := metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, limit, true,
		func(ctx context.Context) (bool, error) { return (pods.Delete(ctx, "apple", dry) != nil) == frozen, nil })
	if err != nil {
		t.Fatalf("that it refuses what people change is not %v: %v", frozen, err)
	}
}

// TestGoneMeanwhile says yes to what somebody else has deleted since it was looked at.
func TestGoneMeanwhile(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "gone", brief(t))
	var want []string
	for _, r := range every(namespace) {
		r.prepare(t, namespace)
		r.look(f)
		r.choose(f)
		r.remove(t, namespace)
		r.say(f)
		f.WaitFor(regexp.MustCompile(`failed: .*`+r.object), limit)
		want = append(want, r.journaledAs()+" failed")
	}
	equalEntries(t, journaled(t, state), want...)
	jobs, err := world.client.BatchV1().Jobs(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(jobs.Items) != 0 {
		t.Errorf("%d jobs of what is gone: %v", len(jobs.Items), err)
	}
}

// TestChangedMeanwhile says yes to what somebody else has changed since it was looked at: it is left as it is.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "changed", brief(t))
	var want []string
	for i, r := range every(namespace) {
		r.prepare(t, namespace)
		r.look(f)
		r.choose(f)
		field := "metadata.labels.*by-" + strconv.Itoa(i) + `\b`
		if r.effect == "scale" { // What was looked at is the scale alone.
			field = "spec.replicas 1 → 2"
			kubectl(t, "scale", "deployment", r.object, "-n", namespace, "--replicas=2")
		} else {
			kubectl(t, "label", r.kind, r.object, "-n", namespace, "--overwrite", "seen=by-"+strconv.Itoa(i))
		}
		r.say(f)
		f.WaitFor(regexp.MustCompile(`failed: not done: it has changed since you looked: `+field), limit)
		want = append(want, r.journaledAs()+" failed")
	}
	equalEntries(t, journaled(t, state), want...)
	for _, pod := range []string{"apple", "birch"} {
		alive(t, namespace, pod)
	}
}

// TestAnotherObjectOfThatName says yes to the deletion of an object that was deleted and made again.
func TestAnotherObjectOfThatName(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "another", brief(t))
	pendingPod(t, world.client, namespace, "apple")
	r := reviewed{"pods", "apple", "delete", "", ""}
	r.look(f)
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	deletePod(t, world.client, namespace, "apple")
	pendingPod(t, world.client, namespace, "apple")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`failed: .*another object of that name`), limit)
	alive(t, namespace, "apple")
}

// TestRefusedByRights asks for what a user may not do, and for what they no longer may once they say yes.
func TestRefusedByRights(t *testing.T) {
	t.Parallel()
	namespace := sandboxNamed(t, world.client, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: writeNamespace + "-rights"},
	})
	kubeconfig := visitor(t, namespace)
	const binding = writeNamespace + "-patches"
	kubectl(t, "create", "role", binding, "-n", namespace, "--verb=patch", "--resource=deployments.apps")
	kubectl(t, "create", "rolebinding", binding, "-n", namespace, "--role="+binding,
		"--serviceaccount="+namespace+":visitor")
	options := brief(t)
	state := t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f := openWith(t, kubeconfig, options, "deployments", "--write")
	f.WaitFor("● live", limit)
	filter(f, "web")
	f.WaitFor("› web", limit)
	f.Keys("s")
	f.WaitFor("replicas: ", limit)
	f.Keys("ctrl+u")
	f.Type("3")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`cannot be done: .* is forbidden: User`), limit)
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)

	r := reviewed{"deployments", "web", "label", "labels (", "tier=front"}
	r.look(f)
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	kubectl(t, "delete", "rolebinding", binding, "-n", namespace)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`failed: .*forbidden`), limit)
	equalEntries(t, journaled(t, state), "label deployments web failed")
}
