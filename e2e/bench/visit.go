package main

import (
	"context"
	"errors"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// otherKinds are those that are looked at.
var otherKinds = []string{
	"services", "deployments", "replicasets", "daemonsets", "statefulsets", "configmaps", "namespaces", "events", "jobs", "serviceaccounts",
	"cronjobs", "secrets", "ingresses", "networkpolicies", "persistentvolumes", "persistentvolumeclaims", "storageclasses", "clusterroles",
	"priorityclasses", "customresourcedefinitions",
}

// visit looks at other kinds, returns to the pods, waits until the program has let go of what it said it lets go of, and reads its
// memory before, at once and after that.
func (b *bench) visit(ctx context.Context, program *Program) error {
	if len(program.Keys.GoTo) == 0 {
		return nil
	}
	c, end, err := b.newCourse(program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	if err := c.loaded(); errors.Is(err, errLate) {
		return nil
	} else if err != nil {
		return err
	}
	pause(ctx, settleAfter)
	before, err := c.usage()
	if err != nil {
		return err
	}
	for _, kind := range append(otherKinds, "pods") {
		if _, err := c.goTo(kind); err != nil {
			return err
		}
		c.session.settle(500 * time.Millisecond)
	}
	visited, err := c.usage()
	if err != nil {
		return err
	}
	pause(ctx, max(settleAfter, program.Release.Duration))
	after, err := c.usage()
	if err != nil {
		return err
	}
	c.add("rss-before", float64(before.resident)/1e6)
	c.add("rss-visited", float64(visited.resident)/1e6)
	c.add("rss-released", float64(after.resident)/1e6)
	c.add("rss-ratio", float64(after.resident)/float64(before.resident))
	c.add("rss-end-peak", float64(after.peak)/1e6)
	return c.quit()
}
