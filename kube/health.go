package kube

import (
	"context"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// Health is how the connection of a cluster is doing.
type Health struct {
	State Phase     // Connecting, Live, Stale, Unreachable or SignedOut
	Since time.Time // when the API server last gave a good answer; zero if never
	Err   string    // why it is not Live; clean
	// Plugin is the credential plugin that requests wait for, and PluginSince when it
	// began; "" for none. Clean.
	Plugin      string
	PluginSince time.Time
	// Problem is what the API server answers and cannot be used, while it is Live: its
	// version or its resources. Clean; usually "".
	Problem string
}

// HealthChanged is what a HealthWatch yields: the health's state, the version or the
// resources changed.
type HealthChanged struct{ Cluster *Cluster }

// HealthWatch is a source that yields HealthChanged.
type HealthWatch struct {
	cluster      *Cluster
	subscription signal.Subscription
}

// WatchHealth returns a source that reports when Health's state, Version or Resources
// changed. Its first HealthChanged comes at once.
func (c *Cluster) WatchHealth() *HealthWatch { return &HealthWatch{cluster: c} }

// Next waits for the next change.
func (p *HealthWatch) Next(ctx context.Context) (any, error) {
	if err := p.subscription.Next(ctx, &p.cluster.healthChanged, nil); err != nil {
		return nil, err
	}
	return HealthChanged{p.cluster}, nil
}

// Health returns how the connection is doing. While a watch over HTTP/2 is open and
// nothing failed, the link was tested by a ping less than 15 seconds ago. A Backend is
// always live: it has no link that could fail.
func (c *Cluster) Health(now time.Time) Health {
	if c.options.Backend != nil {
		return Health{State: Live, Since: now}
	}
	health := healthOf(c.heartbeat.Status())
	if health.Since.After(now) {
		health.Since = now
	}
	if plugin := c.plugin.Load(); plugin != nil {
		if since, running := plugin.Running(); running {
			health.Plugin, health.PluginSince = kinds.Clean(plugin.Name()), since
		}
	}
	if health.State == Live {
		health.Problem = c.answerProblem()
	}
	return health
}

// answerProblem says what the API server answers and cannot be used.
func (c *Cluster) answerProblem() string {
	c.mu.Lock()
	problem := c.versionProblem
	c.mu.Unlock()
	c.discovery.mu.Lock()
	defer c.discovery.mu.Unlock()
	switch d := &c.discovery; {
	case problem != "":
		return problem
	case d.err != nil:
		return d.err.Error()
	case d.current != nil && len(d.current.problems) > 0:
		return d.current.problems[0]
	}
	return ""
}

func healthOf(s transport.Status) Health {
	health := Health{State: Live, Since: s.LastGood, Err: s.Failure}
	switch {
	case s.SignedOut:
		health.State = SignedOut
	case s.Failing && s.LastGood.IsZero():
		health.State = Unreachable
	case s.Failing:
		health.State = Stale
	case s.LastGood.IsZero():
		health.State = Connecting
	}
	return health
}
