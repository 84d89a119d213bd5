package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// The parts of a measurement, in their order.
const (
	partCommand, partStarts, partSittings, partTapes, partLogs = "command", "starts", "sittings", "tapes", "logs"
	partVisits, partGuards                                     = "visits", "guards"
	partSoak                                                   = "soak" // by -soak
	allParts                                                   = "command,starts,sittings,tapes,visits,logs,guards"
)

func (c choices) does(part string) bool { return slices.Contains(strings.Split(c.parts, ","), part) }

// part is something that is done with one program after the other at one size.
type part struct {
	name string
	do   func(context.Context, *Program) error
	// once is for what does not depend on the size: it is done at the first one only. Rivals are done once always if rivalsOnce is set.
	once, rivalsOnce bool
}

// measure does all that is to be done at one size. The results are saved after each part of each program, so that a run which is
// interrupted has measured something.
func (c choices) measure(ctx context.Context, b *bench, size string, programs []*Program, first bool) error {
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
	if err := c.inSittings(ctx, b, programs, began); err != nil {
		return err
	}
	for _, part := range []part{
		{name: partTapes, do: b.tapes},
		// What a program keeps after the visits is read when it has let go of it. Logs and guards change no pods but a few, and a program
		// that waits takes nothing from those that are measured.
		{name: partVisits, do: b.visit},
		{name: partLogs, do: b.logs, once: true},
		{name: partGuards, do: b.guards, rivalsOnce: true},
		{name: partVisits, do: b.release},
	} {
		if !c.does(part.name) || part.once && !first {
			continue
		}
		taking := programs
		if part.rivalsOnce && !first {
			taking = subjectOf(programs)
		}
		if err := c.inTurns(ctx, b, part, taking); err != nil {
			return err
		}
	}
	if c.soak > 0 && size == c.soakSize() {
		lasts := part{name: partSoak, do: func(ctx context.Context, program *Program) error { return b.soak(ctx, program, c.soak) }}
		if err := c.inTurns(ctx, b, lasts, subjectOf(programs)); err != nil {
			return err
		}
	}
	b.say("%s: done after %s", size, time.Since(began).Round(time.Second))
	return c.save(b.results)
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
		save := func() error { return c.save(b.results) }
		if err := b.starts(ctx, programs, profile, c.runs, c.budgetOf, save); err != nil {
			return err
		}
	}
	return nil
}

// budgetOf is what the starts of a program at one size over one link may take.
func (c choices) budgetOf(program *Program) time.Duration {
	if program.Name == subject {
		return c.budget
	}
	return c.rivalBudget
}

// inSittings measures running programs, in turns. Each round but the first needs time that is left of the size's share.
func (c choices) inSittings(ctx context.Context, b *bench, programs []*Program, began time.Time) error {
	if !c.does(partSittings) {
		return nil
	}
	for round := range max(c.sittings, c.rivals) {
		if spent := time.Since(began); round > 0 && spent > c.share {
			b.say("%s: no more sittings than %d, %s are spent", b.size, round, spent.Round(time.Second))
			break
		}
		taking := slices.DeleteFunc(slices.Clone(programs), func(program *Program) bool {
			most := c.rivals
			if program.Name == subject {
				most = c.sittings
			}
			return round >= most
		})
		if err := c.inTurns(ctx, b, part{name: partSittings, do: b.sitting}, taking); err != nil {
			return err
		}
	}
	return nil
}

func subjectOf(programs []*Program) []*Program {
	return slices.DeleteFunc(slices.Clone(programs), func(program *Program) bool { return program.Name != subject })
}

// inTurns does one part with every program. Whatever goes wrong costs the program its figures and nothing else.
func (c choices) inTurns(ctx context.Context, b *bench, part part, programs []*Program) error {
	for _, program := range programs {
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
		if err := errors.Join(c.save(b.results), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// endWithGo ends the run when "go run", which was told to end, has left it behind.
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
