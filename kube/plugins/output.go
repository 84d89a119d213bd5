package plugins

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// outputMax bounds what is kept of a program's output, in bytes of clean text and what its lines
	// take beside that.
	outputMax = 16 << 20
	// lineCost is what a line takes beside its text.
	lineCost = 16
	// lineMax is where a line that does not end is cut.
	lineMax = 64 << 10
)

// Output keeps the newest lines of what a program writes. Any goroutine may use it.
type Output struct {
	mu       sync.Mutex
	most     int // bytes; 0 is outputMax
	lines    []string
	begun    []byte // a line without its end
	returned bool   // the last line ended in a carriage return
	size     int
	dropped  int
	written  func() // is called after each Write; nil calls nobody
}

// Write implements io.Writer.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	for rest := b; len(rest) > 0; {
		n := bytes.IndexAny(rest, "\r\n")
		if n < 0 {
			n = len(rest)
		}
		n = min(n, lineMax-len(o.begun))
		o.begun = append(o.begun, rest[:n]...)
		rest = rest[n:]
		switch {
		case n > 0 && len(o.begun) < lineMax:
			o.returned = false
		case len(o.begun) == lineMax:
			o.end()
			o.returned = false
			continue
		}
		if len(rest) == 0 {
			break
		}
		// Progress ends in a carriage return, and lines of Windows in one before the line feed.
		switch feed := rest[0] == '\n'; {
		case feed && !o.returned, !feed && len(o.begun) > 0:
			o.end()
			o.returned = !feed
		case feed:
			o.returned = false
		}
		rest = rest[1:]
	}
	o.mu.Unlock()
	if o.written != nil {
		o.written()
	}
	return len(b), nil
}

// end ends a line, and drops old ones where there are too many.
func (o *Output) end() {
	line := cleaned(o.begun)
	o.begun = o.begun[:0]
	o.lines = append(o.lines, line)
	o.size += len(line) + lineCost
	most := outputMax
	if o.most > 0 {
		most = o.most
	}
	if o.size <= most {
		return
	}
	n := 0
	for ; n < len(o.lines)-1 && o.size > most-most/8; n++ {
		o.size -= len(o.lines[n]) + lineCost
	}
	o.dropped += n
	o.lines = slices.Clone(o.lines[n:]) // Who has the others may still read them.
}

// cleaned is a line without its colours, fit to be drawn.
func cleaned(line []byte) string {
	text := string(line)
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '\x1b')
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		text = text[at:]
		if _, n := kinds.SGR(text); n > 0 {
			text = text[n:]
			continue
		}
		b.WriteByte(text[0])
		text = text[1:]
	}
	return kinds.Clean(b.String() + text)
}

// Lines returns what is kept, clean, and how many older lines were dropped. The last one may not
// have ended. The slice must not be changed.
func (o *Output) Lines() (lines []string, dropped int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines = slices.Clip(o.lines)
	if len(o.begun) > 0 {
		lines = append(lines, cleaned(o.begun))
	}
	return lines, o.dropped
}
