package ui

import (
	"cmp"
	"slices"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// pressKey dispatches a key to the view that is on top by now, so keys typed ahead do
// what they would have done one by one.
func (s *Shell) pressKey(msg tea.KeyPressMsg) tea.Cmd {
	s.dirty = true
	s.note = Say{}
	if first, second, ok := s.splitAlt(msg); ok {
		return tea.Batch(s.pressKey(first), s.pressKey(second))
	}
	if s.prompt != nil && s.prompt.unsent && !s.prompt.edits(msg) {
		return tea.Batch(s.sendTyped(), s.pressKey(msg)) // The key applies to what the text leaves.
	}
	key := msg.String()
	if key == "esc" && s.stopDelayed() { // Whatever else is open: there is not much time.
		return nil
	}
	action, global := actionFor(rebound(globals, s.o.Rebind), key)
	switch {
	case (s.overlay != nil || s.prompt != nil) && global && msg.Text == "" && action != GoBack:
		return s.runGlobal(action, key)
	case s.overlay != nil:
		return s.performReply(s.overlay.press(msg))
	case s.prompt != nil:
		return s.pressPromptKey(msg)
	}
	top := s.topLayer()
	if own, ok := actionFor(rebound(top.view.Keys(), s.o.Rebind), key); ok {
		return s.updateView(top, Do{Action: own, Key: key})
	}
	if global {
		return s.runGlobal(action, key)
	}
	s.sayUnbound(key)
	return nil
}

// sayUnbound tells a key that does nothing here from one that was not received.
func (s *Shell) sayUnbound(key string) {
	bound := slices.Concat(rebound(s.topLayer().view.Keys(), s.o.Rebind), rebound(globals, s.o.Rebind))
	instead := ""
	if s.o.Unbound != nil {
		instead = s.o.Unbound(bound, key)
	}
	if instead == "" {
		instead = "nothing here"
	}
	if i := slices.IndexFunc(bound, func(k Key) bool { return k.Action == GoHelp && len(k.Keys) > 0 }); i >= 0 {
		instead += ", " + bound[i].Keys[0] + " for keys"
	}
	s.say(Say{Text: printable(key) + ": " + instead, Role: themes.Muted})
}

// splitAlt splits what looks like a key with alt. A terminal sends the same for esc
// followed by that key, and somebody who types ahead means two keys.
func (s *Shell) splitAlt(msg tea.KeyPressMsg) (esc, rest tea.KeyPressMsg, ok bool) {
	if s.altKnown || msg.Mod&tea.ModAlt == 0 {
		return msg, msg, false
	}
	if s.overlay == nil && s.prompt == nil {
		if _, bound := actionFor(rebound(s.topLayer().view.Keys(), s.o.Rebind), msg.String()); bound {
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

// runGlobal carries out one of the shell's own actions.
func (s *Shell) runGlobal(action Action, key string) tea.Cmd {
	switch action {
	case GoPalette:
		s.openOverlay(s.topLayer(), s.newPalette())
	case GoHelp:
		bound := slices.Concat(rebound(s.topLayer().view.Keys(), s.o.Rebind), rebound(globals, s.o.Rebind))
		if s.o.Help.Elsewhere != nil {
			bound = append(bound, s.o.Help.Elsewhere(bound)...)
		}
		s.openOverlay(s.topLayer(), newHelp(bound, s.o.Help))
	case GoBack:
		if root := len(s.stack) == 1 && key != "esc" && key != "["; root && len(s.tabs) > 1 {
			return s.closeTab()
		} else if root {
			return s.quit()
		}
		return s.goBack()
	case GoForward:
		return s.goForward()
	case OpenTab:
		return s.newTab(nil)
	case LeftTab:
		return s.besideTab(-1)
	case RightTab:
		return s.besideTab(1)
	case ShutTab:
		return s.closeTab()
	case GoQuit:
		return tea.Quit
	case GoSuspend:
		return tea.Suspend
	case GoRedraw:
		s.renderer.Erase()
	}
	return nil
}

// pasteText inserts text where text is being typed. Elsewhere it would run as keys,
// so it is dropped.
func (s *Shell) pasteText(text string) tea.Cmd {
	switch {
	case s.overlay != nil:
		s.dirty = true
		s.overlay.paste(text)
	case s.prompt != nil:
		s.prompt.input.insert(text)
		s.prompt.unsent = true
	}
	return nil
}
