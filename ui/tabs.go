package ui

import "github.com/fathom-k8s/fathom/themes"

// tabGap is the number of cells between two tabs.
const tabGap = 2

// Tabs draws a row of names, the current one between brackets of colour or
// reversed. Where not all fit, the row begins further right, so that the
// current one is seen.
func Tabs(f Frame, names []string, current int) string {
	p := painter{theme: f.Theme}
	x, left := 1, tabsOffset(f, names, current)
	p.space(min(1, f.Width))
	for i, name := range names {
		if i < left {
			continue
		}
		if x >= f.Width {
			break
		}
		role, text := themes.Muted, " "+name+" "
		if i == current {
			role = themes.Cursor
		}
		text = Truncate(text, f.Width-x)
		p.text(role, text)
		x += Width(text)
		p.space(min(tabGap-1, f.Width-x))
		x += tabGap - 1
	}
	return p.done()
}

// TabAt is the tab at cell x of the row that Tabs draws, or -1.
func TabAt(f Frame, names []string, current, x int) int {
	at := 1
	for i := tabsOffset(f, names, current); i < len(names); i++ {
		w := Width(names[i]) + 2
		if x >= at && x < at+w {
			return i
		}
		at += w + tabGap - 1
	}
	return -1
}

// tabsOffset is the first tab that is drawn.
func tabsOffset(f Frame, names []string, current int) int {
	for left := range current {
		end := 1
		for _, name := range names[left:min(current+1, len(names))] {
			end += Width(name) + 2 + tabGap - 1
		}
		if end-tabGap+1 <= f.Width {
			return left
		}
	}
	return max(0, current)
}
