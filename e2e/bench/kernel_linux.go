package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// peakOf runs a program to its end and returns its largest resident set in bytes. What
// the kernel counts for a process begins with what its parent held when it was made, so
// the parent is a shell here. The shell exits and leaves the program to this process,
// with an account that is the program's alone. The program begins only when the shell
// is gone, which would otherwise take the account of a program that has ended.
func peakOf(ctx context.Context, env []string, path string, args ...string) (int64, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("become the parent of what a shell leaves: %w", err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }()
	waits, begin, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	shell := exec.CommandContext(
		ctx,
		"/bin/sh",
		append([]string{"-c", `{ read -r _ <&3; exec 3<&-; exec "$0" "$@"; } >/dev/null 2>&1 & echo $!`, path}, args...)...)
	shell.Env, shell.ExtraFiles = env, []*os.File{waits}
	text, err := shell.Output()
	if err = errors.Join(err, waits.Close(), begin.Close()); err != nil {
		return 0, fmt.Errorf("start %s from a shell: %w", path, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("start %s from a shell: %w", path, err)
	}
	var status syscall.WaitStatus
	var used syscall.Rusage
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &used); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("wait for %s: %w", path, err)
	}
	if status.ExitStatus() != 0 {
		return 0, fmt.Errorf("%s %v ended with %d", path, args, status.ExitStatus())
	}
	return used.Maxrss << 10, nil
}

// cpuOf is the user and system time of a process and of all threads that it has had, to the
// nanosecond: what is in /proc is counted in ticks of 10 ms, which is much of a short window. The
// clock of a process is ~pid<<3 | CPUCLOCK_SCHED (clock_getcpuclockid(3)).
func cpuOf(pid int) (time.Duration, error) {
	const scheduled = 2
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &spent); err != nil {
		return 0, fmt.Errorf("the clock of process %d: %w", pid, err)
	}
	return time.Duration(spent.Nano()), nil
}

// faultTime is what the first touch of a page of memory costs. Virtual machines differ fiftyfold in
// it, and with it in whatever starts or grows.
func faultTime() (time.Duration, error) {
	const pages = 8192
	size := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return 0, fmt.Errorf("map memory: %w", err)
	}
	// With large pages one touch would bring many.
	err = unix.Madvise(memory, unix.MADV_NOHUGEPAGE)
	began := time.Now()
	for page := range pages {
		memory[page*size] = 1
	}
	took := time.Since(began) / pages
	return took, errors.Join(err, unix.Munmap(memory))
}
