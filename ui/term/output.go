package term

import (
	"io"
	"sync"
	"time"
)

// output writes to a terminal from a goroutine of its own. A terminal that does
// not read (a slow link, ctrl+s) holds up nothing but itself: write never waits,
// and no further frame is written while an output is busy.
type output struct {
	writer io.Writer
	wakeup chan struct{}
	quit   chan struct{}

	mu      sync.Mutex
	failed  func(error) // called once, without the lock
	pending []byte
	drained chan struct{} // closed when everything is written; nil when nothing is pending
	err     error
}

// newOutput starts an output. Its goroutine ends with close, or once a write
// that is under way then ends.
func newOutput(w io.Writer, failed func(error)) *output {
	o := &output{writer: w, failed: failed, wakeup: make(chan struct{}, 1), quit: make(chan struct{})}
	go o.writeLoop()
	return o
}

// write queues bytes behind everything written before. After an error they are
// dropped.
func (o *output) write(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil || len(b) == 0 {
		return
	}
	o.pending = append(o.pending, b...)
	if o.drained == nil {
		o.drained = make(chan struct{})
	}
	select {
	case o.wakeup <- struct{}{}:
	default:
	}
}

func (o *output) writeLoop() {
	for {
		select {
		case <-o.wakeup:
			for o.writePending() {
			}
		case <-o.quit:
			return
		}
	}
}

// writePending writes what is queued, and reports whether there was anything.
func (o *output) writePending() bool {
	next := o.takePending()
	if next == nil {
		return false
	}
	if _, err := o.writer.Write(next); err != nil {
		o.mu.Lock()
		o.err, o.pending = err, nil
		failed := o.failed
		o.mu.Unlock()
		o.takePending()
		failed(err)
		return false
	}
	return true
}

// onFailure replaces failed. If the output has failed already, it is called at once.
func (o *output) onFailure(failed func(error)) {
	o.mu.Lock()
	o.failed = failed
	err := o.err
	o.mu.Unlock()
	if err != nil {
		failed(err)
	}
}

// takePending returns what is to be written next. When there is nothing it
// returns nil, and the output counts as drained.
func (o *output) takePending() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	next := o.pending
	o.pending = nil
	if next == nil && o.drained != nil {
		close(o.drained)
		o.drained = nil
	}
	return next
}

// busy returns a channel that is closed when everything is written, or nil when
// it already is.
func (o *output) busy() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.drained
}

// drain waits until everything is written, but no longer than limit.
func (o *output) drain(limit time.Duration) {
	drained := o.busy()
	if drained == nil {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-drained:
	case <-timer.C:
	}
}

// close drains the output and ends its goroutine.
func (o *output) close(limit time.Duration) {
	o.drain(limit)
	close(o.quit)
}
