package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Node is one node of a kind cluster, to be stopped by tests that check what is said of it
// then. A test that pauses a node resumes it in its cleanup.
type Node struct {
	Name string

	cluster *kind
}

// Pause freezes every process of the node: its kubelet is silent, its pods answer nothing.
func (n *Node) Pause(ctx context.Context) error {
	return quiet(n.cluster.docker(ctx, "pause", n.Name))
}

// Resume lets a paused node go on. It does nothing if the node is not paused.
func (n *Node) Resume(ctx context.Context) error {
	state, err := n.cluster.docker(ctx, "inspect", "--format", "{{.State.Paused}}", n.Name).Output()
	if err != nil {
		return fmt.Errorf("node %s: %w", n.Name, commandError(err))
	}
	if strings.TrimSpace(string(state)) != "true" {
		return nil
	}
	return quiet(n.cluster.docker(ctx, "unpause", n.Name))
}

// Run runs a program in the node, as root.
func (n *Node) Run(ctx context.Context, args ...string) error {
	return quiet(n.cluster.inNode(ctx, n.Name, args...))
}

func (k *kind) node(name string) *Node { return &Node{Name: name, cluster: k} }

// docker runs Docker's client with the cluster's daemon.
func (k *kind) docker(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "docker", args...)
	if k.daemon != nil {
		command.Env = append(os.Environ(), "DOCKER_HOST=unix://"+k.daemon.socket())
	}
	return command
}

// inNode runs a program in a node, which is a container of the node's name.
func (k *kind) inNode(ctx context.Context, node string, args ...string) *exec.Cmd {
	return k.docker(ctx, append([]string{"exec", "--interactive", node}, args...)...)
}

// staticPods are the programs that the control plane's kubelet starts from files.
var staticPods = []string{"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"}

func (k *kind) control(ctx context.Context, args ...string) *exec.Cmd {
	return k.inNode(ctx, k.name()+"-control-plane", args...)
}

// component implements backend.
func (k *kind) component(name string) (*Component, error) {
	if !slices.Contains(staticPods, name) {
		return nil, fmt.Errorf("component %s of %s: there are %s", name, k.Name, strings.Join(staticPods, ", "))
	}
	return &Component{Name: name, cluster: k}, nil
}

// pattern is the program's command line, for pkill.
func pattern(name string) string { return "^(/usr/local/bin/)?/?" + name + " " }

// signal implements faults.
func (k *kind) signal(name string, signal syscall.Signal) error {
	return quiet(k.control(context.Background(), "pkill", "-"+strconv.Itoa(int(signal)), "-f", pattern(name)))
}

// manifest is where the kubelet finds the program's pod, and away where it does not.
func manifest(name string) (there, away string) {
	return "/etc/kubernetes/manifests/" + name + ".yaml", "/etc/kubernetes/" + name + ".yaml"
}

// kill implements faults. The kubelet would start the program again while its file is there.
func (k *kind) kill(ctx context.Context, name string) error {
	there, away := manifest(name)
	if err := quiet(k.control(ctx, "mv", there, away)); err != nil {
		return err
	}
	return until(ctx, time.Minute, name+" is gone", func(ctx context.Context) error {
		output, err := k.control(ctx, "pkill", "-KILL", "-f", pattern(name)).CombinedOutput()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return errors.New("it may start once more")
		case errors.As(err, &exit) && exit.ExitCode() == 1 && len(output) == 0: // There is none.
			return nil
		}
		return fmt.Errorf("%w: %s", err, output)
	})
}

// restart implements faults.
func (k *kind) restart(ctx context.Context, name string) error {
	there, away := manifest(name)
	if quiet(k.control(ctx, "test", "-e", there)) == nil {
		if err := k.kill(ctx, name); err != nil {
			return err
		}
	}
	if err := quiet(k.control(ctx, "mv", away, there)); err != nil {
		return err
	}
	return until(ctx, healthLimit, name+" runs", func(ctx context.Context) error {
		if err := quiet(k.control(ctx, "pgrep", "-f", pattern(name))); err != nil {
			return err
		}
		return (&Cluster{Name: k.Name, Kubeconfig: k.kubeconfig(), Context: k.Name}).ready(ctx)
	})
}
