package views

import (
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/links"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// treeRows are the lines of a tree as the rows of a table.
type treeRows struct {
	linked  *linked
	reverse bool
	only    schema.GroupKind // with what is below them and what leads there; empty for all
	all     []links.Line
	shown   []int // of all; nil when all are shown
	at      map[uint64]int
}

func (t *treeRows) set(lines []links.Line) {
	t.all, t.shown = lines, nil
	t.reindex()
}

func (t *treeRows) reindex() {
	t.at = make(map[uint64]int, t.Len())
	for i := range t.Len() {
		t.at[t.line(i).ID] = i
	}
}

// subject moves the cursor to the first line of the subject.
func (t *treeRows) subject(table *ui.Table) {
	for i := range t.Len() {
		if t.line(i).Subject {
			table.SetCurrent(t.ID(i))
			return
		}
	}
}

// keep hides the lines that do not contain a text, except for those above one that does.
func (t *treeRows) keep(text string) {
	t.shown = nil
	if text != "" || t.only.Kind != "" {
		t.shown = t.matching(strings.ToLower(text))
	}
	t.reindex()
}

func (t *treeRows) matching(text string) []int {
	wanted, within := make([]bool, len(t.all)), t.within()
	depth := -1 // lines above this depth lead to a match
	for i := len(t.all) - 1; i >= 0; i-- {
		l := &t.all[i]
		object, status, _ := t.text(l)
		matches := within(i) && strings.Contains(strings.ToLower(object+" "+status+" "+l.Edge.How), text)
		if matches || l.Depth < depth {
			wanted[i], depth = true, l.Depth
		}
	}
	out := []int{}
	for i, w := range wanted {
		if w {
			out = append(out, i)
		}
	}
	return out
}

// within returns what reports whether a line is of the only kind that is shown, or below one.
func (t *treeRows) within() func(i int) bool {
	if t.only.Kind == "" {
		return func(int) bool { return true }
	}
	in := make([]bool, len(t.all))
	from := -1 // the depth of the line of that kind that the next ones are below; negative for none
	for i := range t.all {
		l := &t.all[i]
		if from >= 0 && l.Depth <= from {
			from = -1
		}
		if from < 0 && l.Edge.To.GroupKind == t.only {
			from = l.Depth
		}
		in[i] = from >= 0
	}
	return func(i int) bool { return in[i] }
}

func (t *treeRows) line(i int) *links.Line {
	if t.shown != nil {
		i = t.shown[i]
	}
	return &t.all[i]
}

// Len implements ui.Rows.
func (t *treeRows) Len() int {
	if t.shown != nil {
		return len(t.shown)
	}
	return len(t.all)
}

// ID implements ui.Rows.
func (t *treeRows) ID(i int) string { return strconv.FormatUint(t.line(i).ID, 36) }

// Find implements ui.Rows.
func (t *treeRows) Find(id string) int {
	n, err := strconv.ParseUint(id, 36, 64)
	if i, ok := t.at[n]; ok && err == nil {
		return i
	}
	return -1
}

// Version implements ui.Rows: lines are made afresh whenever something changes.
func (t *treeRows) Version(int) any { return nil }

// RowRole implements ui.Rows. Only the status has a colour: branches have none.
func (t *treeRows) RowRole(int) themes.Role { return themes.Text }

// Row implements ui.Rows.
func (t *treeRows) Row(i int, _ time.Time, cells []ui.TableCell) time.Time {
	l := t.line(i)
	object, status, role := t.text(l)
	cells[0].Text = object
	cells[1] = ui.TableCell{Text: status, Role: role}
	cells[2] = ui.TableCell{Text: l.Edge.How, Role: themes.Muted}
	return time.Time{}
}

// text is the object of a line below its branches, how it is, and the colour of that.
func (t *treeRows) text(l *links.Line) (object, status string, role themes.Role) {
	var b strings.Builder
	for depth := 1; depth < l.Depth; depth++ {
		b.WriteString(rail(l.Rail(depth), "│  ", "   "))
	}
	if l.Depth > 0 {
		b.WriteString(rail(l.Rail(l.Depth), "├─ ", "└─ "))
	}
	if l.Folds && !l.Open {
		b.WriteString("▸ ")
	}
	if words := t.words(l); words != "" {
		b.WriteString(words + " ")
	}
	if l.Equals != nil {
		b.WriteString(strconv.Itoa(len(l.Equals)) + " " + t.linked.resourceName(l.Edge.To.GroupKind))
	} else {
		b.WriteString(t.linked.name(l.Edge.To))
	}
	status, role = t.status(l)
	return b.String(), status, role
}

func rail(more bool, yes, no string) string {
	if more {
		return yes
	}
	return no
}

// words say how the line above leads here, unless the branch says enough.
func (t *treeRows) words(l *links.Line) string {
	switch l.Words {
	case kinds.OwnedBy.Reverse(), kinds.OwnedBy.String(), kinds.Contains.String():
		return ""
	}
	return l.Words
}

// status is how the object of a line is, in words.
func (t *treeRows) status(l *links.Line) (string, themes.Role) {
	if r := l.Edge.Record; l.Repeat && r != nil {
		how, _ := t.linked.subject.judgment(l.Edge.To, r.Status)
		return "see above", rows.LevelRole(how.level)
	}
	return t.linked.status(&l.Edge)
}
