package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

var triageMetrics = []metric{
	{
		key:     "verdict",
		group:   "Triage",
		title:   "first verdict",
		unit:    "ms",
		byLink:  by{"LAN": 1000, "WAN": 3000},
		meaning: "from exec to something broken on the first screen; nothing is cached in the home",
	},
	{
		key:     "verdict-complete",
		group:   "Triage",
		title:   "complete",
		unit:    "ms",
		meaning: "from exec until everything that may be read has been judged",
	},
	{
		key:     "verdict-after",
		group:   "Triage",
		title:   "complete, after the lists",
		unit:    "ms",
		target:  2000,
		meaning: "the same from the end of the last list, by the audit log",
	},
	{
		key:     "verdict-requests",
		group:   "Triage",
		title:   "requests until complete",
		meaning: "by the audit log",
	},
	{
		key:     "verdict-down",
		group:   "Triage",
		title:   "bytes until complete",
		unit:    "MB",
		share:   1,
		against: "down-complete",
		meaning: "received, on the link; k9s may take as much for its table of pods",
	},
	{key: "verdict-rss", group: "Triage", title: "memory", unit: "MB", meaning: "resident set 5 s after complete"},
	{
		key:     "verdict-idle",
		group:   "Triage",
		title:   "CPU, idle",
		unit:    "s/min",
		target:  0.5,
		meaning: "user and system time while nothing changes",
	},
	{
		key:     "verdict-polls",
		group:   "Triage",
		title:   "requests, idle",
		unit:    "1/min",
		meaning: "by the audit log: the API server's checks of itself, which come every 15 s",
	},
	{
		key:     "verdict-100",
		group:   "Triage",
		title:   "CPU, 100 updates/s",
		unit:    "s/min",
		meaning: "while pods all over the cluster crash and run again",
	},
	{
		key:     "verdict-down-100",
		group:   "Triage",
		title:   "bytes, 100 updates/s",
		unit:    "MB/min",
		share:   1,
		against: "down-100",
		meaning: "received under the same; k9s may take as much for its table of pods",
	},
}

// TriageView is how a program shows what is broken in all of the cluster.
type TriageView struct {
	// Start begins with it: {kubeconfig} is replaced by a path.
	Start []string `json:"start"`
	// Row is one thing that is broken.
	Row pattern `json:"row"`
}

// everyVerdict measures what is found broken, over each link.
func (c choices) everyVerdict(ctx context.Context, b *bench, programs []*Program) error {
	if !c.does(partTriage) {
		return nil
	}
	defer func() { b.limit = c.late }()
	for _, name := range b.results.Links {
		profile, err := link.Named(name)
		if err != nil {
			return err
		}
		if b.limit = c.late; profile != link.LAN {
			b.limit = c.lateFar
		}
		verdict := part{name: partTriage, rounds: c.runs, do: func(ctx context.Context, program *Program) error {
			return b.verdict(ctx, program, profile)
		}}
		if err := c.inTurns(ctx, b, verdict, programs); err != nil {
			return err
		}
	}
	return nil
}

// verdict starts a program with what is broken, and measures until it has judged everything, and
// over a fast link what that costs afterwards.
func (b *bench) verdict(ctx context.Context, program *Program, profile link.Profile) error {
	if program.Triage == nil {
		return nil
	}
	c, end, err := b.newCourse(ctx, program, profile)
	if err != nil {
		return err
	}
	defer end()
	before := c.link.Counts()
	if err := c.open(replaced(program.Triage.Start, "{kubeconfig}", c.config)); err != nil {
		return err
	}
	for _, step := range []struct {
		what, metric string
		check        func(string) bool
	}{
		{"something that is broken", "verdict", program.Triage.Row.in},
		{"that all is judged", "verdict-complete", program.Loaded.in},
	} {
		moment, err := c.shown(step.what, c.left(), step.check)
		if errors.Is(err, errLate) {
			c.without("not within "+c.limit.String(), step.metric)
			return nil
		}
		if err != nil {
			return err
		}
		c.add(step.metric, milliseconds(moment.Sub(c.started)))
		if step.metric == "verdict-complete" {
			if err := c.judged(moment, before); err != nil {
				return err
			}
		}
	}
	if profile == link.LAN {
		if err := c.triaging(ctx); err != nil {
			return err
		}
	}
	return c.quit()
}

// judged notes what it took to judge everything, which was done at a moment.
func (c *course) judged(moment time.Time, before link.Counts) error {
	requests, err := c.rig.Requests(c.started, c.program.UserAgent)
	if err != nil {
		return err
	}
	var listed time.Time
	for _, r := range requests {
		if end := r.Start.Add(r.Duration); r.Verb == "list" && end.After(listed) && end.Before(moment) {
			listed = end
		}
	}
	requests = slices.DeleteFunc(requests, func(r fixture.Request) bool { return r.Start.After(moment) })
	if c.network == link.LAN.Name && !listed.IsZero() {
		c.add("verdict-after", milliseconds(moment.Sub(listed)))
	}
	c.add("verdict-requests", float64(len(requests)))
	c.add("verdict-down", float64(c.link.Counts().Sub(before).Down)/1e6)
	return nil
}

// triaging measures what goes on while what is broken is looked at.
func (c *course) triaging(ctx context.Context) error {
	pause(ctx, settleAfter)
	used, err := c.usage()
	if err != nil {
		return err
	}
	c.add("verdict-rss", float64(used.resident)/1e6)
	cost, err := c.during(ctx)
	if err != nil {
		return err
	}
	c.add("verdict-idle", cost.cpu)
	c.add("verdict-polls", cost.requests)
	return c.under(ctx, 100, 0, func() error {
		cost, err := c.during(ctx)
		c.add("verdict-100", cost.cpu)
		c.add("verdict-down-100", cost.down/1e6)
		return err
	})
}
