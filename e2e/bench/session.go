package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

const (
	columns, rows = 200, 50
	// quiet ends a frame: no program pauses so long in the middle of one.
	quiet = 20 * time.Millisecond
)

// session is one run of a program in a terminal.
type session struct {
	program  *Program
	terminal *screen.Terminal
	started  time.Time
	traffic  *traffic
	guard    *harness
}

// traffic is what the program has written, counted as it arrives: the emulator's own work is in none of the times.
type traffic struct {
	mu     sync.Mutex
	bytes  int
	pieces int
	lines  int
	last   time.Time
	wake   chan struct{}
}

// written is a copy of the counts.
type written struct {
	bytes, pieces, lines int
	last                 time.Time
}

func (t *traffic) add(piece []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += len(piece)
	t.pieces++
	t.lines += bytes.Count(piece, []byte("\n"))
	t.last = time.Now()
	close(t.wake)
	t.wake = make(chan struct{})
}

func (t *traffic) now() (written, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return written{t.bytes, t.pieces, t.lines, t.last}, t.wake
}

// harness is what a terminal needs from a test: folders, cleanup, and a failure that
// ends the run.
type harness struct {
	folder   string
	cleanups []func()
}

// failure is the panic of a run that cannot go on; protect turns it into an error.
type failure struct{ error }

func (h *harness) Helper()          {}
func (h *harness) Cleanup(f func()) { h.cleanups = append(h.cleanups, f) }
func (h *harness) TempDir() string  { return h.folder }
func (h *harness) Fatalf(format string, args ...any) {
	panic(failure{fmt.Errorf(format, args...)})
}

func (h *harness) close() {
	for _, f := range h.cleanups {
		f()
	}
	h.cleanups = nil
}

// protect runs code that may fail the way a terminal's waits do.
func protect(f func()) (err error) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case failure:
			err = reason.error
		default:
			panic(reason)
		}
	}()
	f()
	return nil
}

// newHome makes an empty home for a program; a second run with it finds what the first one has cached.
func newHome() (string, error) {
	return os.MkdirTemp("", "fathom-bench-home-")
}

// start runs the program.
func start(program *Program, home string, args []string) (s *session, err error) {
	s = &session{program: program, traffic: &traffic{wake: make(chan struct{})}, guard: &harness{folder: home}}
	env := append([]string{
		"XDG_CONFIG_HOME=" + home + "/config", "XDG_STATE_HOME=" + home + "/state", "XDG_CACHE_HOME=" + home + "/cache",
		"XDG_DATA_HOME=" + home + "/data", "K9S_CONFIG_DIR=" + home + "/k9s",
	}, program.Env...)
	err = protect(func() {
		s.started = time.Now()
		s.terminal = screen.Start(
			s.guard,
			screen.Options{Columns: columns, Rows: rows, Env: env, Dir: home, Output: s.traffic.add},
			program.path,
			args...)
	})
	if err == nil {
		// When memory runs out, the measured program should go first, not the rig or
		// anything else here. Only Linux has this file.
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", s.terminal.PID()), []byte("1000"), 0o644)
	}
	return s, err
}

// close ends the program, whatever it is doing.
func (s *session) close() { s.guard.close() }

// kill ends the program at once, which ends what waits for it.
func (s *session) kill() {
	if s.terminal != nil {
		// It is fine if the program is gone already.
		_ = protect(func() { s.terminal.Signal(os.Kill) })
	}
}

// quit asks it to end.
func (s *session) quit() error {
	if len(s.program.Keys.Quit) == 0 {
		return nil
	}
	return protect(func() {
		s.terminal.Keys(s.program.Keys.Quit...)
		s.terminal.WaitExit(quitLimit)
	})
}

func (s *session) keys(keys []string) error {
	return protect(func() { s.terminal.Keys(keys...) })
}

func (s *session) write(text string) error {
	return protect(func() { s.terminal.Type(text) })
}

// shown waits until the text of the screen passes the check, and returns the time of
// the output that made it pass.
func (s *session) shown(what string, limit time.Duration, check func(text string) bool) (time.Time, error) {
	var moment time.Time
	var text string
	err := protect(func() {
		s.terminal.WaitFor(func(shot screen.Screen) bool {
			now, _ := s.traffic.now()
			moment, text = now.last, shot.Text()
			return check(text)
		}, limit)
	})
	if err == nil {
		return moment, nil
	}
	reason := errLate
	if s.terminal.Exited() {
		reason = fmt.Errorf(
			"%w after %s with exit code %d",
			errEnded,
			time.Since(s.started).Round(time.Second),
			s.terminal.WaitExit(time.Second),
		)
	}
	return moment, fmt.Errorf("%s: wait %s for %s: %w, the screen is\n%s", s.program.Name,
		limit.Round(time.Millisecond), what, reason, text)
}

// frame waits for the end of the output that follows a moment: a pause, after something was written. Before is what was
// written until then.
func (s *session) frame(before written, limit time.Duration) error {
	end, look := time.NewTimer(limit), time.NewTicker(time.Second)
	defer end.Stop()
	defer look.Stop()
	for {
		now, wake := s.traffic.now()
		var pause <-chan time.Time
		if now.bytes > before.bytes {
			left := quiet - time.Since(now.last)
			if left <= 0 {
				return nil
			}
			pause = time.After(left)
		}
		select {
		case <-wake:
		case <-pause:
		case <-look.C:
			if s.terminal.Exited() {
				return errEnded
			}
		case <-end.C:
			return fmt.Errorf("%s: no frame within %s", s.program.Name, limit)
		}
	}
}

// settle waits until the program has written nothing for a while, but not forever.
func (s *session) settle(pause time.Duration) {
	end := time.Now().Add(keyLimit)
	for time.Now().Before(end) {
		now, wake := s.traffic.now()
		left := pause - time.Since(now.last)
		if left <= 0 {
			return
		}
		select {
		case <-wake:
		case <-time.After(left):
		}
	}
}

// number returns the first group of a pattern in the text, as a number; it may have commas between its thousands.
func number(p pattern, text string) (int, bool) {
	if p.Regexp == nil {
		return 0, false
	}
	match := p.FindStringSubmatch(text)
	if len(match) < 2 {
		return 0, false
	}
	n, err := strconv.Atoi(strings.ReplaceAll(match[1], ",", ""))
	return n, err == nil
}

// rowsIn counts the lines that a pattern matches.
func rowsIn(p pattern, text string) int {
	return len(p.FindAllStringIndex(text, -1))
}

// underCursor is the text of the line under the cursor.
func (s *session) underCursor() string {
	shot := s.terminal.Screen()
	if s.program.Cursor.Regexp != nil {
		return s.program.Cursor.FindString(shot.Text())
	}
	papers := map[string][]int{}
	for y := range shot.Rows {
		if !s.program.Row.in(shot.Row(y)) && !s.program.NodeRow.in(shot.Row(y)) {
			continue
		}
		cell := shot.Cell(3, y)
		paper := fmt.Sprint(cell.Background, cell.Reverse)
		papers[paper] = append(papers[paper], y)
	}
	for _, lines := range papers {
		if len(lines) == 1 {
			return shot.Row(lines[0])
		}
	}
	return ""
}

var (
	errEnded = errors.New("the program has ended")
	errLate  = errors.New("it is late")
)

func (s *session) usage() (usage, error) {
	if s.terminal.Exited() {
		return usage{}, errEnded
	}
	return readUsage(s.terminal.PID())
}
