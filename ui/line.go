package ui

import "github.com/charmbracelet/x/ansi"

// Width is the number of cells that s takes.
func Width(s string) int { return ansi.StringWidth(s) }

// Truncate cuts s to w cells.
func Truncate(s string, w int) string { return ansi.Truncate(s, w, "…") }

// PaintLine draws the cells [offset, offset+width) of a line.
func PaintLine(f Frame, line Line, width, offset int) string {
	text := ""
	for _, span := range line {
		text += f.Theme.Paint(span.Role, span.Text)
	}
	return ansi.Cut(text, offset, offset+width)
}
