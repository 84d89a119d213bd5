package rows

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Arrangement is which columns somebody wants to see, and in what order. Those that it does
// not name follow those that it does, in their own order, and the columns that name an object
// come first unless it says otherwise. The zero value changes nothing.
type Arrangement struct {
	Columns []Arranged
	Only    bool // hide what is not named
	// Beside has columns of somebody's own, which stand behind those of the kind; nil for none.
	Beside Beside
}

// Arranged is a column in an Arrangement.
type Arranged struct {
	Name   string // as the kind, or the Beside, has it
	Hidden bool   // not shown; rows may be sorted and filtered by it all the same
	Wide   bool   // only shown where there is room
	Right  *bool  // aligned to the right; nil as the column is
	Width  int    // in cells at most; 0 for no limit
}

// Arrange changes which columns are shown, and in what order.
func (x *Index) Arrange(a Arrangement, now time.Time) {
	x.arranged = a
	x.joinColumns()
	x.sorted = x.firstSorted()
	x.SetFilter(x.filter.text, x.problemsOnly, now)
	x.rebuild(now)
}

// firstSorted is the column that rows are sorted by before anybody has chosen one.
func (x *Index) firstSorted() int {
	if len(x.arranged.Columns) == 0 {
		return 0
	}
	return max(0, slices.IndexFunc(x.columns, func(c column) bool { return c.cell <= 0 }))
}

// own are the columns of the Beside.
func (a *Arrangement) own() []kinds.Column {
	if a.Beside == nil {
		return nil
	}
	columns, _ := a.Beside.Columns()
	return columns
}

// find returns the place of a column; -1 where it is not named.
func (a *Arrangement) find(name string) int {
	return slices.IndexFunc(a.Columns, func(c Arranged) bool { return strings.EqualFold(c.Name, name) })
}

// adjust changes how the columns that are named look.
func (a *Arrangement) adjust(columns []kinds.Column) {
	for i := range columns {
		if at := a.find(columns[i].Name); at >= 0 {
			columns[i].Wide = a.Columns[at].Wide
			if right := a.Columns[at].Right; right != nil {
				columns[i].Right = *right
			}
		}
	}
}

// width is how wide a column may be.
func (a *Arrangement) width(name string) int {
	if at := a.find(name); at >= 0 {
		return a.Columns[at].Width
	}
	return 0
}

// demands reports whether a column is to be shown at any width.
func (a *Arrangement) demands(name string) bool {
	at := a.find(name)
	return at >= 0 && !a.Columns[at].Wide
}

// arrange leaves out and orders columns as the arrangement says.
func (x *Index) arrange(columns []column) []column {
	a := &x.arranged
	if len(a.Columns) == 0 && !a.Only {
		return columns
	}
	names := func(c column) bool { return c.cell <= 0 || x.isLeading(c.cell) }
	columns = slices.DeleteFunc(columns, func(c column) bool {
		at := a.find(c.name)
		return at >= 0 && a.Columns[at].Hidden || at < 0 && a.Only && !names(c)
	})
	rank := func(c column) int {
		switch at := a.find(c.name); {
		case x.isLeading(c.cell), at < 0 && names(c):
			return 0
		case at >= 0:
			return 1 + at
		}
		return 1 + len(a.Columns)
	}
	slices.SortStableFunc(columns, func(c, d column) int { return rank(c) - rank(d) })
	return columns
}
