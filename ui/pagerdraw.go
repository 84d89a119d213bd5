package ui

import (
	"github.com/fathom-k8s/fathom/themes"
)

// Draw draws the visible lines, and nothing below the end. While something is searched for, a
// bar at the right edge shows where the window and the matches are in the document.
func (p *Pager) Draw(f Frame, doc Document) string {
	full := f
	if p.hasBar(f, doc) {
		f.Width -= barWidth
	}
	p.fitWindow(f, doc)
	p.shown = p.shown[:0]
	if f.Width <= 0 || f.Height <= 0 {
		return ""
	}
	p.advanceSearch(doc)
	out := painter{theme: f.Theme, b: p.buffer[:0]}
	at := p.top
	for y := 0; y < f.Height && at.line < doc.Len(); {
		line := doc.Line(at.line)
		mark := 0
		if m, is := doc.(Marked); is {
			mark = m.Mark(at.line)
		}
		line = p.search.highlight(line, p.dropped+at.line)
		wrapped := wrapping{line: line}
		for range at.row {
			wrapped.next(f.Width)
		}
		for begun := false; !begun || p.Wrap && !wrapped.done() && y < f.Height; at.row++ {
			begun = true
			if y > 0 {
				out.newline()
			}
			if p.Wrap {
				line = wrapped.next(f.Width)
			}
			x := p.drawRow(&out, f, line, at, mark)
			if f.Width < full.Width {
				if role, mark := p.barMark(y, f.Height, doc); mark != "" {
					out.space(full.Width - 1 - x)
					out.text(role, mark)
				}
			}
			p.shown = append(p.shown, at)
			y++
		}
		at = position{line: at.line + 1}
	}
	drawn := out.done()
	p.buffer = out.b
	return drawn
}

// fitWindow fits the window to a size and to what the document has become.
func (p *Pager) fitWindow(f Frame, doc Document) {
	if f.Width != p.width && p.Wrap {
		p.top.row = 0 // The line is broken elsewhere now.
	}
	p.width, p.height = f.Width, f.Height
	if p.Wrap {
		p.left = 0
	}
	p.cursor = max(0, min(p.cursor, doc.Len()-1))
	end := p.endPosition(doc)
	switch {
	case p.Follow:
		p.top = end
		p.cursor = max(0, doc.Len()-1)
	case end.less(p.top):
		p.top = end
	case p.top.row > 0:
		p.top = p.clampPosition(p.top, doc)
	}
}

const (
	barWidth = 2 // with a blank before it
	// barWindowMin is the width from which a window has room for a bar.
	barWindowMin = 40
)

// hasBar reports whether the bar of a search is drawn.
func (p *Pager) hasBar(f Frame, doc Document) bool {
	return p.search.matcher != nil && f.Width >= barWindowMin && f.Height > 1 && doc.Len() > f.Height
}

// barMark is what the bar shows in a row: that lines match in its part of the document, or
// that the window is there.
func (p *Pager) barMark(row, height int, doc Document) (themes.Role, string) {
	n := doc.Len()
	from, to := row*n/height, max((row+1)*n/height, row*n/height+1)
	found := &p.search.found
	first, _ := found.Index(p.dropped + from)
	if first < found.Len() && found.At(first) < p.dropped+to {
		return themes.Accent, "•"
	}
	if p.top.line < to && p.top.line+height > from {
		return themes.Muted, "│"
	}
	return themes.Text, ""
}

// drawRow draws a line, or one of the rows that it wraps to, and returns how many cells it took. A mark at the right
// edge, or before that of the line, shows that the line goes on there.
func (p *Pager) drawRow(out *painter, f Frame, line Line, at position, mark int) (x int) {
	if first, last, ok := p.Range(); ok && at.line >= first && at.line <= last {
		out.row = themes.Cursor
	}
	if p.Select && at.line == p.cursor {
		out.row = themes.Cursor
	}
	width, goesOn := f.Width, false
	if !p.Wrap && line.Width() > p.left+f.Width && f.Width > 1 {
		goesOn = true
		if mark >= f.Width-1 {
			mark = 0
		}
		width -= 1 + mark
	}
	x = out.line(line, width, p.left)
	if goesOn {
		out.space(width - x)
		out.text(themes.Muted, "›")
		x = width + 1 + out.line(line, mark, line.Width()-mark)
		out.space(f.Width - x)
		x = f.Width
	}
	if out.row == themes.Cursor {
		end := BarEnd(f.Width, x)
		out.space(end - x)
		out.end()
		out.row = themes.Text
		x = max(x, end)
	}
	return x
}
