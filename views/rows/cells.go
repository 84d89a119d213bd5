package rows

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// column is one column on the screen: a cell of the record, or its namespace.
type column struct {
	name string
	cell int // -1 for the namespace
}

// Wide reports whether wide columns are shown at any width.
func (x *Index) Wide() bool { return x.wide }

// SetWide makes wide columns required, or lets the table decide whether it has room for
// them.
func (x *Index) SetWide(wide bool) { x.wide = wide }

// LeaveOut hides a column that says nothing where the table is shown.
func (x *Index) LeaveOut(name string) {
	x.without = name
	x.chooseColumns()
}

// chooseColumns chooses the columns that may be shown, and their order. What is beside
// the records comes before the columns that only a wide table has.
func (x *Index) chooseColumns() {
	sortedCell := x.sortCell()
	x.columns = x.columns[:0]
	if x.kind == nil {
		return
	}
	if x.namespaces {
		x.columns = append(x.columns, column{"NAMESPACE", -1})
	}
	add := func(which func(at int, c kinds.Column) bool) {
		for i, c := range x.all {
			if c.Name != x.without && which(i, c) {
				x.columns = append(x.columns, column{c.Name, i})
			}
		}
	}
	name := func(c kinds.Column) bool { return x.besideFirst && c.Name == "NAME" }
	narrow := func(at int, c kinds.Column) bool { return !c.Wide && !name(c) && !x.isLeading(at) }
	if x.beside == nil {
		add(func(int, kinds.Column) bool { return true })
	} else {
		add(func(_ int, c kinds.Column) bool { return name(c) })
		add(func(at int, _ kinds.Column) bool { return x.isLeading(at) })
		add(func(at int, c kinds.Column) bool { return narrow(at, c) && !x.isMeasured(at) })
		add(func(at int, c kinds.Column) bool { return narrow(at, c) && x.isMeasured(at) })
		add(func(at int, c kinds.Column) bool { return c.Wide && !x.isLeading(at) })
	}
	x.columns = x.arrange(x.leadsFirst(x.columns))
	x.sorted = max(0, slices.IndexFunc(x.columns, func(c column) bool { return c.cell == sortedCell }))
}

// leads reports whether a column stands behind the first one, though only wide tables
// of kubectl have it.
func (x *Index) leads(c kinds.Column) bool { return c.Lead && !x.printed }

// leadsFirst moves the columns that lead behind the first, and prose to the end of those
// that are always shown.
func (x *Index) leadsFirst(columns []column) []column {
	rank := func(c column) int {
		switch {
		case c.cell < 0 || x.printed || x.Prose() < 0, c.name == "LAST SEEN":
			return 0
		case x.all[c.cell].Lead:
			return 1
		case x.all[c.cell].Prose:
			return 3
		case x.all[c.cell].Wide:
			return 4
		}
		return 2
	}
	slices.SortStableFunc(columns, func(a, b column) int { return rank(a) - rank(b) })
	return columns
}

// Prose is the cell of the column that has sentences, -1 for none.
func (x *Index) Prose() int {
	if x.kind == nil {
		return -1
	}
	return slices.IndexFunc(x.kind.Columns, func(c kinds.Column) bool { return c.Prose })
}

// Printed keeps the columns that the server prints, in its order.
func (x *Index) Printed() { x.printed = true }

// Columns returns the columns for the table widget. Those that name the object
// stay in sight when the rest is scrolled sideways.
func (x *Index) Columns() []ui.Column {
	out := make([]ui.Column, len(x.columns))
	for i, c := range x.columns {
		out[i] = ui.Column{Title: c.name, Fixed: c.cell < 0 || c.name == "NAME"}
		if c.cell < 0 && x.Prose() >= 0 {
			out[i].Fixed, out[i].Cut, out[i].Drop = false, ui.CutMiddle, 1
		}
		if c.cell >= 0 {
			own := x.all[c.cell]
			out[i].Right, out[i].Half, out[i].Drop = own.Right, own.Prose, own.Drop
			out[i].Cut = x.cut(c.cell)
			out[i].Whole, out[i].Begins = own.Drop > 0, own.Name == "REASON" && x.Prose() >= 0
			out[i].Max = x.arranged.width(own.Name)
			out[i].Optional = (own.Wide && !x.leads(own) || x.isMeasured(c.cell)) && !x.wide && !x.isLeading(c.cell) &&
				!x.arranged.demands(own.Name)
		}
	}
	return out
}

