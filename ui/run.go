package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// ErrHangUp is what Run ends with when the terminal has gone.
var ErrHangUp = errors.New("the terminal hung up")

// finishLimit bounds how long the last output may take.
const finishLimit = 500 * time.Millisecond

// framesPerSecond is how often Bubble Tea looks for a new frame. It does so by
// a ticker, which is all that an idle program costs: 0.3 s of CPU a minute at 30,
// 0.4 at 48, 0.5 at 60 and 0.8 at 120. A key is seen after half a tick on average.
const framesPerSecond = 48

// Run shows the shell until the user quits, the terminal hangs up or ctx ends.
// Everything that views have started ends with it, and the terminal is left as
// it was found, after a panic too. Input and output are the terminal's unless
// the shell's options name others; further options are for tests.
func Run(ctx context.Context, s *Shell, options ...tea.ProgramOption) error {
	hangUp, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	if s.o.Output == nil {
		s.o.Output = os.Stdout
	}
	s.ctx = hangUp
	s.out = newOutput(s.o.Output)
	var to io.Writer = s.out
	if file, ok := s.o.Output.(*os.File); ok {
		to = terminal{file, s.out}
	}
	all := []tea.ProgramOption{
		tea.WithContext(hangUp),
		tea.WithOutput(to),
		tea.WithFilter(keepWidths),
		tea.WithFPS(framesPerSecond),
	}
	var from io.Reader = &keyboard{File: os.Stdin}
	if s.o.Input != nil {
		from = s.o.Input
	}
	all = append(all, tea.WithInput(from))
	_, err := tea.NewProgram(s, append(all, options...)...).Run()
	s.out.finish(finishLimit)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case hangUp.Err() != nil, errors.Is(err, syscall.EIO), errors.Is(err, io.EOF):
		return ErrHangUp
	}
	return fmt.Errorf("terminal: %w", err)
}

// keepWidths hides from Bubble Tea that a terminal can count the cells of
// grapheme clusters: see method.
func keepWidths(_ tea.Model, msg tea.Msg) tea.Msg {
	if report, ok := msg.(tea.ModeReportMsg); ok && report.Mode == ansi.ModeUnicodeCore {
		return nil
	}
	return msg
}

// caughtUp tells that a terminal that had stalled reads again.
type caughtUp struct{}

// pace holds frames back while the terminal is stalled.
func (s *Shell) pace() tea.Cmd {
	if s.out == nil || s.held {
		return nil
	}
	stalled := s.out.stalled()
	if stalled == nil {
		return nil
	}
	s.held = true
	return func() tea.Msg {
		select {
		case <-stalled:
			return caughtUp{}
		case <-s.ctx.Done():
			return nil
		}
	}
}
