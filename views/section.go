package views

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// section is a heading with aligned lines below it; none when there are no
// lines. The heads of the columns behind the first stand beside the heading.
func section(title string, rows []row, width int, heads ...string) []entry {
	if len(rows) == 0 {
		return nil
	}
	head := row{cells: []ui.Span{{Text: strings.ToUpper(title), Role: themes.Heading}}}
	for _, h := range heads {
		head.cells = append(head.cells, ui.Span{Text: h, Role: themes.Heading})
	}
	aligned := rows
	if len(heads) > 0 {
		aligned = append([]row{head}, rows...)
	}
	widths := columnWidths(aligned)
	out := append([]entry{{}}, head.entries("", widths, width-1)[:1]...)
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].continues() {
			n++
		}
		under := slices.ContainsFunc(rows[:n], func(r row) bool { return r.goesBelow(widths, width-1) })
		for _, r := range rows[:n] {
			r.under = under
			out = append(out, r.entries(title, widths, width-1)...)
		}
		rows = rows[n:]
	}
	return out
}

// columnWidths are the widths of all cells but the last of each row.
func columnWidths(rows []row) []int {
	var widths []int
	for _, r := range rows {
		for i, s := range r.cells[:max(0, len(r.cells)-1)] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ui.Width(s.Text))
		}
	}
	return widths
}

// rowsFit reports whether rows fit into a width uncut. Rows of one cell wrap.
func rowsFit(rows []row, width int) bool {
	widths := columnWidths(rows)
	for _, r := range rows {
		last := len(r.cells) - 1
		if last == 0 {
			continue
		}
		used := ui.Width(r.cells[last].Text)
		for i := range last {
			if widths[i] > cellMax {
				return false
			}
			used += widths[i] + 2
		}
		if used > width-1 {
			return false
		}
	}
	return true
}

// cellMax is the width of a cell that others follow.
const cellMax = 44

// row is one line of a section before its cells are aligned.
type row struct {
	cells []ui.Span
	id    string
	then  ui.Intent
	whole bool // no cell but the last is cut
	under bool // the last cell stands below the others, as that of the row does that this one continues
}

// continues reports whether a row has only its last cell.
func (r row) continues() bool {
	said := func(s ui.Span) bool { return s.Text != "" }
	return len(r.cells) > 1 && !slices.ContainsFunc(r.cells[:len(r.cells)-1], said)
}

// indent is the width of all cells but the last.
func (r row) indent(widths []int) (width int) {
	for i, s := range r.cells[:max(0, len(r.cells)-1)] {
		cell := min(widths[i], cellMax)
		if r.whole {
			cell = max(cell, ui.Width(s.Text))
		}
		width += cell + 2
	}
	return width
}

// goesBelow reports whether there is too little room for the last cell beside the others.
func (r row) goesBelow(widths []int, width int) bool {
	last := len(r.cells) - 1
	text := r.cells[last].Text
	long, room := ui.Width(text), width-r.indent(widths)
	whole := !strings.ContainsAny(text, " ,") // an image's name cannot be broken
	return (room < wrapMin || whole) && long > room && long >= belowMin && last > 0
}

// textLinesMax is how many lines the last cell of a row may take.
const textLinesMax = 4

// entries lays a row out in a width. The last cell is a sentence more often than not,
// and a sentence ends with the cause, so it wraps.
func (r row) entries(title string, widths []int, width int) []entry {
	last := len(r.cells) - 1
	line, indent := make(ui.Line, 0, 2*len(r.cells)), 0
	for i, s := range r.cells[:max(0, last)] {
		cell := min(widths[i], cellMax)
		if r.whole {
			cell = max(cell, ui.Width(s.Text))
		}
		s.Text = ui.Truncate(s.Text, cell)
		// The blanks are a span of their own: a text may be underlined.
		line = append(line, s, ui.Span{Text: strings.Repeat(" ", cell+2-ui.Width(s.Text)), Role: themes.Text})
		indent += cell + 2
	}
	text := r.cells[last]
	if last == 0 {
		indent = len(text.Text) - len(strings.TrimLeft(text.Text, " "))
		line = ui.Line{{Text: strings.Repeat(" ", indent), Role: themes.Text}}
	}
	long, room := ui.Width(text.Text), width-indent
	if r.under || r.goesBelow(widths, width) {
		return r.below(title, line, width)
	}
	if room < wrapMin || long <= room {
		text.Text = strings.TrimLeft(text.Text, " ")
		return []entry{{line: append(line, text).Truncate(width), id: title + r.id, then: r.then}}
	}
	var out []entry
	for i, part := range wrap(text.Text, width-indent) {
		e := entry{line: behind(indent, part, text.Role)}
		if i == 0 {
			e = entry{line: append(line, ui.Span{Text: part, Role: text.Role}), id: title + r.id, then: r.then}
		}
		out = append(out, e)
	}
	return out
}

// behind returns a text behind blanks, which do not take its look: it may be a line
// under the text.
func behind(blanks int, text string, role themes.Role) ui.Line {
	return ui.Line{{Text: strings.Repeat(" ", blanks), Role: themes.Text}, {Text: text, Role: role}}
}

// below puts the last cell on lines of its own.
func (r row) below(title string, line ui.Line, width int) []entry {
	text := r.cells[len(r.cells)-1]
	var out []entry
	if strings.TrimSpace(line.String()) != "" {
		out = append(out, entry{line: line.Truncate(width), id: title + r.id, then: r.then})
	}
	for _, part := range wrap(text.Text, width-2) {
		out = append(out, entry{line: behind(2, part, text.Role)})
	}
	return out
}

const (
	// wrapMin is the width below which a text does not wrap.
	wrapMin = 24
	// belowMin is the width of a text that is worth a line of its own: an age
	// at the end of a wide row is not.
	belowMin = 8
)

// wrap breaks a text into at most textLinesMax lines. A longer one keeps its beginning
// and its end: an error begins with what failed and ends with why. A list without
// spaces is broken after its commas.
func wrap(text string, width int) []string {
	if !strings.Contains(text, " ") {
		text = strings.ReplaceAll(text, ",", ", ")
	}
	lines := ui.Wrap(text, width)
	if len(lines) > textLinesMax {
		const head = textLinesMax / 2
		lines = slices.Concat(lines[:head], lines[len(lines)-(textLinesMax-head):])
		lines[head-1] = ui.Truncate(lines[head-1]+" …", width)
	}
	return lines
}
