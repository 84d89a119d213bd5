package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// prompt is a line of input in the footer, for one layer.
type prompt struct {
	layer  *layer
	name   string
	label  string
	input  textField
	unsent bool // the view does not know the text yet
}

// early is a key that another one has already followed: a name pasted into a terminal
// that does not mark pastes comes as a burst of keys.
type early tea.KeyPressMsg

// pressPromptKey edits the prompt. The keys that move in a list still do, so that one
// can walk through what a filter leaves.
func (s *Shell) pressPromptKey(msg tea.KeyPressMsg) tea.Cmd {
	p := s.prompt
	switch key := msg.String(); key {
	case "enter":
		s.prompt = nil
		return s.updateView(p.layer, Entered{Prompt: p.name, Text: p.input.text})
	case "esc":
		s.prompt = nil
		return s.updateView(p.layer, Cancelled{Prompt: p.name})
	case "up", "down", "pgup", "pgdown":
		if action, ok := actionFor(p.layer.view.Keys(), key); ok {
			return s.updateView(p.layer, Do{Action: action, Key: key})
		}
		return nil
	}
	before := p.input.text
	p.unsent = p.input.pressKey(msg) && p.input.text != before || p.unsent
	return nil
}

// edits reports whether a key changes the text or moves in it.
func (p *prompt) edits(msg tea.KeyPressMsg) bool {
	in := p.input
	return in.pressKey(msg)
}

// sendTyped gives the view the prompt's text, unless it has that already.
func (s *Shell) sendTyped() tea.Cmd {
	p := s.prompt
	if p == nil || !p.unsent {
		return nil
	}
	p.unsent = false
	return s.updateView(p.layer, Typed{Prompt: p.name, Text: p.input.text})
}

// draw returns the prompt as a line, and the cell of the cursor.
func (p *prompt) draw(f Frame) (line string, cursor int) {
	label := Truncate(p.label, max(1, f.Width/2))
	used := 1 + Width(label)
	part, at := p.input.window(f.Width - used - 1)
	out := painter{theme: f.Theme, row: themes.FooterBar}
	look := themes.Input
	if p.input.whole && part != "" {
		look = themes.Cursor
	}
	n := out.line(Line{{" ", themes.Text}, {label, themes.KeyName}, {part, look}}, f.Width, 0)
	out.space(f.Width - n)
	return out.done(), min(used+at, f.Width-1)
}
