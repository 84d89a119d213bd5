package ui

import (
	"github.com/fathom-k8s/fathom/themes"
)

// Draw draws the visible lines, and nothing below the end. While something is searched for, or lines
// were chosen, a bar at the right edge shows where the window and what was found are.
func (p *Pager) Draw(f Frame, doc Document) string {
	full, bar := f, p.barOf(f, doc)
	if bar != nil {
		f.Width -= barWidth
	}
	p.fitWindow(f, doc)
	if bar != nil {
		bar.from, bar.to = bar.place(p.top.line), bar.place(min(p.top.line+f.Height, doc.Len())-1)+1
	}
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
			p.drawBar(&out, bar, full.Width-1-x, y)
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

// bar is what the bar at the right edge is of.
type bar struct {
	length, height int // in lines, and in rows
	from, to       int // where the window is
	place          func(line int) int
	found          func(from, to int) bool
}

// barOf returns the bar of a search, or else of the lines that were chosen; nil for none.
func (p *Pager) barOf(f Frame, doc Document) *bar {
	if f.Width < barWindowMin || f.Height < 2 || doc.Len() <= f.Height {
		return nil
	}
	b := &bar{length: doc.Len(), height: f.Height, place: func(line int) int { return line }, found: p.foundIn}
	if p.search.matcher != nil {
		return b
	}
	chosen, is := doc.(Chosen)
	if !is || chosen.Whole() == 0 {
		return nil
	}
	b.length, b.place, b.found = chosen.Whole(), chosen.Place, chosen.ChosenIn
	return b
}

// foundIn reports whether a search found a line from one on and before another.
func (p *Pager) foundIn(from, to int) bool {
	found := &p.search.found
	first, _ := found.Index(p.dropped + from)
	return first < found.Len() && found.At(first) < p.dropped+to
}

// drawBar draws a row of the bar behind blanks: whether the window is in its part of the lines, and
// whether something was found there.
func (p *Pager) drawBar(out *painter, b *bar, blanks, row int) {
	if b == nil {
		return
	}
	from := row * b.length / b.height
	to := max((row+1)*b.length/b.height, from+1)
	window := b.from < to && b.to > from
	role, mark := themes.Accent, "•"
	switch found := b.found(from, to); {
	case found && window:
		mark = "┼"
	case window:
		role, mark = themes.Muted, "│"
	case !found:
		return
	}
	out.space(blanks)
	out.text(role, mark)
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
