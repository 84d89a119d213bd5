package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

const (
	// fourPods is a workload: each of its pods has two containers.
	fourPods, twoContainers = 4, 2
	manyPods                = 20
	manyTail                = 1000 // of the lines that each has written
	fastTogether            = 20_000
	busyTogether            = 5_000
	// logWindow is how long a line waits for older ones of other streams.
	logWindow = 100 * time.Millisecond
)

var streamMetrics = []metric{
	{
		key:     "streams-first",
		group:   "Logs of many",
		title:   "first screen, 20 pods",
		unit:    "ms",
		target:  150,
		meaning: "from the key on their node to a full screen of their last lines; each has 1,000 to be read",
	},
	{
		key:     "streams-lag",
		group:   "Logs of many",
		title:   "lag, 8 at 20,000 lines/s",
		unit:    "ms",
		target:  milliseconds(250*time.Millisecond + logWindow),
		meaning: "age of the oldest line that is not yet on the screen, p99 of samples every 20 ms, with the 100 ms that a line waits",
	},
	{
		key:     "streams-missing",
		group:   "Logs of many",
		title:   "missing, 8 at 20,000 lines/s",
		none:    true,
		meaning: "numbers that are missing in a stream between the first and the last of what the program saves",
	},
	{
		key:     "streams-cpu",
		group:   "Logs of many",
		title:   "CPU, 8 at 20,000 lines/s",
		unit:    "s/1,000,000 lines",
		meaning: "user and system time while they are on the screen; of kubectl, of logs -f of the same streams into a file",
	},
	{
		key:     "streams-pty",
		group:   "Logs of many",
		title:   "bytes, 8 at 20,000 lines/s",
		unit:    "KB/s",
		meaning: "what is written to the terminal of 200x50 cells meanwhile",
	},
	{
		key:     "streams-key",
		group:   "Logs of many",
		title:   "key under 5,000 lines/s, p99",
		unit:    "ms",
		target:  16,
		meaning: "from a cursor key to its frame in a log that is paused and grows",
	},
	{
		key:     "streams-rss",
		group:   "Logs of many",
		title:   "1,000,000 merged lines, memory",
		unit:    "MB",
		target:  110,
		meaning: "resident set 2 s after the last line, of 8 streams with lines of 200 bytes",
	},
	{
		key:     "json-rare",
		group:   "Logs of many",
		title:   "rare term, first",
		unit:    "ms",
		target:  150,
		meaning: "from enter to the first match of a word of ten lines, in 1,000,000 lines of JSON",
	},
	{
		key:     "json-rare-all",
		group:   "Logs of many",
		title:   "rare term, all",
		unit:    "ms",
		target:  1000,
		meaning: "from the same key to the count of all; of grep, of its -c over the same lines in a file",
	},
	{
		key:     "json-frequent",
		group:   "Logs of many",
		title:   "frequent term, first",
		unit:    "ms",
		target:  150,
		meaning: "the same for a word of every tenth line",
	},
	{
		key:     "json-frequent-all",
		group:   "Logs of many",
		title:   "frequent term, all",
		unit:    "ms",
		target:  1000,
		meaning: "the same",
	},
	{
		key:     "json-filter",
		group:   "Logs of many",
		title:   "field filter, first",
		unit:    "ms",
		target:  150,
		meaning: "from enter to the first lines that pass level>=error, in the same lines",
	},
	{
		key:     "json-filter-all",
		group:   "Logs of many",
		title:   "field filter, all",
		unit:    "ms",
		target:  1000,
		meaning: "from the same key to the count of all that pass",
	},
}

// ManyLogs is how a program shows the logs of many pods as one.
type ManyLogs struct {
	// Start shows the node that they are on: {kubeconfig} and {node} are replaced.
	Start []string `json:"start"`
	// Shown is on that screen when the program knows the node.
	Shown pattern `json:"shown"`
	// Filter begins to filter by a text, and FilterDone ends it.
	Filter     []string `json:"filter"`
	FilterDone []string `json:"filterDone"`
	// Found is a count of matches, Passed one of lines that pass the filter. They end with the count
	// of all.
	Found  pattern `json:"found"`
	Passed pattern `json:"passed"`
}

// streams measures the logs of many pods, at one.
func (b *bench) streams(ctx context.Context, program *Program) error {
	if program.Log == nil || program.Log.Many == nil {
		return errors.Join(b.printedStreams(ctx, program), b.counted(ctx, program))
	}
	for _, measure := range []func(context.Context, *Program) error{
		b.firstOfMany, b.followedStreams, b.keysUnderLogs, b.mergedHistory, b.sought,
	} {
		if err := measure(ctx, program); err != nil {
			return err
		}
	}
	return nil
}

