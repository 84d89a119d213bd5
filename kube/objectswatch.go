package kube

import (
	"context"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// objectsBatch is how many objects are read before what they say is shown.
const objectsBatch = 4000

// ObjectsRead is what an ObjectsWatch yields: what some objects say, and how many are still
// to be read.
type ObjectsRead[T any] struct {
	From *ObjectsWatch[T]
	Of   map[*kinds.Record]T
	Left int
}

// ObjectsWatch is a source that reads something from the whole objects of a listing: too
// much work for the loop when a table has thousands.
type ObjectsWatch[T any] struct {
	watch   *Watch
	read    func(*kinds.Record) (T, error)
	version uint64
	unread  []*kinds.Record
}

// Next reads the next objects, or waits for those that change.
func (w *ObjectsWatch[T]) Next(ctx context.Context) (any, error) {
	listing := w.watch.listing
	for len(w.unread) == 0 {
		if _, err := w.watch.Next(ctx); err != nil {
			return nil, err
		}
		delta := listing.Since(w.version)
		w.version, w.unread = delta.Version, delta.Changed
	}
	out := ObjectsRead[T]{From: w, Of: map[*kinds.Record]T{}}
	n := min(len(w.unread), objectsBatch)
	for _, r := range w.unread[:n] {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if said, err := w.read(r); err == nil {
			out.Of[r] = said
		}
	}
	w.unread = w.unread[n:]
	out.Left = len(w.unread)
	return out, nil
}

// WatchAmounts returns a source of the amounts of a listing's objects.
func (c *Cluster) WatchAmounts(l *Listing) *ObjectsWatch[kinds.Amounts] {
	return &ObjectsWatch[kinds.Amounts]{watch: l.Watch(), read: c.Amounts}
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

// WatchCells returns a source of what some columns show of a listing's objects.
func (c *Cluster) WatchCells(l *Listing, columns []*kinds.CustomColumn) *ObjectsWatch[[]kinds.Cell] {
	read := func(r *kinds.Record) ([]kinds.Cell, error) { return c.Cells(r, columns) }
	return &ObjectsWatch[[]kinds.Cell]{watch: l.Watch(), read: read}
}

// Cells returns what some columns show of the object of a record.
func (c *Cluster) Cells(r *kinds.Record, columns []*kinds.CustomColumn) ([]kinds.Cell, error) {
	fields, err := c.Fields(r)
	if err != nil {
		return nil, err
	}
	return kinds.CustomCells(columns, r, fields), nil
}
