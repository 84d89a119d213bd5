package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// overlay lies above the body and takes every key until it closes: the palette, a
// list to choose from, a question, the help.
type overlay interface {
	press(msg tea.KeyPressMsg) reply
	paste(text string)
	// clicked takes a click on one of the layers that draw made; id is "" for a
	// click anywhere else.
	clicked(id string) reply
	wheel(lines int)
	draw(body Frame) box
	hints() []Key // for the footer while it is open
}

// reply is what an overlay makes of a key.
type reply struct {
	closes bool
	intent Intent // for the layer that opened it, after it is closed
}

// box is a framed rectangle. Parts of it that can be clicked are layers with an ID.
type box struct {
	*lipgloss.Layer
	cursor *term.Cursor // in the box; nil for none
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

// placeOverlay draws the overlay at its place on the screen: in the middle, with a
// third of the free lines of the body above it.
func (s *Shell) placeOverlay() (*lipgloss.Compositor, *term.Cursor) {
	b := s.overlay.draw(s.frame)
	x, y := (s.frame.Width-b.Width())/2, s.bodyTop()+max(0, s.frame.Height-b.Height())/3
	b.X(x).Y(y)
	if b.cursor != nil {
		b.cursor = &term.Cursor{X: x + b.cursor.X, Y: y + b.cursor.Y}
	}
	return lipgloss.NewCompositor(b.Layer), b.cursor
}

// The depth of what lies in a box. Lip Gloss keeps no order among equals.
const (
	frameDepth = iota
	contentDepth
	partDepth
)

// newBox frames lines of so many cells. Parts lie above them.
func newBox(f Frame, title string, inner int, lines []string, parts ...*lipgloss.Layer) box {
	outline := lipgloss.NewStyle().Border(lipgloss.RoundedBorder()).Width(inner + 2).Height(len(lines) + 2).Render("")
	frame := newPart(f, f.Theme.Style(themes.Border).Render(outline)).Z(frameDepth)
	if title = Truncate(title, inner-4); title != "" {
		frame.AddLayers(newPart(f, f.Theme.Paint(themes.Heading, " "+title+" ")).X(2).Z(contentDepth))
	}
	frame.AddLayers(newPart(f, strings.Join(lines, "\n")).X(1).Y(1).Z(contentDepth))
	for _, part := range parts {
		frame.AddLayers(part.Z(partDepth))
	}
	return box{Layer: frame}
}

// newPart is a layer of text, in the characters that the terminal can show.
func newPart(f Frame, text string) *lipgloss.Layer {
	if f.ASCII {
		text = ASCII(text)
	}
	return lipgloss.NewLayer(asCells(text))
}

// paintBoxLine paints a line for the inside of a box.
func paintBoxLine(f Frame, row themes.Role, inner int, line Line) string {
	p := painter{theme: f.Theme, row: row}
	p.space(inner - p.line(line, inner, 0))
	return p.done()
}
