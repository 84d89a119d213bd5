package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// logRates are lines per second.
var logRates = []int{100, 1_000, 10_000, 50_000}

const (
	// historyLines are there before the log is opened; historySought is the one that is
	// searched for.
	historyLines  = 1_000_000
	historySought = 900_000
	logSample     = 20 * time.Millisecond
	logLimit      = 30 * time.Second
	saveLimit     = 10 * time.Second
)

// errNotSaved is returned when no file with a line of the log was found.
var errNotSaved = errors.New("no line was saved")

// lineNumber is what a line of a fixture.Writer begins with.
var lineNumber = regexp.MustCompile(`n=(\d{9}) `)

// logs measures a growing log, at each rate, and a long one.
func (b *bench) logs(ctx context.Context, program *Program) error {
	if program.Log == nil {
		return nil
	}
	for _, rate := range logRates {
		if err := b.growing(ctx, program, rate); err != nil {
			return fmt.Errorf("%d lines/s: %w", rate, err)
		}
	}
	return b.history(ctx, program)
}

// openLog starts the program on the writer's pod and opens its log. The function that
// it returns closes everything, and is to be called even after an error.
func (b *bench) openLog(
	ctx context.Context,
	program *Program,
	before, perSecond int,
) (c *course, w *fixture.Writer, end func() error, err error) {
	if w, err = b.rig.Writer(ctx, before, perSecond); err != nil {
		return nil, nil, func() error { return nil }, err
	}
	c, ended, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return nil, nil, func() error { return w.Close(context.WithoutCancel(ctx)) }, err
	}
	end = func() error {
		ended()
		return w.Close(context.WithoutCancel(ctx))
	}
	args := replaced(program.Log.Start, "{kubeconfig}", c.config, "{namespace}", fixture.WriterNamespace)
	if err := c.open(args); err != nil {
		return nil, nil, end, err
	}
	if _, err := c.shown("the writer's pod", c.limit,
		regexp.MustCompile(fixture.WriterPod+` .*1/1`).MatchString); err != nil {
		return nil, nil, end, err
	}
	c.session.settle(300 * time.Millisecond)
	return c, w, end, nil
}

// growing follows a log for a window and saves it.
func (b *bench) growing(ctx context.Context, program *Program, rate int) (err error) {
	c, w, end, err := b.openLog(ctx, program, 1, rate)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.keys(program.Log.Open); err != nil {
		return err
	}
	pause(ctx, 2*time.Second) // Skips what was there before.
	lags, stall, err := c.lags(ctx, w)
	if err != nil {
		return err
	}
	suffix := fmt.Sprintf("-%d", rate)
	c.add("log-lag"+suffix, percentile(lags, 99))
	c.add("log-stall"+suffix, milliseconds(stall))
	if c.results.isWithout(program.Name, c.size, c.network, "log-kept"+suffix) {
		return c.quit()
	}
	kept, missing, err := c.saved(ctx)
	if errors.Is(err, errNotSaved) {
		c.without("saves none", "log-missing"+suffix, "log-kept"+suffix)
		return c.quit()
	}
	if err != nil {
		return err
	}
	c.add("log-missing"+suffix, float64(missing))
	c.add("log-kept"+suffix, float64(kept))
	return c.quit()
}

// lags are how old the newest line on the screen is, sampled over a window, in ms, and the longest
// time in which it stayed the same although there was a newer one. Where no line is shown, it is as
// old as the log.
func (c *course) lags(ctx context.Context, w *fixture.Writer) (lags []float64, stall time.Duration, err error) {
	began := time.Now()
	last, since := 0, began
	for time.Since(began) < c.window && ctx.Err() == nil {
		if c.terminal.Exited() {
			return nil, 0, errEnded
		}
		shown := newestLine(c.terminal.Screen().Text())
		now := time.Now()
		lag := time.Duration(0)
		if shown < w.Newest(now) {
			// The next line is the oldest that is not shown.
			lag = now.Sub(w.Written(shown + 1))
		}
		lags = append(lags, milliseconds(lag))
		if shown != last || shown >= w.Newest(now) {
			last, since = shown, now
		}
		stall = max(stall, now.Sub(since))
		pause(ctx, logSample)
	}
	return lags, stall, nil
}

