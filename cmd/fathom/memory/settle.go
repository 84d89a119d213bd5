package memory

import (
	"runtime/debug"
	"sync"
	"time"
)

// settling is how long after lists what they left behind is given back: another may follow at
// once, and uses it.
const settling = 500 * time.Millisecond

// giveBack is debug.FreeOSMemory but in tests.
var giveBack = debug.FreeOSMemory

// Settle gives back to the system what lists leave behind, half a second after the last call of
// again while loading reports true, as soon as it does not any more: the collector alone keeps
// it for hours where nothing changes. Both are called from any goroutine.
func Settle(loading func() bool) (again func()) {
	var mu sync.Mutex
	var timer *time.Timer // nil while nothing is to be given back
	var settle func()
	settle = func() {
		mu.Lock()
		defer mu.Unlock()
		if loading() {
			timer.Reset(settling)
			return
		}
		timer = nil
		giveBack()
	}
	return func() {
		if !loading() {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if timer == nil {
			timer = time.AfterFunc(settling, settle)
		} else {
			timer.Reset(settling)
		}
	}
}
