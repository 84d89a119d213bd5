package ui

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
)

// drawFooter draws the keys that work now: as many as fit, and always the last ones,
// which lead to all others.
func drawFooter(f Frame, keys, always []Key) string {
	var tail Line
	for _, k := range always {
		tail = append(tail, footerKey(f, k)...)
	}
	room := f.Width - 1 - tail.Width()
	line := Line{{" ", themes.Text}}
	for _, k := range keys {
		if !k.Footer {
			continue
		}
		item := footerKey(f, k)
		w := item.Width()
		if w > room {
			break
		}
		room -= w
		line = append(line, item...)
	}
	return drawBar(f, themes.FooterBar, append(line, tail...))
}

func footerKey(f Frame, k Key) Line {
	key := k.showFirst(f)
	if key == "" {
		return nil
	}
	return Line{{key, themes.KeyName}, {" " + k.Help + "  ", themes.Text}}
}

// drawHints draws the keys of an overlay, and always the last one, which closes it.
func drawHints(f Frame, hints []Key) string {
	keys := slices.Clone(hints[:len(hints)-1])
	for i := range keys {
		keys[i].Footer = true
	}
	return drawFooter(f, keys, hints[len(hints)-1:])
}

// drawNote draws a note of the shell or a view.
func drawNote(f Frame, note Say) string {
	return drawBar(f, themes.FooterBar, Line{{" ", themes.Text}, {Truncate(note.Text, f.Width-2), note.Role}})
}

// drawGuide draws a view's own line, and the keys that lead to all others if there is
// room for both.
func drawGuide(f Frame, text string, always []Key) string {
	var tail Line
	for _, k := range always {
		tail = append(tail, footerKey(f, k)...)
	}
	gap := f.Width - 2 - Width(text) - tail.Width()
	if gap < 1 {
		return drawNote(f, Say{Text: text, Role: themes.Accent})
	}
	line := Line{{" ", themes.Text}, {text, themes.Accent}, {strings.Repeat(" ", gap), themes.Text}}
	return drawBar(f, themes.FooterBar, append(line, tail...))
}

// drawBar draws a line over the whole width in the look of a bar.
func drawBar(f Frame, row themes.Role, line Line) string {
	p := painter{theme: f.Theme, row: row}
	n := p.line(line, f.Width, 0)
	if f.Theme.Start(row) != "" {
		p.space(f.Width - n)
	}
	return p.done()
}
