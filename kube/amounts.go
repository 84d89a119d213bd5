package kube

import (
	"context"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// amountsBatch is how many objects are read before what they ask for is shown.
const amountsBatch = 4000

// AmountsRead is what an AmountsWatch yields: the amounts of some records, and how many
// are still to be read.
type AmountsRead struct {
	From *AmountsWatch
	Of   map[*kinds.Record]kinds.Amounts
	Left int
}

// AmountsWatch is a source that reads from whole objects what they ask for, may have, or
// have to give away: too much work for the loop when a table has thousands.
type AmountsWatch struct {
	watch   *Watch
	version uint64
	unread  []*kinds.Record
}

// WatchAmounts returns a source of the amounts of a listing's objects.
func (c *Cluster) WatchAmounts(l *Listing) *AmountsWatch { return &AmountsWatch{watch: l.Watch()} }

// Next reads the next objects, or waits for those that change.
func (a *AmountsWatch) Next(ctx context.Context) (any, error) {
	listing := a.watch.listing
	for len(a.unread) == 0 {
		if _, err := a.watch.Next(ctx); err != nil {
			return nil, err
		}
		delta := listing.Since(a.version)
		a.version, a.unread = delta.Version, delta.Changed
	}
	out := AmountsRead{From: a, Of: map[*kinds.Record]kinds.Amounts{}}
	n := min(len(a.unread), amountsBatch)
	for _, r := range a.unread[:n] {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if amounts, err := listing.cluster.Amounts(r); err == nil {
			out.Of[r] = amounts
		}
	}
	a.unread = a.unread[n:]
	out.Left = len(a.unread)
	return out, nil
}

// Amounts returns what the object of a record asks for, may have, or has to give away.
func (c *Cluster) Amounts(r *kinds.Record) (kinds.Amounts, error) {
	obj, err := c.Decode(r)
	if err != nil {
		return kinds.Amounts{}, err
	}
	if _, container, ok := kinds.SplitContainer(r); ok {
		return kinds.ContainerAmounts(obj, container), nil
	}
	return kinds.AmountsOf(obj), nil
}
