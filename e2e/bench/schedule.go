package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// The parts of a measurement, in their order.
const (
	partCommand, partStarts, partSittings, partTapes, partLogs = "command", "starts", "sittings", "tapes", "logs"
	partVisits, partGuards, partTriage, partStreams            = "visits", "guards", "triage", "streams"
	partSoak                                                   = "soak" // by -soak
	allParts                                                   = "command,starts,triage,sittings,tapes,visits,logs,streams,guards"
)

func (c choices) does(part string) bool { return slices.Contains(strings.Split(c.parts, ","), part) }

// part is something that is done with each program in turn at one size.
type part struct {
	name string
	do   func(context.Context, *Program) error
	// rounds is how often.
	rounds int
	// once is for what does not depend on the size: it is done at the smallest only. Rivals are done
	// there only if rivalsOnce is set.
	once, rivalsOnce bool
}

// measure does everything for one size: each part takes as many rounds as there are
// runs, and in each round the programs take turns. The results are saved after each
// part of each program, so that an interrupted run has measured something.
func (c choices) measure(ctx context.Context, b *bench, size string, programs []*Program) error {
	began := time.Now()
	b.say("%s: preparing the cluster", size)
	remove, err := b.open(ctx, size)
	if err != nil {
		return err
	}
	defer remove()
	defer b.leave()
	if err := c.everyLink(ctx, b, programs); err != nil {
		return err
	}
	if err := c.everyVerdict(ctx, b, programs); err != nil {
		return err
	}
	smallest := c.isSmallest(b.pods)
	for _, part := range []part{
		{name: partSittings, do: b.sitting, rounds: c.runs},
		{name: partTapes, do: b.tapes, rounds: c.runs},
		// What a program keeps after the visits is read once it has released the rest.
		// Logs and guards change only a few pods, and a program that waits takes
		// nothing from those that are measured.
		{name: partVisits, do: b.visit, rounds: c.runs, rivalsOnce: true},
		{name: partLogs, do: b.logs, rounds: c.runs, once: true},
		{name: partStreams, do: b.streams, rounds: c.runs, once: true},
		{name: partGuards, do: b.guards, rounds: 1, rivalsOnce: true},
		{name: partVisits, do: b.release, rounds: 1},
	} {
		if !c.does(part.name) || part.once && !smallest {
			continue
		}
		taking := programs
		if part.rivalsOnce && !smallest {
			taking = subjectOf(programs)
		}
		if err := c.inTurns(ctx, b, part, taking); err != nil {
			return err
		}
	}
	if c.soak > 0 && size == c.soakSize() {
		lasts := part{
			name:   partSoak,
			do:     func(ctx context.Context, program *Program) error { return b.soak(ctx, program, c.soak) },
			rounds: 1,
		}
		if err := c.inTurns(ctx, b, lasts, subjectOf(programs)); err != nil {
			return err
		}
	}
	b.say("%s: done after %s", size, time.Since(began).Round(time.Second))
	return c.save(b.results)
}

// isSmallest reports whether no measured size has fewer pods.
func (c choices) isSmallest(pods int) bool {
	for name := range strings.SplitSeq(c.sizes, ",") {
		// A wrong name is reported when its turn comes.
		if size, err := fixture.Named(name); err == nil && size.Pods < pods {
			return false
		}
	}
	return true
}

// everyLink measures the starts over each link.
func (c choices) everyLink(ctx context.Context, b *bench, programs []*Program) error {
	if !c.does(partStarts) {
		return nil
	}
	for _, name := range b.results.Links {
		profile, err := link.Named(name)
		if err != nil {
			return err
		}
		if b.limit = c.late; profile != link.LAN {
			b.limit = c.lateFar
		}
		save := func() error { return c.save(b.results) }
		if err := b.starts(ctx, programs, profile, c.runs, save); err != nil {
			return err
		}
	}
	b.limit = c.late
	return nil
}

func subjectOf(programs []*Program) []*Program {
	return slices.DeleteFunc(slices.Clone(programs), func(program *Program) bool { return program.Name != subject })
}

// inTurns does one part with every program, in rounds.
func (c choices) inTurns(ctx context.Context, b *bench, part part, programs []*Program) error {
	for range part.rounds {
		for _, program := range programs {
			if err := c.inTurn(ctx, b, part, program); err != nil {
				return err
			}
		}
	}
	return nil
}

// inTurn does one part with one program. Whatever goes wrong costs only that program's
// figures; the error is that of the whole run.
func (c choices) inTurn(ctx context.Context, b *bench, part part, program *Program) error {
	began := time.Now()
	limit := c.limit
	if part.name == partSoak {
		limit += c.soak
	}
	limited, stop := context.WithTimeout(ctx, limit)
	err := part.do(limited, program)
	late := limited.Err() != nil
	stop()
	switch {
	case ctx.Err() != nil:
	case late:
		b.failed(program, part.name, fmt.Errorf("it was not done within %s", limit))
	case err != nil:
		b.failed(program, part.name, err)
	}
	if took := time.Since(began); took > 100*time.Millisecond {
		b.say("%s %s: %s took %s", b.size, program.Name, part.name, took.Round(time.Second))
	}
	return errors.Join(c.save(b.results), ctx.Err())
}

// endWithGo ends the run when "go run" was ended and has left it behind.
func endWithGo(ctx context.Context, end context.CancelCauseFunc) {
	parent := os.Getppid()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", parent))
	if err != nil || strings.TrimSpace(string(name)) != "go" {
		return
	}
	for ; ctx.Err() == nil; pause(ctx, time.Second) {
		if os.Getppid() != parent {
			end(errors.New("go run has ended"))
		}
	}
}
