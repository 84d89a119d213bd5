package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// logLook is what stands before each line.
type logLook struct {
	times bool
	names []string // of the streams, as wide as each other; nil when there is one
}

// name sets the names of the streams.
func (l *logLook) name(names []string) {
	l.names = nil
	if len(names) < 2 {
		return
	}
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	for _, name := range names {
		l.names = append(l.names, name+blanks(longest-len(name)+1))
	}
}

// logTime is RFC 3339 in UTC, as kubectl logs --timestamps has it, to the
// millisecond.
const logTime = "2006-01-02T15:04:05.000Z "

// Len implements ui.Document.
func (v *logs) Len() int { return v.ring.Len() }

// Line implements ui.Document.
func (v *logs) Line(i int) ui.Line {
	l := v.ring.line(i)
	line := make(ui.Line, 0, 3)
	if v.look.times {
		line = append(line, ui.Span{Text: l.Time.UTC().Format(logTime), Role: themes.Muted})
	}
	if v.look.names != nil {
		line = append(line, ui.Span{Text: v.look.names[l.stream], Role: themes.Accent})
	}
	return append(line, ui.Span{Text: l.Text, Role: logRole(l.Text)})
}

// Blocks implements ui.Blocks.
func (v *logs) Blocks() []ui.Block {
	look := v.look
	blocks := make([]ui.Block, 0, len(v.ring.chunks)+1)
	for _, c := range v.ring.chunks {
		blocks = append(blocks, packedLines{c, &look})
	}
	return append(blocks, plainLines{v.ring.newest, &look})
}

// packedLines are the lines of a chunk as they are shown.
type packedLines struct {
	chunk *logChunk
	look  *logLook
}

// Len implements ui.Block.
func (p packedLines) Len() int { return p.chunk.lines }

// AppendText implements ui.Block.
func (p packedLines) AppendText(to []byte) []byte {
	if !p.look.times && p.look.names == nil {
		return p.chunk.appendText(to)
	}
	return plainLines{p.chunk.unpack(), p.look}.AppendText(to)
}

// plainLines are the newest lines as they are shown.
type plainLines struct {
	lines []logLine
	look  *logLook
}

// Len implements ui.Block.
func (p plainLines) Len() int { return len(p.lines) }

// AppendText implements ui.Block.
func (p plainLines) AppendText(to []byte) []byte {
	for i := range p.lines {
		l := &p.lines[i]
		if p.look.times {
			to = l.Time.UTC().AppendFormat(to, logTime)
		}
		if p.look.names != nil {
			to = append(to, p.look.names[l.stream]...)
		}
		to = append(append(to, l.Text...), '\n')
	}
	return to
}

// logRole looks for the words that loggers mark trouble with near the
// beginning of a line. Most lines have none.
func logRole(text string) themes.Role {
	start := text[:min(len(text), 160)]
	for _, word := range []string{"ERROR", "FATAL", "PANIC", "panic:", "level=error", "level=fatal", `"level":"error"`, `"level":"fatal"`} {
		if strings.Contains(start, word) {
			return themes.Failing
		}
	}
	for _, word := range []string{"WARN", "level=warn", `"level":"warn`} {
		if strings.Contains(start, word) {
			return themes.Degraded
		}
	}
	return themes.Text
}
