package remote

import (
	"context"
	"slices"
	"sync"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// Forwards are the forwarded ports of a program, of all its clusters. Any goroutine may use
// them.
type Forwards struct {
	mu      sync.Mutex
	all     []*Forward
	changed signal.Signal
}

// Start listens and begins to forward; it returns when the local ports are open and lead to the
// first pod. Errors are clean, those of a port name the way out, and nothing stays open after
// them. Nothing is sent without write mode.
func (f *Forwards) Start(ctx context.Context, c *kube.Cluster, s Subject, ports []Port) (*Forward, error) {
	w, err := newForward(ctx, c, s, ports, f.changed.Notify)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.all = append(f.all, w)
	f.mu.Unlock()
	f.changed.NotifyNow()
	return w, nil
}

// All returns them, the oldest first.
func (f *Forwards) All() []*Forward {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// End ends one, with the connections through it, and waits until its ports are free.
func (f *Forwards) End(w *Forward) {
	w.end()
	f.mu.Lock()
	f.all = slices.DeleteFunc(f.all, func(o *Forward) bool { return o == w })
	f.mu.Unlock()
	f.changed.NotifyNow()
}

// Close ends all.
func (f *Forwards) Close() {
	for _, w := range f.All() {
		f.End(w)
	}
}

// LocalPorts are the local ports in use.
func (f *Forwards) LocalPorts() []int {
	var out []int
	for _, w := range f.All() {
		for _, p := range w.ports {
			out = append(out, p.Local)
		}
	}
	return out
}

// ForwardsChanged is what a ForwardsWatch yields.
type ForwardsChanged struct{ Forwards *Forwards }

// ForwardsWatch is a source of ForwardsChanged.
type ForwardsWatch struct {
	forwards     *Forwards
	subscription signal.Subscription
}

// Watch returns a source that reports when a forward began, ended, or changed its state. The
// first answer comes at once. What is counted changes without it.
func (f *Forwards) Watch() *ForwardsWatch { return &ForwardsWatch{forwards: f} }

// Next waits for a change.
func (w *ForwardsWatch) Next(ctx context.Context) (any, error) {
	if err := w.subscription.Next(ctx, &w.forwards.changed, nil); err != nil {
		return nil, err
	}
	return ForwardsChanged{w.forwards}, nil
}
