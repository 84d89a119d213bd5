package tape

import (
	"container/list"
	"sync"
)

// bodyRef is the bytes of one version of an object, which are read from the
// tape when they are asked for. It never changes.
type bodyRef struct {
	tape  *Tape
	frame frame
	at    int      // in the frame's text
	size  int      // of the body
	base  *bodyRef // nil: the body itself is in the frame
	delta []byte   // against the base
}

// Bytes returns the body. It implements memapi.Data: any goroutine may call it,
// and nobody may change what it returns. It fails when the tape was closed, or
// changed since it was opened.
func (v *bodyRef) Bytes() ([]byte, error) {
	if v.base == nil {
		text, err := v.tape.cached(v.frame)
		if err != nil {
			return nil, err
		}
		if v.at+v.size > len(text) {
			return nil, errDamaged
		}
		return text[v.at : v.at+v.size : v.at+v.size], nil
	}
	base, err := v.base.Bytes()
	if err != nil {
		return nil, err
	}
	body, ok := applyDelta(base, v.delta, v.size)
	if !ok {
		return nil, errDamaged
	}
	return body, nil
}

// cacheBytes bounds the texts in the cache.
const cacheBytes = 16 << 20

// textCache keeps the texts of the frames that were read last.
type textCache struct {
	mu     sync.Mutex
	byAt   map[int64]*list.Element
	recent list.List // of cachedText, the latest first
	bytes  int
}

type cachedText struct {
	at   int64
	text []byte
}

// cached returns the text of a frame, from the cache if it is there.
func (t *Tape) cached(f frame) ([]byte, error) {
	c := &t.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byAt[f.at]; e != nil {
		c.recent.MoveToFront(e)
		return e.Value.(cachedText).text, nil
	}
	text, err := t.text(f)
	if err != nil {
		return nil, err
	}
	if c.byAt == nil {
		c.byAt = map[int64]*list.Element{}
	}
	c.byAt[f.at] = c.recent.PushFront(cachedText{f.at, text})
	for c.bytes += len(text); c.bytes > cacheBytes && c.recent.Len() > 1; {
		old := c.recent.Remove(c.recent.Back()).(cachedText)
		delete(c.byAt, old.at)
		c.bytes -= len(old.text)
	}
	return text, nil
}
