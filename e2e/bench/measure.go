package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

const (
	firstRows   = 20
	settleAfter = 10 * time.Second
	startLimit  = 10 * time.Minute // k9s over a thin link, 50,000 pods
	keyLimit    = 30 * time.Second
	quitLimit   = 10 * time.Second
	keyPace     = 200 * time.Millisecond
	pages       = 10
	commands    = 50 // runs of --version
)

// otherKinds are looked at before memory is read for the last time.
var otherKinds = []string{
	"services", "deployments", "replicasets", "daemonsets", "statefulsets", "configmaps", "namespaces", "events", "jobs", "serviceaccounts",
}

// bench measures programs on one rig and puts the figures into results.
type bench struct {
	rig *fixture.Rig
	// pods and nodes are how many the rig holds.
	pods, nodes int
	size        string
	window      time.Duration
	results     *Results
}

// command measures the program that only says its version.
func (b *bench) command(ctx context.Context, program *Program) error {
	home, err := newHome()
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	var times, memory []float64
	for range commands {
		command := exec.CommandContext(ctx, program.path, program.Version...)
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s %v: %w", program.Name, program.Version, err)
		}
		times = append(times, milliseconds(time.Since(began)))
		if used, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory = append(memory, float64(used.Maxrss<<10)/1e6)
		}
	}
	b.results.add(program.Name, "", "", "version-time", median(times))
	b.results.add(program.Name, "", "", "version-rss", worst(memory))
	if info, err := os.Stat(program.path); err == nil {
		b.results.add(program.Name, "", "", "binary", float64(info.Size())/1e6)
	}
	return nil
}

// course is one run of one program over one link.
type course struct {
	*bench
	program *Program
	link    *link.Link
	network string
	config  string // path of the kubeconfig that leads through the link
	*session
}

// run starts the program twice, cold and warm, and on LAN goes on with all that is measured in a running program.
func (b *bench) run(ctx context.Context, program *Program, profile link.Profile) error {
	home, err := newHome()
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	through, config, err := openLink(b.rig.Kubeconfig, home, profile)
	if err != nil {
		return err
	}
	defer through.Close()
	c := &course{bench: b, program: program, link: through, network: profile.Name, config: config}
	if err := c.begin(home, "-cold"); err != nil {
		return err
	}
	err = c.quit(quitLimit)
	c.close()
	if err != nil {
		return err
	}
	if err := c.begin(home, ""); err != nil {
		return err
	}
	defer c.close()
	if profile.Name == link.LAN.Name {
		return c.whole(ctx)
	}
	return c.quit(quitLimit)
}

func (c *course) add(metric string, value float64) {
	c.results.add(c.program.Name, c.size, c.network, metric, value)
}

