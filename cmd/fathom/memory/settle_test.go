package memory

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestSettle holds that memory is given back once after lists, not between them, and never while
// what was there changes.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		given := 0
		var loads atomic.Bool
		again := settle(loads.Load, func() { given++ })
		for _, step := range []struct {
			name    string
			loading bool
			calls   bool
			wait    time.Duration
			want    int
		}{
			{"nothing was loaded", false, true, time.Minute, 0},
			{"a list arrives", true, true, settling / 2, 0},
			{"it goes on", true, true, settling / 2, 0},
			{"it goes on without a word", true, false, 10 * settling, 0},
			{"it is there", false, true, settling, 1},
			{"objects change", false, true, time.Hour, 1},
			{"another list arrives", true, true, settling / 2, 1},
			{"it is there at once", false, true, settling, 2},
			{"nothing follows", false, false, time.Hour, 2},
		} {
			loads.Store(step.loading)
			if step.calls {
				again()
			}
			<-time.After(step.wait)
			synctest.Wait()
			if given != step.want {
				t.Errorf("%s: given back %d times, want %d", step.name, given, step.want)
			}
		}
	})
}
