package suite

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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

// inStates is a Deployment that is paused, and a CronJob that is suspended.
const inStates = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: still}
spec:
  paused: true
  replicas: 0
  selector: {matchLabels: {app: still}}
  template:
    metadata: {labels: {app: still}}
    spec: {containers: [{name: app, image: "fathom.test/workload:1"}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: asleep}
spec:
  schedule: "0 3 1 1 *"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: app, image: "fathom.test/workload:1"}]}
`

// onceRun is a Job whose pod never starts.
const onceRun = `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      nodeSelector: {nowhere: "true"}
      containers: [{name: app, image: "fathom.test/workload:1"}]
`

// revised is a Deployment without pods, of an image.
func revised(tag string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: revised}
spec:
  replicas: 0
  selector: {matchLabels: {app: revised}}
  template:
    metadata: {labels: {app: revised}}
    spec: {containers: [{name: app, image: "fathom.test/workload:` + tag + `"}]}
`
}

// kept is a ConfigMap with a finalizer that nobody removes.
const kept = `
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, finalizers: [fathom.test/clean-up]}
`

// reviewed is an effect on an object of a kind, which leads to a review. asks is what a prompt or a list says before
// that, if there is one, and answer what is typed there; "" takes what it offers. An object without a namespace is
// named by what stands behind the name of the test's namespace.
type reviewed struct{ kind, object, effect, asks, answer string }

var (
	// someEffects patch, make another object, delete, and ask to.
	someEffects = []reviewed{
		{"deployments", "web", "label", "labels (", "tier=front"},
		{"cronjobs", "night", "trigger", "", ""},
		{"pods", "apple", "delete", "", ""},
		{"pods", "birch", "evict", "", ""},
	}
	// inNamespace are those that somebody does in a namespace; no two in a row say the same.
	inNamespace = append([]reviewed{
		{"deployments", "web", "scale", "replicas: ", "3"},
		{"deployments", "web", "restart", "", ""},
		{"deployments", "web", "image", "images (", "app=fathom.test/workload:2"},
		{"deployments", "web", "pause", "", ""},
		{"deployments", "web", "annotate", "annotation (", "example.com/note=seen"},
		{"deployments", "web", "delete-with", "how: ", "orphan"},
		{"deployments", "still", "resume", "", ""},
		{"deployments", "revised", "rollback", "rollback deployment ", ""},
		{"cronjobs", "night", "suspend", "", ""},
		{"cronjobs", "asleep", "unsuspend", "", ""},
		{"jobs", "once", "rerun", "", ""},
		{"pods", "apple", "kill", "", ""},
		{"pods", "apple", "label", "labels (", "tier=front"},
		{"pods", "apple", "delete-grace", "seconds: ", "5"},
		{"configmaps", "kept", "finalizer", "finalizer to remove: ", ""},
		{"persistentvolumeclaims", "data", "expand", "size: ", "2Gi"},
	}, someEffects...)
	// everyEffect are all but the drain.
	everyEffect = append([]reviewed{
		{"nodes", "-open", "cordon", "", ""},
		{"nodes", "-open", "taint", "taint (", "drill=yes:NoSchedule"},
		{"nodes", "-closed", "uncordon", "", ""},
		{"certificatesigningrequests", "-asks", "approve", "", ""},
		{"certificatesigningrequests", "-asks", "deny", "", ""},
	}, inNamespace...)
)

// every are the effects that somebody with a namespace of their own does.
func every(namespace string) []reviewed {
	all := make([]reviewed, 0, len(everyEffect))
	for _, r := range everyEffect {
		if strings.HasPrefix(r.object, "-") {
			r.object = namespace + r.object
		}
		all = append(all, r)
	}
	return all
}

// typed reports whether the name of the object has to be typed.
func (r reviewed) typed() bool { return r.effect == "finalizer" || r.effect == "approve" }

// prepare makes what the effect is for, as far as it is not there.
func (r reviewed) prepare(t *testing.T, namespace string) {
	t.Helper()
	switch r.effect {
	case "cordon", "taint", "uncordon":
		bareNode(t, r.object, r.effect == "uncordon")
	case "approve", "deny":
		kubectl(t, "delete", "csr", r.object, "--ignore-not-found")
		requestCertificate(t, r.object)
	case "finalizer":
		t.Cleanup(func() { letGo(t, namespace) })
		kubectlApply(t, namespace, kept)
	case "expand":
		boundClaim(t, namespace)
	case "rollback":
		twoRevisions(t, namespace)
	case "rerun":
		kubectlApply(t, namespace, onceRun)
	default:
		kubectlApply(t, namespace, idleWeb+"---"+nightly+"---"+twoPods+"---"+inStates)
	}
}

// bareNode makes a node that nobody runs, and that the shop's agents stay away from.
func bareNode(t *testing.T, name string, closed bool) {
	t.Helper()
	spec := `{"taints": [{"key": "fathom.test/drill", "effect": "NoSchedule"}]}`
	if closed {
		spec = `{"unschedulable": true, "taints": [{"key": "fathom.test/drill", "effect": "NoSchedule"}]}`
	}
	t.Cleanup(func() { cleanUp(t, "node", name, "--ignore-not-found") })
	kubectlApply(t, "default", `{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "`+name+`"}, "spec": `+spec+`}`)
}

// letGo removes the finalizer that nobody removes.
func letGo(t *testing.T, namespace string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	defer stop()
	_, err := world.client.CoreV1().ConfigMaps(namespace).Patch(ctx, "kept", types.MergePatchType,
		[]byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Error(err)
	}
}

// twoRevisions makes a Deployment whose template was changed once.
func twoRevisions(t *testing.T, namespace string) {
	t.Helper()
	for n, tag := range []string{"1", "2"} {
		kubectlApply(t, namespace, revised(tag))
		err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true,
			func(ctx context.Context) (bool, error) {
				of := metav1.ListOptions{LabelSelector: "app=revised"}
				sets, err := world.client.AppsV1().ReplicaSets(namespace).List(ctx, of)
				return err == nil && len(sets.Items) > n, err
			})
		if err != nil {
			t.Fatalf("revision %d is not there: %v", n+1, err)
		}
	}
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
	if r.asks != "" {
		f.WaitFor(r.asks, limit)
		if r.answer != "" {
			f.Keys("ctrl+u")
			f.Type(r.answer)
		}
		f.Keys("enter")
	}
	f.WaitFor("[ No ]", limit)
}

// choose is to say yes, which say does.
func (r reviewed) choose(f *screen.Terminal) {
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
}

// say says what was chosen.
func (r reviewed) say(f *screen.Terminal) {
	f.Keys("enter")
	if r.typed() {
		f.WaitFor("and press enter:", limit)
		f.Type(r.object)
		f.Keys("enter")
	}
}

// remove deletes the object, as somebody else.
func (r reviewed) remove(t *testing.T, namespace string) {
	t.Helper()
	if r.effect == "finalizer" {
		letGo(t, namespace)
	}
	kubectl(t, "delete", r.kind, r.object, "-n", namespace)
}

// journaledAs is how the journal has the effect, before its outcome.
func (r reviewed) journaledAs() string {
	effect := r.effect
	if strings.HasPrefix(effect, "delete") {
		effect = "delete"
	}
	return effect + " " + r.kind + " " + r.object
}

// leave goes back to the table, from a review that was not answered.
func (r reviewed) leave(f *screen.Terminal) {
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)
	f.Keys("esc")
	f.WaitFor("› "+r.object, limit)
}
