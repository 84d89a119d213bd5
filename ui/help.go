package ui

import (
	tea "charm.land/bubbletea/v2"

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

// newHelp gathers the bindings by group: the view's in the order it gives
// them, then the shell's that the view has left to it.
func newHelp(view, globals []Key) *help {
	h := &help{}
	taken := map[string]bool{}
	for _, k := range view {
		h.add(k)
		for _, key := range k.Keys {
			taken[key] = true
		}
	}
	for _, k := range globals {
		var left []string
		for _, key := range k.Keys {
			if !taken[key] {
				left = append(left, key)
			}
		}
		k.Keys = left
		h.add(k)
	}
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

func (h *help) clicked(Frame, int, int) reply { return reply{} }

// helpColumn is the cells of one column of bindings.
const helpColumn = 36

func (h *help) draw(body Frame) box {
	columns := max(1, min(3, (body.Width-6)/helpColumn))
	inner := min(body.Width-4, columns*helpColumn+2)
	lines := h.columns(body, columns, (inner-2)/columns)
	h.total = len(lines)
	h.rows = max(1, min(h.total, body.Height-2))
	h.scroll(0)
	shown := make([]boxLine, h.rows)
	for i := range shown {
		line := append(Line{{"  ", themes.Text}}, lines[h.top+i]...)
		shown[i] = paintBoxLine(body, themes.Text, inner, line)
	}
	title := "help"
	if h.rows < h.total {
		title = "help, ↓ for more"
	}
	return box{
		x: (body.Width - inner - 2) / 2, y: max(0, (body.Height-h.rows-2)/2), width: inner + 2,
		lines: border(body, title, inner, shown),
	}
}

// columns lays the groups out side by side, each in the column that is the
// shortest so far.
func (h *help) columns(f Frame, count, width int) []Line {
	stacks := make([][]Line, count)
	for _, g := range h.groups {
		shortest := 0
		for i := range stacks {
			if len(stacks[i]) < len(stacks[shortest]) {
				shortest = i
			}
		}
		if len(stacks[shortest]) > 0 {
			stacks[shortest] = append(stacks[shortest], nil)
		}
		stacks[shortest] = append(stacks[shortest], g.lines(f, width)...)
	}
	var out []Line
	for i, stack := range stacks {
		for y, line := range stack {
			if y == len(out) {
				out = append(out, nil)
			}
			if gap := i*width - out[y].Width(); gap > 0 {
				out[y] = append(out[y], Span{pad(gap), themes.Text})
			}
			out[y] = append(out[y], line...)
		}
	}
	return out
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
