package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// native runs Kubernetes' own programs. As root on Linux they run in a node (see
// node_linux.go) and pods are real; elsewhere it is a control plane on 127.0.0.1.
//
//	<cache>/bin                  programs, by version
//	<cache>/clusters/<name>      state.json, kubeconfig, audit.log, logs, pki, config, etcd, node
type native struct {
	Options
	cache, folder string
}

func newNative(options Options) (Provider, error) {
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	return &native{Options: options, cache: cache, folder: filepath.Join(cache, "clusters", options.Name)}, nil
}

func (n *native) path(elements ...string) string {
	return filepath.Join(append([]string{n.folder}, elements...)...)
}

func (n *native) readState() (*state, error) { return readState(n.path("state.json")) }

func (n *native) say(format string, args ...any) { fmt.Fprintf(n.Progress, format+"\n", args...) }

func (n *native) lock(ctx context.Context) (func(), error) {
	return lock(ctx, filepath.Join(n.cache, "locks", "cluster-"+n.Name), n.Progress)
}

// Up implements Provider.
func (n *native) Up(ctx context.Context) (*Cluster, error) {
	unlock, err := n.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	binaries, err := build(ctx, n.Progress, n.programs()...)
	if err != nil {
		return nil, err
	}
	state, err := n.revive(ctx, binaries)
	if state != nil && err == nil {
		return n.simulate(ctx, state, binaries)
	}
	if err != nil {
		n.say("removing what is left of cluster %s: %v", n.Name, err)
		if err := n.remove(ctx); err != nil {
			return nil, err
		}
	}
	if n.hasNode() {
		if err := installPackages(ctx, n.cache, n.Progress); err != nil {
			return nil, err
		}
	}
	started := time.Now()
	state, err = n.start(ctx, binaries)
	if err != nil {
		return nil, fmt.Errorf("start cluster %s: %w", n.Name, err)
	}
	n.say("cluster %s is up after %s", n.Name, time.Since(started).Round(100*time.Millisecond))
	return n.simulate(ctx, state, binaries)
}

// hasNode reports whether the cluster runs containers.
func (n *native) hasNode() bool { return hasContainers() && !n.Bare }

// programs names the binaries this machine needs for the options.
func (n *native) programs() []string {
	if n.Bare {
		return []string{"etcd", "kube-apiserver", "kubectl"}
	}
	names := []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"}
	if n.hasNode() {
		names = append(
			names,
			"kubelet",
			"kube-proxy",
			"containerd",
			"containerd-shim-runc-v2",
			"ctr",
			"metrics-server",
			"pause",
		)
	}
	if n.Nodes > 0 {
		names = append(names, "kwok")
	}
	return names
}

// revive returns the state of the cluster if it runs, nil if there is none, and an
// error if there is a broken one or one of other versions. Programs that a test
// left paused go on.
func (n *native) revive(ctx context.Context, binaries map[string]string) (*state, error) {
	if _, err := os.Stat(n.folder); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	state, err := n.readState()
	if err != nil {
		return nil, err
	}
	if err := state.problem(); err != nil {
		return nil, err
	}
	for _, process := range state.Processes {
		if wanted, ok := binaries[process.Name]; ok && process.Args[0] != wanted {
			return nil, fmt.Errorf("it runs %s", process.Args[0])
		}
		_ = syscall.Kill(process.PID, syscall.SIGCONT)
	}
	return state, n.waitReady(ctx, state, 20*time.Second)
}

// problem returns what the processes alone reveal.
func (s *state) problem() error {
	if s.Node != nil && !s.Node.alive() {
		return errors.New("its node does not run")
	}
	for _, process := range s.Processes {
		if !process.alive() {
			return fmt.Errorf("%s does not run", process.Name)
		}
	}
	if !s.Complete {
		return errors.New("its start was not finished")
	}
	return nil
}

// Down implements Provider.
func (n *native) Down(ctx context.Context) error {
	unlock, err := n.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return n.remove(ctx)
}

