// Package suite drives the real fathom on a real cluster through a pty, as a
// person would, and compares what it shows with what the cluster says.
//
//	TestMain ──> cluster (e2e/cluster), image, shop ──> tests ──> cluster down
//	test ──> open(t, ...) ──> screen.Terminal ──> keys, waits, screens
//
// Tests that mostly wait and look only at their own objects run in parallel, after all
// the others.
//
// A cluster that cannot start fails every test. What a provider cannot do by its nature
// (stop an API server on kind) is skipped there with the reason, and fails on the
// native provider, which can.
package suite

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/e2e/shop"
)

const (
	upLimit   = 20 * time.Minute // the first time, Kubernetes is built
	shopLimit = 5 * time.Minute
)

// limit is how long a person would wait for a screen on this machine.
const limit = 20 * time.Second

// world is what every test shares. Tests leave the shop as they found it.
var world struct {
	cluster *provider.Cluster
	config  *rest.Config
	client  *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	fathom  string // path of the binary
}

func TestMain(m *testing.M) {
	flag.Parse()
	down, err := prepare()
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		os.Exit(1)
	}
	code := m.Run()
	for _, check := range []func() error{readOnlyKept, down} {
		if err := check(); err != nil {
			fmt.Fprintln(os.Stderr, "suite:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// prepare starts the cluster, sets up the shop in it and builds fathom. The cluster is
// removed afterwards unless FATHOM_E2E_KEEP is set.
func prepare() (down func() error, err error) {
	ctx, stop := context.WithTimeout(context.Background(), upLimit)
	defer stop()
	options := provider.Options{Name: os.Getenv("FATHOM_E2E_CLUSTER"), Progress: os.Stderr}
	if options.Name == "" {
		options.Name = "suite"
	}
	clusters, err := provider.New(options)
	if err != nil {
		return nil, err
	}
	if world.cluster, err = clusters.Up(ctx); err != nil {
		return nil, err
	}
	if err := connect(); err != nil {
		return nil, err
	}
	if err := openShop(ctx); err != nil {
		return nil, err
	}
	if err := beginAudit(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "fathom-suite-")
	if err != nil {
		return nil, err
	}
	world.fathom = filepath.Join(folder, "fathom")
	build := exec.CommandContext(ctx, "go", "build", "-C", "../..", "-o", world.fathom, "./cmd/fathom")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as a release is built; it runs in a container without libraries
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build fathom: %w\n%s", err, out)
	}
	return func() error {
		defer os.RemoveAll(folder)
		if os.Getenv("FATHOM_E2E_KEEP") != "" {
			return nil
		}
		return errors.Join(closeSecond(), clusters.Down(context.Background()))
	}, nil
}

func connect() (err error) {
	if world.config, err = clientcmd.BuildConfigFromFlags("", world.cluster.Kubeconfig); err != nil {
		return err
	}
	world.config.QPS = -1
	if world.client, err = kubernetes.NewForConfig(world.config); err != nil {
		return err
	}
	world.dynamic, err = dynamic.NewForConfig(world.config)
	return err
}

func openShop(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, shopLimit)
	defer stop()
	fmt.Fprintln(os.Stderr, "opening the shop")
	if err := image.Import(ctx, world.cluster); err != nil {
		return err
	}
	if err := shop.Apply(ctx, world.config); err != nil {
		return err
	}
	return shop.Wait(ctx, world.config)
}

// open runs fathom with the cluster's admin kubeconfig in a terminal of 120x40.
func open(t *testing.T, args ...string) *screen.Terminal {
	t.Helper()
	return openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 120, Rows: 40}, args...)
}

// openWith runs fathom with any kubeconfig in any terminal.
func openWith(t *testing.T, kubeconfig string, options screen.Options, args ...string) *screen.Terminal {
	t.Helper()
	options.Env = append(options.Env, "KUBECONFIG="+kubeconfig)
	return screen.Start(t, options, world.fathom, args...)
}

// run runs a program to its end, without a terminal, and returns what it wrote
// and its exit code.
func run(t *testing.T, env []string, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.Env = append(
		[]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "KUBECONFIG=" + world.cluster.Kubeconfig},
		env...)
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("%s: %v", program, err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

// kubectl runs kubectl as the cluster's admin and returns its output.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, problems, code := run(t, nil, world.cluster.Kubectl, args...)
	if code != 0 {
		t.Fatalf("kubectl %v: exit %d: %s", args, code, problems)
	}
	return out
}
