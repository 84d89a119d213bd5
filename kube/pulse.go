package kube

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// The probe: a GET of /version while nothing else shows that the API server
// lives.
const (
	probeEvery   = 30 * time.Second // when all is well and no watch is open
	probeTimeout = 5 * time.Second
	probeFirst   = time.Second // after a failure, doubling
	probeSlowest = 10 * time.Second
	// probeSignedOut is for clusters that do not accept the credentials: each
	// probe may run a credential plugin.
	probeSignedOut = 30 * time.Second
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

// String is the phase in one or two words.
func (p Phase) String() string {
	return [...]string{"idle", "connecting", "loading", "live", "stale", "denied", "failed", "unreachable", "signed out"}[p]
}

// Undecided says that it is not known yet how it goes: neither has everything
// come nor has anything gone wrong.
func (p Phase) Undecided() bool { return p <= Loading }

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

// Health says how the connection is doing. While a watch over HTTP/2 is open
// and nothing failed, the link was tested by a ping less than 15 seconds ago.
// A Backend is always live: there is no link that could fail.
func (c *Cluster) Health(now time.Time) Health {
	if c.options.Backend != nil {
		return Health{State: Live, Since: now}
	}
	health := c.heartbeat.health()
	if health.Since.After(now) {
		health.Since = now
	}
	return health
}

// doubt asks for a probe now.
func (c *Cluster) doubt() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// probe runs until Close.
func (c *Cluster) probe() {
	retry := probeFirst
	for c.ctx.Err() == nil {
		wasFailing := c.heartbeat.failing.Load()
		c.ask()
		wait := probeEvery
		switch health := c.heartbeat.health(); {
		case health.State == SignedOut:
			wait = probeSignedOut
		case c.heartbeat.failing.Load():
			wait = retry
			retry = min(2*retry, probeSlowest)
		default:
			retry = probeFirst
			if wasFailing {
				c.discovery.again()
			}
		}
		c.untilDue(wait)
	}
}

// ask sends the probe; the heartbeat hears the answer.
func (c *Cluster) ask() {
	ctx, cancel := context.WithTimeout(c.ctx, min(probeTimeout, c.timeout))
	defer cancel()
	client, err := c.rest(schema.GroupVersion{Version: "v1"}, plainJSON)
	if err != nil {
		return
	}
	body, err := client.Get().AbsPath("/version").MaxRetries(0).Do(ctx).Raw()
	if err != nil {
		return
	}
	// What does not know its version, as a dump, says something else.
	var info version.Info
	if json.Unmarshal(body, &info) != nil || !strings.HasPrefix(info.GitVersion, "v") {
		return
	}
	c.mu.Lock()
	changed := c.version != kinds.Clean(info.GitVersion)
	c.version = kinds.Clean(info.GitVersion)
	c.mu.Unlock()
	if changed {
		c.beat.ring()
	}
}

// untilDue waits until the next probe is due. A Backend is asked again only when
// the user wants it.
func (c *Cluster) untilDue(wait time.Duration) {
	if c.options.Backend != nil {
		sleepOr(c.ctx, 0, c.kick)
		return
	}
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.kick:
			return
		case <-time.After(wait):
		}
		h := c.heartbeat
		if h.failing.Load() || h.streams.Load() == 0 && time.Since(time.Unix(0, h.lastGood.Load())) >= probeEvery {
			return
		}
	}
}
