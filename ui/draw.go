package ui

import (
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// draw draws the whole screen.
func (s *Shell) draw() {
	s.frame.Now = s.o.Now()
	if s.o.Drawn != nil {
		s.o.Drawn.Frames.Add(1)
	}
	s.picture = term.Picture{Width: s.width, Height: s.height}
	if s.tooSmall() {
		s.picture.Lines = drawTooSmall(s.width, s.height)
		return
	}
	top := s.topLayer().view
	lines := make([]string, 0, s.height)
	lines = append(lines, drawHeader(s.frame, top.Header(s.frame.Now)))
	if len(s.tabs) > 1 {
		lines = append(lines, s.row.Draw(s.frame, fitTabs(s.width, s.tabNames()), s.tabAt()))
	}
	body := fitLines(top.Draw(s.frame), s.frame.Height)
	if s.overlay != nil {
		s.picture.Over, s.picture.Cursor = s.placeOverlay()
	}
	lines = append(lines, body...)
	lines = append(lines, s.drawFooter())
	s.picture.Lines = strings.Join(lines, "\n")
	if s.frame.ASCII {
		s.picture.Lines = ASCII(s.picture.Lines)
	}
}

func (s *Shell) drawFooter() string {
	switch {
	case s.overlay != nil && len(s.delayed) > 0:
		return drawNote(s.frame, s.countdown(s.frame.Now))
	case s.overlay != nil && s.note.Text != "":
		return drawNote(s.frame, s.note)
	case s.overlay != nil:
		return drawHints(s.frame, s.overlay.hints())
	case s.prompt != nil:
		line, cursor := s.prompt.draw(s.frame)
		s.setCursor(cursor, s.height-1)
		return line
	case len(s.delayed) > 0 && s.note.Text == "":
		return drawNote(s.frame, s.countdown(s.frame.Now))
	case s.note.Text != "":
		return drawNote(s.frame, s.note)
	}
	var always []Key
	for _, k := range rebound(globals, s.o.Rebind) {
		if k.Footer {
			always = append(always, k)
		}
	}
	if note := s.topLayer().view.Header(s.frame.Now).Note; note != "" {
		return drawGuide(s.frame, note, always)
	}
	return drawFooter(s.frame, rebound(s.topLayer().view.Keys(), s.o.Rebind), always)
}

// setCursor shows the terminal's own cursor.
func (s *Shell) setCursor(x, y int) {
	s.picture.Cursor = &term.Cursor{X: x, Y: y}
}

func (s *Shell) tooSmall() bool { return s.width < widthMin || s.height < heightMin }

// drawTooSmall says so in whatever room there is.
func drawTooSmall(width, height int) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	lines := Wrap(fmt.Sprintf("terminal too small (needs %dx%d)", widthMin, heightMin), width)
	if len(lines) > height {
		lines = []string{Truncate("too small", width)}
	}
	return themes.Plain.Paint(themes.Text, strings.Join(lines, "\n"))
}

// fitLines returns exactly so many lines of a text.
func fitLines(text string, height int) []string {
	lines := make([]string, height)
	for i := range lines {
		line, rest, more := strings.Cut(text, "\n")
		lines[i] = line
		if !more {
			break
		}
		text = rest
	}
	return lines
}
