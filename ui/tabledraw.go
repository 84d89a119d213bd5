package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/themes"
)

// What stands in the gutter. The cursor is seen without any colour.
const (
	gutterCursor = "›"
	gutterMark   = "•"
	gutterBoth   = "◆"
)

// lookahead is how many rows below the window are remembered, so that the one after
// the cursor is known if the cursor is in the last row.
const lookahead = 8

// Draw draws the titles and below them the visible rows.
func (t *Table) Draw(f Frame, rows Rows) string {
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	t.height, t.still = f.Height-1, f.Still
	if t.cursor >= rows.Len() || rows.ID(t.cursor) != t.cursorID || t.pendingID != "" {
		t.Update(rows)
	}
	t.scrollToCursor(rows)
	visible := max(0, min(t.height, rows.Len()-t.top))
	t.refreshCells(f, rows, visible)
	t.widenColumns(f.Width)
	t.layoutColumns(f.Width, visible > 0 && !f.Still)

	p := painter{theme: f.Theme, b: t.buffer[:0]}
	t.drawTitles(&p, f.Width)
	for i := range visible {
		p.newline()
		t.drawRow(&p, f.Width, i, rows, t.top+i == t.cursor && !f.Still)
	}
	if rows.Len() == 0 && t.height > 0 && t.Empty != "" {
		p.newline()
		p.fill(min(t.gutter(), f.Width))
		p.text(themes.Muted, Truncate(t.Empty, f.Width-t.gutter()))
	}
	drawn := p.done()
	t.buffer = p.b
	return drawn
}

// refreshCells formats and measures the visible rows, except those that are as they
// were the last time.
func (t *Table) refreshCells(f Frame, rows Rows, visible int) {
	n := len(t.columns)
	t.cells = slices.Grow(t.cells, max(0, visible*n-len(t.cells)))[:visible*n]
	t.cellWidths = slices.Grow(t.cellWidths, max(0, visible*n-len(t.cellWidths)))[:visible*n]
	known := min(len(t.drawnRows), visible)
	t.drawnRows = slices.Grow(t.drawnRows, visible-known)[:visible]
	clear(t.drawnRows[known:])
	for i := range visible {
		if version := rows.Version(t.top + i); !t.drawnRows[i].isCurrent(version, f.Now) {
			t.formatRow(i, f.Now, rows)
			t.drawnRows[i].version = version
			if f.drawn != nil {
				f.drawn.Rows.Add(1)
			}
		}
	}
	t.windowIDs = t.windowIDs[:0]
	for row := t.top; row < min(rows.Len(), t.top+visible+lookahead); row++ {
		t.windowIDs = append(t.windowIDs, rows.ID(row))
	}
}

// formatRow formats one visible row.
func (t *Table) formatRow(i int, now time.Time, rows Rows) {
	n := len(t.columns)
	cells := t.cells[i*n : (i+1)*n]
	clear(cells)
	t.drawnRows[i] = drawnRow{from: now, until: rows.Row(t.top+i, now, cells)}
	for j := range cells {
		t.cellWidths[i*n+j] = Width(cells[j].Text)
	}
}

func (t *Table) drawTitles(p *painter, width int) {
	x := 0
	if hint := scrollHint(t.hiddenLeft > 0, t.hiddenRight); hint != "" && width > 0 {
		p.text(themes.Muted, hint)
		p.end()
		x = 1
	}
	for _, s := range t.placed {
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

// scrollHint shows that columns are out of sight, and which keys bring them.
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
	marked := t.marked[t.windowIDs[i]]
	look := rows.RowRole(row)
	if marked {
		look = themes.Marked
	}
	if current {
		p.row = themes.Cursor
	}
	x, bar := t.drawGutter(p, look, current, marked, width), t.barEnd(width)
	begins := t.begins()
	for _, s := range t.placed {
		if current && s.x >= bar {
			x = p.endBar(x, bar)
		}
		cell := t.cells[i*n+s.column]
		if cell.Text == "" {
			continue
		}
		text, w := strings.TrimRight(cell.Text, " "), t.cellWidths[i*n+s.column]
		if t.columns[s.column].Half && begins >= 0 && t.cells[i*n+begins].Text != "" {
			text = t.cells[i*n+begins].Text + ": " + text
			cell.Text, w = text, Width(text)
		}
		if len(text) != len(cell.Text) || w > s.width {
			cut := t.columns[s.column].Cut
			if t.columns[s.column].Fixed {
				cut = CutMiddle // Names of siblings differ at their end.
			}
			text = cut.apply(text, s.width)
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
		p.spaceBefore(at-x, role)
		p.text(role, text)
		x = at + w
	}
	if current {
		p.endBar(x, bar)
	}
}

// begins is the column that is left out and whose text another one begins with, or -1.
func (t *Table) begins() int {
	i := slices.IndexFunc(t.columns, func(c Column) bool { return c.Begins })
	if slices.ContainsFunc(t.placed, func(p placedColumn) bool { return p.column == i }) {
		return -1
	}
	return i
}

// endBar ends the cursor's bar, which is drawn up to x, and returns where the row
// goes on.
func (p *painter) endBar(x, bar int) int {
	if p.row != themes.Cursor {
		return x
	}
	p.space(bar - x)
	p.end()
	p.row = themes.Text
	return max(x, bar)
}

// barMin is the least width of the cursor's row, where there is room. Blanks up to the
// edge of a wider terminal would be a third of what moving the cursor writes: no
// terminal erases to the end of a line in reverse.
const barMin = 80

// barEnd returns where the cursor's bar ends: behind the last column that is seen at
// any width. To move it over optional ones too would write half as much again.
func (t *Table) barEnd(width int) int {
	end := 0
	for _, s := range t.placed {
		if t.Needed(s.column) {
			end = max(end, s.x+s.width+1)
		}
	}
	return BarEnd(width, end)
}

// BarEnd returns where the cursor's bar ends in a width, on a row whose text ends at used.
func BarEnd(width, used int) int { return min(width, max(barMin, used)) }

// drawGutter draws cursor and mark, and returns the cells it has used.
func (t *Table) drawGutter(p *painter, look themes.Role, current, marked bool, width int) int {
	switch {
	case t.still:
		return 0
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
