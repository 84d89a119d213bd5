package suite

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// TestInsideAPod runs fathom in a container, where only the service account that every
// pod gets says which cluster is meant and who the user is.
func TestInsideAPod(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(world.fathom)
	if err != nil {
		t.Fatal(err)
	}
	const image = "fathom.test/fathom:1"
	var archive bytes.Buffer
	if err := provider.WriteImage(&archive, image, []string{"/fathom"}, provider.ImageFile{Path: "/fathom", Mode: 0o755,
		Data: program}); err != nil {
		t.Fatal(err)
	}
	if err := world.cluster.ImportImage(t.Context(), image, &archive); err != nil {
		t.Fatal(err)
	}
	namespace := sandbox(t)
	configMap(t, namespace, "lantern", "value")
	kubectlApply(t, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default}]
---
apiVersion: v1
kind: Pod
metadata: {name: inside}
spec:
  restartPolicy: Never
  containers:
  - {name: allowed, image: `+image+`, args: [--once, configmaps]}
  - {name: forbidden, image: `+image+`, args: [--once, secrets]}
`)
	codes := exitCodes(t, namespace, "inside")
	allowed := kubectl(t, "logs", "-n", namespace, "inside", "-c", "allowed")
	if codes["allowed"] != 0 || !strings.Contains(allowed, "lantern") {
		t.Errorf("exit code %d: %s", codes["allowed"], allowed)
	}
	forbidden := kubectl(t, "logs", "-n", namespace, "inside", "-c", "forbidden")
	if codes["forbidden"] == 0 || !strings.Contains(forbidden, "forbidden") {
		t.Errorf("exit code %d for what is forbidden: %s", codes["forbidden"], forbidden)
	}
}

// exitCodes waits until a pod's containers have ended.
func exitCodes(t *testing.T, namespace, name string) map[string]int32 {
	t.Helper()
	codes := map[string]int32{}
	var last *corev1.Pod
	err := wait.PollUntilContextTimeout(
		t.Context(),
		200*time.Millisecond,
		time.Minute,
		true,
		func(ctx context.Context) (bool, error) {
			pod, err := world.client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			last = pod
			for _, c := range pod.Status.ContainerStatuses {
				if c.State.Terminated != nil {
					codes[c.Name] = c.State.Terminated.ExitCode
				}
			}
			return len(codes) == len(pod.Spec.Containers), nil
		},
	)
	if err != nil {
		t.Fatalf("the containers of %s have not ended: %v: %+v", name, err, last.Status.ContainerStatuses)
	}
	return codes
}
