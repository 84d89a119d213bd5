package ui

import (
	"context"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// Foreground is an intent that runs another program on the terminal, which the shell gives
// back for that time. Its String says what happens, in words: "log in to prod with aws".
type Foreground interface {
	fmt.Stringer
	// CommandLine is what is run, for the person who looks at the terminal; clean.
	CommandLine() string
	// RunOn runs it until it ends or ctx does. It is called in the loop, which stands
	// still meanwhile. The program's process group must have the terminal when it returns.
	RunOn(ctx context.Context, in, out *os.File) error
}

// A Foreground may have this to say how the person comes back, where ctrl+c is a key of the
// program's own.
type hinting interface{ Hint() string }

// A Foreground may have this to follow itself up: its answer, by how RunOn ended, is carried
// out in place of the line in the footer. It is called in the loop.
type followed interface{ After(err error) Intent }

// handOver asks the loop for the terminal. By then nobody reads it any more.
type handOver struct {
	shell   *Shell
	program Foreground
}

// handedBack is what the loop answers: the size may be another.
type handedBack struct {
	program       Foreground
	err           error
	width, height int
}

// runForeground runs a program on the terminal.
func (s *Shell) runForeground(program Foreground) tea.Cmd {
	if s.stopListening == nil {
		s.say(Say{Text: program.String() + ": needs a terminal", Role: themes.Failing})
		return nil
	}
	return func() tea.Msg {
		// Not in the loop, which has to take what was typed before.
		s.stopListening()
		return handOver{s, program}
	}
}

// takeBack paints the screen again after a program has had the terminal.
func (s *Shell) takeBack(msg handedBack) tea.Cmd {
	s.handle(tea.WindowSizeMsg{Width: msg.width, Height: msg.height})
	if program, ok := msg.program.(followed); ok {
		return s.perform(s.topLayer(), program.After(msg.err))
	}
	if msg.err != nil {
		s.log("error", msg.program.String()+": "+msg.err.Error())
		s.say(Say{Text: msg.program.String() + ": " + msg.err.Error(), Role: themes.Failing})
		return nil
	}
	s.say(Say{Text: msg.program.String() + ": done", Role: themes.OK})
	return nil
}

// lend gives the terminal to a program and waits for its end.
func (l *loop) lend(msg handOver) handedBack {
	ctx, stop := context.WithCancel(l.ctx)
	l.endForeground.Store(&stop)
	back := handedBack{program: msg.program}
	lent := l.terminal.Lend(func(in, out *os.File) {
		hint := "ctrl+c ends it"
		if program, ok := msg.program.(hinting); ok {
			hint = program.Hint()
		}
		_, _ = fmt.Fprintf(out, "fathom: %s: running %s\nfathom: %s\n", msg.program, msg.program.CommandLine(), hint)
		back.err = msg.shell.guard(msg.program.String(), func() error { return msg.program.RunOn(ctx, in, out) })
	})
	if lent != nil {
		back.err = lent
	}
	l.endForeground.Store(nil)
	stop()
	back.width, back.height = l.terminal.Size()
	l.startListening()
	return back
}
