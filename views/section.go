package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// section is a heading with aligned lines below it; none when there are no
// lines.
func section(title string, rows []row, width int) []entry {
	if len(rows) == 0 {
		return nil
	}
	var widths []int
	for _, r := range rows {
		for i, s := range r.cells[:max(0, len(r.cells)-1)] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ui.Width(s.Text))
		}
	}
	out := []entry{{}, {line: ui.Line{{Text: strings.ToUpper(title), Role: themes.Heading}}}}
	for _, r := range rows {
		out = append(out, r.entries(title, widths, width-1)...)
	}
	return out
}

// row is one line of a section before its cells are aligned.
type row struct {
	cells []ui.Span
	id    string
	then  ui.Intent
}

// textLinesMax is how many lines the last cell of a row may take.
const textLinesMax = 4

// entries lays a row out in a width. The last cell is a sentence more often
// than not, and the end of a sentence is where the cause stands: it goes on
// below itself.
func (r row) entries(title string, widths []int, width int) []entry {
	last := len(r.cells) - 1
	line, indent := make(ui.Line, 0, len(r.cells)), 0
	for i, s := range r.cells[:max(0, last)] {
		s.Text = padTo(s.Text, min(widths[i], 44)) + "  "
		indent += ui.Width(s.Text)
		line = append(line, s)
	}
	text := r.cells[last]
	if last == 0 {
		indent = len(text.Text) - len(strings.TrimLeft(text.Text, " "))
		line = ui.Line{{Text: strings.Repeat(" ", indent), Role: text.Role}}
	}
	if width-indent < wrapMin || ui.Width(text.Text) <= width-indent {
		text.Text = ui.Truncate(strings.TrimLeft(text.Text, " "), max(1, width-indent))
		return []entry{{line: append(line, text), id: title + r.id, then: r.then}}
	}
	var out []entry
	for i, part := range wrap(text.Text, width-indent) {
		e := entry{line: ui.Line{{Text: strings.Repeat(" ", indent) + part, Role: text.Role}}}
		if i == 0 {
			e = entry{line: append(line, ui.Span{Text: part, Role: text.Role}), id: title + r.id, then: r.then}
		}
		out = append(out, e)
	}
	return out
}

// wrapMin is the width below which a text is cut, not wrapped.
const wrapMin = 24

// wrap breaks a text into at most textLinesMax lines, of which the last says when
// there is more. A list without spaces is broken after its commas.
func wrap(text string, width int) []string {
	if !strings.Contains(text, " ") {
		text = strings.ReplaceAll(text, ",", ", ")
	}
	lines := ui.Wrap(text, width)
	if len(lines) > textLinesMax {
		lines = lines[:textLinesMax]
		lines[textLinesMax-1] = ui.Truncate(lines[textLinesMax-1], width-1) + "…"
	}
	return lines
}

// lineText is a line without its colours.
func lineText(line ui.Line) string {
	var b strings.Builder
	for _, s := range line {
		b.WriteString(s.Text)
	}
	return b.String()
}

func padTo(s string, width int) string {
	s = ui.Truncate(s, width)
	return s + strings.Repeat(" ", max(0, width-ui.Width(s)))
}