// openStreams starts the program on the node of a writer's pods, and opens their logs. The function
// that it returns closes everything, and is to be called even after an error.
func (b *bench) openStreams(
	ctx context.Context, program *Program, many fixture.Many, before, perSecond int,
) (_ *course, _ *fixture.Writer, end func() error, err error) {
	w, err := b.rig.Writers(ctx, many, before, perSecond/many.Streams())
	if err != nil {
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
	start := replaced(program.Log.Many.Start, "{kubeconfig}", c.config, "{node}", fixture.WriterNode)
	if err := c.open(start); err != nil {
		return nil, nil, end, err
	}
	if _, err := c.shown("the node of the writers", c.limit, program.Log.Many.Shown.in); err != nil {
		return nil, nil, end, err
	}
	c.session.settle(time.Second)
	return c, w, end, nil
}

// firstOfMany measures how long the first screen of the logs of a node takes.
func (b *bench) firstOfMany(ctx context.Context, program *Program) (err error) {
	c, _, end, err := b.openStreams(ctx, program, fixture.Many{Pods: manyPods}, manyTail, 0)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	pressed := time.Now()
	if err := c.keys(program.Log.Open); err != nil {
		return err
	}
	shown, err := c.shown("lines of all", logLimit, func(text string) bool {
		return newestLine(text) == manyTail && len(lineNumber.FindAllString(text, -1)) >= rows-10
	})
	if err != nil {
		return err
	}
	c.add("streams-first", milliseconds(shown.Sub(pressed)))
	return c.quit()
}

var fourByTwo = fixture.Many{Pods: fourPods, Containers: twoContainers}

// followedStreams follows what eight containers write, and counts what is there of each.
func (b *bench) followedStreams(ctx context.Context, program *Program) (err error) {
	c, w, end, err := b.openStreams(ctx, program, fourByTwo, 1, fastTogether)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.keys(program.Log.Open); err != nil {
		return err
	}
	pause(ctx, 2*time.Second)
	before, err := c.usage()
	if err != nil {
		return err
	}
	began, wrote := time.Now(), c.written()
	lags, _, err := c.lags(ctx, w)
	if err != nil {
		return err
	}
	after, err := c.usage()
	if err != nil {
		return err
	}
	took := time.Since(began)
	lines := took.Seconds() * fastTogether
	c.add("streams-lag", percentile(lags, 99))
	c.add("streams-cpu", (after.cpu-before.cpu).Seconds()/lines*1e6)
	c.add("streams-pty", float64(c.written().bytes-wrote.bytes)/took.Seconds()/1e3)
	saved := time.Now()
	if _, _, err := c.saved(ctx); err != nil {
		return err
	}
	missing, err := missingInStreams(c.home, saved, fourByTwo.Streams())
	if err != nil {
		return err
	}
	c.add("streams-missing", float64(missing))
	return c.quit()
}

var streamLine = regexp.MustCompile(`s=(\d\d) n=(\d{9}) `)

// missingInStreams counts the numbers that are missing within each stream of what was saved.
func missingInStreams(folder string, since time.Time, streams int) (int, error) {
	var text []byte
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().After(since.Add(-time.Second)) && info.Size() > int64(len(text)) {
			text, err = os.ReadFile(path)
		}
		return err
	})
	missing, found := gapsInStreams(text)
	if err == nil && found != streams {
		err = fmt.Errorf("%d streams are in what was saved, want %d", found, streams)
	}
	return missing, err
}

// gapsInStreams is gaps within each of several streams, and how many there are.
func gapsInStreams(text []byte) (missing, streams int) {
	last := map[string]int{}
	for _, match := range streamLine.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(match[2]))
		if before, known := last[string(match[1])]; known && n != before+1 {
			missing += max(1, n-before-1)
		}
		last[string(match[1])] = n
	}
	return missing, len(last)
}

// keysUnderLogs moves the cursor in a log that is paused while it grows.
func (b *bench) keysUnderLogs(ctx context.Context, program *Program) (err error) {
	c, _, end, err := b.openStreams(ctx, program, fourByTwo, manyTail, busyTogether)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.keys(program.Log.Open); err != nil {
		return err
	}
	if _, err := c.shown("lines", logLimit, func(text string) bool { return newestLine(text) > manyTail }); err != nil {
		return err
	}
	// The first one pauses it.
	for range rows / 2 {
		if err := c.press(program.Keys.Up); err != nil {
			return err
		}
	}
	var times []float64
	for i := range max(leastKeys, int(c.window/keyPace)) {
		keys := program.Keys.Down
		if i/10%2 == 1 {
			keys = program.Keys.Up
		}
		next, row, pressed := time.Now().Add(keyPace), markedRow(c.terminal.Screen()), time.Now()
		if err := c.keys(keys); err != nil {
			return err
		}
		shown, err := c.shown("the cursor to move", moveLimit, func(string) bool {
			now := markedRow(c.terminal.Screen())
			return now >= 0 && now != row
		})
		if errors.Is(err, errLate) {
			shown, err = pressed.Add(moveLimit), nil
		}
		if err != nil {
			return err
		}
		times = append(times, milliseconds(shown.Sub(pressed)))
		pause(ctx, time.Until(next))
	}
	c.add("streams-key", percentile(times, 99))
	return c.quit()
}

