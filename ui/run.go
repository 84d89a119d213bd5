package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fathom-k8s/fathom/ui/term"
)

// ErrHangUp is returned by Run when the terminal is gone.
var ErrHangUp = errors.New("the terminal hung up")

// Run shows the shell until the user quits, the terminal hangs up or ctx ends.
// Everything that views have started ends with it, and the terminal is left as
// it was found, after a panic too.
//
// Bubble Tea runs the loop and its commands; the terminal is ours. Bubble Tea's
// renderer draws on a ticker, which costs CPU when nothing happens, and every key
// waits for it.
func Run(ctx context.Context, s *Shell) error {
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	hangUp := func(err error) { end(fmt.Errorf("%w: %w", ErrHangUp, err)) }
	ends, resizes := make(chan os.Signal, 3), make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(ends)
	defer term.NotifyResize(resizes)()
	t, err := s.openTerminal(hangUp)
	if err != nil {
		return err
	}
	guarded := func() {}
	if s.o.Guard != nil {
		guarded = s.o.Guard(t.Found())
	}
	defer func() {
		t.Close()
		guarded()
	}()
	s.ctx, s.terminal = running, t
	width, height := t.Size()
	// Bubble Tea may report the size first, and the first frame would have no colours.
	colours := s.colours(t)
	s.setProfile(colours)
	loop := &loop{ctx: running, hangUp: hangUp, terminal: t}
	loop.program = tea.NewProgram(s,
		tea.WithContext(running), tea.WithEnvironment(s.o.Environ), tea.WithFilter(loop.filter),
		tea.WithWindowSize(width, height), tea.WithColorProfile(colours),
		tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithFPS(1),
	)
	go loop.endOn(ends)
	go loop.resizeOn(resizes)
	s.stopListening = func() { loop.stopListening() }
	loop.startListening()
	_, err = loop.program.Run()
	switch cause := context.Cause(running); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(cause, ErrHangUp):
		return ErrHangUp
	}
	return fmt.Errorf("terminal: %w", err)
}

// openTerminal opens the terminal, or takes over the one that shows an opening frame.
func (s *Shell) openTerminal(hangUp func(error)) (*term.Terminal, error) {
	if s.o.Opening == nil {
		return term.Open(term.Options{Input: s.o.Input, Output: s.o.Output, Environ: s.o.Environ}, s.renderer, hangUp)
	}
	t, renderer := s.o.Opening.takeOver()
	s.renderer = renderer
	t.TakeOver(hangUp)
	return t, nil
}

// colours returns which colours the terminal can show. Lip Gloss has found that out
// for the standard output when the program began, and in tmux asking again would
// start another process.
func (s *Shell) colours(t *term.Terminal) colorprofile.Profile {
	if s.o.Output == nil && s.o.ownEnviron {
		return lipgloss.Writer.Profile
	}
	return t.Colours()
}

// loop is Bubble Tea's loop, with what that leaves out without its own renderer.
type loop struct {
	ctx         context.Context
	hangUp      func(error)
	program     *tea.Program
	terminal    *term.Terminal
	releaseOnce sync.Once

	stopListening func()                             // and wait until nobody reads the terminal
	endForeground atomic.Pointer[context.CancelFunc] // the program that has the terminal; nil for none
}

// filter sees each message before the shell does.
func (l *loop) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	// Bubble Tea keeps its ticker without a renderer, but not without a terminal.
	// Releasing it waits for a reader that there is not, so not on this goroutine.
	l.releaseOnce.Do(func() { go func() { _ = l.program.ReleaseTerminal() }() })
	switch msg := msg.(type) {
	case handOver:
		return l.lend(msg)
	case tea.SuspendMsg:
		l.terminal.Suspend()
		// The terminal may have another size by now, in which a frame of the old
		// one would come out broken.
		width, height := l.terminal.Size()
		return tea.WindowSizeMsg{Width: width, Height: height}
	}
	return msg
}

// startListening passes on what comes from the terminal until stopListening is called.
func (l *loop) startListening() {
	ctx, stop := context.WithCancel(l.ctx)
	ended := make(chan struct{})
	l.stopListening = func() {
		stop()
		<-ended
	}
	go func() {
		defer close(ended)
		if err := l.terminal.Listen(ctx, l.sendEvent); err != nil {
			l.hangUp(err)
		}
	}()
}

func (l *loop) sendEvent(event uv.Event, more bool) {
	if key, ok := event.(uv.KeyPressEvent); ok && more {
		l.program.Send(early(key))
		return
	}
	l.program.Send(event)
}

// endOn ends the program by signals.
func (l *loop) endOn(signals <-chan os.Signal) {
	for {
		select {
		case <-l.ctx.Done():
			return
		case signal := <-signals:
			end := l.endForeground.Load()
			if end != nil {
				(*end)() // The loop stands still until then.
			}
			switch {
			case signal == syscall.SIGHUP:
				l.hangUp(errors.New(signal.String()))
			case signal != syscall.SIGINT:
				l.program.Quit()
			case end == nil:
				l.program.Send(tea.InterruptMsg{})
			}
		}
	}
}

// resizeOn reports each change of the terminal's size to the shell.
func (l *loop) resizeOn(signals <-chan os.Signal) {
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-signals:
			l.resize()
		}
	}
}

func (l *loop) resize() {
	width, height := l.terminal.Size()
	l.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
}
