package suite

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// cleanLimit is how long a cluster may take to remove what a test has made.
const cleanLimit = time.Minute

// sandbox makes a namespace for one test in the suite's cluster. It is gone before the
// next test begins.
func sandbox(t *testing.T) string {
	t.Helper()
	return sandboxNamed(t, world.client, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "sandbox-"}})
}

func sandboxNamed(t *testing.T, client kubernetes.Interface, namespace *corev1.Namespace) string {
	t.Helper()
	namespaces := client.CoreV1().Namespaces()
	made, err := namespaces.Create(t.Context(), namespace, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, stop := context.WithTimeout(context.Background(), cleanLimit)
		defer stop()
		if err := namespaces.Delete(ctx, made.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("delete namespace %s: %v", made.Name, err)
			return
		}
		if client != kubernetes.Interface(world.client) {
			// Nobody looks at all of the second cluster, whose controllers take their time after a fault.
			return
		}
		untilGone(ctx, t, "namespace "+made.Name, func() error {
			_, err := namespaces.Get(ctx, made.Name, metav1.GetOptions{})
			return err
		})
	})
	ready(t, client, made.Name)
	return made.Name
}

// cleanUp deletes what a test has made outside of its namespace. It runs after the test,
// whose own context has ended.
func cleanUp(t *testing.T, arguments ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), cleanLimit)
	defer stop()
	cmd := exec.CommandContext(ctx, world.cluster.Kubectl, append([]string{"delete"}, arguments...)...)
	cmd.Env = []string{"HOME=" + os.TempDir(), "KUBECONFIG=" + world.cluster.Kubeconfig}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("kubectl delete %v: %v: %s", arguments, err, out)
	}
}

// ready makes the service account that pods run as. A controller would do so too, but
// may take long after a fault.
func ready(t *testing.T, client kubernetes.Interface, namespace string) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	_, err := client.CoreV1().ServiceAccounts(namespace).Create(t.Context(), account, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("create the default service account of %s: %v", namespace, err)
	}
}

// untilGone waits until get says that there is no such object.
func untilGone(ctx context.Context, t *testing.T, what string, get func() error) {
	t.Helper()
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(context.Context) (bool, error) {
		err := get()
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
	if err != nil {
		t.Errorf("%s to be gone: %v", what, err)
	}
}

// nowhere is a node selector that no node has: pods with it cost the machine nothing.
var nowhere = map[string]string{"fathom.test/node": "none"}

// pendingPod makes a pod that is never scheduled.
func pendingPod(t *testing.T, client kubernetes.Interface, namespace, name string) {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: pendingSpec()}
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatalf("create pod %s: %v", name, err)
	}
}

// pendingDeployment makes a deployment whose pods are never scheduled.
func pendingDeployment(t *testing.T, namespace, name string, replicas int32) {
	t.Helper()
	labels := map[string]string{"app": name}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pendingSpec()},
		},
	}
	if _, err := world.client.AppsV1().Deployments(namespace).Create(t.Context(), deployment,
		metav1.CreateOptions{}); err != nil {
		t.Fatalf("create deployment %s: %v", name, err)
	}
}

func pendingSpec() corev1.PodSpec {
	return corev1.PodSpec{
		NodeSelector: nowhere,
		Containers:   []corev1.Container{{Name: "app", Image: "fathom.test/workload:1"}},
	}
}

// deletePod removes a pod at once, without its grace period.
func deletePod(t *testing.T, client kubernetes.Interface, namespace, name string) {
	t.Helper()
	now := int64(0)
	if err := client.CoreV1().Pods(namespace).Delete(t.Context(), name,
		metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatalf("delete pod %s: %v", name, err)
	}
}

// configMap makes a ConfigMap with one value.
func configMap(t *testing.T, namespace, name, value string) {
	t.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"key": value}}
	if _, err := world.client.CoreV1().ConfigMaps(namespace).Create(t.Context(), object,
		metav1.CreateOptions{}); err != nil {
		t.Fatalf("create config map %s: %v", name, err)
	}
}
