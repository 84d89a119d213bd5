package ui

import (
	"io"
	"os"
	"sync"
	"time"
)

// writePatience is how long a frame may take to be written before the
// terminal counts as stalled. It is longer than any frame takes on a terminal
// that keeps up.
const writePatience = 20 * time.Millisecond

// output writes to a terminal from a goroutine of its own. A terminal that
// does not read (a slow link, ctrl+s) holds up nothing but itself: Write
// returns after some patience, and the shell draws no further frame until what
// was written before is through.
type output struct {
	to   io.Writer
	more chan struct{} // there is something in pending
	quit chan struct{}

	mu      sync.Mutex
	pending []byte
	drained chan struct{} // closed when all is written; nil when nothing is pending
	late    bool          // a Write has not waited for its end
	err     error
}

func newOutput(to io.Writer) *output {
	o := &output{to: to, more: make(chan struct{}, 1), quit: make(chan struct{})}
	go o.loop()
	return o
}

// terminal is an output that Bubble Tea sees to be a terminal.
type terminal struct {
	*os.File
	out *output
}

func (t terminal) Write(b []byte) (int, error) { return t.out.Write(b) }

// Write implements io.Writer. It is called from one goroutine at a time.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	if err := o.err; err != nil {
		o.mu.Unlock()
		return 0, err
	}
	o.pending = append(o.pending, b...)
	if o.drained == nil {
		o.drained = make(chan struct{})
	}
	drained := o.drained
	o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	if !within(drained, writePatience) {
		o.mu.Lock()
		o.late = o.drained != nil
		o.mu.Unlock()
	}
	return len(b), nil
}

func (o *output) loop() {
	for {
		select {
		case <-o.more:
			for o.writePending() {
			}
		case <-o.quit:
			return
		}
	}
}

// writePending writes what has gathered; it is false when there was nothing.
func (o *output) writePending() bool {
	o.mu.Lock()
	next, failed := o.pending, o.err != nil
	o.pending = nil
	if (len(next) == 0 || failed) && o.drained != nil {
		close(o.drained)
		o.drained, o.late = nil, false
	}
	o.mu.Unlock()
	if len(next) == 0 || failed {
		return false
	}
	if _, err := o.to.Write(next); err != nil {
		o.mu.Lock()
		o.err = err
		o.mu.Unlock()
	}
	return true
}

// stalled is closed when the terminal has caught up; nil when it keeps up.
func (o *output) stalled() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.late {
		return nil
	}
	return o.drained
}

// finish waits until all is written, but no longer than limit, and ends the
// goroutine.
func (o *output) finish(limit time.Duration) {
	o.mu.Lock()
	drained := o.drained
	o.mu.Unlock()
	if drained != nil {
		within(drained, limit)
	}
	close(o.quit)
}

func within(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
