// Package termtest is a terminal for tests: an emulator whose screen can be
// compared, and that can be made to stop reading.
package termtest

import (
	"fmt"
	"image/color"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// Screen is a terminal of which everything written can be seen.
type Screen struct {
	Emulator *vt.Emulator

	mu      sync.Mutex
	raw     strings.Builder
	changed chan struct{}
	gate    chan struct{} // while it is open every write waits
}

// New returns a screen of a size.
func New(width, height int) *Screen {
	s := &Screen{Emulator: vt.NewEmulator(width, height), changed: make(chan struct{}, 1), gate: make(chan struct{})}
	close(s.gate)
	go func() {
		_, _ = io.Copy(io.Discard, s.Emulator) // Its answers, which nobody wants.
	}()
	return s
}

// Write implements io.Writer.
func (s *Screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	<-gate
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(b)
	_, err := s.Emulator.Write(b)
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return len(b), err
}

// Stall stops reading until the returned function is called.
func (s *Screen) Stall() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return func() { close(gate) }
}

// Text returns what the screen shows.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Emulator.String()
}

// Raw returns everything that was written.
func (s *Screen) Raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// Until waits for a state, and fails the test if it never comes.
func (s *Screen) Until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for !reached() {
		select {
		case <-s.changed:
		case <-limit:
			t.Fatalf("the screen never %s:\n%s", what, s.Text())
		}
	}
}

// Shows waits until the screen shows a text.
func (s *Screen) Shows(t *testing.T, text string) {
	t.Helper()
	s.Until(t, "shows "+text, func() bool { return strings.Contains(s.Text(), text) })
}

// Difference names the first cell that differs from that of another emulator, or
// returns "". look returns what is compared of a cell.
func (s *Screen) Difference(want *vt.Emulator, look func(*uv.Cell) uv.Cell) string {
	for y := range want.Height() {
		for x := range want.Width() {
			g, w := look(s.Emulator.CellAt(x, y)), look(want.CellAt(x, y))
			if g.Content != w.Content || g.Width != w.Width || !g.Style.Equal(&w.Style) {
				return fmt.Sprintf("cell %d of line %d is %q %d %v, want %q %d %v",
					x, y, g.Content, g.Width, g.Style, w.Content, w.Width, w.Style)
			}
		}
	}
	return ""
}

// Exact compares all of a cell.
func Exact(cell *uv.Cell) uv.Cell { return *cell }

// Seen leaves out what nobody sees: blanks keep no more than their background and
// lines.
func Seen(cell *uv.Cell) uv.Cell {
	c := *cell
	if c.Content == " " && c.Style.Attrs&uv.AttrReverse == 0 {
		c.Style = uv.Style{Bg: c.Style.Bg, Underline: c.Style.Underline, Attrs: c.Style.Attrs & uv.AttrStrikethrough}
	}
	return c
}

// On ignores a background that is painted behind everything.
func On(background color.Color, look func(*uv.Cell) uv.Cell) func(*uv.Cell) uv.Cell {
	return func(cell *uv.Cell) uv.Cell {
		c := *cell
		if Equal(c.Style.Bg, background) {
			c.Style.Bg = nil
		}
		return look(&c)
	}
}

// Equal reports whether two colours look the same. Nil is the terminal's own.
func Equal(a, b color.Color) bool {
	if a == nil || b == nil {
		return a == b
	}
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	return ar == br && ag == bg && ab == bb
}
