package ui

import (
	"cmp"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// press takes a key. It means what the view that is on top now makes of it,
// so keys that were typed ahead do what they would have done one by one.
func (s *Shell) press(msg tea.KeyPressMsg) tea.Cmd {
	s.changed = true
	s.note = Say{}
	if first, second, ok := s.split(msg); ok {
		return tea.Batch(s.press(first), s.press(second))
	}
	if s.prompt != nil && s.prompt.owed && !s.prompt.edits(msg) {
		return tea.Batch(s.typed(), s.press(msg)) // It is pressed on what the text leaves.
	}
	key := msg.String()
	action, global := match(rebound(globals, s.o.Rebind), key)
	switch {
	case (s.over != nil || s.prompt != nil) && global && msg.Text == "" && action != GoBack:
		return s.global(action, key)
	case s.over != nil:
		return s.answer(s.over.press(msg))
	case s.prompt != nil:
		return s.pressPrompt(msg)
	}
	top := s.top()
	if own, ok := match(rebound(top.view.Keys(), s.o.Rebind), key); ok {
		return s.tell(top, Do{Action: own, Key: key})
	}
	if global {
		return s.global(action, key)
	}
	return nil
}

// split takes apart what looks like a key with alt. A terminal sends the same
// for esc and then that key, and to a hand that types ahead they are two.
func (s *Shell) split(msg tea.KeyPressMsg) (esc, rest tea.KeyPressMsg, ok bool) {
	if s.altKnown || msg.Mod&tea.ModAlt == 0 {
		return msg, msg, false
	}
	if s.over == nil && s.prompt == nil {
		if _, bound := match(rebound(s.top().view.Keys(), s.o.Rebind), msg.String()); bound {
			return msg, msg, false
		}
	}
	rest = msg
	rest.Mod &^= tea.ModAlt
	if rest.Mod&^tea.ModShift == 0 && unicode.IsPrint(rest.Code) {
		rest.Text = string(rest.Code)
		if rest.Mod&tea.ModShift != 0 {
			rest.Text = string(cmp.Or(rest.ShiftedCode, unicode.ToUpper(rest.Code)))
		}
	}
	return tea.KeyPressMsg{Code: tea.KeyEscape}, rest, true
}

// global carries out one of the shell's own actions.
func (s *Shell) global(action Action, key string) tea.Cmd {
	switch action {
	case GoPalette:
		s.open(s.top(), s.newPalette())
	case GoHelp:
		s.open(s.top(), newHelp(rebound(s.top().view.Keys(), s.o.Rebind), rebound(globals, s.o.Rebind)))
	case GoBack:
		if len(s.stack) == 1 && key != "esc" {
			return tea.Quit
		}
		return s.remove(s.top())
	case GoQuit:
		return tea.Quit
	case GoSuspend:
		return tea.Suspend
	case GoRedraw:
		s.renderer.erase()
	}
	return nil
}

// paste puts text where text is being typed; elsewhere it would run as keys,
// so it is dropped.
func (s *Shell) paste(text string) tea.Cmd {
	switch {
	case s.over != nil:
		s.changed = true
		s.over.paste(text)
	case s.prompt != nil:
		s.prompt.input.insert(text)
		s.prompt.owed = true
	}
	return nil
}

// doubleClick is the longest time between the two clicks of one.
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
	s.changed = true
	x, y := msg.X, msg.Y-1 // The header is above the body.
	if s.over != nil {
		return s.answer(s.over.clicked(s.frame, x, y))
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
	return s.tell(s.top(), Clicked{X: x, Y: y, Double: double})
}

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

func (s *Shell) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	lines := wheelLines
	switch msg.Button {
	case tea.MouseWheelUp:
		lines = -wheelLines
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if s.over != nil {
		s.changed = true
		s.over.wheel(lines)
		return nil
	}
	return s.tell(s.top(), Wheel{Lines: lines})
}
