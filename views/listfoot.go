package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// messageLines is the least room for the whole text of the row under the cursor.
const messageLines = 5

// foot are the lines below the table: the whole text of the row under the cursor, where a
// column has prose, and the syntax of the filter while it is open.
func (l *list) foot(f ui.Frame) []string {
	var out []string
	paint := func(line ui.Line) { out = append(out, ui.PaintLine(f, line, f.Width, 0)) }
	if r := l.current(); r != nil && l.rows.Prose() >= 0 && f.Height >= 3*messageLines && !f.Still {
		about := ui.Wrap(l.aboutRow(r), f.Width-2)
		heads := len(about)
		text := append(about, ui.Wrap(cellText(r, r.Kind.Columns[l.rows.Prose()].Name), f.Width-2)...)
		text = append(text, make([]string, max(0, messageLines-1-len(text)))...)
		paint(nil)
		for i, line := range text[:min(len(text), f.Height/2)] {
			role := themes.Text
			if i < heads {
				role = themes.Muted
			}
			paint(ui.Line{{Text: " " + line, Role: role}})
		}
	}
	for _, line := range l.whyWrong(f) {
		paint(line)
	}
	if l.filtering && f.Height > messageLines {
		paint(filterHint(f.Width))
	}
	return out
}

// reasonLines is the room for why the row under the cursor is a problem. It does not change from
// row to row, or the table would jump.
const reasonLines = 2

// whyWrong is why the row under the cursor is a problem, while only problems are shown.
func (l *list) whyWrong(f ui.Frame) []ui.Line {
	r := l.current()
	_, wrong := l.rows.Filter()
	if !wrong || r == nil || l.rows.Prose() >= 0 || f.Height < 3*messageLines || f.Still {
		return nil
	}
	how := judgment{r.Status.Level, r.Status.Reason}
	if known := l.session.troubles()[r.Ref()]; known.level > how.level || how.reason == "" {
		how = known
	}
	text := ui.Wrap(how.reason, f.Width-2)
	if len(text) > reasonLines {
		rest := strings.Join(text[reasonLines-1:], " ")
		text = append(text[:reasonLines-1], ui.Truncate(rest, f.Width-2))
	}
	out := make([]ui.Line, 1+reasonLines)
	for i, line := range text {
		out[1+i] = behind(1, line, rows.LevelRole(how.level))
	}
	return out
}

// aboutRow names what a narrow table shortens or leaves out of an event.
func (l *list) aboutRow(r *kinds.Record) string {
	what, seen := seenWords(r, l.session.Now())
	out := []string{what, seen}
	if l.rows.Column("OBJECT") >= 0 {
		out = append(out, strings.TrimSpace(r.Namespace+" "+cellText(r, "OBJECT")))
	}
	return strings.Join(out, ", ")
}

// seenWords are the type and reason of an event, and how often and when it was seen.
func seenWords(r *kinds.Record, now time.Time) (what, seen string) {
	cells := map[string]string{}
	for i, c := range r.Kind.Columns[:min(len(r.Cells), len(r.Kind.Columns))] {
		cells[c.Name] = r.Cells[i].Format(now, kinds.CoarseAge)
	}
	seen = "last seen " + cells["LAST SEEN"] + " ago"
	if cells["COUNT"] != "1" {
		seen = cells["COUNT"] + " times in " + cells["FIRST SEEN"] + ", " + seen
	}
	return strings.TrimSpace(cells["TYPE"] + " " + cells["REASON"]), seen
}

// filterHint is the syntax of the filter in one line: as much of it as fits.
func filterHint(width int) ui.Line {
	const keys = "  enter keep  esc clear"
	text := ""
	for _, s := range rows.Syntax {
		if s.Hint != "" && ui.Width(" "+text+s.Hint+"  "+keys) <= width {
			text += s.Hint + "  "
		}
	}
	return ui.Line{{Text: " " + text + strings.TrimLeft(keys, " "), Role: themes.Muted}}
}

// filterKeys are the syntax of the filter for the help.
func filterKeys() []ui.Key {
	var out []ui.Key
	for _, s := range rows.Syntax {
		out = append(out, ui.Key{Show: s.Term, Help: s.Means, Group: "Filter"})
	}
	return out
}
