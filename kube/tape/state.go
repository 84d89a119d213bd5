package tape

import (
	"bytes"
	"sort"

	"k8s.io/apimachinery/pkg/labels"
)

// objectVersion is one version of an object: its identity, and where its bytes
// are. It never changes.
type objectVersion struct {
	Object // without Body
	labels labels.Set
	base   *bodyRef
	now    *bodyRef
}

// state is every object at a time, and where the tape goes on from there.
type state struct {
	tape    *Tape
	objects map[uint64]*objectVersion
	key     int // the next key that comes
	reader  changeReader
}

// at returns the state at a time: every change up to it has happened.
func (t *Tape) at(when int64) (*state, error) {
	s := &state{tape: t, objects: map[uint64]*objectVersion{}}
	s.reader = changeReader{tape: t}
	s.key = sort.Search(len(t.keys), func(i int) bool { return t.keys[i].at > when })
	if s.key > 0 {
		key := t.keys[s.key-1]
		if err := s.read(key.parts); err != nil {
			return nil, err
		}
		s.reader.next = key.next
	}
	last := sort.Search(len(t.changes), func(i int) bool { return t.changes[i].last > when })
	last = max(last, s.reader.next)
	if err := s.read(t.changes[s.reader.next:last]); err != nil {
		return nil, err
	}
	s.reader.next = last
	for {
		c, err := s.reader.peek()
		if err != nil || c == nil || c.at > when {
			return s, err
		}
		if _, _, err := s.apply(s.reader.pop()); err != nil {
			return nil, err
		}
	}
}

// read applies whole frames.
func (s *state) read(frames []frame) error {
	for text, err := range s.tape.texts(frames) {
		if err != nil {
			return err
		}
		c, since := newCursor(text.text), text.first
		for c.more() {
			ch := c.change(since)
			if c.bad {
				return errDamaged
			}
			since = ch.at
			if _, _, err := s.apply(ch, text.frame); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply makes a change that is in a frame. It returns the object as it is now,
// or the one that is gone as it was last.
func (s *state) apply(c change, in frame) (now, gone *objectVersion, err error) {
	for s.key < len(s.tape.keys) && c.at > s.tape.keys[s.key].at {
		s.rebase()
		s.key++
	}
	if c.operation == putWhole {
		now = &objectVersion{Object: Object{
			Resource: s.tape.resources[c.resource], Namespace: c.namespace, Name: c.name, UID: c.uid,
			Protobuf: c.flags&inProtobuf != 0, Redacted: c.flags&redacted != 0,
		}}
		if now.Resource == nil || c.name == "" {
			return nil, nil, errDamaged
		}
		now.now = &bodyRef{tape: s.tape, frame: in, at: c.offset, size: len(c.body)}
		now.base = now.now
	} else {
		old := s.objects[c.number]
		if old == nil {
			return nil, nil, errDamaged
		}
		now = &objectVersion{Object: old.Object, labels: old.labels, base: old.base}
		// A version that stays must not keep the whole frame.
		now.now = &bodyRef{tape: s.tape, size: c.size, base: old.base, delta: bytes.Clone(c.body)}
	}
	now.Version = c.version
	if c.flags&labelled != 0 {
		ok := false
		if now.labels, ok = s.tape.labels.of(c.labels); !ok {
			return nil, nil, errDamaged
		}
	}
	if c.operation == deleted {
		delete(s.objects, c.number)
		return nil, now, nil
	}
	s.objects[c.number] = now
	return now, nil, nil
}

// rebase makes each object its own base, as the Writer did at a key.
func (s *state) rebase() {
	for n, o := range s.objects {
		if o.base != o.now {
			copied := *o
			copied.base = o.now
			s.objects[n] = &copied
		}
	}
}

// changeReader reads changes one by one.
type changeReader struct {
	tape   *Tape
	next   int // the frame after the one that is read
	frame  frame
	cursor cursor
	since  int64
	head   *change // shown by peek
}

// peek returns the next change, nil at the end of the tape. It is valid until the
// change after it is read.
func (r *changeReader) peek() (*change, error) {
	if r.head != nil {
		return r.head, nil
	}
	for !r.cursor.more() {
		if r.next >= len(r.tape.changes) {
			return nil, nil
		}
		r.frame = r.tape.changes[r.next]
		text, err := r.tape.cached(r.frame)
		if err != nil {
			return nil, err
		}
		r.cursor, r.since = newCursor(text), r.frame.first
		r.next++
	}
	c := r.cursor.change(r.since)
	if r.cursor.bad {
		return nil, errDamaged
	}
	r.since = c.at
	r.head = &c
	return r.head, nil
}

// pop returns what peek has shown.
func (r *changeReader) pop() (change, frame) {
	c := *r.head
	r.head = nil
	return c, r.frame
}
