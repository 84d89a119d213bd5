package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// attempts are the starts of one program over one link.
type attempts struct {
	runs int
	// givenUp is set when a start took longer than its limit, as the next one would, or
	// has failed twice; loadGivenUp is the same for loading all pods, after the first
	// rows.
	givenUp, loadGivenUp bool
	failures             int
}

// failuresAllowed is how many starts of a program over a link may go wrong before it is
// no longer started there.
const failuresAllowed = 1

// longStart is how long a cold start takes for no warm one to follow: what a cache
// saves does not matter then.
const longStart = 30 * time.Second

// starts measures all programs over one link, in turns.
func (b *bench) starts(
	ctx context.Context,
	programs []*Program,
	profile link.Profile,
	runs int,
	save func() error,
) error {
	tried := make([]attempts, len(programs))
	for i, program := range programs {
		b.forgo(program, profile, &tried[i])
	}
	for range runs {
		for i, program := range programs {
			a := &tried[i]
			if a.givenUp {
				continue
			}
			a.runs++
			began := time.Now()
			if err := b.startTwice(ctx, program, profile, a); err != nil && ctx.Err() == nil {
				b.failed(program, "starts over "+profile.Name, err)
				a.failures++
				a.givenUp = a.failures > failuresAllowed
			}
			b.say(
				"%s %s %s: start %d took %s",
				b.size,
				profile.Name,
				program.Name,
				a.runs,
				time.Since(began).Round(100*time.Millisecond),
			)
			if err := errors.Join(save(), ctx.Err()); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgo gives up what cannot complete within the limit, judging by a faster link: by
// the bytes that it takes, or because it took too long there. Only fathom shows its
// first rows before the last.
func (b *bench) forgo(program *Program, profile link.Profile, a *attempts) {
	reason := b.hopeless(program, profile)
	if reason == "" {
		return
	}
	a.loadGivenUp = true
	b.results.without(program.Name, b.size, profile.Name, "complete", reason)
	if program.Name != subject {
		a.givenUp = true
		b.results.without(program.Name, b.size, profile.Name, "first-rows-cold", reason)
		b.results.without(program.Name, b.size, profile.Name, "first-rows", reason)
	}
	b.say("%s %s %s: %s", b.size, profile.Name, program.Name, reason)
}

// hopeless returns why loading all pods is not tried over a link; empty if it is tried.
func (b *bench) hopeless(program *Program, profile link.Profile) string {
	for _, name := range b.results.Links {
		faster, err := link.Named(name)
		if err != nil || faster.RoundTrip >= profile.RoundTrip {
			continue
		}
		if f := b.results.find(program.Name, b.size, name, "complete"); f != nil && len(f.Values) == 0 && f.Without != "" {
			return "not tried"
		}
		f := b.results.find(program.Name, b.size, name, "down-complete")
		if f == nil || len(f.Values) == 0 || profile.BitsPerSecond == 0 {
			continue
		}
		megabytes := median(f.Values)
		takes := time.Duration(megabytes * 8e6 / float64(profile.BitsPerSecond) * float64(time.Second))
		if takes > b.limit {
			return fmt.Sprintf("not tried: %s MB take %s", thousands(megabytes), takes.Round(time.Second))
		}
	}
	return ""
}

// startTwice starts the program in an empty home, and again in the same one.
func (b *bench) startTwice(ctx context.Context, program *Program, profile link.Profile, a *attempts) error {
	c, end, err := b.newCourse(ctx, program, profile)
	if err != nil {
		return err
	}
	defer end()
	before := c.link.Counts()
	for _, suffix := range []string{"-cold", ""} {
		before = c.link.Counts()
		err := c.begin(suffix)
		if errors.Is(err, errLate) {
			a.givenUp = true
			late := fmt.Sprintf("not within %s", c.limit)
			c.without(late, "first-rows-cold", "first-rows", "complete")
			return nil
		}
		if err != nil {
			return err
		}
		if took := time.Since(c.started); suffix != "" && took > longStart {
			c.without(fmt.Sprintf("not tried: the cold one took %s", took.Round(time.Second)), "first-frame", "first-rows")
			break
		}
		if suffix != "" {
			if err := c.quit(); err != nil {
				return err
			}
		}
	}
	if a.loadGivenUp {
		return c.quit()
	}
	err = c.load(before)
	if errors.Is(err, errLate) {
		a.loadGivenUp = true
		c.without(fmt.Sprintf("not within %s", c.limit), "complete")
		return nil
	}
	return errors.Join(err, c.quit())
}

// begin starts the program and waits for what it shows first.
func (c *course) begin(suffix string) error {
	if err := c.open(c.program.arguments(c.config)); err != nil {
		return err
	}
	moment, err := c.shown("the first frame", c.limit, c.program.Frame.in)
	if err != nil {
		return err
	}
	c.add("first-frame"+suffix, milliseconds(moment.Sub(c.started)))
	moment, err = c.shown("the first rows", c.left(), func(text string) bool {
		return rowsIn(c.program.Row, text) >= min(firstRows, c.pods)
	})
	if err != nil {
		return err
	}
	c.add("first-rows"+suffix, milliseconds(moment.Sub(c.started)))
	if suffix == "" {
		return nil
	}
	requests, err := c.rig.Requests(c.started, c.program.UserAgent)
	if err == nil {
		c.add("serial", float64(serialRequests(requests, moment)))
	}
	return err
}

// left is what is left of the limit of a start.
func (c *course) left() time.Duration { return max(time.Second, c.limit-time.Since(c.started)) }

// load waits for all pods.
func (c *course) load(before link.Counts) error {
	moment, err := c.complete()
	if err != nil {
		return err
	}
	c.add("complete", milliseconds(moment.Sub(c.started)))
	c.add("down-complete", float64(c.link.Counts().Sub(before).Down)/1e6)
	requests, err := c.rig.Requests(c.started, c.program.UserAgent)
	if err == nil {
		c.add("requests", float64(len(requests)))
	}
	return err
}

// complete waits until the number of all pods is shown. A number that falls while it
// waits is wrong about what is there.
func (c *course) complete() (time.Time, error) {
	if c.program.Lines {
		return c.shown("a line for each pod", c.left(), func(string) bool { return c.written().lines > c.pods })
	}
	last, fell := 0, false
	moment, err := c.shown(fmt.Sprintf("%d pods", c.pods), c.left(), func(text string) bool {
		n, ok := number(c.program.Count, text)
		if ok {
			fell = fell || n < last
			last = n
		}
		return ok && n == c.pods
	})
	c.hold("the count only rises while it loads", !fell, "")
	return moment, err
}

// serialRequests is the length of the longest chain of requests in which each one begins after the
// end of the one before, as far as they began before a moment. They are in the order in which they
// began.
func serialRequests(requests []fixture.Request, until time.Time) int {
	depth := make([]int, len(requests))
	longest := 0
	for i, r := range requests {
		if r.Start.After(until) {
			break
		}
		depth[i] = 1
		for j, before := range requests[:i] {
			if !before.Open && !before.Start.Add(before.Duration).After(r.Start) {
				depth[i] = max(depth[i], depth[j]+1)
			}
		}
		longest = max(longest, depth[i])
	}
	return longest
}
