package logs

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// Window is how long a line waits for older ones of other streams.
	Window = 100 * time.Millisecond
	// BatchMax is how many lines Next returns at most. A view gets ten batches a second,
	// so this bounds how fast a log may grow.
	BatchMax = 10_000
	// queueLines and queueBytes are how much all streams together hold before they are
	// left to fill up, so that the container runtime keeps the rest.
	queueLines = 25_000
	queueBytes = 64 << 20
	// settle is how long lines accumulate before they are passed on.
	settle = 25 * time.Millisecond
)

// Options are what a Merge has to know about its reader.
type Options struct {
	Window  time.Duration    // 0 is the constant of the name
	Behind  time.Duration    // how long a stream that is behind holds others up after its last line; 0: no longer
	Opening time.Duration    // how long a stream that has not answered holds others up; 0 is Window
	Now     func() time.Time // of this machine; nil is time.Now
}

// Merge puts the lines of streams in the order of their times. Within a stream they keep
// theirs. A line waits for a stream that may still bring an older one: until that has
// brought a younger one, or has been silent for the window. Its methods may be called
// from any goroutine; Next from one at a time.
type Merge struct {
	options Options
	changed chan struct{} // holds at most one

	mu      sync.Mutex
	streams map[int]*stream
	filled  byHead
	passed  time.Time // the time of the youngest line that was passed on
	closed  error
	ended   bool // a stream has, and Next has not returned since
}

// stream is what waits of one stream.
type stream struct {
	id           int
	batches      []batch
	next         int // the first line of the first batch that was not passed on
	lines, bytes int
	key          time.Time // where the first line stands: its time, but never before that of an earlier one
	last         time.Time // of the youngest line that came
	opened       time.Time
	arrived      time.Time // when that was, or when the stream was opened
	answered     bool
	behind       bool // its youngest line was written since it was opened, and came late all the same
	ended        bool
	live         bool // a line of it was passed on in order
	room         chan struct{}
}

type batch struct {
	lines   []Line
	arrived time.Time
}

func (s *stream) head() *Line { return &s.batches[0].lines[s.next] }

// rekey is called when another line has become the first.
func (s *stream) rekey() {
	if at := s.head().Time; at.After(s.key) {
		s.key = at
	}
}

// NewMerge returns a Merge without streams.
func NewMerge(o Options) *Merge {
	if o.Window == 0 {
		o.Window = Window
	}
	o.Opening = max(o.Opening, o.Window)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Merge{options: o, changed: make(chan struct{}, 1), streams: map[int]*stream{}}
}

func (m *Merge) wake() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// Open announces a stream, which the others wait for from now on.
func (m *Merge) Open(id int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.streams[id]; s != nil {
		s.ended = false
		return
	}
	now := m.options.Now()
	m.streams[id] = &stream{id: id, opened: now, arrived: now, room: make(chan struct{}, 1)}
}

// End says that a stream brings nothing more; what waits of it is still passed on.
func (m *Merge) End(id int) {
	m.mu.Lock()
	if s := m.streams[id]; s != nil {
		s.ended, m.ended = true, true
		if s.lines == 0 {
			delete(m.streams, id)
		}
	}
	m.mu.Unlock()
	m.wake()
}

// Close says that no stream brings anything more, and why; nil is io.EOF.
func (m *Merge) Close(err error) {
	m.mu.Lock()
	if m.closed == nil {
		m.closed = err
		if err == nil {
			m.closed = io.EOF
		}
	}
	m.mu.Unlock()
	m.wake()
}

// ErrNotOpen is returned to who brings lines of a stream that nobody opened.
var ErrNotOpen = errors.New("the stream is not open")

