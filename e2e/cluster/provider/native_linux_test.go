package provider

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// As root these tests make nodes with pods, otherwise control planes alone: what they
// check holds for both.

func TestUpAfterCrashStartsAgainAndDownLeavesNothing(t *testing.T) {
	cluster := newTestCluster(t, "crash-test")
	before := hostState(t)
	for _, test := range crashes(cluster) {
		t.Run(test.name, func(t *testing.T) {
			test.crash(t)
			old, err := cluster.readState()
			if err != nil {
				t.Fatal(err)
			}
			mustUp(t, cluster)
			for _, process := range old.Processes {
				if process.alive() {
					t.Errorf("%s of the broken cluster still runs", process.Name)
				}
			}
		})
	}
	trace := traceOf(t, cluster)
	for range 2 {
		if err := cluster.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left := trace.left(t); len(left) > 0 {
		t.Errorf("down left behind:\n%s", strings.Join(left, "\n"))
	}
	if after := hostState(t); after != before {
		t.Errorf("the host has changed\nbefore:\n%s\nafter:\n%s", before, after)
	}
}

// crash is one way for a cluster to break.
type crash struct {
	name  string
	crash func(t *testing.T)
}

func crashes(cluster *native) []crash {
	return []crash{
		{"the start is interrupted", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			interrupted := *cluster
			interrupted.Progress = writerFunc(func(line string) {
				if strings.HasPrefix(line, "starting kube-scheduler") {
					cancel()
				}
			})
			if _, err := interrupted.Up(ctx); err == nil {
				t.Fatal("up succeeded although it was interrupted")
			}
		}},
		{"everything is killed", func(t *testing.T) {
			s := mustState(t, cluster)
			if s.Node != nil {
				kill(t, *s.Node)
			}
			for _, process := range s.Processes {
				kill(t, process)
			}
		}},
		{"every component is killed, the node and the pods live on", func(t *testing.T) {
			for _, process := range mustState(t, cluster).Processes {
				kill(t, process)
			}
		}},
		{"other versions were running", func(t *testing.T) {
			s := mustState(t, cluster)
			s.Processes[0].Args[0] += "-older"
			if err := s.write(cluster.path("state.json")); err != nil {
				t.Fatal(err)
			}
		}},
		{"only etcd is killed", func(t *testing.T) {
			etcd, _ := mustState(t, cluster).process("etcd")
			kill(t, etcd)
		}},
	}
}

// TestDownDropsTheNetworkOfManyPods gives a node as many network namespaces as a
// busy one has pods: the kernel may need minutes to drop them.
func TestDownDropsTheNetworkOfManyPods(t *testing.T) {
	if !hasContainers() {
		t.Skip("only root gets a node, and without one there is no network to drop")
	}
	cluster := newTestCluster(t, "many-networks")
	binaries, err := build(t.Context(), cluster.Progress, "pause")
	if err != nil {
		t.Fatal(err)
	}
	before := hostState(t)
	made := &state{}
	if err := cluster.startNode(t.Context(), made, binaries["pause"]); err != nil {
		t.Fatal(err)
	}
	const script = "set -e; for i in $(seq 200); do ip netns add pod$i; " +
		"ip link add veth$i type veth peer name eth0 netns pod$i; ip link set veth$i up; done"
	pods := exec.Command("/bin/sh", "-c", script)
	var output strings.Builder
	pods.Dir, pods.Env, pods.Stdout, pods.Stderr = "/", []string{"PATH=" + systemPath}, &output, &output
	if err := startInside(*made.Node, pods); err != nil {
		t.Fatal(err)
	}
	if err := pods.Wait(); err != nil {
		t.Fatalf("%v: %s", err, output.String())
	}
	started := time.Now()
	if err := cluster.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("down after %s", time.Since(started).Round(time.Millisecond))
	if link, err := net.InterfaceByIndex(made.Interface); err == nil {
		t.Errorf("interface %s is left", link.Name)
	}
	if after := hostState(t); after != before {
		t.Errorf("the host has changed\nbefore:\n%s\nafter:\n%s", before, after)
	}
}

