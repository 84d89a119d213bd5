package views

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// yamlLine is one line of printed YAML.
type yamlLine struct {
	spans ui.Line
	// end is the first line after the value that starts here; a line with
	// more than itself can be folded. id is the path of that value, which
	// stays the same from one version of the object to the next.
	end   int
	id    uint64
	count int    // how much a fold hides,
	unit  string // of what: "keys", "items", "lines"

	text *yamlBlock // the multi-line text that this line shows a row of
	row  int
}

// yamlBlock is a text of several lines inside of YAML.
type yamlBlock struct {
	code    *code
	escaped bool // as a double-quoted scalar, one row of it on a line
}

// yamlNote is a value that stands for another: it is printed as text without
// quotes, and reads as a string.
type yamlNote string

// yamlComment is a value that is explained by a comment after it.
type yamlComment struct {
	value   any
	comment string // may have several lines
}

// yamlPrinter writes an object in the style of kubectl's -o yaml: keys in
// the order of sigs.k8s.io/yaml, lists at the indent of their parent, quotes
// only where YAML needs them. Unlike there, long lines are not folded, and a
// text with characters that must not reach a terminal keeps its line breaks.
// The writer knows what is a key and what is a number, so the colours cost no
// second reading.
type yamlPrinter struct {
	lines []yamlLine
	spans []ui.Span // of all lines; each line is a part of it
	start int       // of the current line in spans
	text  *yamlBlock
	row   int
}

// printYAML prints the fields of one object: any tree of what JSON decodes
// to. Reading the text back gives the same fields.
func printYAML(fields map[string]any) []yamlLine {
	p := &yamlPrinter{lines: make([]yamlLine, 0, 256), spans: make([]ui.Span, 0, 1024)}
	if len(fields) == 0 {
		p.add("{}", themes.SyntaxPunctuation)
		p.end()
	}
	p.mapping(fields, 0, pathStart, false)
	return p.lines
}

func (p *yamlPrinter) add(text string, role themes.Role) {
	p.spans = append(p.spans, ui.Span{Text: text, Role: role})
}

func (p *yamlPrinter) indent(columns int) {
	if columns > 0 {
		p.add(blanks(columns), themes.Text)
	}
}

func (p *yamlPrinter) end() {
	n := len(p.spans)
	p.lines = append(p.lines, yamlLine{
		spans: p.spans[p.start:n:n], end: len(p.lines) + 1, text: p.text, row: p.row,
	})
	p.start, p.text, p.row = n, nil, 0
}

// block says that the lines from header to the last one are one value.
func (p *yamlPrinter) block(header int, id uint64, count int, unit string) {
	h := &p.lines[header]
	if len(p.lines) > header+1 {
		h.end, h.id, h.count, h.unit = len(p.lines), id, count, unit
	}
}

// mapping writes the keys of m, each on a line of its own; begun says that
// the first line has a beginning already.
func (p *yamlPrinter) mapping(m map[string]any, columns int, id uint64, begun bool) {
	for _, key := range sortedKeys(m) {
		if !begun {
			p.indent(columns)
		}
		begun = false
		p.key(key, columns)
		p.value(key, m[key], columns, pathStep(id, key))
	}
}

// simpleKeyMax is the length up to which YAML readers look for the colon
// after a key (YAML 1.2, 7.4.2 says 1024 characters).
const simpleKeyMax = 1000

func (p *yamlPrinter) key(key string, columns int) {
	text := quoteYAML(key)
	if len(text) > simpleKeyMax {
		p.add("? ", themes.SyntaxPunctuation)
		p.add(text, themes.SyntaxKey)
		p.end()
		p.indent(columns)
	} else {
		p.add(text, themes.SyntaxKey)
	}
	p.add(":", themes.SyntaxPunctuation)
}

// value writes what stands after a key.
func (p *yamlPrinter) value(key string, v any, columns int, id uint64) {
	header := len(p.lines)
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 {
			p.end()
			p.mapping(v, columns+2, id, false)
			p.block(header, id, len(v), "keys")
			return
		}
	case []any:
		if len(v) > 0 {
			p.end()
			p.list(key, v, columns, id, false)
			p.block(header, id, len(v), "items")
			return
		}
	}
	p.add(" ", themes.Text)
	p.leaf(key, v, columns, id)
}

func (p *yamlPrinter) list(key string, items []any, columns int, id uint64, begun bool) {
	for i, item := range items {
		if !begun {
			p.indent(columns)
		}
		begun = false
		p.add("- ", themes.SyntaxPunctuation)
		header, step := len(p.lines), pathStep(id, strconv.Itoa(i))
		switch item := item.(type) {
		case map[string]any:
			if len(item) > 0 {
				p.mapping(item, columns+2, step, true)
				p.block(header, step, len(item), "keys")
				continue
			}
		case []any:
			if len(item) > 0 {
				p.list(key, item, columns+2, step, true)
				p.block(header, step, len(item), "items")
				continue
			}
		}
		p.leaf(key, item, columns, step)
	}
}

