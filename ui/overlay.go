package ui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/fathom-k8s/fathom/themes"
)

// overlay is what lies above the body and takes every key until it closes: the
// palette, a list to choose from, a question, the help.
type overlay interface {
	press(msg tea.KeyPressMsg) reply
	paste(text string)
	clicked(body Frame, x, y int) reply
	wheel(lines int)
	draw(body Frame) box
	hints() []Key // what the footer shows meanwhile
}

// reply is what an overlay makes of a key.
type reply struct {
	closes bool
	intent Intent // for the layer that opened it, after it is closed
}

// box is a rectangle of lines at a place in the body.
type box struct {
	x, y   int
	width  int
	lines  []string
	cursor *tea.Position // in the box; nil for none
}

// openOverlay shows an overlay for a layer.
func (s *Shell) openOverlay(l *layer, o overlay) {
	s.overlay, s.owner = o, l
	s.dirty = true
}

// performReply carries out what an overlay was closed with.
func (s *Shell) performReply(r reply) tea.Cmd {
	if !r.closes {
		return nil
	}
	owner := s.owner
	s.overlay, s.owner = nil, nil
	if owner.ended() {
		owner = s.topLayer()
	}
	return s.perform(owner, r.intent)
}

// overlayOn puts a box on lines of the body, which are drawn already.
func overlayOn(body []string, b box) {
	for i, line := range b.lines {
		y := b.y + i
		if y >= len(body) {
			return
		}
		left := ansi.TruncateWc(body[y], b.x, "")
		left += "\x1b[m" + pad(b.x-ansi.StringWidthWc(left))
		body[y] = left + line + "\x1b[m" + ansi.TruncateLeftWc(body[y], b.x+b.width, "")
	}
}

// boxLine is a painted line inside a border, and its width in cells.
type boxLine struct {
	text  string
	width int
}

// border draws a box of so many cells inside around lines.
func border(f Frame, title string, inner int, lines []boxLine) []string {
	p := painter{theme: f.Theme}
	title = Truncate(title, inner-2)
	p.text(themes.Border, "╭─")
	if title != "" {
		p.text(themes.Heading, " "+title+" ")
	}
	p.setRole(themes.Border)
	used := 1
	if title != "" {
		used += Width(title) + 2
	}
	p.drawRule(inner - used)
	p.text(themes.Border, "╮")
	out := []string{p.done()}
	side := f.Theme.Paint(themes.Border, "│")
	for _, line := range lines {
		p = painter{theme: f.Theme}
		p.b = append(p.b, side+line.text...)
		p.fill(inner - line.width)
		p.b = append(p.b, side...)
		out = append(out, p.done())
	}
	p = painter{theme: f.Theme}
	p.text(themes.Border, "╰")
	p.drawRule(inner)
	p.text(themes.Border, "╯")
	return append(out, p.done())
}

// drawRule writes n cells of a line in the look that is in force.
func (p *painter) drawRule(n int) {
	for range n {
		p.b = append(p.b, "─"...)
	}
}

// paintBoxLine paints a line for a box, cut to its inside. A row with a look
// of its own is filled up.
func paintBoxLine(f Frame, row themes.Role, inner int, line Line) boxLine {
	p := painter{theme: f.Theme, row: row}
	n := p.line(line, inner, 0)
	if row != themes.Text {
		p.space(inner - n)
		n = inner
	}
	return boxLine{p.done(), n}
}
