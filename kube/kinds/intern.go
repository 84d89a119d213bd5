package kinds

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

// The tables of what is shared are bounded by their count, and that of strings
// by the length in bytes of what enters it: long texts (an event's message)
// seldom repeat. A full table starts empty again, and what it shared stays shared.
const (
	internedMax      = 1 << 16
	internedBytesMax = 256
	sharedMax        = 1 << 15
)

var interned = struct {
	sync.Mutex
	values map[string]string
}{values: map[string]string{}}

// intern cleans s and makes equal strings share their bytes: label keys and
// values, namespaces, phases and images repeat across thousands of objects. (A
// unique.Handle would forget the shared copy as soon as only its string is
// kept.)
func intern(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > internedBytesMax {
		return Clean(s)
	}
	interned.Lock()
	defer interned.Unlock()
	if v, ok := interned.values[s]; ok {
		return v
	}
	if len(interned.values) >= internedMax {
		clear(interned.values)
	}
	key, v := strings.Clone(s), Clean(s)
	if v == key {
		v = key
	}
	interned.values[key] = v
	return v
}

// Forget empties the tables of what records share. Records keep what they share
// already; only what comes later is shared afresh. It is meant for when many records
// have gone. Any goroutine may call it.
func Forget() {
	interned.Lock()
	interned.values = map[string]string{}
	interned.Unlock()
	labelSets.forget()
	links.forget()
}

// sets makes equal slices share their memory: the pods of one ReplicaSet have
// the same labels. It never changes a slice that it gave out.
type sets[T comparable] struct {
	mu   sync.Mutex
	byID map[uint64][]T
}

var (
	labelSets sets[Label]
	links     sets[Link] // of one each
	hashSeed  = maphash.MakeSeed()
)

// share returns a slice equal to items, which stays the caller's own.
func (s *sets[T]) share(items []T) []T {
	if len(items) == 0 {
		return nil
	}
	id := uint64(0)
	for _, item := range items {
		id = id*31 + maphash.Comparable(hashSeed, item)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.byID[id]
	if slices.Equal(known, items) {
		return known
	}
	own := slices.Clip(slices.Clone(items))
	switch {
	case ok: // another set has the place
	case s.byID == nil || len(s.byID) >= sharedMax:
		s.byID = map[uint64][]T{id: own}
	default:
		s.byID[id] = own
	}
	return own
}

func (s *sets[T]) forget() {
	s.mu.Lock()
	s.byID = nil
	s.mu.Unlock()
}
