package provider

import (
	"bytes"
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
	"syscall"

	"golang.org/x/sys/unix"
)

// A node is a set of namespaces in which every program of one cluster runs: its own
// processes, mounts and network. Two clusters on one host have nothing in common,
// neither ports nor iptables chains nor /run, and when the node's first process
// ends, the kernel ends all others and drops every mount, interface and rule that
// they made. What outlives it and is removed by hand: cgroups, and the files in the
// cluster's folder.
//
//	host ── fathom<N> 10.250.<N>.1/30 ═══ eth0 10.250.<N>.2/30 ── node ── pods 10.244.0.0/16
//
// The node has no default route: nothing in the cluster can reach another network,
// so that an image nobody imported fails the same way everywhere.

// debianPackages are what Debian and its kin call the programs that a node needs
// and that are not built here.
var debianPackages = []struct{ name, program string }{
	{"runc", "runc"},
	{"containernetworking-plugins", "ptp"},
	{"iptables", "iptables"},
	{"iproute2", "ip"},
	{"mount", "mount"},
}

// cniFolders are where distributions put CNI's plugins.
var cniFolders = []string{"/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"}

// hasContainers reports whether this process may make a node, which needs the right to
// make namespaces.
func hasContainers() bool { return os.Geteuid() == 0 }

// find returns the path of a system program, CNI plugins included, or "".
func find(program string) string {
	for _, folder := range slices.Concat(filepath.SplitList(systemPath), cniFolders) {
		path := filepath.Join(folder, program)
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o111 != 0 {
			return path
		}
	}
	return ""
}

func missingPackages() []string {
	var missing []string
	for _, wanted := range debianPackages {
		if find(wanted.program) == "" {
			missing = append(missing, wanted.name)
		}
	}
	return missing
}

// installPackages installs the Debian packages that are missing, one process at a time.
func installPackages(ctx context.Context, cache string, progress io.Writer) error {
	if len(missingPackages()) == 0 {
		return nil
	}
	unlock, err := lock(ctx, filepath.Join(cache, "locks", "packages"), progress)
	if err != nil {
		return err
	}
	defer unlock()
	missing := missingPackages()
	if len(missing) == 0 {
		return nil
	}
	if find("apt-get") == "" {
		return fmt.Errorf("a node needs what Debian calls %s; install them", strings.Join(missing, ", "))
	}
	fmt.Fprintf(progress, "installing Debian packages: %s\n", strings.Join(missing, " "))
	install := append([]string{"install", "--yes", "--quiet", "--no-install-recommends"}, missing...)
	for _, args := range [][]string{{"update", "--quiet"}, install} {
		command := exec.CommandContext(ctx, "apt-get", args...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(output))
		}
	}
	return nil
}

// hiddenFolders are replaced with the node's own: Kubernetes' and containerd's paths
// below them are fixed in many places.
var hiddenFolders = map[string]string{"/run": "run", "/var/lib": "lib", "/var/log": "log"}

// nodeScript becomes the node's first process. It waits for a line, so that
// nothing happens if its starter dies before it has recorded the process. Files
// stand in for the settings of the host's kernel that a kubelet changes.
func nodeScript(folder, pause string) string {
	var script strings.Builder
	script.WriteString("set -e\nread go\nmount --make-rprivate /\n")
	for _, hidden := range []string{"/run", "/var/lib", "/var/log"} {
		fmt.Fprintf(&script, "mount --bind '%s' %s\n", filepath.Join(folder, "node", hiddenFolders[hidden]), hidden)
	}
	script.WriteString("mount -t proc proc /proc\n")
	for _, setting := range []string{
		"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
		"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
	} {
		own := filepath.Join(folder, "node", "sysctl", filepath.Base(setting))
		fmt.Fprintf(&script, "cat /proc/sys/%s > '%s'\nmount --bind '%s' /proc/sys/%s\n", setting, own, own, setting)
	}
	script.WriteString("mount --make-rshared /\nip link set lo up\necho 1 > /proc/sys/net/ipv4/ip_forward\n")
	fmt.Fprintf(&script, "echo ready\nexec '%s'\n", pause)
	return script.String()
}

