package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A node is a set of namespaces in which every program of one cluster runs: its own
// processes, mounts and network. Two clusters on one host have nothing in common,
// neither ports nor iptables chains nor /run, and when the node's first process
// ends, the kernel ends all others and drops every mount, interface and rule that
// they made. What outlives it and is removed by hand: cgroups, and the files in the
// cluster's folder.
//
//	host ── fathom<N> 10.250.<N>.1/30 ═══ eth0 10.250.<N>.2/30 ── node ── ptp ── pods 10.244.0.0/16
//
// The node has no default route: nothing in the cluster can reach another network,
// so that an image nobody imported fails the same way everywhere.

// podNetwork and serviceNetwork exist only inside a node, the same in every cluster.
const (
	podNetwork     = "10.244.0.0/16"
	serviceNetwork = "10.96.0.0/16"
)

// debianPackages are the packages of Debian and its kin, with one file of each that
// a node needs.
var debianPackages = map[string]string{
	"runc":                        "/usr/sbin/runc",
	"containernetworking-plugins": "/usr/lib/cni/ptp",
	"iptables":                    "/usr/sbin/iptables",
	"iproute2":                    "/sbin/ip",
	"mount":                       "/bin/mount",
}

// hasContainers is whether this process may make a node: it needs the right to
// make namespaces.
func hasContainers() bool { return os.Geteuid() == 0 }

// installPackages installs the Debian packages that are missing.
func installPackages(ctx context.Context, progress io.Writer) error {
	var missing []string
	for name, file := range debianPackages {
		if _, err := os.Stat(file); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	if _, err := exec.LookPath("apt-get"); err != nil {
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

// hiddenFolders are replaced by the node's own: Kubernetes' and containerd's paths
// below them are fixed in many places.
var hiddenFolders = map[string]string{"/run": "run", "/var/lib": "lib", "/var/log": "log"}

// nodeScript becomes the node's first process. It waits for a line, so that
// nothing happens if its starter dies before it has recorded the process. Files
// stand in for the settings of the host's kernel that a kubelet changes.
func nodeScript(folder, pause string) string {
	script := "set -e\nread go\nmount --make-rprivate /\n"
	for _, hidden := range []string{"/run", "/var/lib", "/var/log"} {
		script += fmt.Sprintf("mount --bind '%s' %s\n", filepath.Join(folder, "node", hiddenFolders[hidden]), hidden)
	}
	script += "mount -t proc proc /proc\n"
	for _, setting := range []string{
		"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
		"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
	} {
		own := filepath.Join(folder, "node", "sysctl", filepath.Base(setting))
		script += fmt.Sprintf("cat /proc/sys/%s > '%s'\nmount --bind '%s' /proc/sys/%s\n", setting, own, own, setting)
	}
	return script + "mount --make-rshared /\n" +
		"ip link set lo up\necho 1 > /proc/sys/net/ipv4/ip_forward\n" +
		"echo ready\nexec '" + pause + "'\n"
}

// startNode makes the namespaces. The process is handed to record before it does anything.
func startNode(folder, pause string, record func(process) error) error {
	if err := os.MkdirAll(filepath.Join(folder, "node", "sysctl"), 0o755); err != nil {
		return err
	}
	for hidden, own := range hiddenFolders {
		if strings.HasPrefix(folder+"/", hidden+"/") {
			return fmt.Errorf("a node hides %s, where its own files would be; set FATHOM_E2E_CACHE to a folder elsewhere", hidden)
		}
		if err := os.MkdirAll(filepath.Join(folder, "node", own), 0o755); err != nil {
			return err
		}
	}
	var complaints bytes.Buffer
	command := exec.Command("/bin/sh", "-c", nodeScript(folder, pause))
	command.Dir = "/"
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
		return fmt.Errorf("make namespaces: %w", err)
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
		// The thread is never unlocked, since nothing else may run on it. Go ends
		// it with this goroutine, but keeps a program's first thread: so it leaves
		// the node too, or it would hold the node's network for ever.
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

// freeSubnet finds a number N whose network 10.250.N.0/30 no interface and no route
// of this host overlaps.
func freeSubnet() (int, error) {
	taken, err := hostNetworks()
	if err != nil {
		return 0, err
	}
	for n := range 256 {
		subnet := netip.MustParsePrefix(fmt.Sprintf("10.250.%d.0/30", n))
		if !slices.ContainsFunc(taken, subnet.Overlaps) {
			return n, nil
		}
	}
	return 0, errors.New("every network in 10.250.0.0/16 is in use on this host (see `ip route`); a node needs four addresses there")
}

// hostNetworks lists the networks of the host's interfaces and of its routes, but
// for the default route.
func hostNetworks() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			networks = append(networks, prefix)
		}
	}
	routes, err := exec.Command("ip", "-4", "route", "show", "table", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("ip route: %w", commandError(err))
	}
	for line := range strings.Lines(string(routes)) {
		for _, word := range strings.Fields(line) {
			if prefix, err := netip.ParsePrefix(word); err == nil && prefix.Bits() > 0 {
				networks = append(networks, prefix)
			} else if address, err := netip.ParseAddr(word); err == nil {
				networks = append(networks, netip.PrefixFrom(address, address.BitLen()))
			}
		}
	}
	return networks, nil
}

// connectNode joins host and node by a pair of interfaces and returns the node's address.
func connectNode(ctx context.Context, node process) (string, error) {
	n, err := freeSubnet()
	if err != nil {
		return "", err
	}
	link, host, address := "fathom"+strconv.Itoa(n), fmt.Sprintf("10.250.%d.1", n), fmt.Sprintf("10.250.%d.2", n)
	for _, args := range [][]string{
		{"link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(node.PID)},
		{"address", "add", host + "/30", "dev", link},
		{"link", "set", link, "up"},
	} {
		if output, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(output))
		}
	}
	// Without a route to them, nothing on the node itself would get as far as
	// kube-proxy's rules for the services' addresses.
	script := "ip address add " + address + "/30 dev eth0 && ip link set eth0 up && ip route add " + serviceNetwork + " dev eth0"
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	command.Dir, command.Stdout, command.Stderr = "/", &output, &output
	if err := startInside(node, command); err != nil {
		return "", err
	}
	if err := command.Wait(); err != nil {
		return "", fmt.Errorf("address of the node: %w: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return address, nil
}

// waitDisconnected returns when the kernel has removed the address's network, which
// it does by itself some time after the node's last process.
func waitDisconnected(ctx context.Context, address string) error {
	node, err := netip.ParseAddr(address)
	if err != nil || !node.IsPrivate() {
		return nil
	}
	return until(ctx, 30*time.Second, "the node's network is gone", func(context.Context) error {
		addresses, err := net.InterfaceAddrs()
		if err != nil {
			return err
		}
		for _, found := range addresses {
			if prefix, err := netip.ParsePrefix(found.String()); err == nil && prefix.Contains(node) {
				return fmt.Errorf("an interface still has %s", prefix)
			}
		}
		return nil
	})
}

// cgroupFolders are the folders of the cluster's cgroup, one for each hierarchy.
// Every cluster has one of its own, since a kubelet removes what it does not know below its root.
func cgroupFolders(name string) ([]string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, err
	}
	var folders []string
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		if len(fields) > 2 && (fields[2] == "cgroup" || fields[2] == "cgroup2") {
			folders = append(folders, filepath.Join(fields[1], cgroupRoot(name)))
		}
	}
	return folders, nil
}

