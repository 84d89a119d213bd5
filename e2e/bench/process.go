package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used of the machine so far.
type usage struct {
	cpu time.Duration // user and system
	// resident and peak are bytes.
	resident, peak int64
}

// readUsage asks the kernel (proc_pid_status(5)).
func readUsage(pid int) (usage, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return usage{}, err
	}
	cpu, err := cpuOf(pid)
	return usage{cpu: cpu, resident: statusBytes(string(status), "VmRSS:"), peak: statusBytes(string(status),
		"VmHWM:")}, err
}

func statusBytes(status, key string) int64 {
	_, rest, _ := strings.Cut(status, key)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kibibytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kibibytes << 10
}