// newestLine is the largest number on the screen, 0 if there is none.
func newestLine(text string) (newest int) {
	for _, match := range lineNumber.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(match[1])
		if err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

// saved makes the program write what it has of the log, and returns how many lines that are and how
// many are missing between the first and the last of them.
func (c *course) saved(ctx context.Context) (kept, missing int, err error) {
	began := time.Now()
	if err := c.keys(c.program.Log.Save); err != nil {
		return 0, 0, err
	}
	var last []int
	for time.Since(began) < saveLimit && ctx.Err() == nil {
		pause(ctx, 300*time.Millisecond)
		numbers, err := savedNumbers(c.home, began)
		if err != nil {
			return 0, 0, err
		}
		// A file that no longer grows is whole.
		if len(numbers) > 0 && len(numbers) == len(last) {
			return len(numbers), gaps(numbers), nil
		}
		last = numbers
	}
	return 0, 0, errNotSaved
}

// savedNumbers reads the lines of the largest file that was written below a folder since a moment.
func savedNumbers(folder string, since time.Time) (numbers []int, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.ModTime().Before(since.Add(-time.Second)) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var found []int
		for _, match := range lineNumber.FindAllSubmatch(text, -1) {
			n, err := strconv.Atoi(string(match[1]))
			if err != nil {
				return err
			}
			found = append(found, n)
		}
		if len(found) > len(numbers) {
			numbers = found
		}
		return nil
	})
	return numbers, err
}

// gaps counts the numbers that are missing, or stand where they do not belong.
func gaps(numbers []int) (missing int) {
	for i, n := range numbers[1:] {
		if step := n - numbers[i]; step != 1 {
			missing += max(1, step-1)
		}
	}
	return missing
}

// history opens a long log from its beginning.
func (b *bench) history(ctx context.Context, program *Program) (err error) {
	if b.results.isWithout(program.Name, b.size, link.LAN.Name, "log-end") {
		return nil
	}
	c, _, end, err := b.openLog(ctx, program, historyLines, 0)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.keys(program.Log.Open); err != nil {
		return err
	}
	has := func(line int) func(string) bool {
		return func(text string) bool { return newestLine(text) >= line }
	}
	if _, err := c.shown("the end of the log", logLimit, has(historyLines)); errors.Is(err, errLate) &&
		program.Name != subject {
		c.without(
			fmt.Sprintf("no end of it within %s", logLimit),
			"log-first",
			"log-end",
			"log-rss",
			"log-rss-peak",
			"log-lost",
			"log-missing-history",
			"log-search",
		)
		return c.quit()
	} else if err != nil {
		return err
	}
	c.session.settle(300 * time.Millisecond)
	pressed := time.Now()
	if err := c.keys(program.Log.All); err != nil {
		return err
	}
	// The end of the log has left the screen when the first line of the whole log comes.
	first, err := c.shown("the first lines", logLimit, func(text string) bool {
		n := newestLine(text)
		return n > 0 && n < historySought
	})
	if err == nil {
		c.add("log-first", milliseconds(first.Sub(pressed)))
		first, err = c.shown("the last line", logLimit, has(historyLines))
	}
	switch {
	case errors.Is(err, errLate):
		c.without(fmt.Sprintf("not within %s", logLimit), "log-first", "log-end")
	case err != nil:
		return err
	default:
		c.add("log-end", milliseconds(first.Sub(pressed)))
	}
	return cmp.Or(c.held(ctx), c.searched(), c.quit())
}

// held reads what a long log costs, and how much of it there is.
func (c *course) held(ctx context.Context) error {
	pause(ctx, 2*time.Second)
	used, err := c.usage()
	if err != nil {
		return err
	}
	c.add("log-rss", float64(used.resident)/1e6)
	c.add("log-rss-peak", float64(used.peak)/1e6)
	kept, missing, err := c.saved(ctx)
	if errors.Is(err, errNotSaved) {
		c.without("saves none", "log-lost", "log-missing-history")
		return nil
	}
	if err != nil {
		return err
	}
	c.add("log-lost", float64(historyLines-kept))
	c.add("log-missing-history", float64(missing))
	return nil
}

// searched looks for a line.
func (c *course) searched() error {
	text := fmt.Sprintf("n=%09d", historySought)
	if err := c.press(c.program.Log.Search); err != nil {
		return err
	}
	pressed := time.Now()
	if err := c.write(text); err != nil {
		return err
	}
	if err := c.keys(c.program.Log.SearchDone); err != nil {
		return err
	}
	line := regexp.MustCompile(text + " ")
	moment, err := c.shown("line "+text, quitLimit, line.MatchString)
	if errors.Is(err, errLate) {
		c.without("not found", "log-search")
		return nil
	}
	c.add("log-search", milliseconds(moment.Sub(pressed)))
	return err
}
