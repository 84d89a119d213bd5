package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A daemon is a Docker daemon of one kind cluster's own. It runs in namespaces, as a native
// cluster does: its bridges, iptables rules, mounts and containers are in there, and go
// with the first process.
//
//	host ── 10.250.<N>.1/30 ═══ 10.250.<N>.2/30 ── dockerd ── bridge "kind" ── three nodes
//
//	<cache>/kind/<name>    state.json, kubeconfig, docker.sock, dockerd.log, node (Docker's data)
type daemon struct {
	name, folder string
	progress     io.Writer
}

// needsDaemon reports whether there is no Docker here that can run a kind node: none
// answers, or this is a root who lacks a capability that --privileged asks for.
func needsDaemon(ctx context.Context) bool {
	if !hasContainers() {
		return false
	}
	return lacksCapability() || exec.CommandContext(ctx, "docker", "info").Run() != nil
}

// lacksCapability reports whether root has less here than the kernel knows.
func lacksCapability() bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	last, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		return false
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(last)))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(status)) {
		if set, ok := strings.CutPrefix(line, "CapBnd:"); ok {
			bounding, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64)
			return err == nil && bounding != 1<<(number+1)-1
		}
	}
	return false
}

func (d *daemon) path(elements ...string) string {
	return filepath.Join(append([]string{d.folder}, elements...)...)
}

func (d *daemon) say(format string, args ...any) { fmt.Fprintf(d.progress, format+"\n", args...) }

// exists reports whether there is something to remove.
func (d *daemon) exists() bool {
	_, err := os.Stat(d.path("state.json"))
	return err == nil
}

// cgroup tells the daemon from a native cluster of the same name.
func (d *daemon) cgroup() string { return "kind-" + d.name }

// inotify is where the machine's setting is remembered, for all clusters.
func (d *daemon) inotify() string { return filepath.Join(filepath.Dir(d.folder), "inotify") }

func (d *daemon) socket() string { return d.path("docker.sock") }

// environment lets this process, and with it kind's library, talk to the daemon.
func (d *daemon) environment(packages string) error {
	if _, err := exec.LookPath("docker"); err != nil {
		if err := os.Setenv("PATH", os.Getenv("PATH")+":"+filepath.Join(packages, "usr/bin")); err != nil {
			return err
		}
	}
	return errors.Join(os.Setenv("DOCKER_HOST", "unix://"+d.socket()), os.Unsetenv("DOCKER_CONTEXT"))
}

// start starts the daemon in a folder that does not exist yet and returns its address.
func (d *daemon) start(ctx context.Context, binaries map[string]string, packages string) (string, error) {
	if len(d.socket()) > 100 {
		return "", fmt.Errorf("the socket's path %s is too long; set FATHOM_E2E_CACHE to a shorter folder", d.socket())
	}
	if err := os.MkdirAll(d.folder, 0o700); err != nil {
		return "", err
	}
	if err := raiseInotify(inotifySetting, d.inotify()); err != nil {
		return "", err
	}
	d.say("starting a Docker daemon of our own")
	state := &state{}
	err := startNode(d.folder, binaries["pause"], func(started process) error {
		state.Node = &started
		return state.write(d.path("state.json"))
	})
	if err != nil {
		return "", err
	}
	if state.Address, state.Interface, err = connectNode(ctx, *state.Node); err != nil {
		return "", err
	}
	if err := errors.Join(state.write(d.path("state.json")), makeCgroups(d.cgroup())); err != nil {
		return "", err
	}
	process, err := d.launch(*state.Node, binaries["dropcaps"], packages)
	if err != nil {
		return "", err
	}
	state.record(process)
	if err := state.write(d.path("state.json")); err != nil {
		return "", err
	}
	return state.Address, d.wait(ctx, process)
}

func (d *daemon) launch(node process, runtimePath, packages string) (process, error) {
	config := d.path("daemon.json")
	settings := fmt.Sprintf(`{"deprecated-key-path": %q}`, d.path("key.json"))
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		return process{}, err
	}
	log, err := os.OpenFile(d.path("dockerd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return process{}, err
	}
	defer func() { _ = log.Close() }()
	args := []string{
		filepath.Join(packages, "usr/sbin/dockerd"), "--host=unix://" + d.socket(), "--config-file=" + config,
		"--cgroup-parent=" + cgroupRoot(d.cgroup()), "--exec-opt=native.cgroupdriver=cgroupfs",
		"--add-runtime=dropcaps=" + runtimePath, "--default-runtime=dropcaps",
	}
	command := exec.Command(args[0], args[1:]...)
	command.Dir, command.Stdout, command.Stderr = "/", log, log
	var libraries []string
	for _, pattern := range []string{"lib/*-linux-gnu", "usr/lib/*-linux-gnu"} {
		found, err := filepath.Glob(filepath.Join(packages, pattern))
		if err != nil {
			return process{}, err
		}
		libraries = append(libraries, found...)
	}
	command.Env = []string{
		"PATH=" + filepath.Join(packages, "usr/bin") + ":" + filepath.Join(packages, "usr/sbin") + ":" + systemPath,
		"HOME=" + d.folder, "LD_LIBRARY_PATH=" + strings.Join(libraries, ":"),
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := startInside(node, command); err != nil {
		return process{}, fmt.Errorf("start dockerd: %w", err)
	}
	go func() { _ = command.Wait() }()
	pid := command.Process.Pid
	return process{Name: "dockerd", Args: args, PID: pid, Start: processStart(pid)}, nil
}

// wait returns when the daemon answers.
func (d *daemon) wait(ctx context.Context, dockerd process) error {
	err := until(ctx, 2*time.Minute, "dockerd answers", func(ctx context.Context) error {
		if !dockerd.alive() {
			return fmt.Errorf("dockerd: %w", errExited)
		}
		return quiet(exec.CommandContext(ctx, "docker", "version"))
	})
	if err == nil {
		return nil
	}
	log, _ := os.ReadFile(d.path("dockerd.log"))
	return fmt.Errorf("%w\nend of %s:\n%s", err, d.path("dockerd.log"), lastLines(string(log), 10))
}

// problem says why the daemon does not run.
func (d *daemon) problem() error {
	state, err := readState(d.path("state.json"))
	if err != nil {
		return err
	}
	return state.problem()
}

// complete records that the cluster on the daemon is whole.
func (d *daemon) complete() error {
	state, err := readState(d.path("state.json"))
	if err != nil {
		return err
	}
	state.Complete = true
	return state.write(d.path("state.json"))
}

// remove ends the daemon with all that runs on it and removes what it leaves. If it is
// interrupted, the next remove repeats every step: the state goes last.
func (d *daemon) remove(ctx context.Context) error {
	state, err := readState(d.path("state.json"))
	if err != nil {
		return fmt.Errorf("%w; end its processes by hand and delete %s", err, d.folder)
	}
	if state.Node != nil {
		// The kernel ends all processes of a namespace with its first one.
		if err := state.Node.kill(ctx); err != nil {
			return err
		}
		if err := removeNode(ctx, d.cgroup(), d.folder, state.Interface, d.say); err != nil {
			return fmt.Errorf("remove the daemon of %s: %w", d.name, err)
		}
	}
	if err := restoreInotify(inotifySetting, d.inotify(), d.folder); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if entry.Name() != "state.json" {
			err = errors.Join(err, os.RemoveAll(d.path(entry.Name())))
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(d.folder)
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
