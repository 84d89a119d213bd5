package tape

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	deltaWindow = 8  // bytes that must be equal to look further
	deltaStride = 4  // every so many bytes of the base are remembered
	deltaLeast  = 12 // a shorter equal part is written again
	deltaTable  = 13 // bits
)

// deltas writes texts as what they have in common with a base. It is not safe
// for more than one goroutine.
type deltas struct {
	table [1 << deltaTable]uint32 // position in the base + 1, by hash
}

func deltaHash(b []byte) uint32 {
	return uint32(binary.LittleEndian.Uint64(b) * 0x9E3779B185EBCA87 >> (64 - deltaTable))
}

// append appends the delta that makes text of base: pairs of a part that is new
// (its length and itself) and one that is copied (its length and where it begins
// in the base, counted from the end of the last copy, zigzag).
func (d *deltas) append(to, base, text []byte) []byte {
	clear(d.table[:])
	for i := 0; i+deltaWindow <= len(base); i += deltaStride {
		d.table[deltaHash(base[i:])] = uint32(i + 1)
	}
	fresh, last := 0, 0 // where what is not written yet begins; the end of the last copy
	for i := 0; i+deltaWindow <= len(text); {
		from, size := d.find(base, text, i, last)
		if size < deltaLeast {
			i++
			continue
		}
		for from > 0 && i > fresh && base[from-1] == text[i-1] {
			from, i, size = from-1, i-1, size+1
		}
		to = appendText(to, text[fresh:i])
		to = binary.AppendUvarint(to, uint64(size))
		to = binary.AppendVarint(to, int64(from-last))
		i += size
		fresh, last = i, from+size
	}
	if fresh < len(text) {
		to = appendText(to, text[fresh:])
	}
	return to
}

// find looks for text[i:] in the base: first where the last copy ended, then by hash.
func (d *deltas) find(base, text []byte, i, last int) (from, size int) {
	if n := common(base[last:], text[i:]); n >= deltaLeast {
		return last, n
	}
	if p := d.table[deltaHash(text[i:])]; p > 0 {
		return int(p - 1), common(base[p-1:], text[i:])
	}
	return 0, 0
}

// common returns how many first bytes are equal.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// applyDelta returns the text that a delta makes of its base, which has size
// bytes; false means that one of the two is damaged.
func applyDelta(base, delta []byte, size int) ([]byte, bool) {
	if size > rawMax {
		return nil, false
	}
	var out bytes.Buffer
	out.Grow(min(size, len(base)+len(delta)))
	c := newCursor(delta)
	last := int64(0)
	for c.more() {
		out.Write(c.bytes())
		if !c.more() {
			break
		}
		n := c.number()
		step, used := binary.Varint(c.b)
		if used <= 0 {
			return nil, false
		}
		c.b = c.b[used:]
		from := last + step
		if from < 0 || from > int64(len(base)) || n > uint64(int64(len(base))-from) || out.Len()+int(n) > size {
			return nil, false
		}
		out.Write(base[from : from+int64(n)])
		last = from + int64(n)
	}
	return out.Bytes(), !c.bad && out.Len() == size
}
