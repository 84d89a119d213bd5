package suite

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// acceptFromMenu chooses an effect for the row under the cursor, answers its prompt and accepts it.
func acceptFromMenu(f *screen.Terminal, effect, answer, done string) {
	chooseEffect(f, effect)
	if answer != "" {
		f.WaitFor("):", limit)
		f.Type(answer)
		f.Keys("enter")
	}
	accept(f, done)
}

// TestEffectsOfJobs suspends, resumes and triggers a CronJob, and runs its Job once more.
func TestEffectsOfJobs(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "jobs", screen.Options{Columns: 120, Rows: 40})
	kubectlApply(t, namespace, nightly)
	goTo(f, "cronjobs")
	f.WaitFor("› night", limit)
	acceptFromMenu(f, "suspend", "", "suspend cronjob")
	acceptFromMenu(f, "unsuspend", "", "unsuspend cronjob")
	acceptFromMenu(f, "trigger", "", "trigger cronjob")
	goTo(f, "jobs")
	f.WaitFor("› night-", limit)
	acceptFromMenu(f, "rerun", "", "again as job night-")
	f.WaitFor("jobs 2", limit)
	jobs, err := world.client.BatchV1().Jobs(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(jobs.Items) != 2 {
		t.Fatalf("%d jobs: %v", len(jobs.Items), err)
	}
	onlyWrites(t, namespace, "patch cronjobs night", "patch cronjobs night", "create jobs "+jobs.Items[0].Name,
		"create jobs "+jobs.Items[1].Name)
}

// TestEffectsOfTheCluster cordons and taints a node, and denies a request for a certificate.
func TestEffectsOfTheCluster(t *testing.T) {
	t.Parallel()
	f, _, _ := handled(t, "cluster", screen.Options{Columns: 120, Rows: 40})
	name := writeNamespace + "-node"
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := world.client.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "node", name) })
	goTo(f, "nodes")
	filter(f, name)
	f.WaitFor("› "+name, limit)
	acceptFromMenu(f, "cordon", "", "cordon node")
	f.WaitFor("SchedulingDisabled", limit)
	acceptFromMenu(f, "taint", "drill=yes:NoSchedule", "taint node")
	acceptFromMenu(f, "uncordon", "", "uncordon node")
	got, err := world.client.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tainted := false
	for _, taint := range got.Spec.Taints {
		tainted = tainted || taint.Key == "drill" && taint.Value == "yes" && taint.Effect == corev1.TaintEffectNoSchedule
	}
	if got.Spec.Unschedulable || !tainted {
		t.Errorf("the node is %v, %v", got.Spec.Unschedulable, got.Spec.Taints)
	}
}

// TestEffectsOfPods evicts one pod and deletes two that are marked, of which the filter hides one.
func TestEffectsOfPods(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "pods", screen.Options{Columns: 120, Rows: 40})
	for _, name := range []string{"apple", "birch", "cedar"} {
		pendingPod(t, world.client, namespace, name)
	}
	goTo(f, "pods")
	f.WaitFor("cedar", limit)
	f.WaitFor("› apple", limit)
	acceptFromMenu(f, "evict", "", "evict pod")
	f.WaitFor("pods 3", limit)
	f.WaitFor("› birch", limit)
	f.Keys("space", "j", "space")
	filter(f, "cedar")
	f.WaitFor("hidden", limit)
	f.Keys("D")
	f.WaitFor("1 marked object hidden by the filter: birch", limit)
	f.WaitFor("the API server would take all 2", limit)
	accept(f, "delete 2 pods")
	f.Keys("esc")
	f.WaitFor("pods 1", limit)
	for _, name := range []string{"apple", "birch", "cedar"} {
		pod, err := world.client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err == nil && pod.DeletionTimestamp == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

// TestDeletionsWithAWish gives a pod that does not end another time to end than its own, kills it, and deletes
// a Deployment without its ReplicaSet.
func TestDeletionsWithAWish(t *testing.T) {
	t.Parallel()
	namespace := box(t, "wish", false, func(app *corev1.Container) { app.Args = append(app.Args, "--ignore-sigterm") })
	f := openWith(t, world.cluster.Kubeconfig, brief(t), "pods", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	f.WaitFor("› box-", limit)
	pod := readyPod(t, namespace, "")
	filter(f, pod)
	f.WaitFor("pods 1", limit)
	chooseEffect(f, "delete-grace")
	f.WaitFor("seconds: 1", limit)
	f.Keys("ctrl+u")
	f.Type("500")
	f.Keys("enter")
	f.WaitFor("with 500 s to end", limit)
	yes(f, "done: delete pod "+namespace+"/"+pod)
	pods := world.client.CoreV1().Pods(namespace)
	got, err := pods.Get(t.Context(), pod, metav1.GetOptions{})
	if err != nil || got.DeletionGracePeriodSeconds == nil || *got.DeletionGracePeriodSeconds != 500 {
		t.Fatalf("its deletion is %v: %v", got.DeletionGracePeriodSeconds, err)
	}
	f.WaitFor("Terminating", limit)
	chooseEffect(f, "kill")
	f.WaitFor("is being deleted already", limit)
	f.WaitFor("--grace-period=0 --force", limit)
	yes(f, "done: delete pod "+namespace+"/"+pod)
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	untilGone(ctx, t, "pod "+pod, func() error {
		_, err := pods.Get(ctx, pod, metav1.GetOptions{})
		return err
	})

	goTo(f, "deployments")
	f.WaitFor("› box", limit)
	chooseEffect(f, "delete-with")
	f.WaitFor("how: foreground", limit)
	f.Keys("ctrl+u")
	f.Type("orphan")
	f.Keys("enter")
	f.WaitFor("and leave what it owns", limit)
	yes(f, "done: delete deployment "+namespace+"/box")
	untilGone(ctx, t, "deployment box", func() error {
		_, err := world.client.AppsV1().Deployments(namespace).Get(ctx, "box", metav1.GetOptions{})
		return err
	})
	sets, err := world.client.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil || len(sets.Items) != 1 || len(sets.Items[0].OwnerReferences) != 0 {
		t.Errorf("what it owned is %v: %v", sets.Items, err)
	}
}

// TestNoKeyWritesWithoutWriteMode presses keys at random on several screens, as a cat would, answers
// all that asks for an answer, and finds in the audit log that nothing was sent.
func TestNoKeyWritesWithoutWriteMode(t *testing.T) {
	t.Parallel()
	namespace := sandboxNamed(t, world.client, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: writeNamespace + "-cat"},
	})
	pendingPod(t, world.client, namespace, "victim")
	// Not those that save files, suspend, end the program, or give the terminal to a pager.
	keys := strings.Split("a b c d e f g h i j k l m n o p r s t u v w x y z A B C D E G H J K M N O R S T U V W X Y Z "+
		"0 1 2 / ! | & , . < > space enter enter enter tab esc y y up down ctrl+d ctrl+k ctrl+w", " ")
	random := rand.New(rand.NewPCG(1, 2))
	for _, start := range []string{"pods", "triage", "pod/victim", "events", "nodes", "atlas"} {
		options := screen.Options{Columns: 80, Rows: 24, Dir: t.TempDir()}
		f := openWith(t, world.cluster.Kubeconfig, options, start, "-n", namespace)
		f.WaitFor("read-only", limit)
		for range 80 {
			f.Keys(keys[random.IntN(len(keys))])
		}
		f.WaitIdle(300*time.Millisecond, limit)
		if f.Exited() {
			t.Errorf("it ended on %s", start)
		}
	}
	alive(t, namespace, "victim")
	onlyWrites(t, namespace)
}
