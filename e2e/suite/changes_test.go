package suite

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// setImage changes the image of a Deployment as a tool does that calls itself manager.
func setImage(t *testing.T, namespace, name, manager, image string) *appsv1.Deployment {
	t.Helper()
	deployments := world.client.AppsV1().Deployments(namespace)
	d, err := deployments.Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	patch := fmt.Appendf(nil, `{"spec":{"template":{"spec":{"containers":[{"name":%q,"image":%q}]}}}}`,
		d.Spec.Template.Spec.Containers[0].Name, image)
	d, err = deployments.Patch(t.Context(), name, types.StrategicMergePatchType, patch,
		metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// awaitRevision waits until the controller has made a revision of what a Deployment is now.
func awaitRevision(t *testing.T, d *appsv1.Deployment) {
	t.Helper()
	observed := func(ctx context.Context) (bool, error) {
		now, err := world.client.AppsV1().Deployments(d.Namespace).Get(ctx, d.Name, metav1.GetOptions{})
		return err == nil && now.Status.ObservedGeneration >= d.Generation, err
	}
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, limit, true, observed)
	if err != nil {
		t.Fatalf("no revision of generation %d: %v", d.Generation, err)
	}
}

// awaitLaterSecond waits until what is written now has another time than the creation of a
// Deployment: the times of managedFields have whole seconds.
func awaitLaterSecond(t *testing.T, namespace, name string) {
	t.Helper()
	later := func(ctx context.Context) (bool, error) {
		d, err := world.client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && time.Since(d.CreationTimestamp.Time) > 2*time.Second, err
	}
	if err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, limit, true, later); err != nil {
		t.Fatal(err)
	}
}

// TestAnEditShowsWithWhoAndWhat edits a Deployment as somebody else while its changes are
// on the screen, and in the view of all changes.
func TestAnEditShowsWithWhoAndWhat(t *testing.T) {
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 1)
	one := open(t, "deployment/web", "-n", namespace)
	one.WaitFor("● live", limit)
	one.Keys("h")
	one.WaitFor(regexp.MustCompile(`~\d\d:\d\d:\d\d +.*created`), limit)
	all := open(t, "deployments", "-n", namespace)
	all.WaitFor("● live", limit)
	all.Keys(":")
	all.Type("changes")
	all.Keys("enter")
	all.WaitFor("of what fathom has looked at so far", limit)

	setImage(t, namespace, "web", "kubectl-edit", "shop.test/web:v2")
	for _, f := range []*screen.Terminal{one, all} {
		f.WaitFor(regexp.MustCompile(` \d\d:\d\d:\d\d .*hand: kubectl edit +image .* → `), soon)
	}
	one.Keys("f", "enter") // What the controller reports comes behind it.
	one.WaitFor(regexp.MustCompile(`\+ +.*image: shop.test/web:v2`), limit)
	setImage(t, namespace, "web", "argocd-controller", "shop.test/web:v3")
	all.WaitFor(regexp.MustCompile(` \d\d:\d\d:\d\d .*Argo CD +image web:v2 → :v3`), soon)
}

// TestRevisionsFromBeforeTheStart makes five revisions of a Deployment before fathom runs.
func TestRevisionsFromBeforeTheStart(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 1)
	// Its own image is the first revision only once the controller has seen it.
	awaitRevision(t, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web", Generation: 1}})
	for v := 1; v <= 5; v++ {
		if v == 5 {
			awaitLaterSecond(t, namespace, "web")
		}
		d := setImage(t, namespace, "web", "kubectl-set", fmt.Sprintf("shop.test/web:v%d", v))
		awaitRevision(t, d)
	}
	f := open(t, "deployment/web", "-n", namespace)
	f.WaitFor("● live", limit)
	f.Keys("h")
	for v := 2; v <= 5; v++ {
		// The first revision has the image that the Deployment was created with.
		line := fmt.Sprintf(`~\d\d:\d\d:\d\d .*image web:v%d → :v%d \(revision %d\)`, v-1, v, v+1)
		f.WaitFor(regexp.MustCompile(line), limit)
	}
	f.WaitFor(regexp.MustCompile(`hand: kubectl set +image web:v4 → :v5`), limit)
	f.WaitFor(regexp.MustCompile(`~\d\d:\d\d:\d\d .*created`), limit)
}
