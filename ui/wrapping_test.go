package ui

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/themes"
)

// TestWrapping holds that the rows of a line are as many as are counted, none is too wide, and
// together they are the line.
func TestWrapping(t *testing.T) {
	role := themes.Muted
	for name, line := range map[string]Line{
		"nothing":                 nil,
		"an empty span":           {{"", role}},
		"ASCII":                   {{strings.Repeat("abc", 50), role}},
		"as wide as the row":      {{strings.Repeat("ä", 20), role}, {"", role}},
		"two spans":               {{strings.Repeat("ä", 15), role}, {strings.Repeat("b", 30), themes.Text}},
		"a span ends with a row":  {{strings.Repeat("ä", 20), role}, {"b", role}},
		"wide at the edge":        {{strings.Repeat("x", 19) + "日本語", role}},
		"combining over the edge": {{strings.Repeat("e\u0301", 41), role}},
	} {
		for _, width := range []int{1, 2, 20, 80, 1000} {
			w := wrapping{line: line}
			rows, all := 0, ""
			for rows == 0 || !w.done() {
				row := w.next(width)
				rows++
				all += row.String()
				if got := row.Width(); got > width && (width > 1 || got > 2) {
					t.Errorf("%s: a row of %d cells in %d", name, got, width)
				}
			}
			if want := rowsOf(line, width); rows != want || all != line.String() {
				t.Errorf("%s in %d: %d rows, counted %d: %q", name, width, rows, want, all)
			}
		}
	}
}

// BenchmarkDrawLongLine draws the end of a line of a megabyte.
func BenchmarkDrawLongLine(b *testing.B) {
	for name, part := range map[string]string{"ASCII": "0123456789", "other": "äöü日本"} {
		b.Run(name, func(b *testing.B) {
			doc := lines{strings.Repeat(part, (1<<20)/len(part))}
			p := Pager{Wrap: true, Follow: true}
			f := Frame{Width: 80, Height: 24, Theme: themes.Plain}
			for b.Loop() {
				p.Draw(f, doc)
			}
		})
	}
}
