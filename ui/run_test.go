package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/ui/term/termtest"
)

// session is a shell that runs in a terminal for tests.
type session struct {
	*termtest.Screen
	shell *Shell
	keys  *io.PipeWriter
	end   chan error
}

func runShell(ctx context.Context, t *testing.T, view View) *session {
	t.Helper()
	in, keys := io.Pipe()
	s := &session{Screen: termtest.New(80, 24), keys: keys, end: make(chan error, 1)}
	s.shell = NewShell(Options{
		Home: view, Theme: loadTheme(t, "default"), Now: time.Now, Mouse: true, Choices: choices,
		Input: in, Output: s.Screen, Environ: []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/1"},
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
	raw := s.Raw()
	for on, off := range map[string]string{
		"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l",
		"\x1b[?1002h": "\x1b[?1002l", "\x1b[?1006h": "\x1b[?1006l",
	} {
		if strings.LastIndex(raw, on) < 0 || strings.LastIndex(raw, off) < strings.LastIndex(raw, on) {
			t.Errorf("%q is not followed by %q", on, off)
		}
	}
}

func TestRunAndQuit(t *testing.T) {
	s := runShell(t.Context(), t, home())
	s.Shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, ":nod\r")
	s.Shows(t, "this is nodes")
	s.typeKeys(t, "q")
	s.Shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	s.left(t)
	if raw := s.Raw(); !strings.Contains(raw, "\x1b[?2026$p") {
		t.Error("synchronised output is not asked for over SSH")
	}
}

func TestWidthsStayWhenTheTerminalKnowsClusters(t *testing.T) {
	s := runShell(t.Context(), t, home())
	s.Shows(t, "checkout-7d9f8c66b-00000")
	s.typeKeys(t, "\x1b[?2027;2$y\x1b[?2026;2$y:nod\r")
	s.Shows(t, "this is nodes")
	s.typeKeys(t, "\x03")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if raw := s.Raw(); strings.Contains(raw, "\x1b[?2027h") || !strings.Contains(raw, "\x1b[?2026h") {
		t.Errorf("want frames in synchronised output (2026) and no clusters (2027): %q", raw)
	}
}

// signalSelf sends this process a signal. Windows has none.
func signalSelf(t *testing.T, signal os.Signal) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func TestHangUp(t *testing.T) {
	for _, stalled := range []bool{false, true} {
		t.Run(fmt.Sprintf("stalled %v", stalled), func(t *testing.T) {
			source := newFeed()
			view := watching("pods", source)
			s := runShell(t.Context(), t, view)
			s.Shows(t, "this is pods")
			release := func() {}
			if stalled {
				release = s.Stall()
				s.typeKeys(t, ":")
			}
			signalSelf(t, syscall.SIGHUP)
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
	s.Shows(t, "checkout")
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
	s.Shows(t, "this is broken")
	s.typeKeys(t, "x")
	if err := s.ends(t, 5*time.Second); !errors.Is(err, tea.ErrProgramPanic) {
		t.Errorf("got %v, want %v", err, tea.ErrProgramPanic)
	}
	s.left(t)
}

// busy is a source that always has something new to tell.
type busy struct{ told atomic.Int64 }

func (b *busy) Next(context.Context) (Msg, error) { return int(b.told.Add(1)), nil }

// numbers shows the last number that it got.
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

// TestStalledTerminalBlocksNothing stops reading for a while: sources and views go on,
// frames do not pile up, and afterwards the screen shows what is true by then.
func TestStalledTerminalBlocksNothing(t *testing.T) {
	view := &numbers{source: &busy{}, heard: make(chan int)}
	s := runShell(t.Context(), t, view)
	s.Shows(t, "number 2.")
	release := s.Stall()
	limit := time.After(10 * time.Second)
	last := 0
	for last < 15 {
		select {
		case last = <-view.heard:
		case <-limit:
			t.Fatalf("the view hears nothing more after number %d", last)
		}
	}
	before := len(s.Raw())
	release()
	s.Until(t, "catches up", func() bool {
		var shown int
		_, err := fmt.Sscanf(strings.SplitN(s.Text(), "number ", 2)[1], "%d.", &shown)
		return err == nil && shown >= last
	})
	if written := len(s.Raw()) - before; written > 2000 {
		t.Errorf("%d bytes were waiting: frames have piled up", written)
	}
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
}
