package tape

import (
	"slices"
	"sort"
)

// logBytesMax bounds the text of logs that is read for a jump: the newest.
const logBytesMax = 16 << 20

// logState is the newest pieces of logs at a time, and where they go on.
type logState struct {
	pieces []Log
	reader logReader
}

// logsAt returns the logs as they were at a time. Of very long ones it returns
// the end.
func (t *Tape) logsAt(when int64) (*logState, error) {
	s := &logState{reader: logReader{tape: t}}
	last := sort.Search(len(t.logs), func(i int) bool { return t.logs[i].last > when })
	first, size := last, 0
	for first > 0 && size+int(t.logs[first-1].raw) <= logBytesMax {
		first--
		size += int(t.logs[first].raw)
	}
	for text, err := range t.texts(t.logs[first:last]) {
		if err != nil {
			return nil, err
		}
		c, since := newCursor(text.text), text.first
		for c.more() {
			var l Log
			if l, since = c.log(since); c.bad {
				return nil, errDamaged
			}
			s.pieces = append(s.pieces, l)
		}
	}
	s.reader.next = last
	more, err := s.reader.until(when)
	s.pieces = append(s.pieces, more...)
	return s, err
}

// logReader reads pieces of logs one after the other.
type logReader struct {
	tape   *Tape
	next   int // the frame after the one that is read
	cursor cursor
	since  int64
	head   *Log // shown by peek
	at     int64
}

// peek returns the time of the next piece; ok is false at the end.
func (r *logReader) peek() (at int64, ok bool, err error) {
	for r.head == nil && !r.cursor.more() {
		if r.next >= len(r.tape.logs) {
			return 0, false, nil
		}
		f := r.tape.logs[r.next]
		text, err := r.tape.text(f)
		if err != nil {
			return 0, false, err
		}
		r.cursor, r.since = newCursor(text), f.first
		r.next++
	}
	if r.head == nil {
		var l Log
		if l, r.since = r.cursor.log(r.since); r.cursor.bad {
			return 0, false, errDamaged
		}
		r.head, r.at = &l, r.since
	}
	return r.at, true, nil
}

// until returns the pieces up to a time.
func (r *logReader) until(when int64) (pieces []Log, err error) {
	for {
		at, ok, err := r.peek()
		if err != nil || !ok || at > when {
			return slices.Clip(pieces), err
		}
		pieces = append(pieces, *r.head)
		r.head = nil
	}
}
