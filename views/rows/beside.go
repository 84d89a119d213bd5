package rows

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Beside has columns that are not in the records: what pods use is measured by others,
// and changes when their objects do not. Its answers change only before Rejoin.
type Beside interface {
	// Columns are the columns, and how many of them are worth a place before others
	// where the rows are looked at for their sake.
	Columns() (columns []kinds.Column, leading int)
	// Cell is the cell of a record in one of the columns.
	Cell(r *kinds.Record, column int) kinds.Cell
	// Percent is what a percentage is compared with that the filter gives for a column.
	Percent(r *kinds.Record, column int) kinds.Cell
}

// Join puts columns beside those of the records; nil takes them away.
func (x *Index) Join(beside Beside, now time.Time) {
	x.beside = beside
	x.joinColumns()
	x.SetFilter(x.filter.text, x.problemsOnly, now)
	x.rebuild(now)
}

// Rejoin is called when what is beside the records has changed.
func (x *Index) Rejoin(now time.Time) {
	if x.kind != nil && x.UsesBeside() {
		x.rebuild(now)
	}
}

// BesideFirst shows what is beside the records right behind their names, or behind
// everything else, where there may be no room. It reports whether that is new.
func (x *Index) BesideFirst(first bool) (changed bool) {
	if x.besideFirst == first {
		return false
	}
	x.besideFirst = first
	x.chooseColumns()
	return true
}

// joinColumns collects the columns that there are.
func (x *Index) joinColumns() {
	x.all = nil
	if x.kind != nil {
		x.all = slices.Concat(x.kind.Columns, x.arranged.own())
		x.arranged.adjust(x.all)
	}
	if x.kind != nil && x.beside != nil {
		columns, leading := x.beside.Columns()
		x.all = append(x.all, columns...)
		x.leading = leading
	}
	x.chooseColumns()
}

// isBeside reports whether a cell is not one of the records'.
func (x *Index) isBeside(cell int) bool { return x.kind != nil && cell >= len(x.kind.Columns) }

// isMeasured reports whether a cell is one of those of Join.
func (x *Index) isMeasured(cell int) bool {
	return x.beside != nil && cell >= len(x.kind.Columns)+len(x.arranged.own())
}

// isLeading reports whether a column comes right behind the name.
func (x *Index) isLeading(cell int) bool {
	return x.besideFirst && x.isMeasured(cell) && cell < len(x.kind.Columns)+len(x.arranged.own())+x.leading
}

// besideOf returns who has a cell that is not one of the records', and its number there.
func (x *Index) besideOf(cell int) (Beside, int) {
	cell -= len(x.kind.Columns)
	if n := len(x.arranged.own()); cell >= n {
		return x.beside, cell - n
	}
	return x.arranged.Beside, cell
}

// UsesBeside reports whether rows are sorted or filtered by what is beside the records.
func (x *Index) UsesBeside() bool { return x.filter.beside || x.isBeside(x.sortCell()) }

// UsesMeasured reports whether rows are sorted or filtered by what Join put beside them.
func (x *Index) UsesMeasured() bool { return x.filter.measured || x.isMeasured(x.sortCell()) }

// compareBeside compares what is beside a record with a value.
func (f *filter) compareBeside(
	column int, v *value, holds func(*value, kinds.Cell, time.Time) bool, negated bool,
) func(*kinds.Record, time.Time) bool {
	f.beside, f.measured = true, f.measured || f.index.isMeasured(column)
	beside, own := f.index.besideOf(column)
	find := beside.Cell
	if v.isPercent {
		find = beside.Percent
	}
	return func(r *kinds.Record, now time.Time) bool {
		c := find(r, own)
		if c == kinds.Unlimited { // It is neither more nor less than anything.
			return (v.text == "-") != negated
		}
		return (c != kinds.Unmeasured && holds(v, c, now)) != negated
	}
}
