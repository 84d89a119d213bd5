package views

import (
	"slices"
	"sort"

	"github.com/fathom-k8s/fathom/kube"
)

// What a logRing keeps at most, compressed: of text that shrinks to a quarter,
// half a gigabyte.
const (
	logBytesMax = 128 << 20
	logLinesMax = 2_000_000
)

const (
	// chunkBytes and chunkLines are when a chunk is full. A larger one shrinks
	// no better.
	chunkBytes = 64 << 10
	chunkLines = 4096
	// mergeLines is how far back lines of several streams are put in order.
	mergeLines = 50_000
	// unpackedMax is how many chunks are kept as lines: those that are looked at.
	unpackedMax = 8
)

// logRing holds the newest lines of a log: the last ones as they came, the others in
// compressed chunks. Lines are numbered from 0 on, and keep their number when older
// ones go. The zero value is empty.
type logRing struct {
	chunks   []*logChunk
	newest   []logLine // follow the last chunk
	plain    int       // bytes of their texts
	bytes    int       // what the chunks cost
	dropped  int       // how many lines had to go, and the number of the first that is there
	unpacked []unpacked
	scratch  logScratch
}

// unpacked is a chunk that was looked at; the last one most recently.
type unpacked struct {
	chunk *logChunk
	lines []logLine
}

// packed is the number of the line after the last chunk.
func (r *logRing) packed() int {
	if n := len(r.chunks); n > 0 {
		return r.chunks[n-1].end()
	}
	return r.dropped
}

// Len is how many lines there are.
func (r *logRing) Len() int { return r.packed() + len(r.newest) - r.dropped }

// line is the line with an index, from the oldest that is there on. It may be
// used until the ring changes.
func (r *logRing) line(i int) *logLine {
	number, packed := r.dropped+i, r.packed()
	if number >= packed {
		return &r.newest[number-packed]
	}
	at := sort.Search(len(r.chunks), func(at int) bool { return r.chunks[at].end() > number })
	return &r.unpack(r.chunks[at])[number-r.chunks[at].first]
}

func (r *logRing) unpack(c *logChunk) []logLine {
	last := len(r.unpacked) - 1
	for at := last; at >= 0; at-- {
		if u := r.unpacked[at]; u.chunk == c {
			if at < last {
				r.unpacked = append(slices.Delete(r.unpacked, at, at+1), u)
			}
			return u.lines
		}
	}
	if len(r.unpacked) == unpackedMax {
		r.unpacked = slices.Delete(r.unpacked, 0, 1)
	}
	u := unpacked{chunk: c, lines: c.unpack()}
	r.unpacked = append(r.unpacked, u)
	return u.lines
}

// add appends the lines of one stream. Lines of several streams are ordered by
// time, as far as lines that are already there allow: they only ever move behind the
// older of the new. It returns how many old lines it dropped, and how many were
// left in their place before that; less than all when some have moved.
func (r *logRing) add(batch []kube.LogLine, stream int) (dropped, stayed int) {
	stayed = r.Len()
	if len(batch) == 0 {
		return 0, stayed
	}
	moved := r.later(batch[0], stream)
	stayed -= len(moved)
	for _, l := range batch {
		for len(moved) > 0 && !moved[0].Time.After(l.Time) {
			r.push(moved[0])
			moved = moved[1:]
		}
		r.push(logLine{l, stream})
	}
	for _, l := range moved {
		r.push(l)
	}
	return r.shrink(), stayed
}

// later takes out the lines that come after the first of a batch: the last ones, as long
// as they are younger and of other streams.
func (r *logRing) later(first kube.LogLine, stream int) []logLine {
	younger := func(l *logLine) bool { return l.stream != stream && l.Time.After(first.Time) }
	var parts [][]logLine
	for n := 0; n < mergeLines && r.Len() > 0 && younger(r.line(r.Len()-1)); {
		if len(r.newest) == 0 {
			r.reopen()
		}
		at := len(r.newest)
		for at > 0 && younger(&r.newest[at-1]) {
			at--
		}
		part := slices.Clone(r.newest[at:])
		for i := range part {
			r.plain -= len(part[i].Text)
		}
		r.newest = r.newest[:at:at] // A search may be reading what was behind.
		parts = append(parts, part)
		n += len(part)
	}
	slices.Reverse(parts)
	return slices.Concat(parts...)
}

// reopen makes the last chunk the newest lines, when there are none.
func (r *logRing) reopen() {
	last := len(r.chunks) - 1
	r.newest = slices.Clone(r.unpack(r.chunks[last]))
	for i := range r.newest {
		r.plain += len(r.newest[i].Text)
	}
	r.bytes -= r.chunks[last].bytes()
	r.chunks = r.chunks[:last]
}

func (r *logRing) push(l logLine) {
	r.newest = append(r.newest, l)
	r.plain += len(l.Text)
	if r.plain < chunkBytes && len(r.newest) < chunkLines {
		return
	}
	c := packLines(r.packed(), r.newest, &r.scratch)
	r.chunks = append(r.chunks, c)
	r.bytes += c.bytes()
	r.newest, r.plain = make([]logLine, 0, c.lines), 0
}

// shrink drops the oldest chunks until the rest is small enough.
func (r *logRing) shrink() (dropped int) {
	chunks := 0
	for _, c := range r.chunks {
		if r.bytes <= logBytesMax && r.Len()-dropped <= logLinesMax {
			break
		}
		r.bytes -= c.bytes()
		dropped += c.lines
		chunks++
	}
	clear(r.chunks[:chunks]) // Lets go of their bytes.
	r.chunks = r.chunks[chunks:]
	r.dropped += dropped
	return dropped
}
