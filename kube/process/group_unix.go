//go:build unix

package process

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Detached starts a command in a session of its own: without a controlling terminal,
// /dev/tty cannot be opened.
func Detached(cmd *exec.Cmd) (*Group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	endWithParent(cmd.SysProcAttr)
	return startGroup(cmd)
}

// InForeground starts a command in a process group of its own that has the terminal: keys
// that send signals reach it and nobody else.
func InForeground(terminal *os.File) func(cmd *exec.Cmd) (*Group, error) {
	return func(cmd *exec.Cmd) (*Group, error) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: int(terminal.Fd())}
		endWithParent(cmd.SysProcAttr)
		running, err := startGroup(cmd)
		// Who is not in the foreground is stopped where it touches the terminal. The command
		// would inherit that this is ignored, so not before its start.
		signal.Ignore(syscall.SIGTTOU)
		takeBack := func() {
			_ = unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPGRP, unix.Getpgrp())
			signal.Reset(syscall.SIGTTOU)
		}
		if err != nil {
			takeBack()
			return nil, err
		}
		release := running.release
		running.release = func() {
			release()
			takeBack()
		}
		return running, nil
	}
}

// startGroup starts a command that leads a process group.
func startGroup(cmd *exec.Cmd) (*Group, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	group := cmd.Process.Pid
	return &Group{
		end:     func(patience time.Duration) { endGroup(group, patience) },
		release: watchOver(group),
	}, nil
}

// endGroup ends a process group: SIGTERM, then SIGKILL.
func endGroup(group int, patience time.Duration) {
	_ = syscall.Kill(-group, syscall.SIGTERM)
	// A stopped process does not hear SIGTERM.
	_ = syscall.Kill(-group, syscall.SIGCONT)
	until := time.After(patience)
	for syscall.Kill(-group, 0) == nil {
		select {
		case <-time.After(groupLook):
		case <-until:
			_ = syscall.Kill(-group, syscall.SIGKILL)
			return
		}
	}
}

// groupLook is how often to look whether a group has ended: nothing tells.
const groupLook = 10 * time.Millisecond

// watcher is a shell that ends a process group unless it reads that the group has ended.
// It hears of the end of the program by the end of its input, whatever ended it.
const watcher = `read -r done || { kill -s TERM -- "-$1"; sleep 1; kill -s KILL -- "-$1"; }`

// watchOver ends a process group when the program dies. Without a shell it does nothing,
// and only endWithParent is left.
func watchOver(group int) (release func()) {
	heard, told, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer func() { _ = heard.Close() }()
	shell := exec.Command("/bin/sh", "-c", watcher, "sh", strconv.Itoa(group))
	shell.Stdin = heard
	shell.Env = []string{"PATH=/usr/bin:/bin"}
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if shell.Start() != nil {
		_ = told.Close()
		return func() {}
	}
	return func() {
		_, _ = io.WriteString(told, "done\n")
		_ = told.Close()
		_ = shell.Wait()
	}
}
