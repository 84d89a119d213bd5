package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// help shows every binding that works in the view below it.
type help struct {
	groups []helpGroup
	top    int
	rows   int // of the last draw
	total  int
}

type helpGroup struct {
	title string
	keys  []Key
}

// HelpOptions order the help in the same way on every screen.
type HelpOptions struct {
	// First are the actions that it begins with, in this order, where they are bound.
	First []Action
	// Groups are the headings in their order; others follow.
	Groups []string
	// Elsewhere, when it is not nil, returns what keys that are bound here mean on other
	// screens.
	Elsewhere func(bound []Key) []Key
}

// firstTitle heads what the help begins with.
const firstTitle = "Most used"

// newHelp groups the bindings.
func newHelp(bound []Key, o HelpOptions) *help {
	h := &help{}
	for _, action := range o.First {
		for _, k := range bound {
			if k.Action == action {
				k.Group = firstTitle
				h.add(k)
			}
		}
	}
	for _, k := range bound {
		if k.Action == "" || !slices.Contains(o.First, k.Action) {
			h.add(k)
		}
	}
	place := func(g helpGroup) int {
		if i := slices.Index(o.Groups, g.title); i >= 0 || g.title == firstTitle {
			return i
		}
		return len(o.Groups)
	}
	slices.SortStableFunc(h.groups, func(a, b helpGroup) int { return place(a) - place(b) })
	return h
}

func (h *help) add(k Key) {
	if len(k.Keys) == 0 && k.Show == "" || k.Help == "" {
		return
	}
	title := k.Group
	if title == "" {
		title = "Here"
	}
	for i := range h.groups {
		if h.groups[i].title == title {
			h.groups[i].keys = append(h.groups[i].keys, k)
			return
		}
	}
	h.groups = append(h.groups, helpGroup{title, []Key{k}})
}

func (h *help) press(msg tea.KeyPressMsg) reply {
	switch msg.String() {
	case "esc", "q", "?", "enter":
		return reply{closes: true}
	case "down", "j":
		h.scroll(1)
	case "up", "k":
		h.scroll(-1)
	case "pgdown", "space", "ctrl+f", "ctrl+d":
		h.scroll(h.rows)
	case "pgup", "ctrl+b", "ctrl+u":
		h.scroll(-h.rows)
	case "home", "g":
		h.scroll(-h.total)
	case "end", "G":
		h.scroll(h.total)
	}
	return reply{}
}

func (h *help) scroll(lines int) {
	h.top = max(0, min(h.top+lines, h.total-h.rows))
}

func (h *help) paste(string) {}

func (h *help) wheel(lines int) { h.scroll(lines) }

func (h *help) clicked(string) reply { return reply{} }

// helpColumn is the cells of one column of bindings.
const helpColumn = 36

func (h *help) draw(body Frame) box {
	count := max(1, min(3, (body.Width-6)/helpColumn))
	inner := min(body.Width-4, count*helpColumn+2)
	lines := h.lines(body, count, (inner-2)/count)
	h.total = len(lines)
	h.rows = max(1, min(h.total, body.Height-2))
	h.scroll(0)
	title := "help"
	switch {
	case h.top+h.rows < h.total:
		title = "help, ↓ for more"
	case h.top > 0:
		title = "help, ↑ for more"
	}
	return newBox(body, title, inner, lines[h.top:h.top+h.rows])
}

// lines places the groups side by side, each in the column that is the shortest so
// far.
func (h *help) lines(f Frame, count, width int) []string {
	columns := make([][]string, count)
	for _, g := range h.groups {
		shortest := &columns[0]
		for i := range columns {
			if len(columns[i]) < len(*shortest) {
				shortest = &columns[i]
			}
		}
		if len(*shortest) > 0 {
			*shortest = append(*shortest, "")
		}
		for _, line := range g.lines(f, width) {
			*shortest = append(*shortest, paintBoxLine(f, themes.Text, width, line))
		}
	}
	panels := make([]string, count)
	for i, column := range columns {
		panels[i] = strings.Join(column, "\n")
	}
	return strings.Split(lipgloss.NewStyle().PaddingLeft(2).Render(SideBySide(panels...)), "\n")
}

func (g helpGroup) lines(f Frame, width int) []Line {
	keys := 0
	for _, k := range g.keys {
		keys = max(keys, Width(k.showKeys(f)))
	}
	keys = min(keys, width/2)
	out := []Line{{{g.title, themes.Heading}}}
	for _, k := range g.keys {
		shown := Truncate(k.showKeys(f), keys)
		out = append(out, Line{
			{shown, themes.KeyName},
			{pad(keys - Width(shown) + 2), themes.Text},
			{Truncate(k.Help, width-keys-3), themes.Text},
		})
	}
	return out
}

func (h *help) hints() []Key {
	return []Key{
		{Show: "↑ ↓", Help: "scroll"},
		{Keys: []string{"esc"}, Help: "close"},
	}
}
