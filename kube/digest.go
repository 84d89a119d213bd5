package kube

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Digest is a source that keeps of the objects of a listing what a function reads from
// them: what a screen needs beside a record, without each whole object. Objects are read
// when they change, off the program's loop.
type Digest struct {
	listing *Listing
	watch   *Watch
	read    func(runtime.Object) any

	mu      sync.Mutex
	version uint64
	entries map[Key]DigestEntry
}

// DigestEntry is a record and what was read from its object; nil when that could not be
// read.
type DigestEntry struct {
	Record *kinds.Record
	Value  any
}

// Digested is what a Digest yields: its entries or the state of its listing changed. A
// state that says that everything has come is not ahead of the entries.
type Digested struct {
	From  *Digest
	State State
}

// Digest returns a source that reads the objects of a scope. read is called from another
// goroutine than the program's loop; it must not keep the object.
func (c *Cluster) Digest(s Scope, read func(runtime.Object) any) *Digest {
	l := c.Listing(s)
	return &Digest{listing: l, watch: l.Watch(), read: read, entries: map[Key]DigestEntry{}}
}

// Next waits for a change.
func (d *Digest) Next(ctx context.Context) (any, error) {
	if _, err := d.watch.Next(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	version := d.version
	d.mu.Unlock()
	state := d.listing.State()
	delta := d.listing.Since(version)
	read := make([]DigestEntry, len(delta.Changed))
	for i, r := range delta.Changed {
		read[i].Record = r
		if obj, err := d.listing.cluster.Decode(r); err == nil {
			read[i].Value = d.read(obj)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if delta.Reset {
		d.entries = make(map[Key]DigestEntry, len(read))
	}
	for _, e := range read {
		d.entries[Key{e.Record.Namespace, e.Record.Name}] = e
	}
	for _, k := range delta.Gone {
		delete(d.entries, k)
	}
	d.version = delta.Version
	return Digested{d, state}, nil
}

// Entries returns what there is, by namespace and name.
func (d *Digest) Entries() []DigestEntry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.SortedStableFunc(maps.Values(d.entries), func(a, b DigestEntry) int {
		return cmp.Or(cmp.Compare(a.Record.Namespace, b.Record.Namespace), cmp.Compare(a.Record.Name, b.Record.Name))
	})
}

// Held returns the listing of a scope if something has asked for it before, else nil.
func (c *Cluster) Held(s Scope) *Listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listings[s]
}
