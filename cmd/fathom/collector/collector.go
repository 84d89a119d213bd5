package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"

	"github.com/fathom-k8s/fathom/kube"
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
	// gcGarbage bounds, in bytes, what gcSettled allows for a large cluster.
	gcGarbage = 48 << 20
	// gcLeast is so little, in bytes, that collecting it is never worth while.
	gcLeast = 6 << 20
	// gcReading bounds, in bytes, the garbage while a file is read, which leaves many
	// times the file's size: 344 MB of YAML are read with a peak of 440 MB. With
	// gcGarbage the peak is 30 MB lower and CPU more than twice as high.
	gcReading = 192 << 20
)

// gcPercent returns the percentage that allows so much garbage beside what is kept;
// both are in bytes.
func gcPercent(kept, garbage uint64) int {
	if kept == 0 {
		return gcLoading
	}
	return int(max(gcLoading, min(gcSettled, 100*garbage/kept)))
}

// paceCollector sets the percentage now and after each collection, unless the user has
// chosen it. garbage says how many bytes are allowed at the moment; it is called from
// any goroutine.
func paceCollector(garbage func() uint64) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcStart)
	set := gcStart
	afterCollections(func() {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		if percent := gcPercent(sample[0].Value.Uint64(), garbage()); percent != set {
			set = percent
			debug.SetGCPercent(percent)
		}
	})
}

// garbage returns how many bytes of garbage are allowed at the moment.
func (a *app) garbage() uint64 {
	switch {
	case a.reading.Load():
		return gcReading
	case slices.ContainsFunc(a.openClusters(), (*kube.Cluster).Loading):
		return gcLeast
	}
	return gcGarbage
}

// afterCollections calls do after each collection of garbage or some of them,
// never twice at a time.
func afterCollections(do func()) {
	// It holds a pointer: what holds none may share an allocation with others.
	sentinel := new([2]*kube.Cluster)
	runtime.AddCleanup(sentinel, func(do func()) {
		do()
		afterCollections(do)
	}, do)
}
