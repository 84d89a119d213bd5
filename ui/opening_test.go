package ui

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term/termtest"
)

// showOpening shows an opening in a terminal for tests.
func showOpening(t *testing.T) (*session, Options, chan int) {
	t.Helper()
	in, keys := io.Pipe()
	t.Cleanup(func() { _ = keys.Close() })
	s := &session{Screen: termtest.New(80, 24), keys: keys, end: make(chan error, 1)}
	o := Options{
		Theme: loadTheme(t, "default"), Now: time.Now, Mouse: true,
		Input: in, Output: s.Screen, Environ: []string{"TERM=xterm-256color"},
	}
	exits := make(chan int, 1)
	header := Header{Place: []string{"fathom"}, Freshness: Line{{"◌ starting", themes.Waiting}}}
	var err error
	if o.Opening, err = ShowOpening(o, header, func(exit int) { exits <- exit }); err != nil {
		t.Fatal(err)
	}
	s.Shows(t, "starting")
	return s, o, exits
}

// TestRunTakesOverAnOpening holds that a terminal is entered once, asked only when somebody listens, and
// given back.
func TestRunTakesOverAnOpening(t *testing.T) {
	s, o, _ := showOpening(t)
	questions := ansi.RequestKittyKeyboard + ansi.RequestModeSynchronizedOutput
	if strings.Contains(s.Raw(), questions) {
		t.Error("it asks and nobody listens")
	}
	typed := make(chan error, 1)
	go func() {
		_, err := io.WriteString(s.keys, ":nod\r")
		typed <- err
	}()
	o.Home, o.Choices = home(), choices
	s.shell = NewShell(o)
	go func() { s.end <- Run(t.Context(), s.shell) }()
	s.Shows(t, "this is nodes")
	if err := <-typed; err != nil {
		t.Fatal(err)
	}
	s.typeKeys(t, "\x03")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
	s.left(t)
	if got := strings.Count(s.Raw(), ansi.SetModeAltScreenSaveCursor); got != 1 {
		t.Errorf("the alternate screen is entered %d times", got)
	}
	if !strings.Contains(s.Raw(), questions) {
		t.Error("the terminal is not asked what it can do")
	}
	if o.Opening.Close() {
		t.Error("what was taken over is given back twice")
	}
}

func TestOpeningIsGivenBack(t *testing.T) {
	t.Run("closed", func(t *testing.T) {
		s, o, _ := showOpening(t)
		if !o.Opening.Close() || o.Opening.Close() {
			t.Error("want it given back once")
		}
		s.left(t)
	})
	t.Run("signal", func(t *testing.T) {
		s, o, exits := showOpening(t)
		signalSelf(t, syscall.SIGTERM)
		select {
		case exit := <-exits:
			if exit != 128+int(syscall.SIGTERM) {
				t.Errorf("exit code %d", exit)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("the signal was not heard")
		}
		s.left(t)
		if o.Opening.Close() {
			t.Error("given back twice")
		}
	})
	t.Run("none", func(t *testing.T) {
		if (*Opening)(nil).Close() {
			t.Error("there was nothing to give back")
		}
	})
}

// brokenWriter is the output of a terminal that is gone.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestTakeOverOfATerminalThatIsGone holds that Run learns of an error that came before it.
func TestTakeOverOfATerminalThatIsGone(t *testing.T) {
	in, keys := io.Pipe()
	t.Cleanup(func() { _ = keys.Close() })
	o := Options{
		Theme: loadTheme(t, "default"), Now: time.Now,
		Input: in, Output: brokenWriter{}, Environ: []string{"TERM=xterm-256color"},
	}
	var err error
	if o.Opening, err = ShowOpening(o, Header{}, nil); err != nil {
		t.Fatal(err)
	}
	o.Home = home()
	s := &session{end: make(chan error, 1)}
	go func() { s.end <- Run(t.Context(), NewShell(o)) }()
	if err := s.ends(t, 5*time.Second); !errors.Is(err, ErrHangUp) {
		t.Errorf("got %v, want %v", err, ErrHangUp)
	}
}
