package logbuf

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/logs"
)

// Line is a line of one of several streams.
type Line = kube.LogLine

// chunk is lines of a log that follow each other, compressed. It never changes,
// so any goroutine may read it.
//
// It is s2 and not zstd, which reads and writes at a third of the speed for
// half the bytes: a search reads all of it.
type chunk struct {
	first  int // the number of its first line
	lines  int
	text   []byte // each line and a line feed
	marked bool   // some are markers
	meta   []byte // of each line: the time since the one before, the stream and the flags
}

// chunkOverhead is roughly what a chunk costs on top of its bytes.
const chunkOverhead = 128

// flagBits is how many bits the flags of a line have.
const flagBits = 4

// pack makes a chunk. Texts have no line feeds, as kinds.Clean leaves none.
func pack(first int, lines []Line, scratch *scratch) *chunk {
	text, meta, last, marked := scratch.text[:0], scratch.meta[:0], int64(0), false
	for i := range lines {
		l := &lines[i]
		text = append(append(text, l.Text...), '\n')
		nanoseconds := int64(0)
		if !l.Time.IsZero() {
			nanoseconds = l.Time.UnixNano()
		}
		meta = binary.AppendVarint(meta, nanoseconds-last)
		meta = binary.AppendUvarint(meta, uint64(l.Stream)<<flagBits|uint64(l.Flags))
		last = nanoseconds
		marked = marked || l.Flags&logs.Marker != 0
	}
	c := &chunk{first: first, lines: len(lines), marked: marked}
	c.text, c.meta = scratch.compress(text), scratch.compress(meta)
	scratch.text, scratch.meta = text, meta
	return c
}

// scratch is the memory that chunks are made in.
type scratch struct{ text, meta, packed []byte }

func (s *scratch) compress(plain []byte) []byte {
	s.packed = s2.Encode(s.packed[:cap(s.packed)], plain)
	return append(make([]byte, 0, len(s.packed)), s.packed...)
}

// bytes is the memory that the chunk takes.
func (c *chunk) bytes() int { return len(c.text) + len(c.meta) + chunkOverhead }

// end is the number of the line after the last.
func (c *chunk) end() int { return c.first + c.lines }

// appendText appends the lines, each with its line feed.
func (c *chunk) appendText(to []byte) []byte {
	plain, err := s2.Decode(to[len(to):cap(to)], c.text)
	if err != nil {
		return append(append(to, c.unreadable(err)...), strings.Repeat("\n", c.lines)...)
	}
	if len(to) == 0 {
		return plain
	}
	return append(to, plain...)
}

// unreadable stands in for the lines when memory is broken.
func (c *chunk) unreadable(err error) string {
	return fmt.Sprintf("%d lines of the log can no longer be read: %v", c.lines, err)
}

// unpack returns the lines. Their texts share memory.
func (c *chunk) unpack() []Line {
	lines := make([]Line, c.lines)
	text := string(c.appendText(nil))
	for i := range lines {
		lines[i].Text, text, _ = strings.Cut(text, "\n")
	}
	meta, err := s2.Decode(nil, c.meta)
	if err != nil {
		lines[0].Text = c.unreadable(err)
		return lines
	}
	last := int64(0)
	for i := range lines {
		later, n := binary.Varint(meta)
		stream, m := binary.Uvarint(meta[n:])
		meta = meta[n+m:]
		if last += later; last != 0 {
			lines[i].Time = time.Unix(0, last)
		}
		lines[i].Stream, lines[i].Flags = int(stream>>flagBits), logs.Flag(stream&(1<<flagBits-1))
	}
	return lines
}
