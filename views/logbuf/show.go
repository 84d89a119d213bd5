package logbuf

import (
	"bytes"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Prefix is what stands before each line on the screen and in a file.
type Prefix struct {
	Times bool
	names []string // of the streams, padded to one width; nil for a single one
}

// SetNames sets the names of the streams. A single stream needs none.
func (p *Prefix) SetNames(names []string) {
	p.names = nil
	if len(names) < 2 {
		return
	}
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	for _, name := range names {
		p.names = append(p.names, name+strings.Repeat(" ", longest-len(name)+1))
	}
}

// timeFormat is RFC 3339 in UTC, as kubectl logs --timestamps has it, to the
// millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z "

// Show returns a line as it is drawn: in its own colours if it has any.
func (p *Prefix) Show(l *Line) ui.Line {
	line := make(ui.Line, 0, 3)
	if p.Times {
		line = append(line, ui.Span{Text: l.Time.UTC().Format(timeFormat), Role: themes.Muted})
	}
	if p.names != nil {
		line = append(line, ui.Span{Text: p.names[l.Stream], Role: themes.Accent})
	}
	if strings.Contains(l.Text, escape) {
		start := l.Text[:min(len(l.Text), 4*severityBytes)]
		return appendColoured(line, l.Text, severityRole(withoutSGR(start)))
	}
	return append(line, ui.Span{Text: l.Text, Role: severityRole(l.Text)})
}

// Blocks returns all lines as they are now, with their prefix, for a background search
// or a file.
func (b *Buffer) Blocks(p Prefix) []ui.Block {
	blocks := make([]ui.Block, 0, len(b.chunks)+1)
	for _, c := range b.chunks {
		blocks = append(blocks, packedBlock{c, &p})
	}
	return append(blocks, plainBlock{b.newest, &p})
}

// packedBlock is the lines of a chunk as they are shown.
type packedBlock struct {
	chunk  *chunk
	prefix *Prefix
}

// Len implements ui.Block.
func (p packedBlock) Len() int { return p.chunk.lines }

// AppendText implements ui.Block.
func (p packedBlock) AppendText(to []byte) []byte {
	if !p.prefix.Times && p.prefix.names == nil {
		start := len(to)
		to = p.chunk.appendText(to)
		if bytes.Contains(to[start:], []byte(escape)) {
			to = appendWithoutSGR(to[:start], string(to[start:]))
		}
		return to
	}
	return plainBlock{p.chunk.unpack(), p.prefix}.AppendText(to)
}

// plainBlock is the newest lines as they are shown.
type plainBlock struct {
	lines  []Line
	prefix *Prefix
}

// Len implements ui.Block.
func (p plainBlock) Len() int { return len(p.lines) }

// AppendText implements ui.Block.
func (p plainBlock) AppendText(to []byte) []byte {
	for i := range p.lines {
		l := &p.lines[i]
		if p.prefix.Times {
			to = l.Time.UTC().AppendFormat(to, timeFormat)
		}
		if p.prefix.names != nil {
			to = append(to, p.prefix.names[l.Stream]...)
		}
		to = append(appendWithoutSGR(to, l.Text), '\n')
	}
	return to
}

// The words that loggers mark trouble with.
var (
	errorWords = []string{
		"ERROR", "FATAL", "PANIC", "panic:", "level=error", "level=fatal", `"level":"error"`, `"level":"fatal"`,
	}
	warningWords = []string{"WARN", "level=warn", `"level":"warn`}
)

// severityBytes is how far into a line they are looked for.
const severityBytes = 160

// severityRole looks for such words near the beginning of a line. Most lines
// have none.
func severityRole(text string) themes.Role {
	start := text[:min(len(text), severityBytes)]
	contains := func(words []string) bool {
		for _, word := range words {
			if strings.Contains(start, word) {
				return true
			}
		}
		return false
	}
	switch {
	case contains(errorWords):
		return themes.Failing
	case contains(warningWords):
		return themes.Degraded
	}
	return themes.Text
}