// Push brings lines of one open stream, and waits while too much of it waits. Lines
// without a time get that of the line before.
func (m *Merge) Push(ctx context.Context, id int, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	for {
		m.mu.Lock()
		s := m.streams[id]
		if s == nil {
			m.mu.Unlock()
			return ErrNotOpen
		}
		if share := max(1, len(m.streams)); s.lines == 0 || s.lines < queueLines/share && s.bytes < queueBytes/share {
			m.add(s, lines)
			m.mu.Unlock()
			m.wake()
			return nil
		}
		m.mu.Unlock()
		select {
		case <-s.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *Merge) add(s *stream, lines []Line) {
	for i := range lines {
		l := &lines[i]
		if l.Time.IsZero() {
			l.Time, l.Flags = s.last, l.Flags|Untimed
		}
		if l.Time.After(s.last) {
			s.last = l.Time
		}
		s.bytes += len(l.Text)
	}
	s.arrived, s.answered = m.options.Now(), true
	s.behind = s.last.After(s.opened) && s.arrived.Sub(s.last) > m.options.Window
	s.batches = append(s.batches, batch{lines, s.arrived})
	s.lines += len(lines)
	if s.lines == len(lines) {
		s.rekey()
		heap.Push(&m.filled, s)
	}
}

// Next waits for lines, and returns them in order; none when a stream has ended, and only
// then. After Close, and the last line, it
// returns the reason of the end.
func (m *Merge) Next(ctx context.Context) ([]Line, error) {
	var lines []Line
	var until time.Time
	for {
		m.mu.Lock()
		now := m.options.Now()
		before := len(lines)
		var wait time.Duration
		lines, wait = m.pass(lines, now)
		closed, left, ended := m.closed, m.filled.Len(), m.ended
		if m.ended = m.ended && left > 0; ended && left == 0 && len(lines) == 0 && closed == nil {
			m.mu.Unlock()
			return nil, nil
		}
		m.mu.Unlock()
		if before == 0 && len(lines) > 0 {
			until = now.Add(settle)
		}
		switch {
		case len(lines) >= BatchMax, len(lines) > 0 && (!now.Before(until) || closed != nil && left == 0):
			return lines, nil
		case closed != nil && left == 0:
			return nil, closed
		case len(lines) > 0 && (wait == 0 || wait > until.Sub(now)):
			wait = until.Sub(now)
		}
		if err := m.await(ctx, wait); err != nil {
			return lines, err
		}
	}
}

// await waits until something has changed, or for a time unless that is 0.
func (m *Merge) await(ctx context.Context, wait time.Duration) error {
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-m.changed:
		return nil
	case <-timer:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pass appends the lines whose turn it is. wait is how long the next one still has to
// wait; 0 when there is none.
func (m *Merge) pass(to []Line, now time.Time) (_ []Line, wait time.Duration) {
	for m.filled.Len() > 0 && len(to) < BatchMax {
		s := m.filled[0]
		if wait = m.heldUp(s, now); wait > 0 {
			return to, wait
		}
		line := *s.head()
		switch {
		case !s.key.Before(m.passed):
			m.passed, s.live = s.key, true
		case s.live:
			line.Flags |= Late
		}
		to = append(to, line)
		m.advance(s)
	}
	return to, 0
}

// heldUp is how long the first line of all still has to wait for another stream. The
// silence of one that is behind says nothing: where a machine or a network is that slow,
// what was written long ago is still on its way.
func (m *Merge) heldUp(s *stream, now time.Time) (wait time.Duration) {
	if m.closed != nil || len(m.streams) == 1 {
		return 0
	}
	arrived := s.batches[0].arrived
	for _, other := range m.streams {
		if other.lines > 0 || other.ended || other.last.After(s.key) {
			continue
		}
		until := arrived
		if other.arrived.After(until) {
			until = other.arrived
		}
		switch until = until.Add(m.options.Window); {
		case !other.answered:
			until = other.arrived.Add(m.options.Opening)
		case other.behind && until.Before(other.arrived.Add(m.options.Behind)):
			until = other.arrived.Add(m.options.Behind)
		}
		wait = max(wait, until.Sub(now))
	}
	return wait
}

// advance takes the first line off a stream.
func (m *Merge) advance(s *stream) {
	s.bytes -= len(s.head().Text)
	s.lines--
	if s.next++; s.next == len(s.batches[0].lines) {
		s.batches[0] = batch{} // Frees its texts.
		s.batches, s.next = s.batches[1:], 0
	}
	if s.lines > 0 {
		s.rekey()
		heap.Fix(&m.filled, 0)
	} else {
		heap.Pop(&m.filled)
		if s.ended {
			delete(m.streams, s.id)
		}
	}
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// byHead is a heap of the streams that have lines, the oldest first.
type byHead []*stream

// Len implements heap.Interface.
func (h byHead) Len() int { return len(h) }

// Less implements heap.Interface.
func (h byHead) Less(i, j int) bool {
	a, b := h[i].key, h[j].key
	return a.Before(b) || a.Equal(b) && h[i].id < h[j].id
}

// Swap implements heap.Interface.
func (h byHead) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *byHead) Push(x any) { *h = append(*h, x.(*stream)) }

// Pop implements heap.Interface.
func (h *byHead) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
