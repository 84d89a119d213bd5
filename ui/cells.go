package ui

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// SideBySide places painted panels of several lines next to each other, their first
// lines level. Each is as wide as its widest line.
func SideBySide(panels ...string) string {
	measured := make([]string, len(panels))
	for i, panel := range panels {
		measured[i] = asCells(panel)
	}
	return lipgloss.JoinHorizontal(lipgloss.Top, measured...)
}

// noSequence is an OSC without a command. Lip Gloss takes it for the end of a
// character, and the renderer leaves it out.
const noSequence = "\x1b]\a"

// asCells returns text that Lip Gloss measures as Width does. By itself it counts
// grapheme clusters, which most terminals do not: they show an emoji with a skin tone
// as two.
func asCells(text string) string {
	if isASCII(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		size, width := cluster(text[i:])
		part := text[i : i+size]
		i += size
		if size == 1 || lipgloss.Width(part) == width {
			b.WriteString(part)
			continue
		}
		for _, r := range part {
			b.WriteRune(r)
			b.WriteString(noSequence)
		}
	}
	return b.String()
}