// leaf writes a value without children to the end of the line; key is the
// nearest key above it, and columns the indent of that key or list.
func (p *yamlPrinter) leaf(key string, v any, columns int, id uint64) {
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
	case yamlNote:
		p.add(string(v), themes.Muted)
	case yamlComment:
		p.leaf(key, v.value, columns, id)
		p.comment(v.comment, columns+2)
		return
	case string:
		if strings.Contains(v, "\n") {
			p.lineBlock(key, string([]rune(v)), columns+2, id)
			return
		}
		p.add(quoteYAML(v), themes.SyntaxString)
	default:
		p.add(quoteYAML(fmt.Sprint(v)), themes.SyntaxString)
	}
	p.end()
}

// formatFloat writes a number as kubectl does, whose YAML went through JSON:
// a whole number has no exponent there.
func formatFloat(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < math.MaxInt64 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// lineBlock writes a text of several lines: as a literal block where that can
// hold it, else as a double-quoted scalar with one row on each line.
func (p *yamlPrinter) lineBlock(key, s string, columns int, id uint64) {
	header := len(p.lines)
	block := &yamlBlock{code: newCode(languageOf(key, s), s), escaped: !literal(s)}
	if block.escaped {
		p.add(`"\`, themes.SyntaxPunctuation)
	} else {
		p.add(literalHeader(s), themes.SyntaxPunctuation)
	}
	p.end()
	rows := block.code.len()
	if strings.HasSuffix(s, "\n") {
		rows--
	}
	for row := range rows {
		p.indent(columns)
		p.text, p.row = block, row
		p.end()
	}
	p.block(header, id, rows, "lines")
}

// literal says whether a literal block scalar can hold s unchanged.
func literal(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if !printable(line) {
			return false
		}
	}
	return strings.Trim(s, "\n ") != ""
}

// literalHeader is the first line of a literal block: an indentation
// indicator where the text starts with blanks, and how its end is kept.
func literalHeader(s string) string {
	header := "|"
	if s[0] == ' ' || s[0] == '\n' {
		header = "|2"
	}
	switch {
	case !strings.HasSuffix(s, "\n"):
		return header + "-"
	case strings.HasSuffix(s, "\n\n"):
		return header + "+"
	}
	return header
}

// comment explains the value that was just written: behind it, or below it
// when it takes several lines.
func (p *yamlPrinter) comment(text string, columns int) {
	last := &p.lines[len(p.lines)-1]
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return
	}
	if !strings.Contains(text, "\n") {
		last.spans = append(last.spans, ui.Span{Text: "  # " + clean(text), Role: themes.SyntaxComment})
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.indent(columns)
		p.add("# "+clean(line), themes.SyntaxComment)
		p.end()
	}
}

// yamlSpans returns the spans of one line, with the row of the text that
// it shows.
func (l *yamlLine) content() ui.Line {
	if l.text == nil {
		return l.spans
	}
	return l.text.line(l.spans, l.row)
}

func (b *yamlBlock) line(indent ui.Line, row int) ui.Line {
	spans := b.code.row(row)
	if !b.escaped {
		if len(spans) == 0 {
			return nil // No blanks at the end of a line.
		}
		return append(slices.Clip(indent), spans...)
	}
	line := slices.Clone(indent)
	for i, s := range spans {
		text := escapeYAML(s.Text)
		if i == 0 && text[0] == ' ' {
			text = `\` + text
		}
		line = append(line, ui.Span{Text: text, Role: s.Role})
	}
	switch rows := b.code.len(); {
	case row == rows-1:
		return append(line, ui.Span{Text: `"`, Role: themes.SyntaxPunctuation})
	case row == rows-2 && b.code.rows[rows-1] == "":
		return append(line, ui.Span{Text: `\n"`, Role: themes.SyntaxPunctuation})
	}
	return append(line, ui.Span{Text: `\n\`, Role: themes.SyntaxPunctuation})
}

const manyBlanks = "                                                                "

func blanks(n int) string {
	if n <= len(manyBlanks) {
		return manyBlanks[:n]
	}
	return strings.Repeat(" ", n)
}

// A path is hashed step by step (FNV-1a, 64 bits), so that a fold costs no
// string for each line.
const pathStart uint64 = 14695981039346656037

func pathStep(id uint64, step string) uint64 {
	const prime = 1099511628211
	for i := range len(step) {
		id = (id ^ uint64(step[i])) * prime
	}
	return (id ^ 0xff) * prime
}
