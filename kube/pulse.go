package kube

import (
	"context"
	"time"
)

// Phase says how a connection or a listing is doing.
type Phase uint8

// The phases.
const (
	// Idle: a listing that nobody watches.
	Idle Phase = iota
	// Connecting: nothing has been heard yet.
	Connecting
	// Loading: the first objects arrive.
	Loading
	// Live: in step with the API server.
	Live
	// Stale: was live; what is shown may be old, and a new try is under way.
	Stale
	// Denied: the API server forbids it (listings).
	Denied
	// Failed: it never worked (listings).
	Failed
	// Unreachable: the API server has never answered (clusters).
	Unreachable
	// SignedOut: the API server does not accept the credentials (clusters).
	SignedOut
)

// Health is how the connection of a cluster is doing.
type Health struct {
	State Phase     // Connecting, Live, Stale, Unreachable or SignedOut
	Since time.Time // when the API server last gave a good answer; zero if never
	Err   string    // why it is not Live; clean
}

// Beat is what a Pulse yields: the health's state, the version or the
// resources changed.
type Beat struct{ Cluster *Cluster }

// Pulse is a source that yields Beat.
type Pulse struct {
	cluster *Cluster
	ear     ear
}

// Pulse returns a source that tells when Health's state, Version or Resources
// changed. Its first Beat comes at once.
func (c *Cluster) Pulse() *Pulse { return &Pulse{cluster: c} }

// Next waits for the next change.
func (p *Pulse) Next(ctx context.Context) (any, error) {
	if err := p.ear.next(ctx, &p.cluster.beat, nil); err != nil {
		return nil, err
	}
	return Beat{p.cluster}, nil
}

// Health says how the connection is doing.
func (c *Cluster) Health(now time.Time) Health { return Health{State: Connecting} }
