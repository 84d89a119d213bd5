// Package memory keeps what the program takes of the machine's memory low: it sets how
// much garbage there may be, and lets go of pages that only the start needs. It imports
// nothing that takes time to initialise.
package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// How much garbage there may be before it is collected, in percent of what is kept. All
// of it is measured.
const (
	// gcStart lets a program that holds next to nothing come to its first screen
	// without a collection.
	gcStart = 400
	// gcLoading is for the time while lists arrive, when the peak of memory is
	// made. 50,000 pods leave 170 MB of garbage: with 15 the peak is 7 MB below
	// that of 25, for half a second more of CPU; with less, CPU rises faster than
	// memory falls.
	gcLoading = 15
	// gcSettled is for afterwards: a change leaves garbage of some KB, and each
	// collection walks over all records. Where nothing changes, nothing is taken.
	gcSettled = 100
)

// How much garbage is allowed, in bytes.
const (
	// Settled bounds what gcSettled allows for a large cluster.
	Settled = 48 << 20
	// Loading is so little that collecting less is never worth while.
	Loading = 6 << 20
	// Following is for the time while logs are read: a line leaves four times its size, and
	// little of it is kept.
	Following = 12 << 20
	// Reading is for the time while a file is read, which leaves many times the file's
	// size: 344 MB of YAML are read with a peak of 440 MB. With Settled the peak is
	// 30 MB lower and CPU more than twice as high.
	Reading = 192 << 20
)

// gcPercent returns the percentage that allows so much garbage beside what is kept;
// both are in bytes.
func gcPercent(kept, garbage uint64) int {
	if kept == 0 {
		return gcLoading
	}
	return int(max(gcLoading, min(gcSettled, 100*garbage/kept)))
}

// chosen reports whether the user has chosen the percentage.
func chosen() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// Start sets the percentage that a program begins with.
func Start() {
	if !chosen() {
		debug.SetGCPercent(gcStart)
	}
}

// dropPages is DropPages but in tests.
var dropPages = DropPages

// Pace sets the percentage after each collection, and when again is called: what begins to
// load must not wait for the end of what was allowed before. garbage says how many bytes are
// allowed at the moment. Both are called from any goroutine.
func Pace(garbage func() uint64) (again func()) {
	if chosen() {
		return func() {}
	}
	p := &pacer{garbage: garbage, set: gcStart}
	afterCollections(func() {
		if !p.collected.Swap(true) {
			dropPages() // By now it is connected, and never does that again.
		}
		p.adjust()
	})
	return func() {
		if p.collected.Load() { // Until then nothing is kept that is worth a collection.
			p.adjust()
		}
	}
}

// pacer knows the percentage that it set.
type pacer struct {
	garbage   func() uint64
	collected atomic.Bool

	mu  sync.Mutex
	set int
}

func (p *pacer) adjust() {
	p.mu.Lock()
	defer p.mu.Unlock()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if percent := gcPercent(sample[0].Value.Uint64(), p.garbage()); percent != p.set {
		p.set = percent
		debug.SetGCPercent(percent)
	}
}

// afterCollections calls do after each collection of garbage or some of them,
// never twice at a time.
func afterCollections(do func()) {
	// It holds a pointer: what holds none may share an allocation with others.
	sentinel := new([2]*int)
	runtime.AddCleanup(sentinel, func(do func()) {
		do()
		afterCollections(do)
	}, do)
}
