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

// chooseColumns chooses the columns that may be shown.
func (x *Index) chooseColumns() {
	sortedCell := x.sortCell()
	x.columns = x.columns[:0]
	if x.kind == nil {
		return
	}
	if x.namespaces {
		x.columns = append(x.columns, column{"NAMESPACE", -1})
	}
	for i, c := range x.kind.Columns {
		if c.Name != x.without {
			x.columns = append(x.columns, column{c.Name, i})
		}
	}
	x.sorted = max(0, slices.IndexFunc(x.columns, func(c column) bool { return c.cell == sortedCell }))
}

// Columns returns the columns for the table widget. Those that name the object
// stay in sight when the rest is scrolled sideways.
func (x *Index) Columns() []ui.Column {
	out := make([]ui.Column, len(x.columns))
	for i, c := range x.columns {
		out[i] = ui.Column{Title: c.name, Fixed: c.cell < 0 || c.name == "NAME"}
		if c.cell >= 0 {
			out[i].Right = x.kind.Columns[c.cell].Right
			out[i].Optional = x.kind.Columns[c.cell].Wide && !x.wide
		}
	}
	return out
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
		case c < len(rec.Cells):
			cells[j] = ui.TableCell{Text: rec.Cells[c].Format(now, kinds.CoarseAge), Role: x.role(rec, c)}
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
		return LevelRole(rec.Status.Level)
	}
	return themes.Text
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
