package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"golang.org/x/term"
)

// finishLimit bounds how long the last output may take.
const finishLimit = 500 * time.Millisecond

// terminal is what the shell is shown on: raw while it is held, and given back
// as it was found. Its methods are for the program's loop, but for close.
type terminal struct {
	env        uv.Environ
	in         io.Reader
	out        io.Writer
	savedState *term.State // of in; nil when it is no terminal
	renderer   *renderer
	output     *output
}

// openTerminal takes the terminal that options name, for what a renderer says. failed is told, from any
// goroutine, when it cannot be written to any more. close gives it back.
func openTerminal(o Options, r *renderer, failed func(error)) (*terminal, error) {
	t := &terminal{env: o.Environ, in: o.Input, out: o.Output, renderer: r}
	if t.in == nil {
		t.in = os.Stdin
	}
	if t.out == nil {
		t.out = os.Stdout
	}
	if err := t.raw(); err != nil {
		return nil, err
	}
	t.output = newOutput(t.out, failed)
	t.output.write([]byte(t.renderer.enterSequence()))
	return t, nil
}

// close gives the terminal back.
func (t *terminal) close() {
	t.output.write([]byte(t.renderer.leaveSequence()))
	t.output.close(finishLimit)
	t.restore()
}

// raw makes keys come as they are pressed.
func (t *terminal) raw() error {
	file, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	found, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return fmt.Errorf("set the terminal to raw mode: %w", err)
	}
	t.savedState = found
	return nil
}

// restore undoes raw. There is nobody to tell when that fails: a terminal that has
// gone needs it no more.
func (t *terminal) restore() {
	if t.savedState != nil {
		_ = term.Restore(int(t.in.(*os.File).Fd()), t.savedState)
	}
}

// colours is which colours it can show.
func (t *terminal) colours() colorprofile.Profile { return colorprofile.Detect(t.out, t.env) }

// size is that of the terminal; where it does not know, what COLUMNS and LINES
// say, and else 80x24.
func (t *terminal) size() (width, height int) {
	if file, ok := t.out.(*os.File); ok {
		width, height, _ = term.GetSize(int(file.Fd()))
	}
	return t.positive(width, "COLUMNS", 80), t.positive(height, "LINES", 24)
}

func (t *terminal) positive(n int, variable string, otherwise int) int {
	if n > 0 {
		return n
	}
	if n, err := strconv.Atoi(t.env.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// listen hands over what is typed and what the terminal answers, until ctx ends
// or the input does; more says that the next event has come already, and is a key.
// The error says why it ended; nil with ctx.
func (t *terminal) listen(ctx context.Context, take func(event uv.Event, more bool)) error {
	in, err := uv.NewCancelReader(t.in)
	if err != nil {
		return fmt.Errorf("read the terminal: %w", err)
	}
	keys := newSequenceReader(in)
	stop := context.AfterFunc(ctx, func() {
		keys.close()
		in.Cancel()
	})
	defer stop()
	reader := uv.NewTerminalReader(keys, t.env.Getenv("TERM"))
	// The keyboard has waited already for what belongs together.
	reader.EscTimeout = time.Millisecond
	events := make(chan uv.Event, eventsBuffered)
	go func() {
		defer close(events)
		err = reader.StreamEvents(ctx, events)
	}()
	deliverInOrder(events, take)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		return io.EOF
	}
	return err
}

// eventsBuffered is how many events are taken apart ahead of the shell.
const eventsBuffered = 64

// deliverInOrder hands over events until there are no more.
func deliverInOrder(events <-chan uv.Event, take func(event uv.Event, more bool)) {
	event, ok := <-events
	for ok {
		var next uv.Event
		var more bool
		if len(events) > 0 {
			next, more = <-events
		}
		_, key := next.(uv.KeyPressEvent)
		take(event, more && key)
		if !more {
			next, ok = <-events
		}
		event = next
	}
}

// wakeLimit is how long suspend waits for the signal that ends it, once the
// program runs. It may have come already, and in a process group that nobody
// could wake the system does not stop anyone.
const wakeLimit = 100 * time.Millisecond

// suspend gives the terminal back and stops the process group, as ctrl+z does
// for other programs; it returns when the user has it go on.
func (t *terminal) suspend() {
	t.output.write([]byte(t.renderer.leaveSequence()))
	t.output.drain(finishLimit)
	t.restore()
	awake := make(chan os.Signal, 1)
	signal.Notify(awake, syscall.SIGCONT)
	defer signal.Stop(awake)
	if syscall.Kill(0, syscall.SIGTSTP) == nil {
		timer := time.NewTimer(wakeLimit)
		defer timer.Stop()
		select {
		case <-awake:
		case <-timer.C:
		}
	}
	_ = t.raw() // Where it worked once; without, keys still come by the line.
	t.output.write([]byte(t.renderer.enterSequence()))
}
