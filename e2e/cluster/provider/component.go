package provider

import (
	"context"
	"fmt"
	"syscall"
)

// Component is one program of a native cluster, to be stopped and started by tests that
// check what a client does then. Its methods must not be called from two goroutines at
// once.
type Component struct {
	// Name is the program's name, such as "kube-apiserver".
	Name string
	// Log is the path of the file with its output.
	Log string

	cluster *native
}

// Pause freezes the program with SIGSTOP: its connections stay open and nothing answers.
func (c *Component) Pause() error { return c.signal(syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (c *Component) Resume() error { return c.signal(syscall.SIGCONT) }

// Kill ends the program with SIGKILL and returns when it is gone: its connections
// are reset and new ones refused. The cluster is broken until Start.
func (c *Component) Kill(ctx context.Context) error {
	process, err := c.process()
	if err != nil {
		return err
	}
	return process.kill(ctx)
}

// Start starts a killed program again with the same arguments, after killing it if
// it still runs, and returns when it answers. An API server started again has an
// empty watch cache. A test that kills or pauses a program calls Start or Resume
// in its cleanup, so that the next test finds a whole cluster.
func (c *Component) Start(ctx context.Context) error {
	return c.cluster.restart(ctx, c.Name)
}

func (c *Component) signal(signal syscall.Signal) error {
	process, err := c.process()
	if err != nil {
		return err
	}
	if !process.alive() {
		return fmt.Errorf("signal %s: it does not run; Start starts it again", c.Name)
	}
	return syscall.Kill(process.PID, signal)
}

func (c *Component) process() (process, error) {
	state, err := c.cluster.readState()
	if err != nil {
		return process{}, err
	}
	found, ok := state.process(c.Name)
	if !ok {
		return process{}, fmt.Errorf("component %s: it is not a part of %s", c.Name, c.cluster.Name)
	}
	return found, nil
}
