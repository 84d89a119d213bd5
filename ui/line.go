package ui

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/fathom-k8s/fathom/themes"
)

// A text is as wide as its characters together. Terminals count like that until they
// are switched to grapheme clusters (mode 2027), which Run never does: what is aligned
// here is aligned there. A cluster is still never cut apart.
const method = ansi.WcWidth

// Width returns the number of cells that clean text takes.
func Width(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return method.StringWidth(s)
}

// Width returns the number of cells that the line takes.
func (l Line) Width() int {
	n := 0
	for _, span := range l {
		n += Width(span.Text)
	}
	return n
}

// String returns the text of the line.
func (l Line) String() string {
	if len(l) == 1 {
		return l[0].Text
	}
	var b []byte
	for _, span := range l {
		b = append(b, span.Text...)
	}
	return string(b)
}

// Truncate cuts clean text to at most w cells. The last one shows that it was cut.
func Truncate(s string, w int) string {
	if w > 0 && len(s) <= w {
		return s // No character takes more cells than bytes.
	}
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	_, part, _ := clip(s, 0, w-1)
	return part + "…"
}

// Truncate cuts a line to at most w cells, in whichever span that is; the last
// cell shows that it was cut.
func (l Line) Truncate(w int) Line {
	if w <= 0 || l.Width() <= w {
		return l
	}
	for i, span := range l {
		if width := Width(span.Text); width < w {
			w -= width
			continue
		}
		span.Text = Truncate(span.Text+" ", w) // the blank is cut, and shows it
		return append(slices.Clone(l[:i]), span)
	}
	return l
}

// TruncateMiddle is Truncate for texts whose end matters as much as their
// beginning, like a cluster's ARN.
func TruncateMiddle(s string, w int) string {
	width := Width(s)
	if width <= w || w < 5 {
		return Truncate(s, w)
	}
	_, head, n := clip(s, 0, w*2/5)
	_, tail, _ := clip(s, width-(w-n-1), w)
	return head + "…" + tail
}

// TruncateList is Truncate for entries with commas between them. It leaves out whole ones from
// the end: half of one beside half of another would read as one.
func TruncateList(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	_, part, _ := clip(s, 0, max(0, w-1))
	end := strings.LastIndexByte(part, ',') + 1
	if end == 0 {
		return Truncate(s, w)
	}
	if end < len(part) && part[end] == ' ' {
		end++
	}
	return part[:end] + "…"
}

const (
	kindMin  = 4 // cells of a kind that is shortened
	hashTail = 5 // the letters of a pod's name that differ from its siblings'
)

// TruncateObject is Truncate for "kind/name". It shortens the kind first. Of the name it cuts
// what is between the workload's and the last letters, the head longer than the tail.
func TruncateObject(s string, w int) string {
	kind, name, found := strings.Cut(s, "/")
	if over := Width(s) - w; found && over > 0 && Width(kind) > kindMin {
		kind = Truncate(kind, max(kindMin, Width(kind)-over))
	}
	if found {
		kind += "/"
	} else {
		kind, name = "", s
	}
	left := w - Width(kind)
	if Width(name) <= left {
		return kind + name
	}
	tail := min(hashTail, (left-1)/2)
	if tail <= 0 {
		return Truncate(kind+name, w)
	}
	_, head, n := clip(name, 0, left-1-tail)
	_, end, _ := clip(name, Width(name)-tail, left-1-n)
	return kind + head + "…" + end
}

// clip returns the part of clean text in the cells [skip, skip+width). If the left edge
// cuts a wide character in two, pad cells stand for its other half; at the right edge
// it is left out. taken is the cells used, including pad.
func clip(s string, skip, width int) (pad int, part string, taken int) {
	if isASCII(s) {
		start := min(skip, len(s))
		part = s[start:min(start+width, len(s))]
		return 0, part, len(part)
	}
	start, x := 0, 0
	for start < len(s) && x < skip {
		n, w := cluster(s[start:])
		start += n
		x += w
	}
	if x > skip {
		pad = min(x-skip, width)
	}
	end, taken := start, pad
	for end < len(s) {
		n, w := cluster(s[end:])
		if taken+w > width {
			break
		}
		end += n
		taken += w
	}
	return pad, s[start:end], taken
}

