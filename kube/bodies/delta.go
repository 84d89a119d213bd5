package bodies

import (
	"github.com/klauspost/compress/s2"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Shrink keeps of an older version of an object only how it differs from the next one, and
// reports whether that is smaller. Neither may have siblings beside it. The next one is kept as
// long as the older one is, and may be shrunk later.
func (b *Store) Shrink(older, newer kinds.Body) bool {
	at, ok := older.Kept.(*Block)
	next, too := newer.Kept.(*Block)
	if !ok || !too || at == next || b.copyOf(at).form != withS2 {
		return false
	}
	if f := b.copyOf(next).form; f != withS2 && f != withDelta {
		return false
	}
	text, err := b.blockText(at)
	if err != nil {
		return false
	}
	base, err := b.blockText(next)
	if err != nil || len(base) < s2.MinDictSize || len(base) > s2.MaxDictSize {
		return false
	}
	delta := s2.MakeDict(base, nil).Encode(make([]byte, 0, s2.MaxEncodedLen(len(text))), text)
	b.mu.Lock()
	defer b.mu.Unlock()
	if at.form != withS2 || len(delta) >= len(at.data) {
		return false
	}
	at.data, at.against, at.form = string(delta), &dictionary{next: next}, withDelta
	return true
}

func (b *Store) copyOf(at *Block) Block {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *at
}

// blockText returns what a sealed block holds, uncompressed.
func (b *Store) blockText(at *Block) ([]byte, error) {
	var deltas []string // from the oldest version on
	sealed := b.copyOf(at)
	for ; sealed.form == withDelta; sealed = b.copyOf(sealed.against.next) {
		deltas = append(deltas, sealed.data)
	}
	text, err := sealed.text()
	for i := len(deltas) - 1; i >= 0 && err == nil; i-- {
		text, err = s2.MakeDict(text, nil).Decode(nil, []byte(deltas[i]))
	}
	return text, err
}
