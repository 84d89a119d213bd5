package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// sitting is everything that is measured in a program that has loaded, over a fast link. One
// without keys is only started: it shows what the server and the network cost without a screen.
func (b *bench) sitting(ctx context.Context, program *Program) error {
	if len(program.Keys.Down) == 0 {
		return nil
	}
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	if err := c.loaded(); errors.Is(err, errLate) {
		return nil
	} else if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		c.settled, c.idle, c.moving, c.churned, c.typing, c.switching, c.atlas,
	} {
		err := step(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errEnded) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return c.quit()
}

func (c *course) settled(ctx context.Context) error {
	pause(ctx, settleAfter)
	used, err := c.usage()
	if err != nil {
		return err
	}
	c.add("rss-settled", float64(used.resident)/1e6)
	c.add("rss-peak", float64(used.peak)/1e6)
	return nil
}

// spent is what a window has cost, each for one minute.
type spent struct {
	cpu                 float64 // seconds
	bytes, pieces, down float64
	requests, lists     float64
}

// during measures a window of time in which the program is left alone.
func (c *course) during(ctx context.Context) (spent, error) {
	before, err := c.usage()
	if err != nil {
		return spent{}, err
	}
	began := time.Now()
	link, wrote := c.link.Counts(), c.written()
	pause(ctx, c.window)
	after, err := c.usage()
	if err != nil {
		return spent{}, err
	}
	minutes := time.Since(began).Minutes()
	now, counts := c.written(), c.link.Counts().Sub(link)
	requests, err := c.rig.Requests(began, c.program.UserAgent)
	lists := 0
	for _, request := range requests {
		if request.Verb == "list" {
			lists++
		}
	}
	return spent{
		cpu: (after.cpu - before.cpu).Seconds() / minutes, bytes: float64(now.bytes-wrote.bytes) / minutes,
		pieces: float64(now.pieces-wrote.pieces) / minutes, down: float64(counts.Down) / minutes,
		requests: float64(len(requests)) / minutes, lists: float64(lists),
	}, err
}

func (c *course) idle(ctx context.Context) error {
	cost, err := c.during(ctx)
	if err != nil {
		return err
	}
	c.add("cpu-idle", cost.cpu)
	c.add("pty-idle", cost.bytes)
	c.add("down-idle", cost.down/1e3)
	c.add("requests-idle", cost.requests)
	c.add("lists", cost.lists)
	return nil
}

// churned measures under updates, of all pods and of those on the screen. A program
// that exits by itself has no figure, and the report says so.
func (c *course) churned(ctx context.Context) error {
	for _, step := range []struct {
		perSecond, first int
		metrics          []string
		do               func() error
	}{
		{100, 0, []string{"cpu-100", "down-100"}, func() error { return c.hundred(ctx) }},
		{20, rows - 10, []string{"pty-visible"}, func() error {
			cost, err := c.during(ctx)
			c.add("pty-visible", cost.bytes/1e3)
			return err
		}},
		{1000, 0, []string{"cpu-1000", "pty-writes"}, func() error {
			cost, err := c.during(ctx)
			if err != nil {
				return err
			}
			c.add("cpu-1000", cost.cpu)
			c.add("pty-writes", cost.pieces/60)
			return nil
		}},
	} {
		// A hundred pods that change ten times a second each are not a realistic
		// cluster, and the API server ends watches over it.
		if step.perSecond > 100 && c.size == fixture.S1.Name {
			continue
		}
		err := c.under(ctx, step.perSecond, step.first, step.do)
		if errors.Is(err, errEnded) && ctx.Err() == nil {
			c.without("ended by itself", step.metrics...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hundred measures under 100 updates a second, alone and with keys.
func (c *course) hundred(ctx context.Context) error {
	cost, err := c.during(ctx)
	if err != nil {
		return err
	}
	c.add("cpu-100", cost.cpu)
	c.add("down-100", cost.down/1e6)
	c.add("lists", cost.lists)
	times, _, err := c.walk(ctx)
	c.add("key-churn-p50", percentile(times, 50))
	c.add("key-churn-p99", percentile(times, 99))
	return err
}

// under runs a measurement while pods change.
func (c *course) under(ctx context.Context, perSecond, first int, measurement func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	churn, err := c.rig.Churn(ctx, perSecond, first)
	if err != nil {
		return err
	}
	// What comes before the steady state does not count.
	pause(ctx, time.Second)
	began, done := time.Now(), churn.Done()
	err = measurement()
	seconds := time.Since(began).Seconds()
	changed := float64(churn.Done() - done)
	stop()
	if err := churn.Wait(); err != nil {
		return err
	}
	// A rig that is slower than it should be makes every figure too good. The next burst may have been due at the end.
	c.hold(
		fmt.Sprintf("%d pods change each second", perSecond),
		changed+fixture.Churners > 0.9*float64(perSecond)*seconds,
		fmt.Sprintf("%.0f did", changed/seconds),
	)
	c.session.settle(time.Second)
	return err
}
