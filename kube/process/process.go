// Package process runs other programs so that they end with this one, together with the
// processes that they have started. It does not know what they are for.
package process

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"time"

	"github.com/fathom-k8s/fathom/kube/contain"
)

const (
	// grace is how long a program has between being asked to end and being killed.
	grace = time.Second
	// drain is how long to wait for what a program has printed once it has ended: a
	// process that it left may hold its output open.
	drain = time.Second
)

// Group is a command that runs, and the processes that it has started.
type Group struct {
	end     func(patience time.Duration) // asks all of them to end, then kills them
	release func()                       // must be called once the command has ended
}

// Run runs a command, which start begins: Detached or InForeground. When ctx ends before the
// command does, its processes are ended; it returns when they are gone. what names the work.
func Run(
	ctx context.Context, report contain.Report, what any, cmd *exec.Cmd, start func(*exec.Cmd) (*Group, error),
) error {
	// Linux sends the signal for a parent's death when the thread dies that forked.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.WaitDelay = drain
	if ctx.Err() != nil {
		return ctx.Err()
	}
	running, err := start(cmd)
	if err != nil {
		return err
	}
	defer running.release()
	gone := make(chan struct{})
	stop := report.StartWhenDone(ctx, what, func() {
		defer close(gone)
		running.end(grace)
	})
	err = cmd.Wait()
	if !stop() {
		<-gone
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // It ended well, and left somebody who holds its output.
	}
	return err
}
