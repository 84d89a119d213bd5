package remote

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/muesli/cancelreader"
	"golang.org/x/term"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/fathom-k8s/fathom/kube"
)

var (
	// errDetached is why a session ends that the person has left.
	errDetached = errors.New("detached")
	// errEarly is how one ends for which nothing was sent yet.
	errEarly = errors.New("left before it began")
)

// resetModes undoes what a program in the container has set and could not undo, since it was
// killed: soft reset, the keypad and cursor keys, the mouse, pasting, the character sets,
// colours, the alternate screen, and line wrapping.
const resetModes = "\x1b[!p\x1b>\x1b[?1l\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l" +
	"\x1b[?1015l\x1b[?2004l\x1b[>4m\x1b[=0u\x1b(B\x1b)B\x0f\x1b[m\x1b[?7h\x1b[?1049l\x1b[?25h"

// terminal is the one that a session has. Its Read is the session's input.
type terminal struct {
	in, out *os.File
	reader  cancelreader.CancelReader
	escape  *escape
	state   *term.State
	leave   func()
	sent    atomic.Bool // something was typed
	closed  chan struct{}
	resized chan os.Signal
	stop    func()
	once    sync.Once
	reading sync.Mutex
	size    chan remotecommand.TerminalSize
	start   func(what any, do func())
}

// openTerminal takes the terminal. raw has keys arrive as they are pressed; leave is called
// for the keys that end the session from here.
func openTerminal(
	messages *kube.Messages, in, out *os.File, raw bool, keys []byte, leave func(),
) (*terminal, error) {
	t := &terminal{in: in, out: out, leave: leave, closed: make(chan struct{}), start: messages.Start}
	if len(keys) > 0 {
		t.escape = &escape{keys: keys, armed: keys[0] != '\r'}
	}
	var err error
	if raw {
		if t.state, err = term.MakeRaw(int(in.Fd())); err != nil {
			return nil, words(err)
		}
	}
	if t.reader, err = cancelreader.NewReader(in); err != nil {
		_ = t.close()
		return nil, words(err)
	}
	return t, nil
}

// Read implements io.Reader. After close it returns io.EOF, and takes nothing from the
// terminal.
func (t *terminal) Read(p []byte) (int, error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	for {
		select {
		case <-t.closed:
			return 0, io.EOF
		default:
		}
		// One byte may be held back, and come with the next read.
		room := p
		if t.escape != nil && len(p) > 1 {
			room = p[:len(p)-1]
		}
		n, err := t.reader.Read(room)
		if errors.Is(err, cancelreader.ErrCanceled) {
			err = io.EOF
		}
		t.sent.Store(t.sent.Load() || n > 0)
		if t.escape == nil {
			return n, err
		}
		passed, left := t.escape.filter(room[:n])
		if left {
			t.leave()
			return 0, io.EOF
		}
		if n = copy(p, passed); n > 0 || err != nil {
			return n, err
		}
	}
}

// close gives the terminal back as it was found and reports whether anything was typed.
func (t *terminal) close() (sent bool) {
	t.once.Do(func() {
		if t.closed == nil {
			return // It was never taken.
		}
		close(t.closed)
		if t.stop != nil {
			t.stop()
		}
		if t.reader != nil {
			// Whoever reads the terminal next must not lose a key to this reader.
			if t.reader.Cancel() {
				t.reading.Lock()
				_ = t.reader.Close()
				t.reading.Unlock()
			}
		}
		if t.state != nil {
			_, _ = t.out.WriteString(resetModes)
			_ = term.Restore(int(t.in.Fd()), t.state)
		}
	})
	return t.sent.Load()
}

// sizes reports the size of the terminal and each change of it. With redraw it begins with
// another one, so that what is attached draws its screen again.
func (t *terminal) sizes(ctx context.Context, redraw bool) remotecommand.TerminalSizeQueue {
	t.size = make(chan remotecommand.TerminalSize, 1)
	t.resized = make(chan os.Signal, 1)
	t.stop = notifyResize(t.resized, t.start)
	t.start("size of the terminal", func() {
		for {
			if size, ok := t.now(); ok {
				if redraw {
					larger := size
					larger.Width++
					larger.Height++
					t.report(ctx, larger)
				}
				redraw = false
				t.report(ctx, size)
			}
			select {
			case <-t.resized:
			case <-t.closed:
				return
			case <-ctx.Done():
				return
			}
		}
	})
	return sizeQueue{t, ctx}
}

func (t *terminal) report(ctx context.Context, size remotecommand.TerminalSize) {
	select {
	case t.size <- size:
	case <-t.closed:
	case <-ctx.Done():
	}
}

func (t *terminal) now() (remotecommand.TerminalSize, bool) {
	width, height, err := term.GetSize(int(t.out.Fd()))
	if err != nil || width <= 0 || height <= 0 || width > 1<<16-2 || height > 1<<16-2 {
		return remotecommand.TerminalSize{}, false
	}
	return remotecommand.TerminalSize{Width: uint16(width), Height: uint16(height)}, true
}

// sizeQueue implements remotecommand.TerminalSizeQueue.
type sizeQueue struct {
	t   *terminal
	ctx context.Context
}

// Next waits for the next size; nil ends it.
func (q sizeQueue) Next() *remotecommand.TerminalSize {
	select {
	case size := <-q.t.size:
		return &size
	case <-q.t.closed:
	case <-q.ctx.Done():
	}
	return nil
}
