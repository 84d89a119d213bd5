package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
)

// dockerHost makes the mounts and the network that it runs in look like those of a host
// with Docker: a containerd shim that is too old comes first in the PATH, and packets
// are not forwarded, not even between the ports of a bridge. Then it runs its
// arguments.
const dockerHost = `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /usr/local/sbin
printf '#!/bin/sh\necho "a shim of the system" >&2\nexit 1\n' > /usr/local/sbin/containerd-shim-runc-v2
chmod +x /usr/local/sbin/containerd-shim-runc-v2
ip link set lo up
iptables -P FORWARD DROP
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
exec "$@"
`

// TestBesideDocker starts a cluster on a host as Docker leaves it, in a mount and a
// network namespace of the test's own, and lets pods reach each other.
func TestBesideDocker(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gets a node, and without one there are no pods")
	}
	if os.Getenv("FATHOM_E2E_INSIDE") != "" {
		testPodsReachEachOther(t)
		return
	}
	// The first cluster on a machine installs iptables, which the script needs.
	ctx := t.Context()
	if _, err := exec.LookPath("iptables"); err != nil {
		first := open(t, "docker-first")
		t.Logf("%s is up, and so are the system's packages", first.Name)
	}
	script := []string{"-c", dockerHost, "sh", os.Args[0], "-test.run=^TestBesideDocker$", "-test.v"}
	inside := exec.CommandContext(ctx, "/bin/sh", script...)
	inside.Env = append(os.Environ(), "FATHOM_E2E_INSIDE=yes", "PATH=/usr/local/sbin:"+os.Getenv("PATH"))
	inside.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	output, err := inside.CombinedOutput()
	t.Logf("%s", output)
	if err != nil || !strings.Contains(string(output), "--- PASS: TestBesideDocker") {
		t.Errorf("on a host with Docker: %v", err)
	}
}

func open(t *testing.T, name string) *provider.Cluster {
	t.Helper()
	clusters, err := provider.New(provider.Options{Name: name, Provider: "native", Progress: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := clusters.Up(t.Context())
	t.Cleanup(func() {
		if err := clusters.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func testPodsReachEachOther(t *testing.T) {
	ctx := t.Context()
	cluster := open(t, "docker-test")
	if err := image.Import(ctx, cluster); err != nil {
		t.Fatal(err)
	}
	client, err := cluster.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "server"},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "server"},
			Ports:    []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}},
		},
	}
	service, err = client.CoreV1().Services("default").Create(ctx, service, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := readyPod(t, client, "server", "")
	readyPod(t, client, "by-address", "http://"+server.Status.PodIP+":8080/")
	readyPod(t, client, "by-service", "http://"+service.Spec.ClusterIP+"/")
}

// readyPod makes a pod that is ready once it serves and its upstream answers.
func readyPod(t *testing.T, client kubernetes.Interface, name, upstream string) *corev1.Pod {
	t.Helper()
	pods := client.CoreV1().Pods("default")
	probe := corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/readyz", Port: intstr.FromInt32(8080)}}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "workload", Image: image.Repository + ":1", ImagePullPolicy: corev1.PullNever,
			Args:           []string{"--serve=:8080", "--upstream=" + upstream},
			ReadinessProbe: &corev1.Probe{ProbeHandler: probe, PeriodSeconds: 1, TimeoutSeconds: 2},
		}}},
	}
	if _, err := pods.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var got *corev1.Pod
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, 2*time.Minute, true,
		func(ctx context.Context) (_ bool, err error) {
			got, err = pods.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			for _, condition := range got.Status.Conditions {
				if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
					return true, nil
				}
			}
			return false, nil
		})
	if err != nil {
		t.Fatal(fmt.Errorf("pod %s is not ready: %w\n%s", name, err,
			provider.Waiting(t.Context(), client, "default", "app="+name)))
	}
	return got
}
