package kube

import (
	"context"
	"sync"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// Rebuilding is a source that yields Rebuilt, once for each Ask that is not overtaken by
// another: what the cluster remembers of an object's changes.
type Rebuilding struct {
	cluster      *Cluster
	wanted       signal.Signal
	subscription signal.Subscription

	mu     sync.Mutex
	record *kinds.Record
	beside []*kinds.Record
}

// Rebuilt is what the cluster remembers.
type Rebuilt struct {
	From    *Rebuilding
	Changes []history.Change
}

// Rebuilding returns a source for Ask.
func (c *Cluster) Rebuilding() *Rebuilding { return &Rebuilding{cluster: c} }

// Ask has the changes of a record rebuilt in the background. beside are the records that
// know more; see Rebuild. Nil are the revisions that listings hold.
func (b *Rebuilding) Ask(r *kinds.Record, beside []*kinds.Record) {
	b.mu.Lock()
	b.record, b.beside = r, beside
	b.mu.Unlock()
	b.wanted.Notify()
}

// Next waits until it was asked.
func (b *Rebuilding) Next(ctx context.Context) (any, error) {
	if err := b.subscription.Next(ctx, &b.wanted, nil); err != nil {
		return nil, err
	}
	b.mu.Lock()
	r, beside := b.record, b.beside
	b.mu.Unlock()
	out := Rebuilt{From: b}
	if r != nil {
		if beside == nil {
			beside = b.cluster.heldBeside(r)
		}
		out.Changes = b.cluster.Rebuild(r, beside)
	}
	return out, ctx.Err()
}
