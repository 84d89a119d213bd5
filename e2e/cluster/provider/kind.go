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
	"sync"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	"sigs.k8s.io/kind/pkg/log"
)

// kindImage is the node image of native's minor version that kind's release notes
// list for the version of the library in go.mod.
const kindImage = "kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed"

// kind runs a cluster in Docker containers: one control plane and two workers. Where
// Docker can run a published node's image, it does; else the image is made here, of
// programs that are built from Go modules, and if need be the daemon is our own.
type kind struct {
	Options
	cache, folder string
	clusters      *kindcluster.Provider
	// daemon is nil where the machine's own Docker is used.
	daemon *daemon
}

func newKind(options Options) (Provider, error) {
	if options.Nodes > 0 {
		return nil, fmt.Errorf("%d simulated nodes on kind: %w; native has them", options.Nodes, ErrUnsupported)
	}
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	k := &kind{
		Options: options, cache: cache, folder: filepath.Join(cache, "kind", options.Name),
		clusters: kindcluster.NewProvider(
			kindcluster.ProviderWithDocker(),
			kindcluster.ProviderWithLogger(kindLogger{options.Progress}),
		),
	}
	own := &daemon{name: options.Name, folder: k.folder, progress: options.Progress}
	needed := needsDaemon(context.Background())
	if _, err := exec.LookPath("apt-get"); needed && err != nil && !own.exists() {
		return nil, fmt.Errorf("kind needs a Docker daemon that answers `docker info`, or a Debian to start one of its own: %w", err)
	}
	if own.exists() || needed {
		k.daemon = own
		return k, nil
	}
	if output, err := exec.Command("docker", "info").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("kind needs a Docker daemon that answers `docker info`, or root on a Debian, "+
			"to start one of its own: %w: %s", err, lastLines(string(output), 1))
	}
	return k, nil
}

// name is the cluster's name for kind; the prefix keeps it apart from the user's own.
func (k *kind) name() string { return "fathom-e2e-" + k.Name }

func (k *kind) path(name string) string { return filepath.Join(k.folder, name) }

func (k *kind) kubeconfig() string { return k.path("kubeconfig") }

func (k *kind) say(format string, args ...any) { fmt.Fprintf(k.Progress, format+"\n", args...) }

// library is held while kind's library runs, which takes the daemon from the environment.
var library sync.Mutex

// enter points kind's library to the cluster's daemon until leave is called.
func (k *kind) enter() (leave func(), err error) {
	library.Lock()
	if k.daemon != nil {
		err = k.daemon.environment(packagesFolder(k.cache, "docker", dockerPackages))
	}
	if err != nil {
		library.Unlock()
		return nil, err
	}
	return library.Unlock, nil
}

// lock is held by one process at a time, and enters.
func (k *kind) lock(ctx context.Context) (func(), error) {
	unlock, err := lock(ctx, filepath.Join(k.cache, "locks", "kind-"+k.Name), k.Progress)
	if err != nil {
		return nil, err
	}
	leave, err := k.enter()
	if err != nil {
		unlock()
		return nil, err
	}
	return func() { leave(); unlock() }, nil
}

// Up implements Provider.
func (k *kind) Up(ctx context.Context) (*Cluster, error) {
	unlock, err := k.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	status, err := k.status(ctx)
	if err != nil || status.Running {
		return status.Cluster, err
	}
	if status.Problem != "" {
		k.say("removing what is left of kind cluster %s: %s", k.Name, status.Problem)
	}
	// A start that was cut off early leaves less than a problem.
	if err := k.remove(ctx); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		return nil, err
	}
	cluster, err := k.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("kind cluster %s: %w", k.Name, err)
	}
	return cluster, nil
}