// markedRow is the one row of lines that has other colours than the rest; -1 if there is none.
func markedRow(shot screen.Screen) int {
	papers := map[string][]int{}
	for y := range shot.Rows {
		if lineNumber.MatchString(shot.Row(y)) {
			cell := shot.Cell(3, y)
			paper := fmt.Sprint(cell.Background, cell.Reverse)
			papers[paper] = append(papers[paper], y)
		}
	}
	for _, of := range papers {
		if len(of) == 1 {
			return of[0]
		}
	}
	return -1
}

// mergedHistory reads a million lines of eight streams.
func (b *bench) mergedHistory(ctx context.Context, program *Program) (err error) {
	c, _, end, err := b.openStreams(ctx, program, fourByTwo, historyLines/fourByTwo.Streams(), 0)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.all(ctx, historyLines); err != nil {
		return err
	}
	used, err := c.usage()
	if err != nil {
		return err
	}
	c.add("streams-rss", float64(used.resident)/1e6)
	return c.quit()
}

// all opens the logs from their beginning and waits until all lines are there.
func (c *course) all(ctx context.Context, lines int) error {
	if err := c.keys(c.program.Log.Open); err != nil {
		return err
	}
	c.session.settle(time.Second)
	if err := c.keys(c.program.Log.All); err != nil {
		return err
	}
	count := regexp.MustCompile(fmt.Sprintf(`\b%d lines`, lines))
	if _, err := c.shown(fmt.Sprintf("%d lines", lines), 2*logLimit, count.MatchString); err != nil {
		return err
	}
	pause(ctx, 2*time.Second)
	return nil
}

// sought looks for words and a field in a million lines of JSON.
func (b *bench) sought(ctx context.Context, program *Program) (err error) {
	c, _, end, err := b.openStreams(ctx, program, fixture.Many{Pods: 1, JSON: true}, historyLines, 0)
	defer func() { err = errors.Join(err, end()) }()
	if err != nil {
		return err
	}
	if err := c.all(ctx, historyLines); err != nil {
		return err
	}
	const rare = historyLines / fixture.RareEvery
	const frequent = historyLines/10 - rare
	for _, s := range []struct {
		metric, text string
		begin, end   []string
		count        pattern
		want         int
	}{
		{"json-rare", "needle", program.Log.Search, program.Log.SearchDone, program.Log.Many.Found, rare},
		{"json-frequent", "slow", program.Log.Search, program.Log.SearchDone, program.Log.Many.Found, frequent},
		{"json-filter", "level>=error", program.Log.Many.Filter, program.Log.Many.FilterDone, program.Log.Many.Passed, rare},
	} {
		if err := c.press(s.begin); err != nil {
			return err
		}
		// What an earlier one has left is typed over.
		if err := c.keys([]string{"ctrl+u"}); err != nil {
			return err
		}
		if err := c.write(s.text); err != nil {
			return err
		}
		pressed := time.Now()
		if err := c.keys(s.end); err != nil {
			return err
		}
		for _, step := range []struct {
			metric string
			least  int
		}{{s.metric, 1}, {s.metric + "-all", s.want}} {
			moment, err := c.shown(fmt.Sprintf("%d of %s", step.least, s.text), logLimit, func(text string) bool {
				n, ok := number(s.count, text)
				return ok && n >= step.least
			})
			if err != nil {
				return err
			}
			c.add(step.metric, max(0, milliseconds(moment.Sub(pressed))))
		}
	}
	return c.quit()
}

// counted measures a program that counts lines in a file, over those that sought has a log of.
func (b *bench) counted(ctx context.Context, program *Program) error {
	if program.Counted == nil {
		return nil
	}
	file, err := os.CreateTemp("", "bench-log-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	buffer := bufio.NewWriter(file)
	if err := errors.Join(fixture.WriteJSON(buffer, historyLines), buffer.Flush()); err != nil {
		return err
	}
	for metric, word := range map[string]string{"json-rare-all": "needle", "json-frequent-all": "slow"} {
		args := replaced(program.Counted, "{word}", word, "{file}", file.Name())
		began := time.Now()
		if out, err := exec.CommandContext(ctx, program.path, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %q: %w: %s", program.Name, word, err, out)
		}
		b.results.add(program.Name, b.size, link.LAN.Name, metric, milliseconds(time.Since(began)))
	}
	return nil
}
