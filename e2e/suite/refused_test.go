package suite

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// nightly is a CronJob that runs once a year.
const nightly = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: night}
spec:
  schedule: "0 3 1 1 *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          nodeSelector: {nowhere: "true"}
          containers: [{name: app, image: "fathom.test/workload:1"}]
`

// twoPods are pods that never start.
const twoPods = `
apiVersion: v1
kind: Pod
metadata: {name: apple}
spec: {nodeSelector: {nowhere: "true"}, containers: [{name: app, image: "fathom.test/workload:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: birch}
spec: {nodeSelector: {nowhere: "true"}, containers: [{name: app, image: "fathom.test/workload:1"}]}
`

// reviewed is an effect on an object of a kind, which leads to a review; asks and answer are of its prompt, if it
// has one.
type reviewed struct{ kind, object, effect, asks, answer string }

var (
	// someEffects patch, make another object, delete, and ask to.
	someEffects = []reviewed{
		{"deployments", "web", "label", "labels (", "tier=front"},
		{"cronjobs", "night", "trigger", "", ""},
		{"pods", "apple", "delete", "", ""},
		{"pods", "birch", "evict", "", ""},
	}
	// everyEffect are those that somebody does to these objects; no two in a row say the same.
	everyEffect = append([]reviewed{
		{"deployments", "web", "scale", "replicas: ", "3"},
		{"deployments", "web", "restart", "", ""},
		{"deployments", "web", "image", "images (", "app=fathom.test/workload:2"},
		{"deployments", "web", "pause", "", ""},
		{"deployments", "web", "annotate", "annotation (", "example.com/note=seen"},
		{"deployments", "web", "delete-with", "how: ", "orphan"},
		{"cronjobs", "night", "suspend", "", ""},
		{"pods", "apple", "kill", "", ""},
		{"pods", "apple", "label", "labels (", "tier=front"},
		{"pods", "apple", "delete-grace", "seconds: ", "5"},
	}, someEffects...)
)

// objects makes what the effects are for, as far as it is not there.
func (reviewed) objects(t *testing.T, namespace string) {
	t.Helper()
	kubectlApply(t, namespace, idleWeb+"---"+nightly+"---"+twoPods)
}

// find opens the table of the kind, with the cursor on the object.
func (r reviewed) find(f *screen.Terminal) {
	goTo(f, r.kind)
	f.WaitFor(regexp.MustCompile(r.kind+` \d`), limit)
	filter(f, r.object)
	f.WaitFor("› "+r.object, limit)
}

// look opens the review.
func (r reviewed) look(f *screen.Terminal) {
	r.find(f)
	chooseEffect(f, r.effect)
	if r.answer != "" {
		f.WaitFor(r.asks, limit)
		f.Keys("ctrl+u")
		f.Type(r.answer)
		f.Keys("enter")
	}
	f.WaitFor("[ No ]", limit)
}

// journaledAs is how the journal calls the effect.
func (r reviewed) journaledAs() string {
	if strings.HasPrefix(r.effect, "delete") {
		return "delete"
	}
	return r.effect
}

// leave goes back to the table, from a review that was not answered.
func (r reviewed) leave(f *screen.Terminal) {
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)
	f.Keys("esc")
	f.WaitFor("› "+r.object, limit)
}

// TestRefusedByAdmission asks for what a policy of the cluster refuses: the dry run says so, in the policy's words,
// before anything was sent.
func TestRefusedByAdmission(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "frozen", brief(t))
	reviewed{}.objects(t, namespace)
	freeze(t, namespace)
	for _, r := range everyEffect {
		r.look(f)
		f.WaitFor("cannot be done: ", limit)
		shot := f.WaitFor(regexp.MustCompile(`frozen\s+until\s+Monday`), limit)
		if shot.Contains("Yes") {
			t.Errorf("%s may be answered with yes\n%s", r.effect, shot)
		}
		r.leave(f)
	}
	equalEntries(t, journaled(t, state))
	onlyWrites(t, namespace)
}

// freeze lets a policy refuse all that people change in a namespace.
func freeze(t *testing.T, namespace string) {
	t.Helper()
	const name = writeNamespace + "-policy"
	kinds := []string{"validatingadmissionpolicybinding/" + name, "validatingadmissionpolicy/" + name}
	t.Cleanup(func() { cleanUp(t, kinds...) })
	kubectlApply(t, namespace, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: `+name+`}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+namespace+`}}
    resourceRules:
    - {apiGroups: ["", apps, batch], apiVersions: ["*"], operations: ["*"], resources: ["*/*"]}
  matchConditions:
  - {name: people, expression: "!request.userInfo.username.startsWith('system:')"}
  - {name: inside, expression: "request.resource.resource != 'namespaces'"}
  validations:
  - {expression: "false", message: "this namespace is frozen until Monday"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: `+name+`}
spec: {policyName: `+name+`, validationActions: [Deny]}
`)
	pods := world.client.CoreV1().Pods(namespace)
	dry := metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true,
		func(ctx context.Context) (bool, error) { return pods.Delete(ctx, "apple", dry) != nil, nil })
	if err != nil {
		t.Fatalf("the policy refuses nothing: %v", err)
	}
}

// TestGoneMeanwhile says yes to what somebody else has deleted since it was looked at.
func TestGoneMeanwhile(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "gone", brief(t))
	var want []string
	for _, r := range everyEffect {
		reviewed{}.objects(t, namespace)
		r.look(f)
		f.WaitFor("[ No ]    Yes", limit)
		f.Keys("y")
		f.WaitFor("[ Yes ]", limit)
		kubectl(t, "delete", r.kind, r.object, "-n", namespace)
		f.Keys("enter")
		f.WaitFor(regexp.MustCompile(`failed: .*`+r.object), limit)
		want = append(want, r.journaledAs()+" "+r.kind+" "+r.object+" failed")
	}
	equalEntries(t, journaled(t, state), want...)
	jobs, err := world.client.BatchV1().Jobs(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(jobs.Items) != 0 {
		t.Errorf("%d jobs of a CronJob that is gone: %v", len(jobs.Items), err)
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
