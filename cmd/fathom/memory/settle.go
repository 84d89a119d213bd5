package memory

import (
	"runtime/debug"
	"sync"
	"time"
)

// settling is how long after lists what they left behind is given back: another may follow at
// once, and uses it.
const settling = 500 * time.Millisecond

// Settle gives back to the system what lists leave behind, half a second after the last call of
// again while loading reports true, as soon as it does not any more: the collector alone keeps
// it for hours where nothing changes. Both are called from any goroutine.
func Settle(loading func() bool) (again func()) { return settle(loading, debug.FreeOSMemory) }

func settle(loading func() bool, giveBack func()) (again func()) {
	s := &settler{loading: loading, giveBack: giveBack}
	return func() {
		if loading() {
			s.await()
		}
	}
}

// settler gives memory back when its time has come.
type settler struct {
	loading  func() bool
	giveBack func()

	mu    sync.Mutex
	timer *time.Timer // nil while nothing is to be given back
}

func (s *settler) await() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer == nil {
		s.timer = time.AfterFunc(settling, s.settle)
	} else {
		s.timer.Reset(settling)
	}
}

func (s *settler) settle() {
	if s.loading() {
		s.await()
		return
	}
	s.mu.Lock()
	s.timer = nil
	s.mu.Unlock()
	s.giveBack()
}
