package signal

import (
	"context"
	"time"
)

// Sleep waits until wake receives or the time is over (0: never). It
// returns false when ctx has ended.
func Sleep(ctx context.Context, wait time.Duration, wake <-chan struct{}) bool {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case <-wake:
	}
	return true
}

// SleepUntil waits until a time, which may have passed. It returns false when ctx has ended.
func SleepUntil(ctx context.Context, at time.Time) bool {
	if wait := time.Until(at); wait > 0 {
		return Sleep(ctx, wait, nil)
	}
	return ctx.Err() == nil
}

// Wake sends to a channel that holds one value, unless it is full: whoever waits
// for it will look in any case.
func Wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
