// Package provider starts the Kubernetes clusters that the end-to-end tests and
// the demo run on, and says what each of them can do.
//
//	Open ──> Provider ──Up──> Cluster ──> kubeconfig, capabilities, images, faults
//	           native    the programs themselves, built from Go modules
//	           kind      containers on Docker, through sigs.k8s.io/kind
//	           existing  whatever the current kubeconfig names
//
// A test sees only a Cluster. It asks Capabilities before it needs more than an
// API server, and a cluster that cannot do what a test needs fails that test: a
// test that skips proves nothing.
//
// The package does not put objects into a cluster beyond those that a fresh
// cluster has anyway, metrics-server's registration, and simulated nodes.
package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// ErrUnsupported is wrapped by every error that says a cluster lacks a capability.
var ErrUnsupported = errors.New("not supported by this cluster")

// Names are the values that Options.Provider takes.
var Names = []string{"auto", "native", "kind", "existing"}

// Options say which cluster is meant and how it is made. The zero value means the
// cluster named "fathom" by the provider that fits this machine.
type Options struct {
	// Name tells clusters apart that run side by side. It is the kubeconfig
	// context's name too. At most 20 lower case letters, digits and dashes.
	Name string
	// Provider is one of Names; empty means the environment's FATHOM_E2E_PROVIDER,
	// or auto.
	Provider string
	// Nodes is how many simulated nodes the cluster has besides the real ones.
	Nodes int
	// Bare is a control plane of etcd and the API server alone, on this host's
	// 127.0.0.1: no node, no controller and no lease, so that nothing in it changes
	// by itself. Only native has it.
	Bare bool
	// LogSize is the size at which a kubelet rotates a container's log, such as 256Ki; it
	// then looks every few seconds and keeps one file beside the current one. Empty is the
	// kubelet's own. Only native has it.
	LogSize string
	// Seed, on a bare cluster, is called when it is started and etcd answers, before
	// the API server runs. What it writes is there from the first request on.
	Seed func(ctx context.Context, etcd Etcd) error
	// Progress receives one line per step; nil discards them.
	Progress io.Writer
}

// Provider makes, finds and removes one cluster. Its methods may be called from any
// goroutine, but not two at once for the same cluster name, not even from two
// processes: native clusters lock against that and wait, the others do not.
type Provider interface {
	// Up returns the running cluster, and starts it first if it does not run. A
	// cluster that is broken, half started or half dead is removed and started
	// again. Up blocks until the API server is ready, a node is Ready and the
	// default service account exists, or says which of these is missing together
	// with the end of the failing program's log.
	Up(ctx context.Context) (*Cluster, error)
	// Down removes the cluster with everything that Up made, and does nothing if
	// there is none.
	Down(ctx context.Context) error
	// Status looks and changes nothing.
	Status(ctx context.Context) (Status, error)
}

// Status is what Provider.Status saw.
type Status struct {
	// Running is set when Up would return this cluster as it is.
	Running bool
	// Problem says why the cluster is not running; empty if it is, or was never started.
	Problem string
	// Cluster is nil unless Running.
	Cluster *Cluster
	// Components lists the programs of a native cluster, in the order in which they start.
	Components []ComponentStatus
}

// ComponentStatus is one program of a native cluster.
type ComponentStatus struct {
	Name    string
	PID     int
	Running bool
	Log     string
}

// Capabilities are what a test may count on.
type Capabilities struct {
	// RealPods is set when a kubelet runs containers: logs, exec, restarts, OOM kills.
	RealPods bool
	// RealNodes is how many nodes run containers.
	RealNodes int
	// SimulatedNodes is how many nodes exist whose pods only pretend to run. They
	// are tainted with kwok.x-k8s.io/node=fake:NoSchedule.
	SimulatedNodes int
	// Metrics is set when metrics.k8s.io is served.
	Metrics bool
	// Images is set when ImportImage works.
	Images bool
	// Faults is set when Component works.
	Faults bool
	// NodeFaults is set when Node works.
	NodeFaults bool
}

