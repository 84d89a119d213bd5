package ui

import (
	"github.com/fathom-k8s/fathom/themes"
)

// Draw draws the visible lines, and nothing below the end.
func (p *Pager) Draw(f Frame, doc Document) string {
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
		rows := 1
		if p.Wrap {
			rows, _ = wrapLine(line, f.Width, -1)
		}
		line = p.search.highlight(line, p.dropped+at.line)
		for ; at.row < rows && y < f.Height; at.row++ {
			if y > 0 {
				out.newline()
			}
			p.drawRow(&out, f, line, at)
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

// drawRow draws one row of a line. A mark at the right edge shows that the line goes
// on there.
func (p *Pager) drawRow(out *painter, f Frame, line Line, at position) {
	if p.Select && at.line == p.cursor {
		out.row = themes.Cursor
	}
	offset, width, goesOn := p.left, f.Width, false
	if p.Wrap {
		_, offset = wrapLine(line, f.Width, at.row)
	} else if line.Width() > p.left+f.Width && f.Width > 1 {
		goesOn = true
		width--
	}
	x := out.line(line, width, offset)
	if goesOn {
		out.space(width - x)
		out.text(themes.Muted, "›")
		x = f.Width
	}
	if out.row == themes.Cursor {
		out.space(f.Width - x)
		out.end()
		out.row = themes.Text
	}
}
