package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// detailed is a table with a text about the row under its cursor below it. The text may
// have the whole screen.
type detailed struct {
	table ui.Table
	above int      // lines above the table, as they were drawn last
	whole bool     // the text has the screen
	pager ui.Pager // of the text, when it has
}

// What is left to the table before a text has room.
const (
	splitHeight = 10 // of the screen
	splitText   = 4  // of the text, in tenths
)

// draw draws head, the table and the text; title is the first line of the text.
func (d *detailed) draw(f ui.Frame, rows ui.Rows, head []ui.Line, title ui.Line, text []ui.Line) string {
	var out []string
	add := func(line ui.Line) {
		if f.Height > 1 {
			out = append(out, ui.PaintLine(f, line.Truncate(f.Width), f.Width, 0))
			f.Height--
		}
	}
	if d.whole && title != nil {
		add(title)
		return strings.Join(append(out, d.pager.Draw(f, lines(text))), "\n")
	}
	for _, line := range head {
		add(line)
	}
	d.above = len(out)
	if f.Still || title == nil || f.Height < splitHeight {
		return strings.Join(append(out, d.table.Draw(f, rows)), "\n")
	}
	room := f.Height * splitText / 10
	whole := f
	f.Height -= room
	drawn := d.table.Draw(f, rows)
	drawn += strings.Repeat("\n", f.Height-1-strings.Count(drawn, "\n"))
	out = append(out, drawn)
	f = whole
	f.Height = room + 1 // add leaves one
	add(title)
	for i, line := range text {
		if f.Height == 2 && i < len(text)-1 {
			line = append(line.Truncate(f.Width-2), ui.Span{Text: " …", Role: themes.Muted})
		}
		if f.Height < 2 {
			break
		}
		add(line)
	}
	return strings.Join(out, "\n")
}

// withDetail draws a table and below it, where there is room, a few words about the row under the cursor, in
// so many lines at most, of which the first is empty.
func withDetail(f ui.Frame, table *ui.Table, rows ui.Rows, lines int, detail string) string {
	if f.Height < 4*lines || f.Still {
		return table.Draw(f, rows)
	}
	f.Height -= lines
	drawn := table.Draw(f, rows)
	drawn += strings.Repeat("\n", max(0, f.Height-1-strings.Count(drawn, "\n")))
	out := []string{drawn, ""}
	for _, line := range ui.Wrap(detail, f.Width-2) {
		if len(out) > lines {
			break
		}
		out = append(out, ui.PaintLine(f, ui.Line{{Text: " " + line, Role: themes.Muted}}, f.Width, 0))
	}
	return strings.Join(out, "\n")
}

// moves are the keys that move through the table, or through the text where that has the
// screen.
func (d *detailed) moves() []ui.Key {
	keys := moves(&d.table)
	if d.whole {
		keys = append([]ui.Key{
			{Action: actClearFilter, Keys: []string{"esc"}, Help: "back to the rows", Group: "Table", Footer: true},
		}, keys...)
	}
	return append(keys, ui.Key{Action: actWrap, Keys: []string{"W"}, Help: "the text alone", Group: "Text", Footer: true})
}

// update takes what moves and what shows the text alone.
func (d *detailed) update(msg ui.Msg, rows ui.Rows, text []ui.Line) {
	switch msg := msg.(type) {
	case ui.Do:
		switch {
		case msg.Action == actWrap, msg.Action == actClearFilter && d.whole:
			d.whole, d.pager = !d.whole, ui.Pager{Wrap: true}
		case d.whole:
			d.pager.Do(msg, lines(text))
		default:
			d.table.Do(msg, rows)
		}
	case ui.Clicked:
		msg.Y -= d.above
		if !d.whole {
			d.table.Clicked(msg, rows)
		}
	case ui.Wheel:
		if d.whole {
			d.pager.Wheel(msg.Lines, lines(text))
		} else {
			d.table.Wheel(msg.Lines, rows)
		}
	}
}

// sentences wraps a text of several lines; each is indented.
func sentences(text string, role themes.Role, width int) []ui.Line {
	var out []ui.Line
	for paragraph := range strings.SplitSeq(text, "\n") {
		for _, line := range ui.Wrap(paragraph, width-2) {
			out = append(out, behind(1, line, role))
		}
	}
	return out
}