// String lists what is there, such as "1 real node, 10 simulated nodes, metrics".
func (c Capabilities) String() string {
	var parts []string
	add := func(there bool, format string, args ...any) {
		if there {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(c.RealPods, "%d real node(s)", c.RealNodes)
	add(!c.RealPods, "no real pods")
	add(c.SimulatedNodes > 0, "%d simulated node(s)", c.SimulatedNodes)
	add(c.Metrics, "metrics")
	add(c.Images, "image import")
	add(c.Faults, "faults")
	add(c.NodeFaults, "node faults")
	return strings.Join(parts, ", ")
}

// Cluster is a running cluster. Its methods may be called from any goroutine.
type Cluster struct {
	Name     string
	Provider string
	// Kubeconfig is the path of a file (0600) whose current context is Context,
	// with the rights of system:masters on native and kind.
	Kubeconfig string
	Context    string
	// Kubectl is the path of a kubectl as close to the cluster's version as the provider has.
	Kubectl string
	// AuditLog is the path of the API server's audit log (JSON lines, level
	// Metadata, stages ResponseStarted and ResponseComplete), empty if there is none.
	AuditLog string
	Capabilities

	backend backend
}

// backend is what only the provider of a cluster knows how to do.
type backend interface {
	importImage(ctx context.Context, archive io.Reader) error
	component(name string) (*Component, error)
}

// ImportImage gives the image to every real node under its name, such as
// "fathom.test/workload:1". The archive is a docker-archive tar (manifest.json, config,
// layers) whose RepoTags hold the same name. Importing the same name again replaces the
// image. Pods use it with imagePullPolicy IfNotPresent or Never; on native, Up has
// imported registry.k8s.io/pause:3.10 already.
func (c *Cluster) ImportImage(ctx context.Context, name string, archive io.Reader) error {
	if !c.Images {
		return fmt.Errorf("import image %s into %s: %w", name, c.Name, ErrUnsupported)
	}
	if err := c.backend.importImage(ctx, archive); err != nil {
		return fmt.Errorf("import image %s into %s: %w", name, c.Name, err)
	}
	return nil
}

// Component is the handle for faults in one program: "kube-apiserver", "etcd",
// "kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy",
// "containerd", "metrics-server" or "kwok"; kind has those of its control plane's static
// pods. The error lists the programs there are, or is ErrUnsupported where the provider
// cannot reach them.
func (c *Cluster) Component(name string) (*Component, error) {
	if !c.Faults {
		return nil, fmt.Errorf("component %s of %s: %w", name, c.Name, ErrUnsupported)
	}
	return c.backend.component(name)
}

// Node is the handle for faults in one node, by its name in Kubernetes.
func (c *Cluster) Node(name string) (*Node, error) {
	nodes, ok := c.backend.(interface{ node(name string) *Node })
	if !c.NodeFaults || !ok {
		return nil, fmt.Errorf("node %s of %s: %w", name, c.Name, ErrUnsupported)
	}
	return nodes.node(name), nil
}

// New chooses the provider for the options without touching a cluster. Its errors
// name what the machine lacks.
func New(options Options) (Provider, error) {
	if options.Name == "" {
		options.Name = "fathom"
	}
	if !validName(options.Name) {
		return nil, fmt.Errorf("cluster name %q: at most 20 lower case letters, digits and dashes, a letter first",
			options.Name)
	}
	if options.Nodes < 0 {
		return nil, fmt.Errorf("%d simulated nodes: give 0 or more", options.Nodes)
	}
	if options.Bare && options.Nodes > 0 {
		return nil, fmt.Errorf("%d simulated nodes on a bare cluster: %w", options.Nodes, ErrUnsupported)
	}
	if options.Bare && options.Provider == "" {
		options.Provider = "native"
	}
	if options.Bare && options.Provider != "native" {
		return nil, fmt.Errorf("a bare cluster of provider %s: %w; native has it", options.Provider, ErrUnsupported)
	}
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	if options.Provider == "" {
		options.Provider = os.Getenv("FATHOM_E2E_PROVIDER")
	}
	switch options.Provider {
	case "", "auto":
		return choose(options)
	case "native":
		return newNative(options)
	case "kind":
		return newKind(options)
	case "existing":
		return newExisting(options)
	}
	return nil, fmt.Errorf("provider %q: give one of %s", options.Provider, strings.Join(Names, ", "))
}

// Open is New followed by Up.
func Open(ctx context.Context, options Options) (*Cluster, error) {
	provider, err := New(options)
	if err != nil {
		return nil, err
	}
	return provider.Up(ctx)
}

// choose picks kind where it has a cluster of this name, native where that can run containers, else
// kind. It never picks existing: tests write to their cluster, and somebody has to decide that.
func choose(options Options) (Provider, error) {
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(cache, "kind", options.Name)); err == nil {
		return newKind(options)
	}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		return newNative(options)
	}
	if exec.Command("docker", "info").Run() == nil {
		return newKind(options)
	}
	return nil, errors.New(
		"no cluster can start here: native needs Linux and root, kind needs a Docker daemon that answers `docker info`; " +
			"give --provider native for a control plane without pods, or --provider existing for the cluster of the current kubeconfig",
	)
}

func validName(name string) bool {
	if len(name) > 20 || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	return !slices.ContainsFunc([]rune(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}
