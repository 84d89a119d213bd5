package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

const (
	tapeRate = 100 // pods that change each second while they are recorded
	jumps    = 6
)

// tapes records the pods while they change, opens the recording, and jumps in it. Only fathom records.
func (b *bench) tapes(ctx context.Context, program *Program) error {
	if program.Name != subject {
		return nil
	}
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	path := filepath.Join(c.home, "recorded.tape")
	from, until, err := c.record(ctx, path)
	if err != nil {
		return err
	}
	if err := c.open([]string{"open", path, "pods", "-A"}); err != nil {
		return err
	}
	shown, err := c.shown("the first rows of the tape", keyLimit, func(text string) bool {
		return rowsIn(program.Row, text) >= min(firstRows, c.pods)
	})
	if err != nil {
		return err
	}
	c.add("tape-open", milliseconds(shown.Sub(c.started)))
	if _, err := c.complete(); err != nil {
		return err
	}
	return c.jump(from, until)
}

// record records the pods for a window of changes, and returns two moments on the tape.
func (c *course) record(ctx context.Context, path string) (from, until time.Time, err error) {
	said := &lockedBuffer{}
	recorder := exec.CommandContext(
		ctx,
		c.program.path,
		"record",
		"-o",
		path,
		"--kubeconfig",
		c.config,
		"--kinds",
		"pods",
		"--logs",
		"none",
	)
	recorder.Env = append(os.Environ(), "HOME="+c.home, "XDG_CACHE_HOME="+filepath.Join(c.home, "cache"))
	recorder.Stderr = said
	if err := recorder.Start(); err != nil {
		return from, until, err
	}
	ended := make(chan error, 1)
	go func() { ended <- recorder.Wait() }()
	defer func() {
		err = errors.Join(err, recorder.Process.Signal(os.Interrupt), <-ended)
	}()
	for limit := time.After(c.limit); !strings.Contains(said.String(), "recording "); pause(ctx, 50*time.Millisecond) {
		select {
		case <-limit:
			return from, until, fmt.Errorf("record said nothing but %q", said.String())
		default:
		}
	}
	changing, stop := context.WithCancel(ctx)
	defer stop()
	churn, err := c.rig.Churn(changing, tapeRate, 0)
	if err != nil {
		return from, until, err
	}
	pause(ctx, 2*time.Second)
	from = time.Now()
	used, size, done, err := readRecording(recorder.Process.Pid, path, churn.Done)
	if err != nil {
		return from, until, err
	}
	pause(ctx, c.window)
	usedThen, sizeThen, doneThen, err := readRecording(recorder.Process.Pid, path, churn.Done)
	until = time.Now()
	if err == nil {
		c.add("tape-cpu", 100*(usedThen.cpu-used.cpu).Seconds()/until.Sub(from).Seconds())
		c.add("tape-change", float64(sizeThen-size)/float64(doneThen-done))
	}
	stop()
	return from, until, errors.Join(err, churn.Wait())
}

// readRecording reads what a recording has taken and written, and how many changes there were.
func readRecording(pid int, path string, changes func() int64) (used usage, size, done int64, err error) {
	used, err = readUsage(pid)
	if err != nil {
		return used, 0, 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return used, 0, 0, err
	}
	return used, info.Size(), changes(), nil
}

// jump goes back and forth between two moments.
func (c *course) jump(from, until time.Time) error {
	for i := range jumps {
		to := from
		if i%2 == 0 {
			to = until.Add(-time.Second)
		}
		at := to.Format(time.TimeOnly)
		if err := c.keys([]string{":"}); err != nil {
			return err
		}
		if err := c.write(at); err != nil {
			return err
		}
		c.session.settle(100 * time.Millisecond)
		pressed := time.Now()
		if err := c.keys([]string{"enter", "space"}); err != nil {
			return err
		}
		shown, err := c.shown(
			"the time of the tape",
			keyLimit,
			func(text string) bool { return strings.Contains(text, " at "+at) },
		)
		if err != nil {
			return err
		}
		c.add("tape-jump", milliseconds(shown.Sub(pressed)))
		// It plays again after the next jump.
		if err := c.press([]string{"space"}); err != nil {
			return err
		}
	}
	return nil
}

// lockedBuffer collects what a program prints while it runs.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
