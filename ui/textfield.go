package ui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// textField is one line of text being edited. It never asks the system for its
// clipboard: pasted text comes from the terminal.
type textField struct {
	text   string
	cursor int // the cursor, in bytes
	// whole is set while all of the text is selected: what is typed replaces it, and a key
	// that moves keeps it.
	whole bool
}

func newTextField(text string) textField {
	text = printable(text)
	return textField{text: text, cursor: len(text)}
}

// pressKey edits the text, and reports whether the key means that.
func (in *textField) pressKey(msg tea.KeyPressMsg) bool {
	if in.whole {
		switch msg.String() {
		case "backspace", "ctrl+h", "delete", "ctrl+d", "ctrl+w", "alt+backspace", "ctrl+backspace":
			in.remove(0, len(in.text))
			return true
		}
	}
	if in.edit(msg) {
		in.whole = false
		return true
	}
	return false
}

func (in *textField) edit(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "left", "ctrl+b":
		in.cursor = in.before()
	case "right", "ctrl+f":
		in.cursor = in.after()
	case "home", "ctrl+a":
		in.cursor = 0
	case "end", "ctrl+e":
		in.cursor = len(in.text)
	case "ctrl+left", "alt+left", "alt+b":
		in.cursor = in.wordBefore()
	case "ctrl+right", "alt+right", "alt+f":
		in.cursor = in.wordAfter()
	case "backspace", "ctrl+h":
		in.remove(in.before(), in.cursor)
	case "delete", "ctrl+d":
		in.remove(in.cursor, in.after())
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		in.remove(in.wordBefore(), in.cursor)
	case "ctrl+u":
		in.remove(0, in.cursor)
	case "ctrl+k":
		in.remove(in.cursor, len(in.text))
	default:
		if msg.Text == "" || msg.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
			return false
		}
		in.insert(msg.Text)
	}
	return true
}

// insert puts text at the cursor, without characters that cannot be in one line.
func (in *textField) insert(text string) {
	text = printable(text)
	if in.whole {
		in.remove(0, len(in.text))
	}
	in.text = in.text[:in.cursor] + text + in.text[in.cursor:]
	in.cursor += len(text)
}

func (in *textField) remove(from, to int) {
	in.text = in.text[:from] + in.text[to:]
	in.cursor, in.whole = from, false
}

func (in *textField) before() int {
	last := in.cursor
	for i := 0; i < in.cursor; {
		last = i
		size, _ := cluster(in.text[i:])
		i += size
	}
	return min(last, in.cursor)
}

func (in *textField) after() int {
	if in.cursor >= len(in.text) {
		return in.cursor
	}
	size, _ := cluster(in.text[in.cursor:])
	return in.cursor + size
}

func (in *textField) wordBefore() int {
	head := strings.TrimRight(in.text[:in.cursor], " ")
	return strings.LastIndexByte(head, ' ') + 1
}

func (in *textField) wordAfter() int {
	tail := in.text[in.cursor:]
	word := strings.TrimLeft(tail, " ")
	if space := strings.IndexByte(word, ' '); space >= 0 {
		return in.cursor + len(tail) - len(word) + space
	}
	return len(in.text)
}

// window returns the part of the text that fits into width cells, and the cell of
// the cursor, which is always visible.
func (in *textField) window(width int) (part string, cursor int) {
	if width <= 0 {
		return "", 0
	}
	before := Width(in.text[:in.cursor])
	skip := max(0, before-width+1)
	pad, part, _ := clip(in.text, skip, width)
	return blanks[:min(pad, 1)] + part, before - skip
}

// marksMax bounds the combining marks of one character: more paint over the lines
// around it.
const marksMax = 4

// printable returns text as one line: line ends become blanks, and characters that
// cannot be printed, or draw nothing by themselves, are left out.
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
		case !unicode.IsPrint(r), marks > marksMax,
			unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		}
		return r
	}, s)
}
