package triage

import (
	"hash/maphash"
	"iter"
	"maps"
)

// hash stands for a key, which would take more than what it leads to. Two keys may have the same:
// who looks makes sure that it is what it looks for.
type hash uint64

var hashSeed = maphash.MakeSeed()

func hashOf[K comparable](key K) hash { return hash(maphash.Comparable(hashSeed, key)) }

// table is the entries of a kind by their names. The names are those of the records.
type table struct {
	byHash  map[hash]*entry
	clashes map[name]*entry // whose hash another entry has
}

func (t *table) get(n name) *entry {
	if e := t.byHash[hashOf(n)]; e == nil || e.isNamed(n) {
		return e
	}
	return t.clashes[n]
}

// add adds an entry that is not there.
func (t *table) add(e *entry) {
	n := name{e.record.Namespace, e.record.Name}
	h := hashOf(n)
	switch {
	case t.byHash[h] == nil:
		t.byHash[h] = e
	case t.clashes == nil:
		t.clashes = map[name]*entry{n: e}
	default:
		t.clashes[n] = e
	}
}

// remove takes away an entry that is there.
func (t *table) remove(n name) {
	h := hashOf(n)
	if !t.byHash[h].isNamed(n) {
		delete(t.clashes, n)
		return
	}
	delete(t.byHash, h)
	for other, e := range t.clashes {
		if hashOf(other) == h {
			t.byHash[h] = e
			delete(t.clashes, other)
			return
		}
	}
}

func (t *table) len() int {
	if t == nil {
		return 0
	}
	return len(t.byHash) + len(t.clashes)
}

// all are the entries, in no order.
func (t *table) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if t == nil {
			return
		}
		for _, all := range []iter.Seq[*entry]{maps.Values(t.byHash), maps.Values(t.clashes)} {
			for e := range all {
				if !yield(e) {
					return
				}
			}
		}
	}
}

func (e *entry) isNamed(n name) bool {
	return e.record.Name == n.name && e.record.Namespace == n.namespace
}

// hashed is an index of entries, most of which are alone under their key.
type hashed struct {
	one  map[hash]*entry
	more map[hash][]*entry // all under a key where there are several
}

func newHashed() hashed { return hashed{map[hash]*entry{}, map[hash][]*entry{}} }

// put adds an entry, or takes it out.
func (x hashed) put(key hash, e *entry, in bool) {
	many := x.more[key]
	switch alone := x.one[key]; {
	case !in && alone == e:
		delete(x.one, key)
	case in && alone == nil && many == nil:
		x.one[key] = e
	case in && alone != nil:
		x.more[key] = []*entry{alone, e}
		delete(x.one, key)
	case in:
		x.more[key] = append(many, e)
	default:
		if put(x.more, key, e, false); len(x.more[key]) == 1 {
			x.one[key] = x.more[key][0]
			delete(x.more, key)
		}
	}
}

// of are the entries under a key, and perhaps under another with the same hash.
func (x hashed) of(key hash) []*entry {
	if e := x.one[key]; e != nil {
		return []*entry{e}
	}
	return x.more[key]
}
