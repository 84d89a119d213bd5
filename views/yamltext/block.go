package yamltext

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/highlight"
)

// block is a text of several lines inside YAML.
type block struct {
	code    *highlight.Code
	escaped bool // printed as a double-quoted scalar, one row of it on a line
}

// lineBlock writes a text of several lines: as a literal block where that can
// hold it, else as a double-quoted scalar with one row on each line.
func (p *printer) lineBlock(key, s string, columns int, path Path) {
	header := len(p.lines)
	text := &block{code: highlight.New(key, s), escaped: !literal(s)}
	if text.escaped {
		p.add(`"\`, themes.SyntaxPunctuation)
	} else {
		p.add(literalHeader(s), themes.SyntaxPunctuation)
	}
	p.endLine()
	rows := text.code.Len()
	if strings.HasSuffix(s, "\n") {
		rows--
	}
	for row := range rows {
		p.indent(columns)
		p.block, p.row = text, row
		p.endLine()
	}
	p.foldable(header, path, rows, "lines")
}

// literal reports whether a literal block scalar can hold s unchanged.
func literal(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if !printable(line) {
			return false
		}
	}
	return strings.Trim(s, "\n ") != ""
}

// literalHeader returns the first line of a literal block: with an indentation
// indicator where the text starts with spaces, and with how its end is kept.
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

// line returns the line that shows a row of the text.
func (b *block) line(indent ui.Line, row int) ui.Line {
	spans := b.code.Row(row)
	if !b.escaped {
		if len(spans) == 0 {
			return nil // No spaces at the end of a line.
		}
		return append(slices.Clip(indent), spans...)
	}
	line := slices.Clone(indent)
	for i, s := range spans {
		text := escape(s.Text)
		if i == 0 && text[0] == ' ' {
			text = `\` + text
		}
		line = append(line, ui.Span{Text: text, Role: s.Role})
	}
	switch rows := b.code.Len(); {
	case row == rows-1:
		return append(line, ui.Span{Text: `"`, Role: themes.SyntaxPunctuation})
	case row == rows-2 && b.code.Text(rows-1) == "":
		return append(line, ui.Span{Text: `\n"`, Role: themes.SyntaxPunctuation})
	}
	return append(line, ui.Span{Text: `\n\`, Role: themes.SyntaxPunctuation})
}