// cluster returns the length in bytes and the width in cells of what is drawn together
// at the beginning of s.
func cluster(s string) (size, width int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	first, width := ansi.FirstGraphemeCluster(s, method)
	return len(first), width
}

func isASCII(s string) bool {
	// Eight bytes at a time: lines of logs are long, and each is looked at for each frame.
	for ; len(s) >= 8; s = s[8:] {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&utf8.RuneSelf != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// PaintLine draws the cells [offset, offset+width) of a line. A shorter line is not
// filled up.
func PaintLine(f Frame, line Line, width, offset int) string {
	p := painter{theme: f.Theme}
	p.line(line, width, offset)
	return p.done()
}

// painter writes text with as few changes of colour as it takes.
type painter struct {
	theme   *themes.Theme
	row     themes.Role // what the texts are painted on
	b       []byte
	current string      // the sequence in force
	role    themes.Role // the role that set it
}

func (p *painter) setRole(r themes.Role) {
	start := p.theme.StartOn(p.row, r)
	if start == p.current {
		return
	}
	if p.current != "" {
		p.b = append(p.b, p.theme.Stop()...)
	}
	p.b = append(p.b, start...)
	p.current, p.role = start, r
}

func (p *painter) text(r themes.Role, s string) {
	p.setRole(r)
	p.b = append(p.b, s...)
}

const blanks = "                                                                "

// space writes n blank cells that look like the row. They keep the look of the text
// before them where blanks do not show it: a change of colour is 20 bytes.
func (p *painter) space(n int) {
	if n <= 0 {
		return
	}
	if p.current == "" || !p.theme.Bare(p.row, p.role) {
		p.setRole(themes.Text)
	}
	p.fill(n)
}

// spaceBefore is space in front of text of a role. Where a look has to begin or end
// anyway, at the start of a row or before text in the row's own look, it does so in
// front of the blanks.
func (p *painter) spaceBefore(n int, r themes.Role) {
	if n <= 0 {
		return
	}
	text := p.theme.StartOn(p.row, themes.Text)
	switch next := p.theme.StartOn(p.row, r); {
	case p.current == next:
	case next == text, p.current == "" && text != "" && p.theme.Bare(p.row, r):
		p.setRole(r)
	}
	p.space(n)
}

// fill writes n blank cells in the current look.
func (p *painter) fill(n int) {
	for ; n > len(blanks); n -= len(blanks) {
		p.b = append(p.b, blanks...)
	}
	if n > 0 {
		p.b = append(p.b, blanks[:n]...)
	}
}

// line writes the cells [offset, offset+width) of a line and returns how many
// there were.
func (p *painter) line(line Line, width, offset int) int {
	x := 0
	for _, span := range line {
		if x >= width {
			break
		}
		if offset > 0 {
			if w := Width(span.Text); w <= offset {
				offset -= w
				continue
			}
		}
		pad, part, taken := clip(span.Text, offset, width-x)
		if span.Role == themes.Text && strings.TrimLeft(part, " ") == "" {
			p.space(taken)
			x, offset = x+taken, 0
			continue
		}
		p.setRole(span.Role)
		p.fill(pad)
		p.b = append(p.b, part...)
		x += taken
		if !isASCII(span.Text) && Width(span.Text)-offset > taken {
			break // A wide character was left out at the edge.
		}
		offset = 0
	}
	return x
}

// end closes the current look: a line never colours the next one.
func (p *painter) end() {
	if p.current != "" {
		p.b = append(p.b, p.theme.Stop()...)
		p.current = ""
	}
}

func (p *painter) newline() {
	p.end()
	p.b = append(p.b, '\n')
}

func (p *painter) done() string {
	p.end()
	return string(p.b)
}

// Wrap breaks text between words into lines of at most width cells. Longer words are
// cut into pieces.
func Wrap(text string, width int) []string {
	width = max(1, width)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && Width(line)+1+Width(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for Width(line) > width {
			_, part, _ := clip(line, 0, width)
			if part == "" {
				break
			}
			lines = append(lines, part)
			line = line[len(part):]
		}
	}
	return append(lines, line)
}