// begin starts the program and waits for what it shows first; a warm start also until all is there.
func (c *course) begin(home, suffix string) (err error) {
	before := c.link.Counts()
	if c.session, err = start(c.program, home, c.program.arguments(c.config)); err != nil {
		return err
	}
	moment, err := c.shown("the first frame", startLimit, c.program.Frame.in)
	if err != nil {
		return err
	}
	c.add("first-frame"+suffix, milliseconds(moment.Sub(c.started)))
	moment, err = c.shown("the first rows", startLimit, func(text string) bool {
		return rowsIn(c.program.Row, text) >= min(firstRows, c.pods)
	})
	if err != nil {
		return err
	}
	c.add("first-rows"+suffix, milliseconds(moment.Sub(c.started)))
	if suffix != "" {
		return c.serial(c.started, moment)
	}
	if moment, err = c.complete(); err != nil {
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

// serial counts what had to be asked one after another before the first rows.
func (c *course) serial(since, until time.Time) error {
	requests, err := c.rig.Requests(since, c.program.UserAgent)
	if err == nil {
		c.add("serial", float64(serialRequests(requests, until)))
	}
	return err
}

// complete waits until the number of all pods is shown. A number that falls meanwhile is a lie about what is there.
func (c *course) complete() (time.Time, error) {
	if c.program.Lines {
		return c.shown("a line for each pod", startLimit, func(string) bool {
			now, _ := c.traffic.now()
			return now.lines > c.pods
		})
	}
	last, fell := 0, false
	moment, err := c.shown(fmt.Sprintf("%d pods", c.pods), startLimit, func(text string) bool {
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

// hold notes a guard once for all runs; one that fails once has failed.
func (c *course) hold(name string, ok bool, detail string) {
	for i := range c.results.Guards {
		g := &c.results.Guards[i]
		if g.Program == c.program.Name && g.Size == c.size && g.Name == name {
			if g.OK && !ok {
				g.OK, g.Detail = false, detail
			}
			return
		}
	}
	if ok {
		detail = ""
	}
	c.results.Guards = append(c.results.Guards, Guard{c.program.Name, c.size, name, ok, detail})
}

// whole is everything that is measured in a program that has loaded.
func (c *course) whole(ctx context.Context) error {
	steps := []func(context.Context) error{c.settled, c.idle}
	if len(c.program.Keys.Down) > 0 {
		steps = append(steps, c.moving)
	}
	steps = append(steps, c.churned)
	if len(c.program.Keys.Down) > 0 {
		steps = append(steps, c.typing, c.switching, c.visiting)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return c.quit(quitLimit)
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

// moving presses the cursor keys while nothing changes.
func (c *course) moving(ctx context.Context) error {
	if err := c.keys(c.program.Keys.Top); err != nil {
		return err
	}
	c.session.settle(quiet)
	times, bytes, err := c.walk(ctx)
	if err != nil {
		return err
	}
	c.add("key-idle-p50", percentile(times, 50))
	c.add("key-idle-p99", percentile(times, 99))
	c.add("pty-cursor", bytes)
	before := c.written()
	turns := min(pages, max(1, c.pods/rows-1))
	for range turns {
		if _, err := c.press(c.program.Keys.PageDown); err != nil {
			return err
		}
	}
	c.add("pty-page", float64(c.written().bytes-before.bytes)/float64(turns))
	_, err = c.press(c.program.Keys.Top)
	return err
}

// walk moves the cursor down and up again for a window, and returns how long each key took in ms, and the mean of bytes.
func (c *course) walk(ctx context.Context) (times []float64, bytes float64, err error) {
	wrote := 0
	for i := range max(10, int(c.window/keyPace)) {
		keys := c.program.Keys.Down
		if i/25%2 == 1 {
			keys = c.program.Keys.Up
		}
		next := time.Now().Add(keyPace)
		before, line := c.written(), c.underCursor()
		took, err := c.press(keys)
		for err == nil && c.underCursor() == line && took < keyLimit {
			// That was a frame with something else. The next one has the cursor.
			var now written
			now, err = c.frame(c.written(), keyLimit)
			took = now.last.Sub(next.Add(-keyPace))
		}
		if err != nil {
			return nil, 0, err
		}
		times = append(times, milliseconds(took))
		wrote += c.written().bytes - before.bytes
		pause(ctx, time.Until(next))
	}
	return times, float64(wrote) / float64(len(times)), nil
}

// press presses keys and returns how long it took to the last byte of the frame that follows.
func (c *course) press(keys []string) (time.Duration, error) {
	before, pressed := c.written(), time.Now()
	if err := c.keys(keys); err != nil {
		return 0, err
	}
	after, err := c.frame(before, keyLimit)
	return after.last.Sub(pressed), err
}

// churned measures under updates, of all pods and of those on the screen.
func (c *course) churned(ctx context.Context) error {
	err := c.under(ctx, 100, 0, func() error {
		cost, err := c.during(ctx)
		if err != nil {
			return err
		}
		c.add("cpu-100", cost.cpu)
		c.add("down-100", cost.down/1e6)
		c.add("lists", cost.lists)
		if len(c.program.Keys.Down) == 0 {
			return nil
		}
		times, _, err := c.walk(ctx)
		c.add("key-churn-p50", percentile(times, 50))
		c.add("key-churn-p99", percentile(times, 99))
		return err
	})
	if err != nil {
		return err
	}
	err = c.under(ctx, 1000, 0, func() error {
		cost, err := c.during(ctx)
		c.add("cpu-1000", cost.cpu)
		c.add("pty-writes", cost.pieces/60)
		return err
	})
	if err != nil {
		return err
	}
	return c.under(ctx, 20, rows-10, func() error {
		cost, err := c.during(ctx)
		c.add("pty-visible", cost.bytes/1e3)
		return err
	})
}

// under runs a measurement while pods change.
func (c *course) under(ctx context.Context, perSecond, first int, measurement func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	churn, err := c.rig.Churn(ctx, perSecond, first)
	if err != nil {
		return err
	}
	// What came before the steady state is no part of it.
	pause(ctx, time.Second)
	began, done := time.Now(), churn.Done()
	err = measurement()
	pace := float64(churn.Done()-done) / time.Since(began).Seconds()
	stop()
	if err := churn.Wait(); err != nil {
		return err
	}
	// A rig that is slower than it should be makes every figure too good.
	c.hold(fmt.Sprintf("%d pods change each second", perSecond), pace > 0.9*float64(perSecond), fmt.Sprintf("%.0f did", pace))
	c.session.settle(time.Second)
	return err
}

// typing sorts and filters.
func (c *course) typing(context.Context) error {
	took, err := c.press(c.program.Keys.Sort)
	if err != nil {
		return err
	}
	c.add("sort", milliseconds(took))
	if _, err := c.press(c.program.Keys.SortBack); err != nil {
		return err
	}
	if err := c.filtering(); err != nil {
		return err
	}
	_, err = c.shown("all pods again", keyLimit, func(text string) bool { return rowsIn(c.program.Row, text) >= min(firstRows, c.pods) })
	return err
}

// filtering types the name of the pod under the cursor, so that at least one passes.
func (c *course) filtering() error {
	keys := c.program.Keys
	fields := strings.Fields(strings.TrimLeft(c.underCursor(), "›│ "))
	if len(fields) < 2 {
		return fmt.Errorf("%s: no pod under the cursor\n%s", c.program.Name, c.terminal.Screen())
	}
	name := fields[1]
	if _, err := c.press(keys.Filter); err != nil {
		return err
	}
	for _, character := range name[:len(name)-1] {
		if err := c.write(string(character)); err != nil {
			return err
		}
	}
	c.session.settle(300 * time.Millisecond)
	typed := time.Now()
	before := c.written()
	if err := c.write(name[len(name)-1:]); err != nil {
		return err
	}
	after, err := c.frame(before, keyLimit)
	if err != nil {
		return err
	}
	shown := after.last
	if _, ok := number(c.program.Filtered, c.terminal.Screen().Text()); !ok {
		if shown, err = c.shown("how many pods pass the filter", keyLimit, c.program.Filtered.in); err != nil {
			return err
		}
	}
	c.add("filter", milliseconds(shown.Sub(typed)))
	if _, err := c.press(keys.FilterDone); err != nil {
		return err
	}
	took, err := c.press(keys.ClearFilter)
	c.add("clear", milliseconds(took))
	return err
}

// goTo switches to a kind and returns when the last key was pressed.
func (c *course) goTo(kind string) (time.Time, error) {
	if _, err := c.press(c.program.Keys.GoTo); err != nil {
		return time.Time{}, err
	}
	if err := c.write(kind); err != nil {
		return time.Time{}, err
	}
	c.session.settle(300 * time.Millisecond)
	pressed := time.Now()
	return pressed, c.keys(c.program.Keys.GoToDone)
}

func (c *course) switching(context.Context) error {
	for _, name := range []string{"switch-first", "switch-cached"} {
		line := c.underCursor()
		pressed, err := c.goTo("nodes")
		if err != nil {
			return err
		}
		shown, err := c.shown("nodes", keyLimit, func(text string) bool {
			return rowsIn(c.program.NodeRow, text) >= min(firstRows, c.nodes)
		})
		if err != nil {
			return err
		}
		c.add(name, milliseconds(shown.Sub(pressed)))
		c.session.settle(500 * time.Millisecond)
		pressed = time.Now()
		if err := c.keys(c.program.Keys.Back); err != nil {
			return err
		}
		shown, err = c.shown("pods", keyLimit, func(text string) bool {
			return rowsIn(c.program.Row, text) >= min(firstRows, c.pods)
		})
		if err != nil {
			return err
		}
		c.add("switch-back", milliseconds(shown.Sub(pressed)))
		c.session.settle(500 * time.Millisecond)
		c.hold("back at the same row", nameIn(c.underCursor()) == nameIn(line), fmt.Sprintf("it was %q and is %q", line, c.underCursor()))
	}
	return nil
}

// nameIn is the pod's namespace and name in a line of the table.
func nameIn(line string) string {
	fields := strings.Fields(strings.TrimLeft(line, "›│ "))
	return strings.Join(fields[:min(2, len(fields))], "/")
}

// visiting looks at other kinds and returns to the pods.
func (c *course) visiting(ctx context.Context) error {
	for _, kind := range otherKinds {
		if _, err := c.goTo(kind); err != nil {
			return err
		}
		c.session.settle(500 * time.Millisecond)
	}
	if _, err := c.goTo("pods"); err != nil {
		return err
	}
	pause(ctx, settleAfter)
	used, err := c.usage()
	if err != nil {
		return err
	}
	c.add("rss-end", float64(used.resident)/1e6)
	c.add("rss-end-peak", float64(used.peak)/1e6)
	return nil
}

func (s *session) written() written {
	now, _ := s.traffic.now()
	return now
}

// pause is a stretch of time that is measured, not one in which something is waited for.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