// remove ends all processes and removes what they leave. If it is interrupted, the next
// remove repeats every step: the state file goes last.
func (n *native) remove(ctx context.Context) error {
	state, err := n.readState()
	if err != nil {
		return fmt.Errorf("%w; end its processes by hand and delete %s", err, n.folder)
	}
	processes := slices.Clone(state.Processes)
	if state.Node != nil {
		// The kernel ends all processes of a node with its first one.
		processes = []process{*state.Node}
	}
	for _, process := range slices.Backward(processes) {
		if err := process.kill(ctx); err != nil {
			return err
		}
	}
	if state.Node != nil {
		if err := removeNode(ctx, n.Name, n.folder, state.Interface, n.say); err != nil {
			return fmt.Errorf("remove the node of %s: %w", n.Name, err)
		}
	}
	entries, err := os.ReadDir(n.folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if entry.Name() != "state.json" {
			err = errors.Join(err, os.RemoveAll(n.path(entry.Name())))
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(n.folder)
}

// Status implements Provider.
func (n *native) Status(ctx context.Context) (Status, error) {
	state, err := n.readState()
	if err != nil || len(state.Processes) == 0 {
		return Status{}, err
	}
	var status Status
	for _, process := range state.Processes {
		status.Components = append(status.Components, ComponentStatus{
			Name: process.Name, PID: process.PID, Running: process.alive(), Log: n.logPath(process.Name),
		})
	}
	problem := state.problem()
	if problem == nil {
		problem = n.waitReady(ctx, state, 3*time.Second)
	}
	if problem != nil {
		status.Problem = problem.Error()
		return status, nil
	}
	status.Running, status.Cluster = true, n.cluster(state)
	return status, nil
}

// cluster describes the running cluster.
func (n *native) cluster(state *state) *Cluster {
	capabilities := Capabilities{SimulatedNodes: state.Nodes, Faults: true}
	if state.Node != nil {
		capabilities.RealPods, capabilities.RealNodes = true, 1
		capabilities.Metrics, capabilities.Images = true, true
	}
	return &Cluster{
		Name: n.Name, Provider: "native",
		Kubeconfig: n.path("kubeconfig"), Context: n.Name,
		Kubectl: state.sibling("kube-apiserver", "kubectl"), AuditLog: n.path("audit.log"),
		Capabilities: capabilities, backend: n,
	}
}

// sibling is the path of a program that was built from the same module as one that runs.
func (s *state) sibling(running, name string) string {
	process, ok := s.process(running)
	if !ok {
		return name
	}
	return filepath.Join(filepath.Dir(process.Args[0]), name)
}

// start starts everything in a folder that does not exist yet.
func (n *native) start(ctx context.Context, binaries map[string]string) (*state, error) {
	for _, folder := range []string{"logs", "pki", "config"} {
		if err := os.MkdirAll(n.path(folder), 0o700); err != nil {
			return nil, err
		}
	}
	state := &state{Address: "127.0.0.1"}
	if n.hasNode() {
		n.say("making the node's namespaces")
		if err := n.startNode(ctx, state, binaries["pause"]); err != nil {
			return nil, err
		}
	}
	var err error
	if state.Ports, err = choosePorts(state.Node != nil); err != nil {
		return nil, err
	}
	if err := n.writeFiles(state); err != nil {
		return nil, err
	}
	for _, component := range n.components(state) {
		n.say("starting %s", component.name)
		started := process{Name: component.name, Args: append([]string{binaries[component.name]}, component.args...)}
		if err := n.launch(state, started); err != nil {
			return nil, err
		}
		if err := n.waitHealthy(ctx, state, component); err != nil {
			return nil, err
		}
		if component.name == "etcd" && n.Seed != nil {
			if err := n.Seed(ctx, n.etcdAccess(state)); err != nil {
				return nil, fmt.Errorf("seed: %w", err)
			}
		}
	}
	if state.Node != nil {
		if err := n.importPause(ctx, binaries["pause"]); err != nil {
			return nil, err
		}
		if err := n.registerMetrics(ctx, state); err != nil {
			return nil, err
		}
	}
	n.say("waiting until the cluster is ready")
	if err := n.waitReady(ctx, state, 2*time.Minute); err != nil {
		return nil, err
	}
	state.Complete = true
	return state, state.write(n.path("state.json"))
}

// startNode makes the node's namespaces, network and cgroups.
func (n *native) startNode(ctx context.Context, state *state, pause string) error {
	err := startNode(n.folder, pause, func(started process) error {
		state.Node = &started
		return state.write(n.path("state.json"))
	})
	if err != nil {
		return err
	}
	if state.Address, state.Interface, err = connectNode(ctx, *state.Node); err != nil {
		return err
	}
	if err := state.write(n.path("state.json")); err != nil {
		return err
	}
	return makeCgroups(n.Name)
}

// systemPath is where the components find the system's programs, whatever the
// caller's own PATH is.
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// launch starts a process in the node, or on the host where there is none, and records it.
func (n *native) launch(state *state, started process) error {
	log, err := os.OpenFile(n.logPath(started.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	command := exec.Command(started.Args[0], started.Args[1:]...)
	command.Dir, command.Stdout, command.Stderr = "/", log, log
	// A program's siblings come first: containerd takes its shim from the PATH, and
	// the system's own, such as Docker brings, may be too old for it.
	command.Env = []string{"PATH=" + filepath.Dir(started.Args[0]) + ":" + systemPath, "HOME=/"}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if state.Node != nil {
		err = startInside(*state.Node, command)
	} else {
		err = command.Start()
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", started.Name, err)
	}
	started.PID = command.Process.Pid
	started.Start = processStart(started.PID)
	go func() { _ = command.Wait() }()
	state.record(started)
	return state.write(n.path("state.json"))
}

func (n *native) importPause(ctx context.Context, pause string) error {
	data, err := os.ReadFile(pause)
	if err != nil {
		return err
	}
	reader, writer := io.Pipe()
	go func() {
		writer.CloseWithError(
			WriteImage(writer, pauseImage, []string{"/pause"}, ImageFile{Path: "/pause", Mode: 0o755, Data: data}),
		)
	}()
	return n.importImage(ctx, reader)
}

// importImage implements backend.
func (n *native) importImage(ctx context.Context, archive io.Reader) error {
	state, err := n.readState()
	if err != nil {
		return err
	}
	if state.Node == nil {
		return ErrUnsupported
	}
	var output strings.Builder
	command := exec.CommandContext(
		ctx,
		state.sibling("containerd", "ctr"),
		"-n",
		"k8s.io",
		"images",
		"import",
		"--local",
		"-",
	)
	command.Dir, command.Stdin, command.Stdout, command.Stderr = "/", archive, &output, &output
	if err := startInside(*state.Node, command); err != nil {
		return err
	}
	if err := command.Wait(); err != nil {
		return fmt.Errorf("ctr: %w: %s", err, strings.TrimSpace(output.String()))
	}
	return nil
}

func (n *native) logPath(component string) string { return n.path("logs", component+".log") }

// ports are those of a control plane; within a node they are Kubernetes' usual ones.
type ports map[string]int

var usualPorts = ports{
	"apiserver": 6443, "etcd": 2379, "etcd-peer": 2380, "etcd-health": 2381,
	"controller-manager": 10257, "scheduler": 10259, "kwok": 10247,
}

func choosePorts(node bool) (ports, error) {
	if node {
		return usualPorts, nil
	}
	chosen := ports{}
	for name := range usualPorts {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// All stay open until all are chosen, so that no two are the same.
		defer func() { _ = listener.Close() }()
		chosen[name] = listener.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}

// writeUserKubeconfig writes a kubeconfig whose user has the certificate
// pki/<file>.crt; the certificates are embedded, so that the file can be copied.
func (n *native) writeUserKubeconfig(path string, state *state, user, file string) error {
	authority, err := os.ReadFile(n.path("pki", "ca.crt"))
	if err != nil {
		return err
	}
	certificate, err := os.ReadFile(n.path("pki", file+".crt"))
	if err != nil {
		return err
	}
	key, err := os.ReadFile(n.path("pki", file+".key"))
	if err != nil {
		return err
	}
	cluster := clientcmdapi.NewCluster()
	cluster.Server, cluster.CertificateAuthorityData = state.url("apiserver"), authority
	return writeKubeconfig(path, n.Name, cluster, user, &clientcmdapi.AuthInfo{ClientCertificateData: certificate,
		ClientKeyData: key})
}

func (s *state) url(port string) string {
	return fmt.Sprintf("https://%s:%d", s.Address, s.Ports[port])
}
