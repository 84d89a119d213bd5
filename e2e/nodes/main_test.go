// Package nodes asks fathom about faults that take more than one real node to have: a node
// that is lost with its pods, a volume on another node than its pod, a DNS server that is
// gone. It runs on a kind cluster of its own, with an empty namespace for each test.
//
//	scenario ──manifest──> cluster ──fault──> `fathom triage -o json`, `fathom --once tree`
package nodes

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
)

const upLimit = 30 * time.Minute // the first time, Kubernetes is built

// world is what every test shares. Tests leave the nodes as they found them.
var world struct {
	cluster *provider.Cluster
	client  *kubernetes.Clientset
	fathom  string // path of the binary
	// workers are the names of the nodes that are not the control plane.
	workers []string
}

func TestMain(m *testing.M) {
	chosen := os.Getenv("FATHOM_E2E_PROVIDER")
	if chosen == "native" || chosen == "existing" {
		fmt.Println("nodes: passed over, this needs kind's three nodes; PROVIDER=kind has them")
		return
	}
	clusters, err := provider.New(options())
	if err != nil && chosen != "kind" && os.Getenv("CI") == "" {
		fmt.Println("nodes: passed over:", err)
		return
	}
	code, down := 1, func() error { return nil }
	if err == nil {
		down, err = prepare(clusters)
	}
	if err == nil {
		code = m.Run()
		err = down()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nodes:", err)
		code = 1
	}
	os.Exit(code)
}

func options() provider.Options {
	name := cmp.Or(os.Getenv("FATHOM_E2E_CLUSTER"), "nodes")
	return provider.Options{Name: name, Provider: "kind", Progress: os.Stderr}
}

// prepare starts the cluster and builds fathom. The cluster is removed afterwards unless
// FATHOM_E2E_KEEP is set.
func prepare(clusters provider.Provider) (down func() error, err error) {
	ctx, stop := context.WithTimeout(context.Background(), upLimit)
	defer stop()
	if world.cluster, err = clusters.Up(ctx); err != nil {
		return nil, err
	}
	if err := image.Import(ctx, world.cluster); err != nil {
		return nil, err
	}
	if world.client, err = world.cluster.Clientset(); err != nil {
		return nil, err
	}
	nodes, err := world.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{
		LabelSelector: "!node-role.kubernetes.io/control-plane",
	})
	if err != nil {
		return nil, err
	}
	for _, node := range nodes.Items {
		world.workers = append(world.workers, node.Name)
	}
	if len(world.workers) != 2 {
		return nil, fmt.Errorf("there are workers %q, not two", world.workers)
	}
	folder, err := os.MkdirTemp("", "fathom-nodes-")
	if err != nil {
		return nil, err
	}
	world.fathom = filepath.Join(folder, "fathom")
	build := exec.CommandContext(ctx, "go", "build", "-C", "../..", "-o", world.fathom, "./cmd/fathom")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build fathom: %w\n%s", err, out)
	}
	return func() error {
		defer os.RemoveAll(folder)
		if os.Getenv("FATHOM_E2E_KEEP") != "" {
			return nil
		}
		return clusters.Down(context.Background())
	}, nil
}

// run runs a program to its end and returns what it wrote and its exit code.
func run(t *testing.T, input, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	// The test's own context has ended when it cleans up.
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	var out, problems strings.Builder
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &out, &problems
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "KUBECONFIG=" + world.cluster.Kubeconfig, "COLUMNS=200",
	}
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatalf("%s: %v", program, err)
	}
	return out.String(), problems.String(), command.ProcessState.ExitCode()
}

// kubectl runs kubectl as the cluster's admin.
func kubectl(t *testing.T, args ...string) {
	t.Helper()
	kubectlWith(t, "", args...)
}

func kubectlWith(t *testing.T, input string, args ...string) string {
	t.Helper()
	out, problems, code := run(t, input, world.cluster.Kubectl, args...)
	if code != 0 {
		t.Errorf("kubectl %v: exit %d: %s", args, code, problems)
	}
	return out
}

// scene makes a namespace with the manifest, in which %[1]s and %[2]s are the workers.
func scene(t *testing.T, manifest string) (namespace string) {
	t.Helper()
	namespace = "nodes-" + strings.ToLower(strings.TrimPrefix(t.Name(), "Test"))
	kubectl(t, "create", "namespace", namespace)
	t.Cleanup(func() { kubectl(t, "delete", "namespace", namespace, "--wait=false") })
	manifest = strings.NewReplacer("WORKER1", world.workers[0], "WORKER2", world.workers[1]).Replace(manifest)
	kubectlWith(t, manifest, "apply", "-n", namespace, "-f", "-")
	if t.Failed() {
		t.FailNow()
	}
	return namespace
}

// ready waits until the deployment's pods are.
func ready(t *testing.T, namespace, deployment string) {
	t.Helper()
	kubectl(t, "rollout", "status", "-n", namespace, "deployment/"+deployment, "--timeout=120s")
	if t.Failed() {
		t.FailNow()
	}
}

func node(t *testing.T, name string) *provider.Node {
	t.Helper()
	handle, err := world.cluster.Node(name)
	if err != nil {
		t.Fatal(err)
	}
	return handle
}
