package signal

import (
	"context"
	"testing"
	"time"
)

// TestSleepUntil waits for a time that has passed, which is over at once, and for none that comes.
func TestSleepUntil(t *testing.T) {
	for _, at := range []time.Time{{}, time.Now().Add(-time.Hour), time.Now(), time.Now().Add(time.Millisecond)} {
		if !SleepUntil(t.Context(), at) {
			t.Errorf("until %s: the context had ended", at)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, at := range []time.Time{{}, time.Now().Add(time.Hour)} {
		if SleepUntil(ctx, at) {
			t.Errorf("until %s: the context had not ended", at)
		}
	}
}
