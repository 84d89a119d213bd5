package views

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// entry is one line of a page; enter on it does then.
type entry struct {
	line ui.Line
	id   string // names the line, so that the cursor stays on it
	then ui.Intent
	late bool // the cursor begins on another line, if there is one
}

// walk is a page of lines with a cursor that walks over those that lead somewhere.
type walk struct {
	lines  []entry // as last drawn
	moved  bool    // the user put the cursor where it is
	cursor int     // index of a line
	top    int
	height int
}

func walkKeys() []ui.Key {
	return []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
		{Action: ui.Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: ui.Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: ui.Top, Keys: []string{"g", "home"}, Help: "top", Group: "Move"},
		{Action: ui.Bottom, Keys: []string{"G", "end"}, Help: "bottom", Group: "Move"},
		{Action: ui.PageDown, Keys: []string{"ctrl+f", "pgdown"}, Help: "page down", Group: "Move"},
		{Action: ui.PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
	}
}

// current is the line under the cursor; an empty one where there is none.
func (w *walk) current() entry {
	if w.cursor < 0 || w.cursor >= len(w.lines) {
		return entry{}
	}
	return w.lines[w.cursor]
}

// update handles the keys and the mouse.
func (w *walk) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Do:
		return w.do(msg)
	case ui.Wheel:
		w.scroll(msg.Lines)
	case ui.Clicked:
		return w.clicked(msg)
	}
	return nil
}

func (w *walk) do(msg ui.Do) ui.Intent {
	w.moved = true
	switch msg.Action {
	case ui.Down:
		w.step(1)
	case ui.Up:
		w.step(-1)
	case ui.Top:
		w.cursor, w.top = -1, 0
		w.step(1)
	case ui.Bottom:
		w.cursor, w.top = len(w.lines), max(0, len(w.lines)-w.height)
		w.step(-1)
	case ui.PageDown:
		w.scroll(w.height)
	case ui.PageUp:
		w.scroll(-w.height)
	case actOpen:
		return w.current().then
	}
	return nil
}

// goTo puts the cursor on a line by its name, when the page is drawn next.
func (w *walk) goTo(id string) {
	w.lines, w.cursor, w.moved = []entry{{id: id}}, 0, true
}

// step moves to the next line that leads somewhere; when that is out of sight,
// the page scrolls first, so that nothing is passed over unseen.
func (w *walk) step(by int) {
	for i := w.cursor + by; i >= 0 && i < len(w.lines); i += by {
		if w.lines[i].then == nil {
			continue
		}
		if i < w.top-1 || i > w.top+w.height {
			break
		}
		w.cursor = i
		w.top = min(max(w.top, i-w.height+1), i)
		return
	}
	w.scroll(by)
}

// scroll moves the window and takes the cursor along.
func (w *walk) scroll(by int) {
	w.top = max(0, min(w.top+by, len(w.lines)-w.height))
	if w.cursor >= w.top && w.cursor < w.top+w.height {
		return
	}
	for i := w.top; i < min(w.top+w.height, len(w.lines)); i++ {
		if w.lines[i].then != nil {
			w.cursor = i
			return
		}
	}
}

func (w *walk) clicked(msg ui.Clicked) ui.Intent {
	i := w.top + msg.Y
	if i >= len(w.lines) || w.lines[i].then == nil {
		return nil
	}
	w.cursor, w.moved = i, true
	if msg.Double {
		return w.lines[i].then
	}
	return nil
}

// walkGutter is the cells before a line of a page: the cursor and a blank, as in a table.
const walkGutter = 2

// inside is the frame that a page is laid out for.
func inside(f ui.Frame) ui.Frame {
	if !f.Still {
		f.Width = max(1, f.Width-walkGutter+1)
	}
	return f
}

// draw draws a new version of the page.
func (w *walk) draw(f ui.Frame, page []entry) string {
	var id string
	if w.moved && w.cursor >= 0 && w.cursor < len(w.lines) {
		id = w.lines[w.cursor].id
	}
	w.height = f.Height
	before := w.lines
	w.lines = page
	w.keepTop(before)
	w.keepCursor(id)
	out := make([]string, 0, f.Height)
	for i := w.top; i < min(len(w.lines), w.top+f.Height); i++ {
		out = append(out, w.drawLine(f, i))
	}
	return strings.Join(out, "\n")
}

func (w *walk) drawLine(f ui.Frame, i int) string {
	e := w.lines[i]
	if f.Still {
		return ui.PaintLine(f, e.line, f.Width, 0)
	}
	line := append(ui.Line{{Text: "  ", Role: themes.Text}}, e.line...)
	if i != w.cursor || e.then == nil {
		return ui.PaintLine(f, line, f.Width, 0)
	}
	line[0].Text = "› "
	var b strings.Builder
	room := ui.BarEnd(f.Width, line.Width()+1)
	for _, s := range line {
		text := ui.Truncate(s.Text, room)
		room -= ui.Width(text)
		b.WriteString(f.Theme.PaintOn(themes.Cursor, s.Role, text))
	}
	return b.String() + f.Theme.PaintOn(themes.Cursor, themes.Text, strings.Repeat(" ", max(0, room)))
}

// keepCursor puts the cursor back on its line after the page changed.
func (w *walk) keepCursor(id string) {
	if i := slices.IndexFunc(w.lines, func(e entry) bool { return e.id == id && e.then != nil }); id != "" && i >= 0 {
		w.cursor = i
	} else if !w.moved || w.cursor >= len(w.lines) || w.cursor < 0 || w.lines[w.cursor].then == nil {
		w.cursor = slices.IndexFunc(w.lines, func(e entry) bool { return e.then != nil && !e.late })
		if w.cursor < 0 {
			w.cursor = slices.IndexFunc(w.lines, func(e entry) bool { return e.then != nil })
		}
	}
	w.top = max(0, min(w.top, len(w.lines)-w.height))
}

// keepTop keeps what is read where it is when lines come or go above it.
func (w *walk) keepTop(before []entry) {
	for i := w.top; i < len(before) && w.top > 0; i++ {
		if before[i].id == "" {
			continue
		}
		if at := slices.IndexFunc(w.lines, func(e entry) bool { return e.id == before[i].id }); at >= 0 {
			w.top = max(0, w.top+at-i)
			return
		}
	}
}
