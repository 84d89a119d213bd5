package ui

import (
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// dialogWidth bounds the width of a question.
const dialogWidth = 64

// dialog asks before an effect runs. The cursor is on No: it takes two keys to say
// yes, so no single stroke destroys anything.
type dialog struct {
	then Effect
	yes  bool
}

func newDialog(then Effect) *dialog { return &dialog{then: then} }

func (d *dialog) press(msg tea.KeyPressMsg) reply {
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

func (d *dialog) decide() reply {
	if d.yes {
		return reply{closes: true, intent: d.then}
	}
	return reply{closes: true}
}

func (d *dialog) paste(string) {}

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
	words := Wrap(d.then.String()+"?", inner-2*dialogIndent)

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
	lines = append(lines, nil)
	no := drawButton(body, noButton, !d.yes).X(1 + dialogIndent).Y(len(lines))
	yes := drawButton(body, yesButton, d.yes).X(no.GetX() + no.Width() + dialogIndent).Y(len(lines))
	if room > 2 {
		lines = append(lines, nil)
	}
	painted := make([]string, len(lines))
	for i, line := range lines {
		painted[i] = paintBoxLine(body, themes.Text, inner, line)
	}
	return newBox(body, "confirm", inner, painted, no, yes)
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
	return []Key{
		{Keys: []string{"tab"}, Help: "no or yes"},
		{Keys: []string{"enter"}, Help: "answer"},
		{Keys: []string{"esc"}, Help: "no"},
	}
}