func cgroupRoot(name string) string { return "/fathom-" + name }

// makeCgroups makes the cluster's cgroup. In a version 2 hierarchy it also gives
// it all controllers, which the kubelet asks of its root.
func makeCgroups(name string) error {
	folders, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		controllers, _ := os.ReadFile(filepath.Join(filepath.Dir(folder), "cgroup.controllers"))
		for _, controller := range strings.Fields(string(controllers)) {
			enable := filepath.Join(filepath.Dir(folder), "cgroup.subtree_control")
			if err := os.WriteFile(enable, []byte("+"+controller), 0o644); err != nil {
				return fmt.Errorf("cgroup controller %s: %w", controller, err)
			}
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// removeCgroups removes the cluster's cgroups, which can need a moment after the
// end of the processes in them.
func removeCgroups(ctx context.Context, name string) error {
	roots, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	return until(ctx, 30*time.Second, "cgroups are empty", func(context.Context) error {
		var failures []error
		for _, root := range roots {
			failures = append(failures, removeFolders(root))
		}
		return errors.Join(failures...)
	})
}

// removeFolders removes a tree of cgroups from its leaves on: their files cannot be
// deleted and go with them.
func removeFolders(root string) error {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	for _, folder := range slices.Backward(folders) {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// removeNode removes what outlives a node whose processes have ended.
func removeNode(ctx context.Context, name, address, folder string) error {
	if err := waitDisconnected(ctx, address); err != nil {
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