// cut is how a cell's text is shortened.
func (x *Index) cut(cell int) ui.Cut {
	switch c := x.all[cell]; {
	case c.List:
		return ui.CutList
	case c.Object:
		return ui.CutObject
	case c.State, x.isBeside(cell) && !x.isMeasured(cell):
		return ui.CutMiddle
	}
	return ui.CutEnd
}

// Column returns the index of the shown column of a name, or -1.
func (x *Index) Column(name string) int {
	return slices.IndexFunc(x.columns, func(c column) bool { return c.name == name })
}

// Len implements ui.Rows.
func (x *Index) Len() int { return len(x.shown) }

// ID implements ui.Rows: "namespace/name".
func (x *Index) ID(i int) string { return x.shown[i].Namespace + "/" + x.shown[i].Name }

// Find implements ui.Rows.
func (x *Index) Find(id string) int {
	namespace, name, _ := strings.Cut(id, "/")
	at, found := x.find(kube.Key{Namespace: namespace, Name: name})
	if !found {
		return -1
	}
	i, found := slices.BinarySearchFunc(x.shown, x.members[at], x.compare)
	if !found {
		return -1
	}
	return i
}

// Member returns the record of a row, also of one that the filter hides; nil for one that is
// gone.
func (x *Index) Member(id string) *kinds.Record {
	namespace, name, _ := strings.Cut(id, "/")
	at, found := x.find(kube.Key{Namespace: namespace, Name: name})
	if !found {
		return nil
	}
	return x.members[at]
}

// Version implements ui.Rows: a record never changes.
func (x *Index) Version(i int) any { return x.shown[i] }

// Row implements ui.Rows.
func (x *Index) Row(i int, now time.Time, cells []ui.TableCell) (until time.Time) {
	rec := x.shown[i]
	for j := range cells {
		cells[j] = ui.TableCell{Role: themes.Text}
		c := x.columns[j].cell
		switch {
		case c < 0:
			cells[j] = ui.TableCell{Text: rec.Namespace, Role: themes.Muted}
		case x.isBeside(c):
			beside := x.cell(rec, c)
			cells[j].Text = beside.Format(now, kinds.CoarseAge)
			until = sooner(until, beside, now)
		case c < len(rec.Cells):
			cells[j] = ui.TableCell{Text: rec.Cells[c].Format(now, kinds.CoarseAge), Role: x.role(rec, c)}
			if x.kind.Columns[c].Name == "NAME" {
				cells[j].Text += x.mark(rec)
			}
			until = sooner(until, rec.Cells[c], now)
		}
	}
	return until
}

// sooner returns the time at which a cell's text changes, if that is before
// until.
func sooner(until time.Time, c kinds.Cell, now time.Time) time.Time {
	at, ok := c.Moment()
	if !ok {
		return until
	}
	if next := kinds.NextCoarseAge(at, now); until.IsZero() || next.Before(until) {
		return next
	}
	return until
}

// role colours the cells that say how an object is; the rest stays plain.
func (x *Index) role(rec *kinds.Record, cell int) themes.Role {
	if form := rec.Cells[cell].Form(); form == kinds.Age {
		return themes.Muted
	}
	if column := &x.kind.Columns[cell]; column.State || column.Name == "NAME" {
		return LevelRole(x.level(rec))
	}
	return themes.Text
}

// mark stands behind the name of what is worse than any of its cells says: a colour alone is not
// seen under the cursor, or by everybody.
func (x *Index) mark(rec *kinds.Record) string {
	column := slices.ContainsFunc(x.kind.Columns, func(c kinds.Column) bool { return c.State })
	says := column && rec.Status.Level > kinds.Quiet
	if level := x.level(rec); level > rec.Status.Level && !says {
		switch level {
		case kinds.Failing:
			return " ✖"
		case kinds.Degraded:
			return " ▲"
		default:
		}
	}
	return ""
}

// RowRole implements ui.Rows.
func (x *Index) RowRole(i int) themes.Role {
	if !x.shown[i].Deleting.IsZero() {
		return themes.Muted
	}
	return themes.Text
}

// LevelRole returns the look of a level. What is well looks like text: only trouble
// draws the eye.
func LevelRole(l kinds.Level) themes.Role {
	switch l {
	case kinds.Waiting:
		return themes.Waiting
	case kinds.Degraded:
		return themes.Degraded
	case kinds.Failing:
		return themes.Failing
	default:
		return themes.Text
	}
}

var _ ui.Rows = (*Index)(nil)
