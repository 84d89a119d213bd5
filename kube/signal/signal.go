package signal

import (
	"context"
	"sync"
	"time"
)

// A source waits after one message before it yields the next, so that a busy
// cluster costs its watchers a bounded number of wake-ups: settle, for what
// follows at once, and settleBusy, while messages follow each other.
const (
	settle     = 50 * time.Millisecond
	settleBusy = 200 * time.Millisecond
)

// Signal tells any number of listeners that something changed. It never queues
// and never blocks: however often it rings before a listener looks, the
// listener hears it once. The zero bell is ready for use from any goroutine.
type Signal struct {
	mu          sync.Mutex
	subscribers map[chan struct{}]struct{}
	urgent      chan struct{} // closed by the next rush; nil while nobody waits for it
	urgentCount int           // how many there were
}

// Subscribe returns a channel that receives after each ring, and the function that
// ends it.
func (b *Signal) Subscribe() (heard <-chan struct{}, stop func()) {
	ear := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers == nil {
		b.subscribers = map[chan struct{}]struct{}{}
	}
	b.subscribers[ear] = struct{}{}
	return ear, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subscribers, ear)
	}
}

func (b *Signal) Notify() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ear := range b.subscribers {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
}

// NotifyNow rings for what must not wait until the last answer has settled: it is
// rare, and somebody waits for it.
func (b *Signal) NotifyNow() {
	b.mu.Lock()
	b.urgentCount++
	if b.urgent != nil {
		close(b.urgent)
		b.urgent = nil
	}
	b.mu.Unlock()
	b.Notify()
}

// urgentState returns how many rushes there were, and what the next one closes.
func (b *Signal) urgentState() (rushes int, next <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.urgent == nil {
		b.urgent = make(chan struct{})
	}
	return b.urgentCount, b.urgent
}

// Subscription is one listener as a source has it: it starts to listen when it is first
// asked, hears something at once, and stops when the context of its caller ends.
type Subscription struct {
	mu         sync.Mutex
	notified   <-chan struct{} // nil while nobody listens
	last       time.Time
	pause      time.Duration // until the last answer has settled
	urgentSeen int           // how many rushes there were at the last answer
}

// Next waits for a ring of b, but not before the last answer has settled, unless
// there is a rush.
// attached is called when listening starts, and what it returns when it ends.
func (e *Subscription) Next(ctx context.Context, b *Signal, attached func() (detach func())) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	heard := e.notified
	if heard == nil {
		e.attach(ctx, b, attached)
		// What attaching told is part of this answer.
		e.urgentSeen, _ = b.urgentState()
		select {
		case <-e.notified:
		default:
		}
		e.last, e.pause = time.Now(), settle
		e.mu.Unlock()
		return nil
	}
	wait := time.Until(e.last.Add(e.pause))
	rushes, urgent := b.urgentState()
	rushed := rushes != e.urgentSeen
	e.mu.Unlock()
	if wait > 0 && !rushed {
		select {
		case <-time.After(wait):
		case <-urgent:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	rushes, _ = b.urgentState()
	select {
	case <-heard:
	case <-ctx.Done():
		return ctx.Err()
	}
	now := time.Now()
	e.mu.Lock()
	e.pause = settle
	if now.Sub(e.last) < 2*settleBusy {
		e.pause = settleBusy
	}
	e.last = now
	e.urgentSeen = rushes
	e.mu.Unlock()
	return nil
}

// attach is called with the lock held.
func (e *Subscription) attach(ctx context.Context, b *Signal, attached func() (detach func())) {
	heard, stop := b.Subscribe()
	detach := func() {}
	if attached != nil {
		detach = attached()
	}
	e.notified = heard
	context.AfterFunc(ctx, func() {
		stop()
		e.mu.Lock()
		e.notified = nil
		e.mu.Unlock()
		detach()
	})
}
