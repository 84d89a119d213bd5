package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	xterm "golang.org/x/term"

	"github.com/fathom-k8s/fathom/ui/term/tty"
)

// finishLimit bounds how long the last output may take.
const finishLimit = 500 * time.Millisecond

// Options name a terminal. Input and Output are the process's own when nil.
type Options struct {
	Input   io.Reader
	Output  io.Writer
	Environ []string
	// Signals leaves ctrl+c a signal until TakeOver: nobody reads keys before that.
	Signals bool
}

// Terminal is a terminal in raw mode, which is given back as it was found. Its
// methods are for one goroutine; Close may be called from any.
type Terminal struct {
	env        uv.Environ
	in         io.Reader
	out        io.Writer
	savedState *xterm.State // of in; nil when in is not a terminal
	foundModes []byte       // of in, where the system knows them
	unheard    bool         // nobody reads what is typed before TakeOver
	renderer   *Renderer
	output     *output
}

// Open prepares a terminal for the pictures of a renderer. When it can no longer
// be written to, failed is called, from another goroutine. Close gives it back.
func Open(o Options, r *Renderer, failed func(error)) (*Terminal, error) {
	t := &Terminal{env: o.Environ, in: o.Input, out: o.Output, renderer: r}
	if t.in == nil {
		t.in = os.Stdin
	}
	if t.out == nil {
		t.out = os.Stdout
	}
	if file, ok := t.in.(*os.File); ok {
		t.foundModes, _ = tty.Modes(int(file.Fd()))
	}
	if err := t.raw(); err != nil {
		return nil, err
	}
	if file, ok := t.in.(*os.File); ok && o.Signals && t.savedState != nil {
		t.unheard = true
		tty.KeepSignals(int(file.Fd()))
	}
	t.output = newOutput(t.out, failed)
	t.output.write([]byte(t.renderer.Enter()))
	if !o.Signals {
		t.output.write([]byte(t.renderer.Ask()))
	}
	return t, nil
}

// TakeOver makes a terminal that was opened with Signals one whose keys are all
// read, and failed the one to call when it can no longer be written to.
func (t *Terminal) TakeOver(failed func(error)) {
	t.output.onFailure(failed)
	found := t.savedState
	_ = t.raw() // It worked once; without it ctrl+c still sends its signal.
	t.savedState, t.unheard = found, false
	t.output.write([]byte(t.renderer.Ask()))
}

// Found returns what gives the terminal back when the process no longer can: what is to
// be written to it, and its modes for tty.SetModes, which are nil where there are none.
func (t *Terminal) Found() (leave string, modes []byte) { return t.renderer.Leave(), t.foundModes }

// Close gives the terminal back. What was typed at a screen that nobody took over is not
// for the shell, where a ctrl+z among it would also drop the output that still is on its
// way to the terminal.
func (t *Terminal) Close() {
	t.output.write([]byte(t.renderer.Leave()))
	t.output.close(finishLimit)
	if t.unheard {
		tty.DropInput(int(t.in.(*os.File).Fd()))
	}
	t.restore()
}

// Write shows what a renderer returned. It never waits.
func (t *Terminal) Write(frame []byte) { t.output.write(frame) }

// Busy returns a channel that is closed when the terminal has taken everything
// written to it, or nil when it already has.
func (t *Terminal) Busy() <-chan struct{} { return t.output.busy() }

// raw makes keys come as they are pressed.
func (t *Terminal) raw() error {
	file, ok := t.in.(*os.File)
	if !ok || !xterm.IsTerminal(int(file.Fd())) {
		return nil
	}
	saved, err := xterm.MakeRaw(int(file.Fd()))
	if err != nil {
		return fmt.Errorf("set the terminal to raw mode: %w", err)
	}
	t.savedState = saved
	return nil
}

// restore undoes raw. There is nobody to report an error to: a terminal that is
// gone no longer needs it.
func (t *Terminal) restore() {
	if t.savedState != nil {
		_ = xterm.Restore(int(t.in.(*os.File).Fd()), t.savedState)
	}
}

