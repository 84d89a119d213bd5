package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// dialogWidth is the widest that a question gets.
const dialogWidth = 64

// dialog asks before an effect runs. No is where the cursor is: it takes two
// keys to say yes, so no single stroke destroys anything.
type dialog struct {
	then    Effect
	yes     bool
	buttons int // their line in the box, of the last draw
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

// clicked moves to a button; a click on the one that is marked already presses
// it.
func (d *dialog) clicked(body Frame, x, y int) reply {
	b := d.draw(body)
	if y != b.y+d.buttons {
		return reply{}
	}
	at := x - b.x - dialogIndent
	no, yes := at >= 0 && at < len(noButton), at >= len(noButton)+2 && at < len(noButton)+2+len(yesButton)
	switch {
	case yes && d.yes || no && !d.yes:
		return d.decide()
	case yes || no:
		d.yes = yes
	}
	return reply{}
}

// dialogIndent is the cells left of the text, border included.
const dialogIndent = 3

const (
	noButton  = "  No  "
	yesButton = "  Yes  "
)

func (d *dialog) draw(body Frame) box {
	inner := min(dialogWidth, body.Width-4) - 2
	words := Wrap(printable(d.then.String())+"?", inner-2*(dialogIndent-1))
	no, yes := themes.Cursor, themes.Text
	if d.yes {
		no, yes = yes, no
	}
	// The brackets show where the cursor is when there are no colours.
	buttons := Line{{"  ", themes.Text}, {bracket(noButton, !d.yes), no}, {"  ", themes.Text}, {bracket(yesButton, d.yes), yes}}

	// Where there is little room the blank lines go, then the end of the words.
	room := body.Height - 2 - 1 - len(words)
	var lines []boxLine
	if room > 1 {
		lines = append(lines, boxLine{})
	}
	for _, text := range words[:min(len(words), len(words)+room)] {
		lines = append(lines, paintBoxLine(body, themes.Text, inner, Line{{"  ", themes.Text}, {text, themes.Text}}))
	}
	if room > 0 {
		lines = append(lines, boxLine{})
	}
	lines = append(lines, paintBoxLine(body, themes.Text, inner, buttons))
	d.buttons = len(lines) // Below the border.
	if room > 2 {
		lines = append(lines, boxLine{})
	}
	return box{
		x: (body.Width - inner - 2) / 2, y: max(0, (body.Height-len(lines)-2)/3), width: inner + 2,
		lines: border(body, "confirm", inner, lines),
	}
}

func bracket(button string, current bool) string {
	if !current {
		return button
	}
	return "[" + button[1:len(button)-1] + "]"
}

func (d *dialog) hints() []Key {
	return []Key{
		{Keys: []string{"tab"}, Help: "no or yes"},
		{Keys: []string{"enter"}, Help: "answer"},
		{Keys: []string{"esc"}, Help: "no"},
	}
}
