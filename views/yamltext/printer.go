package yamltext

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Line is one line of printed YAML.
type Line struct {
	// End is the first line after the value that starts here: a line with more
	// than itself can be folded. Path is that value's, which stays the same from
	// one version of the object to the next.
	End  int
	Path Path
	// Leaf is the path of the value without children that begins here; 0 for none.
	Leaf Path
	// A fold hides Count of Unit: "keys", "items" or "lines".
	Count int
	Unit  string

	spans ui.Line
	block *block // the multi-line text that this line shows a row of
	row   int
}

// Note is a value that stands for another: it is printed without quotes, and
// reads as a string.
type Note string

// Comment is a value with a comment after it, which may have several lines.
type Comment struct {
	Value any
	Text  string
}

// printer writes what it prints as spans. It knows what is a key and what is a
// number, so the colours cost no second reading.
type printer struct {
	lines []Line
	spans []ui.Span // of all lines; each line is a part of it
	start int       // of the current line in spans
	block *block    // of the current line, and its row
	row   int
}

// Print prints the fields of one object: any tree of what JSON decodes to.
// Reading the text back gives the same fields.
func Print(fields map[string]any) []Line {
	p := &printer{lines: make([]Line, 0, 256), spans: make([]ui.Span, 0, 1024)}
	if len(fields) == 0 {
		p.add("{}", themes.SyntaxPunctuation)
		p.endLine()
	}
	p.mapping(fields, 0, Root, false)
	return p.lines
}

// Spans returns the line as it is drawn.
func (l *Line) Spans() ui.Line {
	if l.block == nil {
		return l.spans
	}
	return l.block.line(l.spans, l.row)
}

func (p *printer) add(text string, role themes.Role) {
	p.spans = append(p.spans, ui.Span{Text: text, Role: role})
}

func (p *printer) indent(columns int) {
	if columns > 0 {
		p.add(spaces(columns), themes.Text)
	}
}

func (p *printer) endLine() {
	n := len(p.spans)
	p.lines = append(p.lines, Line{
		spans: p.spans[p.start:n:n], End: len(p.lines) + 1, block: p.block, row: p.row,
	})
	p.start, p.block, p.row = n, nil, 0
}

// foldable makes one value of the lines from header to the last one.
func (p *printer) foldable(header int, path Path, count int, unit string) {
	h := &p.lines[header]
	if len(p.lines) > header+1 {
		h.End, h.Path, h.Count, h.Unit = len(p.lines), path, count, unit
	}
}

// mapping writes the keys of m, each on a line of its own; begun means that the
// first line has a beginning already.
func (p *printer) mapping(m map[string]any, columns int, path Path, begun bool) {
	for _, key := range sortedKeys(m) {
		if !begun {
			p.indent(columns)
		}
		begun = false
		p.key(key, columns)
		p.value(key, m[key], columns, path.Step(key))
	}
}

// simpleKeyMax is the distance within which YAML readers look for the colon after
// a key (YAML 1.2, 7.4.2 says 1024 characters).
const simpleKeyMax = 1000

func (p *printer) key(key string, columns int) {
	text := quote(key)
	if len(text) > simpleKeyMax {
		p.add("? ", themes.SyntaxPunctuation)
		p.add(text, themes.SyntaxKey)
		p.endLine()
		p.indent(columns)
	} else {
		p.add(text, themes.SyntaxKey)
	}
	p.add(":", themes.SyntaxPunctuation)
}

// value writes the value of a key.
func (p *printer) value(key string, v any, columns int, path Path) {
	header := len(p.lines)
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			p.endLine()
			p.mapping(v, columns+2, path, false)
			p.foldable(header, path, len(v), "keys")
			return
		}
	case []any:
		if len(v) > 0 {
			p.endLine()
			p.list(key, v, columns, path, false)
			p.foldable(header, path, len(v), "items")
			return
		}
	}
	p.add(" ", themes.Text)
	p.leaf(key, v, columns, path)
}

func (p *printer) list(key string, items []any, columns int, path Path, begun bool) {
	for i, item := range items {
		if !begun {
			p.indent(columns)
		}
		begun = false
		p.add("- ", themes.SyntaxPunctuation)
		header, step := len(p.lines), path.Step(strconv.Itoa(i))
		switch item := item.(type) {
		case map[string]any:
			if len(item) > 0 {
				p.mapping(item, columns+2, step, true)
				p.foldable(header, step, len(item), "keys")
				continue
			}
		case []any:
			if len(item) > 0 {
				p.list(key, item, columns+2, step, true)
				p.foldable(header, step, len(item), "items")
				continue
			}
		}
		p.leaf(key, item, columns, step)
	}
}

// leaf writes a value without children to the end of the line; key is the
// nearest key above it, and columns is the indent of that key or list.
func (p *printer) leaf(key string, v any, columns int, path Path) {
	header := len(p.lines)
	defer func() { p.lines[header].Leaf = path }()
	switch v := v.(type) {
	case nil:
		p.add("null", themes.SyntaxNull)
	case bool:
		p.add(strconv.FormatBool(v), themes.SyntaxBool)
	case int64:
		p.add(strconv.FormatInt(v, 10), themes.SyntaxNumber)
	case float64:
		p.add(formatFloat(v), themes.SyntaxNumber)
	case map[string]any:
		p.add("{}", themes.SyntaxPunctuation)
	case []any:
		p.add("[]", themes.SyntaxPunctuation)
	case Note:
		p.add(string(v), themes.Muted)
	case Comment:
		if text, ok := v.Value.(string); ok && strings.Contains(text, "\n") {
			// After a block, a comment would be a part of it.
			p.add(`"`+escape(text)+`"`, themes.SyntaxString)
			p.endLine()
		} else {
			p.leaf(key, v.Value, columns, path)
		}
		p.comment(v.Text, columns+2)
		return
	case string:
		if strings.Contains(v, "\n") {
			p.lineBlock(key, string([]rune(v)), columns+2, path)
			return
		}
		p.add(quote(v), themes.SyntaxString)
	default:
		p.add(quote(fmt.Sprint(v)), themes.SyntaxString)
	}
	p.endLine()
}

// formatFloat writes a number as kubectl does, whose YAML went through JSON:
// a whole number has no exponent there.
func formatFloat(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < math.MaxInt64 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// commentEnd is where a comment after a value ends at the latest: what is wider would be cut on
// a screen of 80 cells.
const commentEnd = 76

// comment adds a comment to the value that was just written: after it, or below it when
// it has several lines or no room there.
func (p *printer) comment(text string, columns int) {
	last := &p.lines[len(p.lines)-1]
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return
	}
	if !strings.Contains(text, "\n") {
		behind := ui.Span{Text: "  # " + kinds.Clean(text), Role: themes.SyntaxComment}
		if last.Spans().Width()+ui.Width(behind.Text) <= commentEnd {
			last.spans = append(last.spans, behind)
			return
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.indent(columns)
		p.add("# "+kinds.Clean(line), themes.SyntaxComment)
		p.endLine()
	}
}

const manySpaces = "                                                                "

func spaces(n int) string {
	if n <= len(manySpaces) {
		return manySpaces[:n]
	}
	return strings.Repeat(" ", n)
}
