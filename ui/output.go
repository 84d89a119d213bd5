package ui

import (
	"io"
	"sync"
	"time"
)

// output writes to a terminal from a goroutine of its own. A terminal that
// does not read (a slow link, ctrl+s) holds up nothing but itself: write never
// waits, and who writes frames writes no further one while an output is busy.
type output struct {
	writer io.Writer
	failed func(error) // called once, from the output's goroutine
	wakeup chan struct{}
	quit   chan struct{}

	mu      sync.Mutex
	pending []byte
	drained chan struct{} // closed when all is written; nil when nothing is pending
	err     error
}

// newOutput starts an output. Its goroutine ends with finish, or when a write
// that was under way then ends.
func newOutput(to io.Writer, failed func(error)) *output {
	o := &output{writer: to, failed: failed, wakeup: make(chan struct{}, 1), quit: make(chan struct{})}
	go o.writeLoop()
	return o
}

// write takes bytes to be written after all that came before. After an error
// they are dropped.
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

// writePending writes what has gathered; it is false when there was nothing.
func (o *output) writePending() bool {
	next := o.takePending()
	if next == nil {
		return false
	}
	if _, err := o.writer.Write(next); err != nil {
		o.mu.Lock()
		o.err, o.pending = err, nil
		o.mu.Unlock()
		o.takePending()
		o.failed(err)
		return false
	}
	return true
}

// takePending is what is to be written next; nil, with the output drained, when there
// is nothing.
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

// busy is closed when all is written; nil when it is already.
func (o *output) busy() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.drained
}

// drain waits until all is written, but no longer than limit.
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
