package logbuf

import (
	"slices"
	"sort"
	"time"
)

// The limits of a Buffer. The bytes are compressed: of text that shrinks to a
// quarter, half a gigabyte fits.
const (
	BytesMax = 128 << 20
	LinesMax = 2_000_000
)

const (
	// A chunk is full at chunkBytes or chunkLines. A larger one would shrink no
	// better.
	chunkBytes = 64 << 10
	chunkLines = 4096
	// mergeLines is how far back a line that comes late is put.
	mergeLines = 50_000
	// unpackedMax is how many chunks are kept unpacked: those on the screen.
	unpackedMax = 8
)

// Buffer holds the newest lines of a log: the last ones as they came, the others
// in compressed chunks. Lines are numbered from 0, and keep their number when
// older ones are dropped. The zero value is empty.
type Buffer struct {
	chunks   []*chunk
	newest   []Line // after the last chunk
	plain    int    // bytes of their texts
	bytes    int    // memory of the chunks
	dropped  int    // how many lines were dropped, which is the number of the first one left
	unpacked []unpacked
	scratch  scratch
	traces   traces
}

// unpacked is a chunk that was looked at; the last one is the most recent.
type unpacked struct {
	chunk *chunk
	lines []Line
}

// packed is the number of the line after the last chunk.
func (b *Buffer) packed() int {
	if n := len(b.chunks); n > 0 {
		return b.chunks[n-1].end()
	}
	return b.dropped
}

// Len is the number of lines that are kept.
func (b *Buffer) Len() int { return b.packed() + len(b.newest) - b.dropped }

// Dropped is the number of lines that had to go to make room.
func (b *Buffer) Dropped() int { return b.dropped }

// Line returns a line by its index, 0 for the oldest that is kept. It is valid
// until the buffer changes.
func (b *Buffer) Line(i int) *Line {
	number, packed := b.dropped+i, b.packed()
	if number >= packed {
		return &b.newest[number-packed]
	}
	at := sort.Search(len(b.chunks), func(at int) bool { return b.chunks[at].end() > number })
	return &b.unpack(b.chunks[at])[number-b.chunks[at].first]
}

func (b *Buffer) unpack(c *chunk) []Line {
	last := len(b.unpacked) - 1
	for at := last; at >= 0; at-- {
		if u := b.unpacked[at]; u.chunk == c {
			if at < last {
				b.unpacked = append(slices.Delete(b.unpacked, at, at+1), u)
			}
			return u.lines
		}
	}
	if len(b.unpacked) == unpackedMax {
		b.unpacked = slices.Delete(b.unpacked, 0, 1)
	}
	u := unpacked{chunk: c, lines: c.unpack()}
	b.unpacked = append(b.unpacked, u)
	return u.lines
}

// Add takes lines as they come, each behind those of its stream. They are put where their
// times say, as far as lines that are already there allow: those only ever move behind
// older new ones. It returns how many old lines it dropped, and how many stayed in their
// place before that; fewer than all when some have moved.
func (b *Buffer) Add(batch []Line) (dropped, stayed int) {
	stayed = b.Len()
	for len(batch) > 0 {
		n := 1
		for n < len(batch) && !batch[n].Time.Before(batch[n-1].Time) {
			n++
		}
		before := b.Len()
		moved := b.cutYounger(batch[:n])
		if len(moved) > 0 {
			b.traces.cut(b, moved)
		}
		stayed = min(stayed, before-len(moved))
		for _, l := range batch[:n] {
			for len(moved) > 0 && !moved[0].Time.After(l.Time) {
				b.push(moved[0])
				moved = moved[1:]
			}
			b.push(l)
		}
		for _, l := range moved {
			b.push(l)
		}
		batch = batch[n:]
	}
	return b.shrink(), stayed
}

// cutYounger removes and returns the last lines that are younger than the first of a run
// of lines in order, as far as none of them has to stay before a line of its own stream.
func (b *Buffer) cutYounger(run []Line) []Line {
	first := run[0].Time
	if b.Len() == 0 || first.IsZero() || !b.Line(b.Len()-1).Time.After(first) {
		return nil
	}
	begins := map[int]time.Time{}
	for i := range run {
		if _, known := begins[run[i].Stream]; !known {
			begins[run[i].Stream] = run[i].Time
		}
	}
	younger := func(l *Line) bool {
		own, known := begins[l.Stream]
		return l.Time.After(first) && (!known || !l.Time.After(own))
	}
	var parts [][]Line
	for n := 0; n < mergeLines && b.Len() > 0 && younger(b.Line(b.Len()-1)); {
		if len(b.newest) == 0 {
			b.reopen()
		}
		at := len(b.newest)
		for at > 0 && younger(&b.newest[at-1]) {
			at--
		}
		part := slices.Clone(b.newest[at:])
		for i := range part {
			b.plain -= len(part[i].Text)
		}
		b.newest = b.newest[:at:at] // A search may be reading what was behind.
		parts = append(parts, part)
		n += len(part)
	}
	slices.Reverse(parts)
	return slices.Concat(parts...)
}

// reopen turns the last chunk into the newest lines, when there are none.
func (b *Buffer) reopen() {
	last := len(b.chunks) - 1
	b.newest = slices.Clone(b.unpack(b.chunks[last]))
	for i := range b.newest {
		b.plain += len(b.newest[i].Text)
	}
	b.bytes -= b.chunks[last].bytes()
	b.chunks = b.chunks[:last]
}

func (b *Buffer) push(l Line) {
	b.traces.note(b.packed()+len(b.newest), &l)
	b.newest = append(b.newest, l)
	b.plain += len(l.Text)
	if b.plain < chunkBytes && len(b.newest) < chunkLines {
		return
	}
	c := pack(b.packed(), b.newest, &b.scratch)
	b.chunks = append(b.chunks, c)
	b.bytes += c.bytes()
	b.newest, b.plain = make([]Line, 0, c.lines), 0
}

// shrink drops the oldest chunks until the rest is small enough.
func (b *Buffer) shrink() (dropped int) {
	chunks := 0
	for _, c := range b.chunks {
		if b.bytes <= BytesMax && b.Len()-dropped <= LinesMax {
			break
		}
		b.bytes -= c.bytes()
		dropped += c.lines
		chunks++
	}
	clear(b.chunks[:chunks]) // Frees their bytes.
	b.chunks = b.chunks[chunks:]
	b.dropped += dropped
	if dropped > 0 {
		b.traces.drop(b.dropped)
	}
	return dropped
}
