package main

import (
	"context"
	"errors"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// otherKinds are the kinds that are visited.
var otherKinds = []string{
	"services",
	"deployments",
	"replicasets",
	"daemonsets",
	"statefulsets",
	"configmaps",
	"namespaces",
	"events",
	"jobs",
	"serviceaccounts",
	"cronjobs",
	"secrets",
	"ingresses",
	"networkpolicies",
	"persistentvolumes",
	"persistentvolumeclaims",
	"storageclasses",
	"clusterroles",
	"priorityclasses",
	"customresourcedefinitions",
}

// lingering is a course that has visited other kinds and waits until its program has
// released them.
type lingering struct {
	*course
	end    func()
	until  time.Time
	before usage
}

// visit looks at other kinds, returns to the pods, and reads the program's memory
// before and right after. release reads what the program takes once it has released
// what it promises to release; a program that promises nothing is not kept until then.
func (b *bench) visit(ctx context.Context, program *Program) error {
	if len(program.Keys.GoTo) == 0 {
		return nil
	}
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer func() { end() }()
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
	c.add("rss-before", float64(before.resident)/1e6)
	c.add("rss-visited", float64(visited.resident)/1e6)
	left := &lingering{c, end, time.Now().Add(max(settleAfter, program.Release.Duration)), before}
	if program.Release.Duration == 0 {
		return left.released(ctx)
	}
	if c.detach() {
		b.lingering = append(b.lingering, left)
		end = func() {}
	}
	return ctx.Err()
}

// release ends the visits of a program that were left open.
func (b *bench) release(ctx context.Context, program *Program) (err error) {
	for _, left := range b.lingering {
		if left.program == program {
			attached := context.AfterFunc(ctx, left.kill)
			err = errors.Join(err, left.released(ctx))
			attached()
		}
	}
	return err
}

// released waits until the program has released what it visited, and reads its memory.
func (l *lingering) released(ctx context.Context) error {
	pause(ctx, time.Until(l.until))
	after, err := l.usage()
	if err = errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	l.add("rss-released", float64(after.resident)/1e6)
	l.add("rss-ratio", float64(after.resident)/float64(l.before.resident))
	l.add("rss-end-peak", float64(after.peak)/1e6)
	return l.quit()
}

// leave ends all visits that are still open, without measuring anything.
func (b *bench) leave() {
	for _, left := range b.lingering {
		left.end()
	}
	b.lingering = nil
}
