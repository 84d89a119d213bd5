package ui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// input is one line of text that is being edited. It never asks the system for
// its clipboard: what is pasted comes from the terminal.
type input struct {
	text string
	at   int // the cursor, in bytes
}

func newInput(text string) input {
	text = printable(text)
	return input{text: text, at: len(text)}
}

// press edits the text; it is false for keys that mean something else.
func (in *input) press(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "left", "ctrl+b":
		in.at = in.before()
	case "right", "ctrl+f":
		in.at = in.after()
	case "home", "ctrl+a":
		in.at = 0
	case "end", "ctrl+e":
		in.at = len(in.text)
	case "ctrl+left", "alt+left", "alt+b":
		in.at = in.wordBefore()
	case "ctrl+right", "alt+right", "alt+f":
		in.at = in.wordAfter()
	case "backspace", "ctrl+h":
		in.remove(in.before(), in.at)
	case "delete", "ctrl+d":
		in.remove(in.at, in.after())
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		in.remove(in.wordBefore(), in.at)
	case "ctrl+u":
		in.remove(0, in.at)
	case "ctrl+k":
		in.remove(in.at, len(in.text))
	default:
		if msg.Text == "" || msg.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
			return false
		}
		in.insert(msg.Text)
	}
	return true
}

// insert puts text at the cursor, without what cannot be in one line.
func (in *input) insert(text string) {
	text = printable(text)
	in.text = in.text[:in.at] + text + in.text[in.at:]
	in.at += len(text)
}

func (in *input) remove(from, to int) {
	in.text = in.text[:from] + in.text[to:]
	in.at = from
}

func (in *input) before() int {
	last := in.at
	for i := 0; i < in.at; {
		last = i
		size, _ := cluster(in.text[i:])
		i += size
	}
	return min(last, in.at)
}

func (in *input) after() int {
	if in.at >= len(in.text) {
		return in.at
	}
	size, _ := cluster(in.text[in.at:])
	return in.at + size
}

func (in *input) wordBefore() int {
	head := strings.TrimRight(in.text[:in.at], " ")
	return strings.LastIndexByte(head, ' ') + 1
}

func (in *input) wordAfter() int {
	tail := in.text[in.at:]
	word := strings.TrimLeft(tail, " ")
	if space := strings.IndexByte(word, ' '); space >= 0 {
		return in.at + len(tail) - len(word) + space
	}
	return len(in.text)
}

// window is the part of the text that is seen in width cells, and the cell of
// the cursor, which is always seen.
func (in *input) window(width int) (part string, cursor int) {
	if width <= 0 {
		return "", 0
	}
	before := Width(in.text[:in.at])
	skip := max(0, before-width+1)
	pad, part, _ := clip(in.text, skip, width)
	return blanks[:min(pad, 1)] + part, before - skip
}

// marksMax is how many combining marks one character may carry; more paint over
// the lines around it.
const marksMax = 4

// printable is text as one line: ends of lines become blanks, and what cannot
// be printed, or draws nothing by itself, is left out.
func printable(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == '\n' || r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case !unicode.IsPrint(r), marks > marksMax, unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		}
		return r
	}, s)
}
