package ui

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
)

// What stands in the gutter. The cursor is seen without any colour.
const (
	gutterCursor = "›"
	gutterMark   = "•"
	gutterBoth   = "◆"
)

// beyond is how many rows below the window are remembered, so that the one
// after the cursor is known when the cursor is in the last row.
const beyond = 8

// Draw draws the titles and below them the visible rows.
func (t *Table) Draw(f Frame, rows Rows) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	t.height = f.Height - 1
	if t.cursor >= rows.Len() || rows.ID(t.cursor) != t.id || t.wanted != "" {
		t.Update(rows)
	}
	t.scroll(rows)
	visible := max(0, min(t.height, rows.Len()-t.top))
	t.ask(f, rows, visible)
	t.grow(f.Width)
	t.place(f.Width)

	p := painter{theme: f.Theme, b: t.buffer[:0]}
	t.drawTitles(&p, f.Width)
	for i := range visible {
		p.newline()
		t.drawRow(&p, f.Width, i, rows, t.top+i == t.cursor && !f.Still)
	}
	if rows.Len() == 0 && t.height > 0 && t.Empty != "" {
		p.newline()
		p.fill(min(gutter, f.Width))
		p.text(themes.Muted, Truncate(t.Empty, f.Width-gutter))
	}
	drawn := p.done()
	t.buffer = p.b
	return drawn
}

// ask gets the cells of the visible rows and measures them.
func (t *Table) ask(f Frame, rows Rows, visible int) {
	n := len(t.columns)
	t.cells = slices.Grow(t.cells[:0], visible*n)[:visible*n]
	t.sizes = slices.Grow(t.sizes[:0], visible*n)[:visible*n]
	t.window = t.window[:0]
	clear(t.cells)
	for i := range visible {
		rows.Row(t.top+i, f.Now, t.cells[i*n:(i+1)*n])
	}
	for row := t.top; row < min(rows.Len(), t.top+visible+beyond); row++ {
		t.window = append(t.window, rows.ID(row))
	}
	for i := range t.cells {
		t.sizes[i] = Width(t.cells[i].Text)
	}
}

func (t *Table) drawTitles(p *painter, width int) {
	x := 0
	if hint := scrollHint(t.aside > 0, t.more); hint != "" && width > 0 {
		p.text(themes.Muted, hint)
		p.end()
		x = 1
	}
	for _, s := range t.spots {
		p.fill(s.x - x)
		title := Truncate(t.title(s.column), s.width)
		w := Width(title)
		if t.columns[s.column].Right {
			p.fill(s.width - w)
			x = s.x + s.width
		} else {
			x = s.x + w
		}
		p.text(themes.Heading, title)
		p.end()
	}
}

// scrollHint says that there are columns out of sight, and with which keys
// they come.
func scrollHint(left, right bool) string {
	switch {
	case left && right:
		return "↔"
	case left:
		return "←"
	case right:
		return "→"
	}
	return ""
}

func (t *Table) drawRow(p *painter, width, i int, rows Rows, current bool) {
	row, n := t.top+i, len(t.columns)
	marked := t.marked[t.window[i]]
	look := rows.RowRole(row)
	if marked {
		look = themes.Marked
	}
	if current {
		p.row = themes.Cursor
	}
	x := t.drawGutter(p, look, current, marked, width)
	for _, s := range t.spots {
		cell := t.cells[i*n+s.column]
		if cell.Text == "" {
			continue
		}
		text, w := strings.TrimRight(cell.Text, " "), t.sizes[i*n+s.column]
		if len(text) != len(cell.Text) || w > s.width {
			if t.columns[s.column].Fixed {
				text = truncateMiddle(text, s.width) // Names of siblings differ at their end.
			} else {
				text = Truncate(text, s.width)
			}
			w = Width(text)
		}
		at := s.x
		if t.columns[s.column].Right {
			at += s.width - w
		}
		role := cell.Role
		if role == themes.Text {
			role = look
		}
		p.space(at - x)
		p.text(role, text)
		x = at + w
	}
	if current {
		p.space(width - x)
		p.end()
		p.row = themes.Text
	}
}

// drawGutter returns the cells that it has used.
func (t *Table) drawGutter(p *painter, look themes.Role, current, marked bool, width int) int {
	switch {
	case current && marked:
		p.text(look, gutterBoth)
	case current:
		p.text(themes.Accent, gutterCursor)
	case marked:
		p.text(themes.Marked, gutterMark)
	default:
		return 0
	}
	return min(1, width)
}
