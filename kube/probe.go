package kube

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// The probe: a GET of /version while nothing else shows that the API server is alive.
const (
	probeEvery   = 30 * time.Second // when all is well and no watch is open
	probeTimeout = 5 * time.Second
	probeFirst   = time.Second // after a failure, doubling
	probeSlowest = 10 * time.Second
	probeGap     = time.Second // between two, whoever wants one: what breaks may be the probe's answer
	// probeSignedOut is for clusters that do not accept the credentials: each
	// probe may run a credential plugin.
	probeSignedOut = 30 * time.Second
)

// probeNow asks for a probe now.
func (c *Cluster) probeNow() {
	select {
	case c.probeWanted <- struct{}{}:
	default:
	}
}

// probeLoop runs until Close.
func (c *Cluster) probeLoop() {
	retry := probeFirst
	for c.ctx.Err() == nil {
		began, wasFailing := time.Now(), c.heartbeat.Status().Failing
		c.probeOnce()
		wait := probeEvery
		switch status := c.heartbeat.Status(); {
		case status.SignedOut:
			wait = probeSignedOut
		case status.Failing:
			wait = retry
			retry = min(2*retry, probeSlowest)
		default:
			retry = probeFirst
			if wasFailing {
				c.discovery.refresh()
			}
		}
		c.awaitProbe(wait)
		if gap := probeGap - time.Since(began); gap > 0 && !signal.Sleep(c.ctx, gap, nil) {
			return
		}
	}
}

// probeOnce sends the probe; the heartbeat sees the answer.
func (c *Cluster) probeOnce() {
	defer c.options.Messages.Recover("probe", nil)
	c.awaitCredentials(c.ctx)
	ctx, cancel := context.WithTimeout(c.ctx, min(probeTimeout, c.timeout))
	defer cancel()
	client, err := c.rest(schema.GroupVersion{Version: "v1"}, plainJSON)
	if err != nil {
		return
	}
	body, err := client.Get().AbsPath("/version").MaxRetries(0).Do(ctx).Raw()
	if err != nil {
		c.setVersion("", err)
		return
	}
	// What does not know its version, like a dump, says something else.
	var info version.Info
	if json.Unmarshal(body, &info) != nil || !strings.HasPrefix(info.GitVersion, "v") {
		return
	}
	c.setVersion(kinds.Clean(info.GitVersion), nil)
}

// setVersion notes what the probe found: a version, or why the answer cannot be read.
// Other errors are the heartbeat's.
func (c *Cluster) setVersion(version string, err error) {
	problem := ""
	if errors.Is(err, transport.ErrTooLarge) {
		problem = plain.Error("", err).Error()
	}
	c.mu.Lock()
	changed := c.versionProblem != problem || err == nil && c.version != version
	c.versionProblem = problem
	if err == nil {
		c.version = version
	}
	c.mu.Unlock()
	if changed {
		c.healthChanged.Notify()
	}
}

// awaitProbe waits until the next probe is due. A Backend is asked again only when
// the user wants it.
func (c *Cluster) awaitProbe(wait time.Duration) {
	if c.options.Backend != nil {
		signal.Sleep(c.ctx, 0, c.probeWanted)
		return
	}
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.probeWanted:
			return
		case <-time.After(wait):
		}
		status := c.heartbeat.Status()
		if status.Failing || status.Streams == 0 && time.Since(status.LastGood) >= probeEvery {
			return
		}
	}
}
