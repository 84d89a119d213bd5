package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"
)

// screen is a terminal for tests. It can be made to stop reading.
type screen struct {
	mu       sync.Mutex
	emulator *vt.Emulator
	raw      strings.Builder
	changed  chan struct{}
	gate     chan struct{} // closed: reads; else every write waits
}

func newScreen(width, height int) *screen {
	s := &screen{emulator: vt.NewEmulator(width, height), changed: make(chan struct{}, 1), gate: make(chan struct{})}
	close(s.gate)
	go func() {
		_, _ = io.Copy(io.Discard, s.emulator) // Its answers, which nobody wants.
	}()
	return s
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	<-gate
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(b)
	_, err := s.emulator.Write(b)
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return len(b), err
}

// stall stops reading until the returned function is called.
func (s *screen) stall() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return func() { close(gate) }
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emulator.String()
}

// becomes waits until the screen is as wanted; it is false when it never is.
func (s *screen) becomes(wanted func() bool) bool {
	limit := time.After(10 * time.Second)
	for !wanted() {
		select {
		case <-s.changed:
		case <-limit:
			return false
		}
	}
	return true
}

func (s *screen) until(t *testing.T, what string, wanted func() bool) {
	t.Helper()
	if !s.becomes(wanted) {
		t.Fatalf("the screen never %s:\n%s", what, s.text())
	}
}

func (s *screen) shows(t *testing.T, text string) {
	t.Helper()
	s.until(t, "shows "+text, func() bool { return strings.Contains(s.text(), text) })
}

// session is a shell that runs in a terminal for tests.
type session struct {
	*screen
	shell *Shell
	keys  *io.PipeWriter
	end   chan error
}

func runShell(ctx context.Context, t *testing.T, view View) *session {
	t.Helper()
	in, keys := io.Pipe()
	s := &session{screen: newScreen(80, 24), keys: keys, end: make(chan error, 1)}
	s.shell = NewShell(Options{
		Home: view, Theme: loadTheme(t, "default"), Now: time.Now, Mouse: true, Choices: choices,
		Input: in, Output: s.screen, Environ: []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/1"},
	})
	go func() { s.end <- Run(ctx, s.shell) }()
	t.Cleanup(func() { _ = keys.Close() })
	return s
}

func (s *session) typeKeys(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		t.Fatal(err)
	}
}

func (s *session) ends(t *testing.T, within time.Duration) error {
	t.Helper()
	select {
	case err := <-s.end:
		return err
	case <-time.After(within):
		t.Fatalf("still running after %v", within)
		return nil
	}
}

// left checks that the terminal was left as it was found.
func (s *session) left(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	raw := s.raw.String()
	for on, off := range map[string]string{
		"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?1006h": "\x1b[?1006l",
	} {
		if strings.LastIndex(raw, on) < 0 || strings.LastIndex(raw, off) < strings.LastIndex(raw, on) {
			t.Errorf("%q is not followed by %q", on, off)
		}
	}
}

func TestRunAndQuit(t *testing.T) {
	s := runShell(t.Context(), t, home())
	s.shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, ":nod\r")
	s.shows(t, "this is nodes")
	s.typeKeys(t, "q")
	s.shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	s.left(t)
	if raw := s.raw.String(); !strings.Contains(raw, "\x1b[?2026$p") {
		t.Error("synchronised output is not asked for over SSH")
	}
}

func TestWidthsStayWhenTheTerminalKnowsClusters(t *testing.T) {
	s := runShell(t.Context(), t, home())
	s.shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, "\x1b[?2027;2$y\x1b[?2026;2$y:")
	s.shows(t, "go to")
	s.typeKeys(t, "\x03")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if raw := s.raw.String(); strings.Contains(raw, "\x1b[?2027h") || !strings.Contains(raw, "\x1b[?2026h") {
		t.Errorf("want frames in synchronised output (2026) and no clusters (2027): %q", raw)
	}
}

