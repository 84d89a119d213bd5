package ui

import (
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// dialogWidth bounds the width of a question.
const dialogWidth = 64

// dialog asks before something is done. The cursor is on No: it takes two keys to say
// yes, so no single stroke destroys anything. Where a word is to be typed, that is the
// answer.
type dialog struct {
	Confirm
	yes   bool
	typed textField
}

func newDialog(c Confirm) *dialog { return &dialog{Confirm: c} }

func (d *dialog) press(msg tea.KeyPressMsg) reply {
	if d.Type != "" {
		return d.pressTyped(msg)
	}
	switch msg.String() {
	case "esc", "n", "N", "q":
		return reply{closes: true}
	case "y", "Y":
		d.yes = true
	case "tab", "shift+tab", "left", "right", "h", "l":
		d.yes = !d.yes
	case "enter":
		return d.decide()
	}
	return reply{}
}

// pressTyped takes the keys where a word is to be typed.
func (d *dialog) pressTyped(msg tea.KeyPressMsg) reply {
	switch msg.String() {
	case "esc":
		return reply{closes: true}
	case "enter":
		if d.typed.text == d.Type {
			return reply{closes: true, intent: d.Then}
		}
	default:
		d.typed.pressKey(msg)
	}
	return reply{}
}

func (d *dialog) decide() reply {
	if d.yes {
		return reply{closes: true, intent: d.Then}
	}
	return reply{closes: true}
}

func (d *dialog) paste(text string) {
	if d.Type != "" {
		d.typed.insert(text)
	}
}

func (d *dialog) wheel(int) {}

// clicked moves to a button; a click on the current one presses it.
func (d *dialog) clicked(id string) reply {
	if id != noButton && id != yesButton {
		return reply{}
	}
	if yes := id == yesButton; yes != d.yes {
		d.yes = yes
		return reply{}
	}
	return d.decide()
}

// dialogIndent is the number of blank cells on either side of the text.
const dialogIndent = 2

// The IDs of the buttons are their words.
const (
	noButton  = "No"
	yesButton = "Yes"
)

func (d *dialog) draw(body Frame) box {
	inner := min(dialogWidth, body.Width-4) - 2
	words := Wrap(d.Question, inner-2*dialogIndent)

	// Where room is short, the blank lines go first, then the end of the text.
	room := body.Height - 2 - 1 - len(words)
	words = words[:min(len(words), len(words)+room)]
	var lines []Line
	if room > 1 {
		lines = append(lines, nil)
	}
	for _, text := range words {
		lines = append(lines, Line{{blanks[:dialogIndent], themes.Text}, {text, themes.Text}})
	}
	if room > 0 {
		lines = append(lines, nil)
	}
	answer := len(lines)
	if d.Type != "" {
		label := "type " + Truncate(d.Type, inner/2) + " and press enter: "
		part, at := d.typed.window(inner - 2*dialogIndent - Width(label))
		lines = append(lines, Line{{blanks[:dialogIndent] + label, themes.Muted}, {part, themes.Input}})
		b := newBox(body, "confirm", inner, paintBoxLines(body, inner, lines))
		b.cursor = &term.Cursor{X: 1 + dialogIndent + Width(label) + at, Y: 1 + answer}
		return b
	}
	lines = append(lines, nil)
	no := drawButton(body, noButton, !d.yes).X(1 + dialogIndent).Y(len(lines))
	yes := drawButton(body, yesButton, d.yes).X(no.GetX() + no.Width() + dialogIndent).Y(len(lines))
	if room > 2 {
		lines = append(lines, nil)
	}
	return newBox(body, "confirm", inner, paintBoxLines(body, inner, lines), no, yes)
}

func paintBoxLines(body Frame, inner int, lines []Line) []string {
	painted := make([]string, len(lines))
	for i, line := range lines {
		painted[i] = paintBoxLine(body, themes.Text, inner, line)
	}
	return painted
}

// drawButton draws a button. The brackets show the current one when there are no
// colours.
func drawButton(f Frame, word string, current bool) *lipgloss.Layer {
	text, role := "  "+word+"  ", themes.Text
	if current {
		text, role = "[ "+word+" ]", themes.Cursor
	}
	return newPart(f, f.Theme.Paint(role, text)).ID(word)
}

func (d *dialog) hints() []Key {
	if d.Type != "" {
		return []Key{
			{Keys: []string{"enter"}, Help: "go on"},
			{Keys: []string{"esc"}, Help: "no"},
		}
	}
	return []Key{
		{Keys: []string{"tab"}, Help: "no or yes"},
		{Keys: []string{"enter"}, Help: "answer"},
		{Keys: []string{"esc"}, Help: "no"},
	}
}
