package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

const (
	firstRows   = 20
	settleAfter = 5 * time.Second
	keyLimit    = 10 * time.Second
	moveLimit   = time.Second
	quitLimit   = 10 * time.Second
	keyPace     = 100 * time.Millisecond
	leastKeys   = 40
	pages       = 10
	commands    = 50 // runs of --version that are timed
	// commandPeaks are runs of --version whose memory is read.
	commandPeaks = 10
)

// bench measures programs on one rig and puts the figures into results.
type bench struct {
	// cluster is the name of the rig's.
	cluster string
	rig     *fixture.Rig
	// pods and nodes are how many the rig holds.
	pods, nodes int
	size        string
	window      time.Duration
	// limit is how long a start may take.
	limit   time.Duration
	results *Results
	// lingering are courses that wait for their programs to release memory.
	lingering []*lingering
}

// command measures the program when it only prints its version.
func (b *bench) command(ctx context.Context, program *Program) error {
	home, err := newHome()
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	for range commands {
		command := exec.CommandContext(ctx, program.path, program.Version...)
		command.Env = env
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s %v: %w", program.Name, program.Version, err)
		}
		b.results.add(program.Name, "", "", "version-time", milliseconds(time.Since(began)))
	}
	for range commandPeaks {
		peak, err := peakOf(ctx, env, program.path, program.Version...)
		if err != nil {
			return err
		}
		b.results.add(program.Name, "", "", "version-rss", float64(peak)/1e6)
	}
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
	home    string
	// detach lets the course outlive the context that it was made with. It returns
	// false if that has ended.
	detach func() bool
	*session

	mu sync.Mutex
	// over is set when the context has ended: what is started then is killed at once.
	over bool
}

// newCourse opens a link and an empty home for a run. The function that it returns ends both, and
// the program. The program is killed when the context ends, which ends whatever waits for it.
func (b *bench) newCourse(
	ctx context.Context,
	program *Program,
	profile link.Profile,
) (c *course, end func(), err error) {
	home, err := newHome()
	if err != nil {
		return nil, nil, err
	}
	through, config, err := openLink(b.rig.Kubeconfig, home, profile)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(home))
	}
	c = &course{bench: b, program: program, link: through, network: profile.Name, config: config, home: home}
	c.detach = context.AfterFunc(ctx, c.kill)
	return c, func() {
		c.detach()
		if c.session != nil {
			c.close()
		}
		through.Close()
		_ = os.RemoveAll(home)
	}, nil
}

// open starts the program, after ending the one that runs.
func (c *course) open(args []string) (err error) {
	if c.session != nil {
		c.close()
	}
	started, err := start(c.program, c.home, args)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = started
	if c.over {
		started.kill()
	}
	return err
}

// kill ends the program that runs, and those that are started later.
func (c *course) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.session != nil {
		c.session.kill()
	}
}

// loaded starts the program and waits until it shows all pods.
func (c *course) loaded(more ...string) error {
	if err := c.open(append(c.program.arguments(c.config), more...)); err != nil {
		return err
	}
	_, err := c.complete()
	return err
}

func (c *course) add(metric string, value float64) {
	c.results.add(c.program.Name, c.size, c.network, metric, value)
}

// without says why metrics have no value.
func (c *course) without(reason string, metrics ...string) {
	for _, metric := range metrics {
		c.results.without(c.program.Name, c.size, c.network, metric, reason)
	}
}

func (c *course) hold(name string, ok bool, detail string) {
	c.results.hold(Guard{c.program.Name, c.size, name, ok, detail})
}

// failed notes a run that ended early.
func (b *bench) failed(program *Program, where string, err error) {
	where = fmt.Sprintf("%s at %s", where, b.size)
	b.results.Failures = append(b.results.Failures, Failure{program.Name, where, err.Error()})
	first, _, _ := strings.Cut(err.Error(), "\n")
	b.say("%s: %s: %s", program.Name, where, first)
}

// say writes a line of progress, which begins with how long the run has lasted.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6s  %s\n", time.Since(b.results.Began).Round(time.Second), fmt.Sprintf(format, args...))
}

func (s *session) written() written {
	now, _ := s.traffic.now()
	return now
}

// pause is a stretch of time that is measured, not a wait for something.
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