func TestClustersSideBySide(t *testing.T) {
	one, two := newTestCluster(t, "side-one"), newTestCluster(t, "side-two")
	first, second := mustUp(t, one), mustUp(t, two)
	trace := traceOf(t, two)
	client, err := first.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "only-one"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if client, err = second.Clientset(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Namespaces().Get(t.Context(), "only-one",
		metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("namespace of the other cluster: got %v, want not found", err)
	}

	t.Run("faults", func(t *testing.T) { testFaults(t, one, first) })
	t.Run("users", func(t *testing.T) { testUsers(t, first) })
	t.Run("simulated nodes", func(t *testing.T) { testSimulatedNodes(t, one) })

	if err := one.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	for pid, start := range trace.processes {
		if start != "" && processStart(pid) != start {
			t.Errorf("process %d of the other cluster has ended", pid)
		}
	}
	mustUp(t, two)
}

// testFaults stops and starts the API server and shows what clients see.
func testFaults(t *testing.T, n *native, cluster *Cluster) {
	apiserver, err := cluster.Component("kube-apiserver")
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"a paused program does not answer", apiserver.Pause, "Client.Timeout exceeded"},
		{"a resumed program answers", apiserver.Resume, "<nil>"},
		{"a killed program refuses connections", func() error { return apiserver.Kill(t.Context()) }, "connection refused"},
		{"a started program answers", func() error { return apiserver.Start(t.Context()) }, "<nil>"},
		{"a paused program goes on after up", func() error {
			if err := apiserver.Pause(); err != nil {
				return err
			}
			_, err := n.Up(t.Context())
			return err
		}, "<nil>"},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := healthy(t.Context(), mustState(t, n).url("apiserver")+"/livez")
		if !strings.Contains(fmt.Sprint(got), step.want) {
			t.Errorf("%s: got %v, want %s", step.name, got, step.want)
		}
	}
	if _, err := cluster.Component("kube-nonsense"); err == nil || !strings.Contains(err.Error(), "kube-apiserver") {
		t.Errorf("unknown component: got %v, want the list of components", err)
	}
}

