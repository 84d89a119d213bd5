package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// pickerRows bounds the choices that are visible at once.
const pickerRows = 12

// pickerWidth bounds the width of a list of choices.
const pickerWidth = 76

// picker is a line of input above a list that it narrows down: the palette, and every
// list to choose from.
type picker struct {
	title  string
	search func(query string) []Choice

	input        textField
	choices      []Choice
	current, top int
	rows         int // of the last draw
	tallest      int // the most rows it had, so that the box keeps its size
}

func newPicker(title string, find func(string) []Choice) *picker {
	p := &picker{title: title, search: find}
	p.refresh()
	p.tallest = min(pickerRows, max(1, len(p.choices)))
	return p
}

// newPalette is a picker for everything that the program knows by name.
func (s *Shell) newPalette() *picker {
	top := s.topLayer().view
	p := newPicker("go to", func(query string) []Choice {
		if s.o.Choices == nil {
			return nil
		}
		return s.o.Choices(top, query)
	})
	p.tallest = pickerRows
	return p
}

func (p *picker) refresh() {
	p.choices = p.search(p.input.text)
	p.current, p.top = 0, 0
	if p.unsure() {
		p.current = -1
	}
}

// unsure reports whether no choice is what was typed, so that enter must not take one.
func (p *picker) unsure() bool { return len(p.choices) > 0 && p.choices[0].Weak }

// retryEmpty searches again if there is nothing to choose from: by now there may be.
// A list with choices is left as it is, because somebody reads it.
func (p *picker) retryEmpty() {
	if len(p.choices) == 0 {
		p.refresh()
	}
}

func (p *picker) move(n int) {
	p.current = max(0, min(p.current+n, len(p.choices)-1))
}

func (p *picker) press(msg tea.KeyPressMsg) reply {
	switch msg.String() {
	case "esc":
		return reply{closes: true}
	case "enter":
		return p.choose()
	case "up", "ctrl+p", "shift+tab":
		p.move(-1)
	case "down", "ctrl+n":
		p.move(1)
	case "pgup":
		p.move(-max(1, p.rows))
	case "pgdown":
		p.move(max(1, p.rows))
	case "tab":
		p.complete()
	default:
		before := p.input.text
		if p.input.pressKey(msg) && p.input.text != before {
			p.refresh()
		}
	}
	return reply{}
}

// complete writes out the name of the current choice, so that one can go on typing.
// If it is there already, the next choice becomes current.
func (p *picker) complete() {
	if p.current >= len(p.choices) {
		return
	}
	name := p.choices[max(0, p.current)].Name
	if p.input.text == name {
		p.move(1)
		return
	}
	p.input = newTextField(name)
	p.refresh()
}

func (p *picker) choose() reply {
	if p.current < 0 || p.current >= len(p.choices) {
		return reply{}
	}
	return reply{closes: true, intent: p.choices[p.current].Then}
}

func (p *picker) paste(text string) {
	p.input.insert(text)
	p.refresh()
}

func (p *picker) wheel(lines int) { p.move(lines / wheelLines) }

// clicked chooses the entry at a click.
func (p *picker) clicked(id string) reply {
	row, err := strconv.Atoi(id)
	if err != nil {
		return reply{}
	}
	p.current = row
	return p.choose()
}

// pickerHead is the lines of a picker above its first choice: the input, and one that
// says why none is selected.
const pickerHead = 2

func (p *picker) draw(body Frame) box {
	inner := min(pickerWidth, body.Width-4) - 2
	p.rows = max(1, min(p.tallest, body.Height-pickerHead-2))
	p.top = max(0, p.current-p.rows+1, min(p.top, p.current))

	part, cursor := p.input.window(inner - 3)
	lines := make([]string, pickerHead+p.rows)
	lines[0] = paintBoxLine(body, themes.Text, inner, Line{{" › ", themes.Accent}, {part, themes.Input}})
	var note Line
	if p.current < 0 {
		note = Line{{Truncate("   nothing is called that; ↓ selects what is near", inner), themes.Muted}}
	}
	lines[1] = paintBoxLine(body, themes.Text, inner, note)
	names := p.nameWidth(inner)
	var choices []*lipgloss.Layer
	for i := range p.rows {
		row := p.top + i
		var line Line
		switch {
		case row < len(p.choices):
			// The ID of a choice is its number.
			choice := newPart(body, p.drawChoice(body, inner, names, row)).ID(strconv.Itoa(row))
			choices = append(choices, choice.X(1).Y(1+pickerHead+i))
		case row == 0:
			line = Line{{p.nothing(), themes.Muted}}
		}
		lines[pickerHead+i] = paintBoxLine(body, themes.Text, inner, line)
	}
	b := newBox(body, p.title, inner, lines, choices...)
	b.cursor = &term.Cursor{X: 1 + 3 + cursor, Y: 1}
	return b
}

func (p *picker) nothing() string {
	if p.input.text == "" {
		return "   nothing to choose from"
	}
	return "   nothing matches \"" + p.input.text + "\""
}

// nameWidth returns the cells for the names, so that the details stand in a column. A name without a
// detail has its row alone.
func (p *picker) nameWidth(inner int) int {
	widest := 0
	for _, c := range p.choices[min(p.top, len(p.choices)):min(p.top+p.rows, len(p.choices))] {
		if c.Detail != "" {
			widest = max(widest, Width(c.Name))
		}
	}
	return max(min(widest, inner*3/5), min(inner/3, inner-4))
}

func (p *picker) drawChoice(f Frame, inner, names, row int) string {
	c := p.choices[row]
	marker, look := "   ", themes.Text
	if row == p.current {
		marker, look = " › ", themes.Cursor
	}
	if c.Detail == "" {
		names = inner - 4
	}
	name := Truncate(c.Name, names)
	detail := Truncate(c.Detail, inner-names-6)
	role := themes.Text
	if c.Dim {
		role = themes.Muted
	}
	line := Line{{marker, themes.Accent}, {name, role}}
	if detail != "" {
		line = append(line, Span{pad(names - Width(name) + 2), themes.Text}, Span{detail, themes.Muted})
	}
	return paintBoxLine(f, look, inner, line)
}

// pad returns n blanks.
func pad(n int) string {
	p := painter{}
	p.fill(n)
	return string(p.b)
}

func (p *picker) hints() []Key {
	return []Key{
		{Keys: []string{"enter"}, Help: "choose"},
		{Show: "↑ ↓", Help: "move"},
		{Keys: []string{"tab"}, Help: "complete"},
		{Keys: []string{"esc"}, Help: "close"},
	}
}