// startNode makes the namespaces. The process is handed to record before it does anything.
func startNode(folder, pause string, record func(process) error) error {
	if err := os.MkdirAll(filepath.Join(folder, "node", "sysctl"), 0o755); err != nil {
		return err
	}
	for hidden, own := range hiddenFolders {
		if strings.HasPrefix(folder+"/", hidden+"/") {
			return fmt.Errorf("a node hides %s, where its own files would be; set FATHOM_E2E_CACHE to a folder elsewhere",
				hidden)
		}
		if err := os.MkdirAll(filepath.Join(folder, "node", own), 0o755); err != nil {
			return err
		}
	}
	var complaints bytes.Buffer
	command := exec.Command("/bin/sh", "-c", nodeScript(folder, pause))
	command.Dir, command.Env = "/", []string{"PATH=" + systemPath}
	command.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
	}
	input, err := command.StdinPipe()
	if err != nil {
		return err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		return fmt.Errorf(
			"make namespaces (in an unprivileged container root may not; give --provider kind or existing there): %w",
			err,
		)
	}
	defer func() { go func() { _ = command.Wait() }() }()
	started := process{Name: "node", PID: command.Process.Pid, Start: processStart(command.Process.Pid)}
	if err := record(started); err != nil {
		return err
	}
	if _, err := io.WriteString(input, "go\n"); err != nil {
		return fmt.Errorf("make namespaces: %w", err)
	}
	answer := make([]byte, 16)
	if n, err := output.Read(answer); err != nil || string(answer[:n]) != "ready\n" {
		_ = command.Wait()
		return fmt.Errorf("make namespaces: %s", bytes.TrimSpace(complaints.Bytes()))
	}
	return nil
}

// startInside starts the command in the node's namespaces. The process number it
// gets is the host's.
func startInside(node process, command *exec.Cmd) error {
	result := make(chan error)
	go func() {
		// The thread is never unlocked, since nothing else may run on it. Go ends it
		// with this goroutine, but keeps a program's first thread: so it leaves the
		// node too, or it would hold the node's network forever.
		runtime.LockOSThread()
		leave, err := enter(node)
		if err != nil {
			result <- fmt.Errorf("enter the node (pid %d): %w", node.PID, err)
			return
		}
		err = command.Start()
		result <- errors.Join(err, leave())
	}()
	return <-result
}

// enter moves the calling thread into the node's namespaces; leave moves it back.
func enter(node process) (leave func() error, err error) {
	own, err := openNamespaces("/proc/thread-self/ns")
	if err != nil {
		return nil, err
	}
	inside, err := openNamespaces(fmt.Sprintf("/proc/%d/ns", node.PID))
	if err != nil {
		return nil, err
	}
	defer closeAll(inside)
	if !node.alive() {
		return nil, errors.New("it does not run")
	}
	// Threads share their root and working folder, which forbids another mount
	// namespace until this thread has its own.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return nil, err
	}
	leave = func() error {
		defer closeAll(own)
		return setNamespaces(own)
	}
	if err := setNamespaces(inside); err != nil {
		return nil, errors.Join(err, leave())
	}
	return leave, nil
}

func openNamespaces(folder string) ([]*os.File, error) {
	var files []*os.File
	for _, kind := range []string{"net", "pid", "mnt"} {
		file, err := os.Open(filepath.Join(folder, kind))
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func setNamespaces(files []*os.File) error {
	for _, file := range files {
		if err := unix.Setns(int(file.Fd()), 0); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	return nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}

// removeNode removes what outlives a node whose processes have ended.
func removeNode(ctx context.Context, name, folder string, link int, say func(string, ...any)) error {
	if err := disconnectNode(ctx, link, say); err != nil {
		return err
	}
	if err := removeCgroups(ctx, name); err != nil {
		return err
	}
	// A mount below the folder would have its content deleted with the folder.
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], folder+"/") {
			return fmt.Errorf("%s is mounted; unmount it", fields[1])
		}
	}
	return nil
}
