package kube

// changesMax is how many changes a listing remembers. A reader that is further
// behind gets everything.
const changesMax = 8192

// changeLog remembers which objects changed in the last versions of a listing.
// The listing's lock guards it.
type changeLog struct {
	version uint64 // of the last change
	first   uint64 // of ring[0], before the ring was full
	ring    []Key
}

// add makes a new version in which one object changed.
func (l *changeLog) add(k Key) {
	l.version++
	if len(l.ring) == 0 {
		l.first = l.version
	}
	if len(l.ring) < changesMax {
		l.ring = append(l.ring, k)
		return
	}
	l.ring[(l.version-l.first)%changesMax] = k
}

// forget makes a new version whose changes nobody can know.
func (l *changeLog) forget() {
	l.version++
	l.ring = nil
}

// since calls each with every object that changed after version v, once or more, and
// returns false when that is no longer known.
func (l *changeLog) since(v uint64, each func(Key)) bool {
	oldest := l.version - uint64(len(l.ring)) // changes after it are in the ring
	if v < oldest || v > l.version {
		return false
	}
	for n := v + 1; n <= l.version; n++ {
		each(l.ring[(n-l.first)%changesMax])
	}
	return true
}
