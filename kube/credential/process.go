package credential

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"time"
)

const (
	// grace is how long a plugin has between being asked to end and being killed.
	grace = time.Second
	// drain is how long to wait for what a plugin has printed once it has ended: a
	// process that it left may hold its output open.
	drain = time.Second
)

// process is a command that runs, and the processes that it has started.
type process struct {
	end     func(patience time.Duration) // asks all of them to end, then kills them
	release func()                       // must be called once the command has ended
}

// runToEnd runs a command. When ctx ends before it does, its processes are ended; it
// returns when they are gone.
func (p *Plugin) runToEnd(ctx context.Context, cmd *exec.Cmd, start func(*exec.Cmd) (*process, error)) error {
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
	stop := p.o.Panicked.StartWhenDone(ctx, p.name, func() {
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
