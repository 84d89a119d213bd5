package memory

import (
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// How much of what there is may be taken, in percent. What is live grows by garbage
// until it is collected, so the second is well below the first.
const (
	takenMost = 85 // by the program as a whole, before live memory is measured
	liveMost  = 60 // by what is live
)

// Limit says when nothing more may be held, so that the system does not have to end the
// program. Any goroutine may use it.
type Limit struct {
	// Most is how much the program may take at most, in bytes; Available is how much the
	// machine has left.
	Most      func() uint64
	Available func() uint64

	mu sync.Mutex
}

// SystemLimit returns the limit that the system, the environment (GOMEMLIMIT), or a
// control group sets. Near to it, garbage is collected more often from now on.
func SystemLimit() *Limit {
	most := mostAllowed()
	if most < math.MaxInt64 {
		debug.SetMemoryLimit(int64(most / 100 * takenMost))
	}
	return &Limit{Most: func() uint64 { return most }, Available: available}
}

// Check returns why nothing more may be held, or nil while there is room. It costs some
// microseconds, and a collection when there may be none.
func (l *Limit) Check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken, _ := measure()
	room := min(l.Most(), sum(taken, l.Available()))
	if taken < room/100*takenMost {
		return nil
	}
	debug.FreeOSMemory()
	if _, live := measure(); live < room/100*liveMost {
		return nil
	}
	return fmt.Errorf("memory is used up (%d of %d MB); ask for less with -n or a selector", taken>>20, room>>20)
}

// measure returns how much memory the program has from the system, and how much of it is
// live, in bytes.
func measure() (taken, live uint64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64(), samples[2].Value.Uint64()
}

// sum adds without going round.
func sum(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// limitFound is what GOMEMLIMIT set, which SystemLimit replaces.
var limitFound = debug.SetMemoryLimit(-1)

// mostAllowed is the least of what is set; the largest number when nothing is.
func mostAllowed() uint64 {
	most := uint64(math.MaxUint64)
	if limitFound < math.MaxInt64 {
		most = uint64(limitFound)
	}
	return min(most, systemMost())
}
