package kube

import (
	"context"
	"time"
)

// LogOptions say which lines of which container to read.
type LogOptions struct {
	Namespace, Pod string
	Container      string        // "": the pod's default container
	Previous       bool          // of the container's last run
	Follow         bool          // and go on, over restarts of the container
	Since          time.Duration // only lines younger than that; 0: all
	Tail           int64         // only the last lines; 0: all
}

// LogLine is one line of a container.
type LogLine struct {
	Time time.Time // when the container runtime read it
	Text string    // clean
}

// LogLines is what Logs yields: some lines, and what happened after them.
type LogLines struct {
	Lines []LogLine
	Note  string // "container restarted", "pod deleted", ...; "" mostly
}

// Logs is a source of LogLines.
type Logs struct {
	cluster *Cluster
	options LogOptions
}

// Logs returns the lines of a container as a source.
func (c *Cluster) Logs(o LogOptions) *Logs { return &Logs{cluster: c, options: o} }

// Next waits for lines. It returns io.EOF at the end.
func (l *Logs) Next(ctx context.Context) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
