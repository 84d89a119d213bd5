// Command dropcaps is an OCI runtime: runc, without the capabilities that this machine's
// root lacks. `docker run --privileged` asks for all, and runc fails on one it cannot give.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// names are the capabilities by their number (capability.h).
var names = strings.Fields(`
	CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
	NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
	SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
	SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
	WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

func main() {
	err := run(os.Args[1:])
	fmt.Fprintln(os.Stderr, "dropcaps:", err)
	os.Exit(1)
}

// run becomes runc once the files that its arguments name are changed.
func run(args []string) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	allowed, err := bounding(string(status))
	if err != nil {
		return err
	}
	for i, arg := range args[:max(0, len(args)-1)] {
		path := ""
		switch arg {
		case "--bundle":
			path = filepath.Join(args[i+1], "config.json")
		case "--process":
			path = args[i+1]
		default:
			continue
		}
		if err := rewrite(path, allowed); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// bounding returns the bounding set of the process whose /proc status this is.
func bounding(status string) (uint64, error) {
	for line := range strings.Lines(status) {
		if set, ok := strings.CutPrefix(line, "CapBnd:"); ok {
			return strconv.ParseUint(strings.TrimSpace(set), 16, 64)
		}
	}
	return 0, fmt.Errorf("no CapBnd in %q", status)
}

func rewrite(path string, allowed uint64) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if data, err = drop(data, allowed); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// drop removes the capabilities that are not allowed from a container's config.json or
// from the process of an exec.
func drop(data []byte, allowed uint64) ([]byte, error) {
	var spec map[string]any
	if err := json.Unmarshal(data, &spec); err != nil {
		return nil, err
	}
	process := spec
	if inner, ok := spec["process"].(map[string]any); ok {
		process = inner
	}
	sets, _ := process["capabilities"].(map[string]any)
	for set, value := range sets {
		list, _ := value.([]any)
		sets[set] = slices.DeleteFunc(list, func(capability any) bool {
			name, _ := capability.(string)
			number := slices.Index(names, strings.TrimPrefix(name, "CAP_"))
			return number < 0 || allowed&(1<<number) == 0
		})
	}
	return json.Marshal(spec)
}