// Colours returns which colours it can show.
func (t *Terminal) Colours() colorprofile.Profile { return colorprofile.Detect(t.out, t.env) }

// Size returns the terminal's size. Where it does not know, COLUMNS and LINES
// decide, and else it is 80x24.
func (t *Terminal) Size() (width, height int) {
	if file, ok := t.out.(*os.File); ok {
		width, height, _ = xterm.GetSize(int(file.Fd()))
	}
	return t.sizeOr(width, "COLUMNS", 80), t.sizeOr(height, "LINES", 24)
}

func (t *Terminal) sizeOr(n int, variable string, otherwise int) int {
	if n > 0 {
		return n
	}
	if n, err := strconv.Atoi(t.env.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// Listen passes on what is typed and what the terminal answers, until ctx or the
// input ends; more reports that the next event is there already, and is a key.
// The error says why it ended, and is nil if ctx did.
func (t *Terminal) Listen(ctx context.Context, deliver func(event uv.Event, more bool)) error {
	in, err := uv.NewCancelReader(t.in)
	if err != nil {
		return fmt.Errorf("read the terminal: %w", err)
	}
	sequences := newSequenceReader(in)
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		sequences.close()
		if in.Cancel() {
			sequences.drain()
			_ = in.Close()
		}
	})
	defer func() {
		if !stop() {
			<-ended // Somebody else may read the terminal next.
		}
	}()
	reader := uv.NewTerminalReader(sequences, t.env.Getenv("TERM"))
	// The sequence reader has already waited for what belongs together.
	reader.EscTimeout = time.Millisecond
	events := make(chan uv.Event, eventsBuffered)
	go func() {
		defer close(events)
		err = reader.StreamEvents(ctx, events)
	}()
	deliverInOrder(events, deliver)
	switch {
	case ctx.Err() != nil:
		return nil
	case err == nil:
		return io.EOF
	}
	return err
}

// Lend gives the terminal back for as long as use runs, which gets its two ends. What is
// typed and not read by then is dropped: it was not meant for the screen. Nobody may
// Listen meanwhile. It fails where the terminal is not the process's own.
func (t *Terminal) Lend(use func(in, out *os.File)) error {
	in, is := t.in.(*os.File)
	out, also := t.out.(*os.File)
	if !is || !also || t.savedState == nil {
		return errNoTerminal
	}
	found := t.savedState
	t.output.write([]byte(t.renderer.Leave()))
	t.output.drain(finishLimit)
	t.restore()
	// A program that stops itself would leave nobody who could wake it.
	tty.KeepFromStopping(int(in.Fd()))
	use(in, out)
	tty.DropInput(int(in.Fd()))
	_ = t.raw() // It worked once; without it keys still come by the line.
	t.savedState = found
	t.output.write([]byte(t.renderer.Enter() + t.renderer.Ask()))
	return nil
}

var errNoTerminal = errors.New("needs a terminal for input and output")

// eventsBuffered is how many events are decoded ahead of the shell.
const eventsBuffered = 64

// deliverInOrder passes on events until there are no more.
func deliverInOrder(events <-chan uv.Event, deliver func(event uv.Event, more bool)) {
	event, ok := <-events
	for ok {
		var next uv.Event
		var more bool
		if len(events) > 0 {
			next, more = <-events
		}
		_, key := next.(uv.KeyPressEvent)
		deliver(event, more && key)
		if !more {
			next, ok = <-events
		}
		event = next
	}
}

// wakeLimit is how long Suspend waits for the signal that ends it, once the
// program runs again. It may have come already, and the system stops nobody in a
// process group that nobody could wake.
const wakeLimit = 100 * time.Millisecond

// Suspend gives the terminal back and stops the process group, as ctrl+z does
// for other programs. It returns when the user resumes it.
func (t *Terminal) Suspend() {
	t.output.write([]byte(t.renderer.Leave()))
	t.output.drain(finishLimit)
	t.restore()
	stopProcess()
	_ = t.raw() // It worked once; without it keys still come by the line.
	t.output.write([]byte(t.renderer.Enter() + t.renderer.Ask()))
}
