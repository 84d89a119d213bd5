package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	"sigs.k8s.io/kind/pkg/log"
)

// kindImage is the node image of native's minor version that kind's release notes
// list for the version of the library in go.mod.
const kindImage = "kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed"

// kind runs a cluster in Docker containers: one control plane and two workers. It
// has real pods and takes images, but no faults, audit log, metrics or simulated nodes.
type kind struct {
	Options
	kubeconfig string
	clusters   *kindcluster.Provider
}

func newKind(options Options) (Provider, error) {
	if options.Nodes > 0 {
		return nil, fmt.Errorf("%d simulated nodes on kind: %w; native has them", options.Nodes, ErrUnsupported)
	}
	if output, err := exec.Command("docker", "info").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("kind needs a Docker daemon that answers `docker info`: %w: %s", err, lastLine(string(output)))
	}
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	return &kind{
		Options:    options,
		kubeconfig: filepath.Join(cache, "kind", options.Name+".kubeconfig"),
		clusters: kindcluster.NewProvider(
			kindcluster.ProviderWithDocker(),
			kindcluster.ProviderWithLogger(kindLogger{options.Progress}),
		),
	}, nil
}

// name is the cluster's name for kind; the prefix keeps it apart from the user's own.
func (k *kind) name() string { return "fathom-e2e-" + k.Name }

// Up implements Provider.
func (k *kind) Up(ctx context.Context) (*Cluster, error) {
	status, err := k.Status(ctx)
	if err != nil || status.Running {
		return status.Cluster, err
	}
	if status.Problem != "" {
		fmt.Fprintf(k.Progress, "removing kind cluster %s: %s\n", k.name(), status.Problem)
		if err := k.Down(ctx); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(k.kubeconfig), 0o700); err != nil {
		return nil, err
	}
	config := &v1alpha4.Cluster{Nodes: []v1alpha4.Node{
		{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}, {Role: v1alpha4.WorkerRole},
	}}
	err = k.clusters.Create(k.name(),
		kindcluster.CreateWithV1Alpha4Config(config), kindcluster.CreateWithNodeImage(kindImage),
		kindcluster.CreateWithKubeconfigPath(k.kubeconfig), kindcluster.CreateWithWaitForReady(3*time.Minute),
		kindcluster.CreateWithDisplayUsage(false), kindcluster.CreateWithDisplaySalutation(false))
	if err != nil {
		return nil, fmt.Errorf("kind cluster %s: %w", k.name(), err)
	}
	cluster, err := k.cluster(ctx)
	if err != nil {
		return nil, err
	}
	return cluster, until(ctx, 2*time.Minute, "cluster "+k.Name+" is ready", cluster.ready)
}

// Down implements Provider.
func (k *kind) Down(context.Context) error {
	if err := k.clusters.Delete(k.name(), k.kubeconfig); err != nil {
		return fmt.Errorf("kind cluster %s: %w", k.name(), err)
	}
	if err := os.Remove(k.kubeconfig); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Status implements Provider.
func (k *kind) Status(ctx context.Context) (Status, error) {
	names, err := k.clusters.List()
	if err != nil {
		return Status{}, fmt.Errorf("kind clusters: %w", err)
	}
	if !slices.Contains(names, k.name()) {
		return Status{}, nil
	}
	cluster, err := k.cluster(ctx)
	if err == nil {
		err = cluster.ready(ctx)
	}
	if err != nil {
		return Status{Problem: err.Error()}, nil
	}
	return Status{Running: true, Cluster: cluster}, nil
}

// cluster describes the running cluster and writes its kubeconfig under our own
// context's name.
func (k *kind) cluster(ctx context.Context) (*Cluster, error) {
	text, err := k.clusters.KubeConfig(k.name(), false)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig of %s: %w", k.name(), err)
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("kubeconfig of %s: %w", k.name(), err)
	}
	current, ok := config.Contexts[config.CurrentContext]
	if !ok {
		return nil, fmt.Errorf("kubeconfig of %s has no current context", k.name())
	}
	if err := writeKubeconfig(k.kubeconfig, k.Name, config.Clusters[current.Cluster], "admin",
		config.AuthInfos[current.AuthInfo]); err != nil {
		return nil, err
	}
	kubectl, err := findKubectl(ctx, k.Progress)
	if err != nil {
		return nil, err
	}
	return &Cluster{
		Name: k.Name, Provider: "kind", Kubeconfig: k.kubeconfig, Context: k.Name, Kubectl: kubectl,
		Capabilities: Capabilities{RealPods: true, RealNodes: 3, Images: true}, backend: k,
	}, nil
}

// importImage implements backend.
func (k *kind) importImage(_ context.Context, archive io.Reader) error {
	nodes, err := k.clusters.ListInternalNodes(k.name())
	if err != nil {
		return err
	}
	// Every node reads the archive from its start.
	file, err := os.CreateTemp("", "fathom-image-*.tar")
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }()
	if _, err := io.Copy(file, archive); err != nil {
		return err
	}
	for _, node := range nodes {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := nodeutils.LoadImageArchive(node, file); err != nil {
			return fmt.Errorf("node %s: %w", node, err)
		}
	}
	return nil
}

// component implements backend.
func (k *kind) component(string) (*Component, error) { return nil, ErrUnsupported }

// findKubectl prefers the machine's own kubectl to building one.
func findKubectl(ctx context.Context, progress io.Writer) (string, error) {
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path, nil
	}
	binaries, err := build(ctx, progress, "kubectl")
	return binaries["kubectl"], err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// kindLogger shows what kind says to users of its own command line.
type kindLogger struct{ progress io.Writer }

func (l kindLogger) Warn(message string)               { l.Info(message) }
func (l kindLogger) Warnf(format string, args ...any)  { l.Infof(format, args...) }
func (l kindLogger) Error(message string)              { l.Info(message) }
func (l kindLogger) Errorf(format string, args ...any) { l.Infof(format, args...) }
func (l kindLogger) Info(message string)               { fmt.Fprintln(l.progress, message) }
func (l kindLogger) Infof(format string, args ...any)  { fmt.Fprintf(l.progress, format+"\n", args...) }
func (l kindLogger) Enabled() bool                     { return true }

// V implements log.Logger. Level 0 is for users, the others are for kind's developers.
func (l kindLogger) V(level log.Level) log.InfoLogger {
	if level > 0 {
		return log.NoopInfoLogger{}
	}
	return l
}
