package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is what the kernel counts a process's time in; on Linux it is 100 wherever Go runs.
const ticksPerSecond = 100

// usage is what a process has taken of the machine so far.
type usage struct {
	cpu time.Duration // user and system
	// resident and peak are bytes.
	resident, peak int64
}

// readUsage asks the kernel (proc_pid_stat(5), proc_pid_status(5)).
func readUsage(pid int) (usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return usage{}, err
	}
	cpu, err := parseStat(string(stat))
	return usage{cpu: cpu, resident: statusBytes(string(status), "VmRSS:"), peak: statusBytes(string(status), "VmHWM:")}, err
}

// parseStat adds utime and stime. The program's name, which may hold blanks and brackets, ends with the last bracket.
func parseStat(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("a stat of %d fields: %q", len(fields), stat)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
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
