package plugins

import (
	"sync"
	"time"
)

// closeWait is how long the end of the program waits for runs that were ended with it.
const closeWait = 5 * time.Second

// Runs are the runs of plugins that go on. The zero value has none; any goroutine may use it.
type Runs struct {
	mu     sync.Mutex
	closed bool
	open   map[*Run]chan struct{} // is closed at the end of the run
}

// Close waits until all runs have removed their kubeconfigs and written their ends into the journal,
// and lets no other begin. What they were started with must have ended.
func (a *Runs) Close() {
	a.mu.Lock()
	a.closed = true
	var ends []chan struct{}
	for _, ended := range a.open {
		ends = append(ends, ended)
	}
	a.mu.Unlock()
	limit := time.NewTimer(closeWait)
	defer limit.Stop()
	for _, ended := range ends {
		select {
		case <-ended:
		case <-limit.C:
			return
		}
	}
}

// begin reports whether a run may begin.
func (a *Runs) begin(r *Run) bool {
	if a == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	if a.open == nil {
		a.open = map[*Run]chan struct{}{}
	}
	a.open[r] = make(chan struct{})
	return true
}

func (a *Runs) end(r *Run) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if ended := a.open[r]; ended != nil {
		close(ended)
		delete(a.open, r)
	}
}