func TestHangUp(t *testing.T) {
	for _, stalled := range []bool{false, true} {
		t.Run(fmt.Sprintf("stalled %v", stalled), func(t *testing.T) {
			source := newFeed()
			view := watching("pods", source)
			s := runShell(t.Context(), t, view)
			s.shows(t, "this is pods")
			release := func() {}
			if stalled {
				release = s.stall()
				s.typeKeys(t, ":")
			}
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			err := s.ends(t, time.Second)
			release()
			if !errors.Is(err, ErrHangUp) {
				t.Errorf("got %v, want %v", err, ErrHangUp)
			}
			if !stalled {
				s.left(t)
			}
		})
	}
}

func TestContextEndsTheShell(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := runShell(ctx, t, home())
	s.shows(t, "checkout")
	cancel()
	if err := s.ends(t, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	s.left(t)
}

// broken panics when it is drawn after a key.
type broken struct{ page }

func (b *broken) Draw(f Frame) string {
	if len(heard[Do](&b.page)) > 0 {
		panic("cannot draw this")
	}
	return b.page.Draw(f)
}

func TestPanicLeavesTheTerminal(t *testing.T) {
	s := runShell(t.Context(), t, &broken{page{name: "broken", keys: []Key{{Action: "x", Keys: []string{"x"}}}}})
	s.shows(t, "this is broken")
	s.typeKeys(t, "x")
	if err := s.ends(t, 5*time.Second); !errors.Is(err, tea.ErrProgramPanic) {
		t.Errorf("got %v, want %v", err, tea.ErrProgramPanic)
	}
	s.left(t)
}

// busy is a source that always has something new to tell.
type busy struct{ told atomic.Int64 }

func (b *busy) Next(context.Context) (Msg, error) { return int(b.told.Add(1)), nil }

// numbers shows the last number that it was told.
type numbers struct {
	page
	source *busy
	last   int
	heard  chan int
}

func (n *numbers) Update(msg Msg) Intent {
	switch msg := msg.(type) {
	case Shown:
		return Watch{n.source}
	case int:
		n.last = msg
		select {
		case n.heard <- msg:
		default:
		}
	}
	return nil
}

func (n *numbers) Draw(Frame) string { return fmt.Sprintf("number %d.", n.last) }

// TestStalledTerminalBlocksNothing stops reading for a while: sources and views
// go on meanwhile, frames do not pile up, and afterwards the screen shows what
// is true then.
func TestStalledTerminalBlocksNothing(t *testing.T) {
	view := &numbers{source: &busy{}, heard: make(chan int)}
	s := runShell(t.Context(), t, view)
	s.shows(t, "number 2.")
	release := s.stall()
	limit := time.After(10 * time.Second)
	last := 0
	for last < 15 {
		select {
		case last = <-view.heard:
		case <-limit:
			t.Fatalf("the view hears nothing more after number %d", last)
		}
	}
	before := s.raw.Len()
	release()
	s.until(t, "catches up", func() bool {
		var shown int
		_, err := fmt.Sscanf(strings.SplitN(s.text(), "number ", 2)[1], "%d.", &shown)
		return err == nil && shown >= last
	})
	s.mu.Lock()
	written := s.raw.Len() - before
	s.mu.Unlock()
	if written > 2000 {
		t.Errorf("%d bytes were waiting: frames have piled up", written)
	}
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
}

func TestOutputKeepsOrderAndErrors(t *testing.T) {
	to := newScreen(80, 24)
	o := newOutput(to, func(err error) { t.Error(err) })
	release := to.stall()
	want := ""
	for i := range 20 {
		part := fmt.Sprintf("part %d.", i)
		want += part
		o.write([]byte(part))
	}
	busy := o.busy()
	if busy == nil {
		t.Fatal("an output that nobody reads is not busy")
	}
	release()
	<-busy
	if got := to.raw.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if o.busy() != nil {
		t.Error("still busy after all was read")
	}
	o.close(time.Second)

	in, out := io.Pipe()
	_ = in.Close()
	failed := make(chan error, 10)
	o = newOutput(out, func(err error) { failed <- err })
	o.write([]byte("lost"))
	if err := <-failed; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
	o.write([]byte("lost too"))
	if o.busy() != nil {
		t.Error("an output that has failed takes more")
	}
	o.close(time.Second)
	if len(failed) > 0 {
		t.Error("the failure was told twice")
	}
}
