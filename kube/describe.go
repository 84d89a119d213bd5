package kube

import (
	"context"
	"time"
)

// Described is what a Description yields.
type Described struct {
	Text string // what `kubectl describe` prints; clean, many lines
	At   time.Time
	Err  error // why Text is old or missing; its text is clean
}

// Description is a source of Described.
type Description struct {
	cluster         *Cluster
	resource        Resource
	namespace, name string
}

// Describe describes one object as kubectl does: once at first, and again after
// the object changed.
func (c *Cluster) Describe(r Resource, namespace, name string) *Description {
	return &Description{cluster: c, resource: r, namespace: namespace, name: name}
}

// Next waits for the next description.
func (d *Description) Next(ctx context.Context) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