// testUsers shows that a new user is known to the cluster and has no rights.
func testUsers(t *testing.T, cluster *Cluster) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := cluster.UserKubeconfig(t.Context(), path, "jane", []string{"team-shop"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	jane := *cluster
	jane.Kubeconfig = path
	client, err := jane.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "jane"`) {
		t.Errorf("got %v, want jane to be forbidden", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the kubeconfig: %v, %v; want 0600", info.Mode(), err)
	}
}

// testSimulatedNodes shows that nodes are added, not removed, and that pods run on them.
func testSimulatedNodes(t *testing.T, n *native) {
	for _, nodes := range []int{3, 5, 2} {
		n.Nodes = nodes
		cluster, err := n.Up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := max(nodes, 3); cluster.SimulatedNodes < want {
			t.Errorf("%d simulated nodes, want %d", cluster.SimulatedNodes, want)
		}
	}
	status, err := n.Status(t.Context())
	if err != nil || !status.Running || status.Cluster.SimulatedNodes != 5 {
		t.Errorf("status %+v, %v; want 5 simulated nodes", status, err)
	}
	client, err := status.Cluster.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	pods := client.CoreV1().Pods("default")
	_, err = pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "simulated"},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"type": "kwok"},
			Tolerations:  []corev1.Toleration{{Key: "kwok.x-k8s.io/node", Operator: corev1.TolerationOpExists}},
			Containers:   []corev1.Container{{Name: "nothing", Image: "nothing.test/nothing"}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitRunning(t, pods, "simulated")
}

// newTestCluster names a cluster that is removed when the test ends.
func newTestCluster(t *testing.T, name string) *native {
	t.Helper()
	made, err := newNative(Options{Name: name, Progress: writerFunc(func(line string) { t.Log(strings.TrimSpace(line)) })})
	if err != nil {
		t.Fatal(err)
	}
	cluster := made.(*native)
	t.Cleanup(func() {
		if err := cluster.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("down: %v", err)
		}
	})
	return cluster
}

// mustUp starts the cluster and proves that it works: a namespace gets its service
// account, and where there is a node, a pod runs.
func mustUp(t *testing.T, n *native) *Cluster {
	t.Helper()
	cluster, err := n.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if cluster.RealPods != (os.Geteuid() == 0) {
		t.Fatalf("real pods %t as user %d", cluster.RealPods, os.Geteuid())
	}
	if !cluster.RealPods {
		return cluster
	}
	client, err := cluster.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	pods := client.CoreV1().Pods("default")
	created, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "pause", Image: pauseImage, ImagePullPolicy: corev1.PullNever,
			VolumeMounts: []corev1.VolumeMount{{Name: "memory", MountPath: "/memory"}},
		}}, Volumes: []corev1.Volume{{Name: "memory", VolumeSource: corev1.VolumeSource{
			EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory},
		}}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitRunning(t, pods, created.Name)
	return cluster
}

func waitRunning(t *testing.T, pods typedcorev1.PodInterface, name string) {
	t.Helper()
	err := until(t.Context(), time.Minute, "the pod runs", func(ctx context.Context) error {
		pod, err := pods.Get(ctx, name, metav1.GetOptions{})
		if err == nil && pod.Status.Phase != corev1.PodRunning {
			err = fmt.Errorf("it is %s: %v", pod.Status.Phase, pod.Status.ContainerStatuses)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func mustState(t *testing.T, n *native) *state {
	t.Helper()
	state, err := n.readState()
	if err != nil || len(state.Processes) == 0 {
		t.Fatalf("state %+v: %v", state, err)
	}
	return state
}

func kill(t *testing.T, p process) {
	t.Helper()
	if !p.alive() {
		return // It went with its node.
	}
	if err := p.kill(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// trace is everything on the host that belongs to one running cluster.
type trace struct {
	folder, name string
	// link is the number of the host's interface to the node.
	link int
	// processes are all of the node, pods included, with their start times.
	processes map[int]string
	namespace string
}

func traceOf(t *testing.T, n *native) trace {
	t.Helper()
	state := mustState(t, n)
	found := trace{folder: n.folder, name: n.Name, link: state.Interface, processes: map[int]string{}}
	for _, process := range state.Processes {
		found.processes[process.PID] = process.Start
	}
	if state.Node == nil {
		return found
	}
	if _, err := net.InterfaceByIndex(state.Interface); err != nil {
		t.Fatalf("the host's interface: %v", err)
	}
	found.namespace = namespace(state.Node.PID, "net")
	for _, pid := range pids(t) {
		// A pod's processes have namespaces below the node's, which their cgroup tells.
		cgroups, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
		if namespace(pid, "net") == found.namespace || strings.Contains(string(cgroups), cgroupRoot(n.Name)+"/") {
			found.processes[pid] = processStart(pid)
		}
	}
	if len(found.processes) <= len(state.Processes) {
		t.Fatalf("found no process of a pod among %v", found.processes)
	}
	return found
}

// left lists what still exists.
func (tr trace) left(t *testing.T) []string {
	t.Helper()
	var left []string
	for pid, start := range tr.processes {
		if start != "" && processStart(pid) == start {
			left = append(left, fmt.Sprintf("process %d", pid))
		}
	}
	for _, pid := range pids(t) {
		arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		mounts, _ := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", pid))
		if strings.Contains(string(arguments), tr.folder+"/") || strings.Contains(string(mounts), tr.folder+"/") {
			left = append(left, fmt.Sprintf("process %d: %s", pid, arguments))
		}
		if tr.namespace != "" && namespace(pid, "net") == tr.namespace {
			left = append(left, fmt.Sprintf("process %d in network namespace %s", pid, tr.namespace))
		}
	}
	if _, err := os.Stat(tr.folder); err == nil {
		left = append(left, tr.folder)
	}
	folders, err := cgroupFolders(tr.name)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if _, err := os.Stat(folder); err == nil {
			left = append(left, folder)
		}
	}
	if link, err := net.InterfaceByIndex(tr.link); err == nil {
		left = append(left, "interface "+link.Name)
	}
	return left
}

// hostState is what no cluster may change, not even those of other tests that run at
// the same time.
func hostState(t *testing.T) string {
	t.Helper()
	commands := []string{
		"cat /proc/mounts",
		"ip netns list",
		"cd /proc/sys && head vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops",
		"cd /proc/sys && head kernel/keys/root_max* net/ipv4/ip_forward",
		"ls /run/netns /var/lib/kubelet /var/lib/cni /etc/cni/net.d /run/containerd /opt/cni 2>&1",
	}
	if os.Geteuid() == 0 {
		// The first cluster on a machine installs iptables; if there were no rules before, an empty set afterwards is fine.
		commands = append(commands, "iptables-save 2>/dev/null | grep -v '^#'")
	}
	var all strings.Builder
	for _, command := range commands {
		output, _ := exec.Command("sh", "-c", command).CombinedOutput()
		fmt.Fprintf(&all, "$ %s\n%s", command, output)
	}
	return all.String()
}

func namespace(pid int, kind string) string {
	name, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
	return name
}

func pids(t *testing.T) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && pid != os.Getpid() {
			found = append(found, pid)
		}
	}
	return found
}
