package signal

import (
	"context"
	"time"
)

// Sleep waits for a time (0: forever) or for a signal; false means that ctx
// ended.
func Sleep(ctx context.Context, wait time.Duration, signal <-chan struct{}) bool {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case <-signal:
	}
	return true
}

func Wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
