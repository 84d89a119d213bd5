package ui

import "strings"

// copied says what was copied: the text itself where it fits into a line. By default
// tmux keeps it to itself, and does not say so.
func copied(c Copy, tmux bool) string {
	text := "copied " + c.What
	switch {
	case c.Hidden:
	case !strings.Contains(c.Text, "\n"):
		text = "copied " + printable(c.Text)
	default:
		first, _, _ := strings.Cut(c.Text, "\n")
		text += ": " + printable(first) + " …"
	}
	if tmux { // First, for the rest may be long.
		text = "copied, where tmux has set-clipboard on: " + strings.TrimPrefix(text, "copied ")
	}
	return text
}
