package ui

import (
	"strconv"

	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// tabGap is the number of cells between two tabs, where there is room for all.
const tabGap = 1

// gapOf returns the number of cells between the tabs of a row.
func gapOf(width int, names []string) int {
	all := 1 - tabGap
	for _, name := range names {
		all += tabGap + Width(name) + 2
	}
	if all > width {
		return 0
	}
	return tabGap
}

// Tabs is a row of names, of which one is current. The zero value is ready to use.
type Tabs struct {
	drawn []drawnTab // by the last Draw
}

// drawnTab is a name where it was drawn.
type drawnTab struct {
	tab, x int
	text   string
}

// Draw draws the names, the current one in the cursor's look. Where not all fit,
// the row begins further right, so that the current one is visible.
func (t *Tabs) Draw(f Frame, names []string, current int) string {
	t.drawn = t.drawn[:0]
	x, gap := min(1, f.Width), gapOf(f.Width, names)
	for tab := firstTab(f.Width, names, current); tab < len(names) && x < f.Width; tab++ {
		text := Truncate(" "+names[tab]+" ", f.Width-x)
		t.drawn = append(t.drawn, drawnTab{tab, x, text})
		x += Width(text) + gap
	}
	p, x := painter{theme: f.Theme}, 0
	for _, d := range t.drawn {
		role := themes.Muted
		if d.tab == current {
			role = themes.Cursor
		}
		p.space(d.x - x)
		p.text(role, d.text)
		x = d.x + Width(d.text)
	}
	p.space(min(gap, f.Width-x))
	return p.done()
}

// Clicked returns the tab at a click, or -1.
func (t *Tabs) Clicked(c Clicked) int {
	layers := make([]*lipgloss.Layer, len(t.drawn))
	for i, d := range t.drawn {
		layers[i] = lipgloss.NewLayer(asCells(d.text)).X(d.x).ID(strconv.Itoa(d.tab))
	}
	tab, err := strconv.Atoi(lipgloss.NewCompositor(layers...).Hit(c.X, c.Y).ID())
	if err != nil {
		return -1
	}
	return tab
}

// firstTab returns the first tab that is drawn.
func firstTab(width int, names []string, current int) int {
	gap := gapOf(width, names)
	for first := range current {
		end := 1 - gap
		for _, name := range names[first:min(current+1, len(names))] {
			end += gap + Width(name) + 2
		}
		if end <= width {
			return first
		}
	}
	return max(0, current)
}
