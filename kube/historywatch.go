package kube

import (
	"context"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// readingFor is how long a HistoryWatch decodes before it yields what it has.
const readingFor = 150 * time.Millisecond

// HistoryWatch is a source that yields Changed.
type HistoryWatch struct {
	history      *History
	keep         func(kinds.Ref) bool
	subscription signal.Subscription

	mu       sync.Mutex
	complete bool // the last answer had all
	// remembered is what a Recent found, and of which objects; awaited that it has yet to look.
	remembered []history.Change
	of         map[kinds.Ref]bool
	awaited    bool
}

// Changed says what has changed, the newest first. It is Complete unless more is on its
// way.
type Changed struct {
	From     *HistoryWatch
	Changes  []history.Change
	Complete bool
	Usage    history.Usage
}

// Watch returns a source that reports what changed of the objects that keep chooses; nil
// is all. keep is called from other goroutines. The first answer comes at once.
func (h *History) Watch(keep func(kinds.Ref) bool) *HistoryWatch {
	return &HistoryWatch{history: h, keep: keep, complete: true}
}

// Next waits for a change.
func (w *HistoryWatch) Next(ctx context.Context) (any, error) {
	w.mu.Lock()
	complete := w.complete
	w.mu.Unlock()
	if complete {
		if err := w.subscription.Next(ctx, &w.history.changed, nil); err != nil {
			return nil, err
		}
	}
	changes, complete := w.history.read(ctx, time.Time{}, w.history.ring.Entries(time.Time{}, w.keep),
		time.Now().Add(readingFor))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.complete = complete
	remembered, of := w.remembered, w.of
	complete = complete && !w.awaited
	w.mu.Unlock()
	changes = withRemembered(changes, remembered, of)
	w.history.NameFields(changes)
	return Changed{From: w, Changes: changes, Complete: complete, Usage: w.history.Usage()}, nil
}
