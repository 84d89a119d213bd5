package ui

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// Opening is a terminal that shows the frame of a screen while the program that
// will fill it still starts: a header and the footer around nothing. Keys wait in
// the terminal until Run takes it over; only ctrl+c acts at once.
type Opening struct {
	shell    *Shell
	mu       sync.Mutex // held while the frame is drawn or handed over
	terminal *term.Terminal
	renderer *term.Renderer
	signals  chan os.Signal
	over     chan struct{}
	end      sync.Once
}

// ShowOpening takes the terminal and shows a header, with its note alone in the footer: no
// key but ctrl+c works yet. Of the options it uses Theme, ASCII, Mouse and those of the
// terminal. Interrupted is called, from another goroutine, when a signal asks the program
// to end before Run; by then the terminal has been given back. It takes the number that a
// shell expects as exit code.
func ShowOpening(o Options, header Header, interrupted func(exit int)) (*Opening, error) {
	o.Home, o.Now = opening{header}, time.Now
	s := NewShell(o)
	e := &Opening{
		shell:    s,
		renderer: s.renderer,
		signals:  make(chan os.Signal, 1),
		over:     make(chan struct{}),
	}
	var err error
	e.terminal, err = term.Open(
		term.Options{Input: s.o.Input, Output: s.o.Output, Environ: s.o.Environ, Signals: true},
		s.renderer, func(error) {},
	)
	if err != nil {
		return nil, err
	}
	signal.Notify(e.signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	go e.endOnSignal(interrupted)
	s.stack = []*layer{s.newLayer(o.Home)}
	s.tabs = []*openTab{s.openTab}
	width, height := e.terminal.Size()
	s.handle(tea.WindowSizeMsg{Width: width, Height: height})
	s.setProfile(s.colours(e.terminal))
	s.note = Say{Text: header.Note, Role: themes.Muted}
	e.mu.Lock()
	defer e.mu.Unlock()
	s.draw()
	e.terminal.Write(s.renderer.Render(s.picture))
	return e, nil
}

// endOnSignal ends the program by a signal that comes before Run.
func (e *Opening) endOnSignal(interrupted func(exit int)) {
	select {
	case received := <-e.signals:
		if e.Close() {
			number, _ := received.(syscall.Signal)
			interrupted(128 + int(number))
		}
	case <-e.over:
	}
}

// takeOver hands the terminal to Run.
func (e *Opening) takeOver() (*term.Terminal, *term.Renderer) {
	e.finish()
	return e.terminal, e.renderer
}

// Close gives the terminal back, unless Run has taken it over or it was given back
// before; it reports whether it did. Any goroutine may call it, of a nil Opening too.
func (e *Opening) Close() bool {
	if e == nil || !e.finish() {
		return false
	}
	e.terminal.Close()
	return true
}

// Note replaces the note in the footer, and reports whether the frame is still shown. Any
// goroutine may call it, of a nil Opening too.
func (e *Opening) Note(text string) bool {
	if e == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.over:
		return false
	default:
	}
	e.shell.note.Text = text
	e.shell.draw()
	e.terminal.Write(e.renderer.Render(e.shell.picture))
	return true
}

// finish ends the time between ShowOpening and Run, and reports whether it was the
// first to do so.
func (e *Opening) finish() (first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.end.Do(func() {
		first = true
		signal.Stop(e.signals)
		close(e.over)
	})
	return first
}

// opening is the view behind the frame.
type opening struct{ header Header }

func (o opening) Header(time.Time) Header { return o.header }
func (opening) Keys() []Key               { return nil }
func (opening) Update(Msg) Intent         { return nil }
func (opening) Draw(Frame) string         { return "" }
func (opening) Wake(time.Time) time.Time  { return time.Time{} }
