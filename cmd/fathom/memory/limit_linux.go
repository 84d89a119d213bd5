package memory

import (
	"bufio"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// systemMost is the least of the process's limit and those of its control groups.
func systemMost() uint64 {
	most := uint64(math.MaxUint64)
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil {
		most = limit.Cur
	}
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return most
	}
	return min(most, groupsMost(string(groups), "/sys/fs/cgroup"))
}

// groupsMost is the least limit of the control groups that /proc/self/cgroup names, and
// of those above them (cgroups(7); Linux, Documentation/admin-guide/cgroup-v2.rst).
func groupsMost(groups, root string) uint64 {
	most := uint64(math.MaxUint64)
	for line := range strings.Lines(groups) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		folder, file := root, "memory.max"
		if parts[1] == "memory" {
			folder, file = filepath.Join(root, "memory"), "memory.limit_in_bytes"
		} else if parts[1] != "" {
			continue
		}
		for path := filepath.Clean("/" + parts[2]); ; path = filepath.Dir(path) {
			if text, err := os.ReadFile(filepath.Join(folder, path, file)); err == nil {
				if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
					most = min(most, limit)
				}
			}
			if path == "/" {
				break
			}
		}
	}
	return most
}

// available is how much the machine can give without swapping (proc(5), MemAvailable).
func available() uint64 {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return math.MaxUint64
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "MemAvailable:" {
			if kilobytes, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
				return kilobytes << 10
			}
		}
	}
	return math.MaxUint64
}
