package signal

import (
	"context"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/contain"
)

// A Subscription waits after one answer before it gives the next: settle, for what
// follows at once, and settleBusy, while changes follow each other.
const (
	settle     = 50 * time.Millisecond
	settleBusy = 200 * time.Millisecond
)

// Signal notifies any number of subscribers that something changed. It never queues
// and never blocks: however often it notifies before a subscriber looks, the
// subscriber wakes once. The zero Signal is ready for use from any goroutine.
type Signal struct {
	mu          sync.Mutex
	subscribers map[chan struct{}]struct{}
	urgent      chan struct{} // closed by the next NotifyNow; nil while nobody waits for it
	urgentCount int           // how many calls of NotifyNow there were
}

// Subscribe returns a channel that receives after each notification, and the
// function that ends the subscription.
func (s *Signal) Subscribe() (notified <-chan struct{}, unsubscribe func()) {
	subscriber := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subscribers == nil {
		s.subscribers = map[chan struct{}]struct{}{}
	}
	s.subscribers[subscriber] = struct{}{}
	return subscriber, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, subscriber)
	}
}

// Notify wakes the subscribers, each as soon as its last answer has settled.
func (s *Signal) Notify() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for subscriber := range s.subscribers {
		Wake(subscriber)
	}
}

// NotifyNow wakes the subscribers without regard to their last answer. It is for rare
// changes that somebody waits for.
func (s *Signal) NotifyNow() {
	s.mu.Lock()
	s.urgentCount++
	if s.urgent != nil {
		close(s.urgent)
		s.urgent = nil
	}
	s.mu.Unlock()
	s.Notify()
}

// urgentState returns how many calls of NotifyNow there were, and what the next one
// closes.
func (s *Signal) urgentState() (count int, next <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.urgent == nil {
		s.urgent = make(chan struct{})
	}
	return s.urgentCount, s.urgent
}

// Subscription is one listener. It subscribes on the first call of Next, which
// returns at once, and ends with the context of that call. The zero Subscription
// is ready for use.
type Subscription struct {
	mu         sync.Mutex
	notified   <-chan struct{} // nil while it is not subscribed
	last       time.Time       // of the last answer
	pause      time.Duration   // until the last answer has settled
	urgentSeen int             // of the calls of NotifyNow, those before the last answer
}

// Next waits until s notifies, but not before the last answer has settled, unless
// the notification is urgent. attach is called when the subscription begins, and
// the function that it returns when it ends; it may be nil.
func (u *Subscription) Next(ctx context.Context, s *Signal, attach func() (detach func())) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u.mu.Lock()
	notified := u.notified
	if notified == nil {
		u.subscribe(ctx, s, attach)
		// Attaching may already have notified us; this answer covers that.
		u.urgentSeen, _ = s.urgentState()
		select {
		case <-u.notified:
		default:
		}
		u.last, u.pause = time.Now(), settle
		u.mu.Unlock()
		return nil
	}
	wait := time.Until(u.last.Add(u.pause))
	count, urgent := s.urgentState()
	isUrgent := count != u.urgentSeen
	u.mu.Unlock()
	if wait > 0 && !isUrgent {
		select {
		case <-time.After(wait):
		case <-urgent:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	count, _ = s.urgentState()
	select {
	case <-notified:
	case <-ctx.Done():
		return ctx.Err()
	}
	now := time.Now()
	u.mu.Lock()
	u.pause = settle
	if now.Sub(u.last) < 2*settleBusy {
		u.pause = settleBusy
	}
	u.last = now
	u.urgentSeen = count
	u.mu.Unlock()
	return nil
}

// subscribe is called with the lock held.
func (u *Subscription) subscribe(ctx context.Context, s *Signal, attach func() (detach func())) {
	notified, unsubscribe := s.Subscribe()
	detach := func() {}
	if attach != nil {
		detach = attach()
	}
	u.notified = notified
	// What detaches tells of its own panics: a signal does not know whom to tell.
	contain.Report(nil).StartWhenDone(ctx, "subscription", func() {
		unsubscribe()
		u.mu.Lock()
		u.notified = nil
		u.mu.Unlock()
		detach()
	})
}