// start starts the daemon, if there is to be one, and the cluster on it.
func (k *kind) start(ctx context.Context) (*Cluster, error) {
	made := k.daemon != nil || !k.canPull(ctx)
	var image nodeImage
	var err error
	if made {
		if image, err = k.buildImage(ctx); err != nil {
			return nil, err
		}
	}
	started, address := time.Now(), ""
	if k.daemon != nil {
		if address, err = k.startDaemon(ctx); err != nil {
			return nil, err
		}
	}
	name := kindImage
	if made {
		name = image.name()
		if err := importNodeImage(ctx, k.Progress, name, image); err != nil {
			return nil, err
		}
		// A folder of the cluster is in its first node, for the audit log.
		if err := os.MkdirAll(k.path("control"), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(k.path("control/audit.yaml"), []byte(auditPolicy), 0o600); err != nil {
			return nil, err
		}
	}
	if err := k.clusters.Create(k.name(),
		kindcluster.CreateWithV1Alpha4Config(k.config(made, image, address)), kindcluster.CreateWithNodeImage(name),
		kindcluster.CreateWithKubeconfigPath(k.path("kind.kubeconfig")), kindcluster.CreateWithRetain(true),
		kindcluster.CreateWithDisplayUsage(false), kindcluster.CreateWithDisplaySalutation(false)); err != nil {
		return nil, err
	}
	cluster, err := k.cluster(ctx)
	if err != nil {
		return nil, err
	}
	if made {
		if err := k.finish(ctx, cluster, image); err != nil {
			return nil, err
		}
	}
	if err := until(ctx, startLimit, "cluster "+k.Name+" is ready", cluster.whole); err != nil {
		return nil, err
	}
	if k.daemon != nil {
		if err := k.daemon.complete(); err != nil {
			return nil, err
		}
	}
	k.say("kind cluster %s is up after %s", k.Name, time.Since(started).Round(time.Second))
	return cluster, nil
}

// canPull reports whether the published image is on this Docker, or can be.
func (k *kind) canPull(ctx context.Context) bool {
	if exec.CommandContext(ctx, "docker", "image", "inspect", kindImage).Run() == nil || !hasContainers() {
		return true
	}
	k.say("pulling %s", kindImage)
	return exec.CommandContext(ctx, "docker", "pull", "--quiet", kindImage).Run() == nil
}

func (k *kind) startDaemon(ctx context.Context) (address string, err error) {
	if err := installPackages(ctx, k.cache, k.Progress); err != nil {
		return "", err
	}
	packages, err := unpack(ctx, k.cache, k.Progress, "docker", dockerPackages)
	if err != nil {
		return "", err
	}
	binaries, err := build(ctx, k.Progress, "pause", "dropcaps")
	if err != nil {
		return "", err
	}
	return k.daemon.start(ctx, binaries, packages)
}

// Down implements Provider.
func (k *kind) Down(ctx context.Context) error {
	unlock, err := k.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return k.remove(ctx)
}

func (k *kind) remove(ctx context.Context) error {
	if k.daemon != nil {
		return k.daemon.remove(ctx)
	}
	if err := k.clusters.Delete(k.name(), k.path("kind.kubeconfig")); err != nil {
		return fmt.Errorf("kind cluster %s: %w", k.name(), err)
	}
	return os.RemoveAll(k.folder)
}

// Status implements Provider.
func (k *kind) Status(ctx context.Context) (Status, error) {
	leave, err := k.enter()
	if err != nil {
		return Status{}, err
	}
	defer leave()
	return k.status(ctx)
}

func (k *kind) status(ctx context.Context) (Status, error) {
	if k.daemon != nil {
		if !k.daemon.exists() {
			return Status{}, nil
		}
		if err := k.daemon.problem(); err != nil {
			return Status{Problem: err.Error()}, nil
		}
	}
	names, err := k.clusters.List()
	if err != nil {
		return Status{}, fmt.Errorf("kind clusters: %w", err)
	}
	if !slices.Contains(names, k.name()) {
		return Status{}, nil
	}
	cluster, err := k.cluster(ctx)
	if err == nil {
		err = cluster.whole(ctx)
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
	if err := writeKubeconfig(k.kubeconfig(), k.Name, config.Clusters[current.Cluster], "admin",
		config.AuthInfos[current.AuthInfo]); err != nil {
		return nil, err
	}
	cluster := &Cluster{
		Name: k.Name, Provider: "kind", Kubeconfig: k.kubeconfig(), Context: k.Name,
		Capabilities: Capabilities{
			RealPods: true, RealNodes: 3, Images: true, Faults: true, NodeFaults: true,
		}, backend: k,
	}
	if _, err := os.Stat(k.path("control/audit.yaml")); err != nil {
		cluster.Kubectl, err = findKubectl(ctx, k.Progress)
		return cluster, err
	}
	// The image was made here, and kubectl with it.
	cluster.Metrics, cluster.AuditLog = true, k.path("control/audit.log")
	binaries, err := build(ctx, k.Progress, "kubectl")
	cluster.Kubectl = binaries["kubectl"]
	return cluster, err
}

// importImage implements backend.
func (k *kind) importImage(_ context.Context, archive io.Reader) error {
	leave, err := k.enter()
	if err != nil {
		return err
	}
	defer leave()
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

// findKubectl prefers the machine's own kubectl to building one.
func findKubectl(ctx context.Context, progress io.Writer) (string, error) {
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path, nil
	}
	binaries, err := build(ctx, progress, "kubectl")
	return binaries["kubectl"], err
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
