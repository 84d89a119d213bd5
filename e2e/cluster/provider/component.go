package provider

import (
	"context"
	"syscall"
)

// Component is one program of a cluster, to be stopped and started by tests that check
// what a client does then. Its methods must not be called from two goroutines at once.
type Component struct {
	// Name is the program's name, such as "kube-apiserver".
	Name string
	// Log is the path of the file with its output, empty where there is none on this machine.
	Log string

	cluster faults
}

// faults are what a provider does to a program of its cluster.
type faults interface {
	signal(name string, signal syscall.Signal) error
	kill(ctx context.Context, name string) error
	restart(ctx context.Context, name string) error
}

// Pause freezes the program with SIGSTOP: its connections stay open and nothing answers.
func (c *Component) Pause() error { return c.cluster.signal(c.Name, syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (c *Component) Resume() error { return c.cluster.signal(c.Name, syscall.SIGCONT) }

// Kill ends the program with SIGKILL and returns when it is gone: its connections
// are reset and new ones refused. The cluster is broken until Start.
func (c *Component) Kill(ctx context.Context) error { return c.cluster.kill(ctx, c.Name) }

// Start starts a killed program again with the same arguments, after killing it if
// it still runs, and returns when it answers. An API server started again has an
// empty watch cache. A test that kills or pauses a program calls Start or Resume
// in its cleanup, so that the next test finds a whole cluster.
func (c *Component) Start(ctx context.Context) error { return c.cluster.restart(ctx, c.Name) }
