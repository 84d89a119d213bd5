package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// doubleClick is the longest time between the two clicks of a double click.
const doubleClick = 400 * time.Millisecond

// click remembers the last click for the next.
type click struct {
	x, y int
	at   time.Time
}

func (s *Shell) clicked(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft || s.tooSmall() {
		return nil
	}
	s.dirty = true
	x, y := msg.X, msg.Y-s.bodyTop()
	if s.overlay != nil {
		layers, _ := s.placeOverlay()
		return s.performReply(s.overlay.clicked(layers.Hit(msg.X, msg.Y).ID()))
	}
	if s.prompt == nil && msg.Y == 1 && y < 0 {
		if tab := s.row.Clicked(Clicked{X: x}); tab >= 0 {
			return s.toTab(tab)
		}
	}
	if s.prompt != nil || y < 0 || y >= s.frame.Height {
		return nil
	}
	wall := s.o.Wall
	if wall == nil {
		wall = s.o.Now
	}
	now := wall()
	double := s.click.x == x && s.click.y == y && now.Sub(s.click.at) < doubleClick
	s.click = click{x, y, now}
	if double {
		s.click = click{}
	}
	return s.updateView(s.topLayer(), Clicked{X: x, Y: y, Double: double})
}

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

func (s *Shell) turnWheel(msg tea.MouseWheelMsg) tea.Cmd {
	lines := wheelLines
	switch msg.Button {
	case tea.MouseWheelUp:
		lines = -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if s.overlay != nil {
		s.dirty = true
		s.overlay.wheel(lines)
		return nil
	}
	return s.updateView(s.topLayer(), Wheel{Lines: lines})
}
