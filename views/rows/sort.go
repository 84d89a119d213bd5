package rows

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// compare is a total order: the sorted column, then namespace and name.
func (x *Index) compare(a, b *kinds.Record) int {
	byValue := x.compareValues(a, b)
	if x.descending {
		byValue = -byValue
	}
	return cmp.Or(byValue, byKey(a, b))
}

func (x *Index) compareValues(a, b *kinds.Record) int {
	if x.byLevel {
		if worse := cmp.Compare(x.badness(b), x.badness(a)); worse != 0 {
			return worse
		}
	}
	c := x.sortCell()
	if c < 0 {
		return strings.Compare(a.Namespace, b.Namespace)
	}
	return x.cell(a, c).Compare(x.cell(b, c))
}

// badness orders records by how bad they are: by level, and those of one in trouble by how much of
// them is not ready.
func (x *Index) badness(rec *kinds.Record) uint8 {
	const shares = 16 // as many as fit beside a level
	level := uint8(rec.Status.Level) * shares
	if rec.Status.Level <= kinds.OK {
		return level
	}
	for i := range min(len(rec.Cells), len(x.kind.Columns)) {
		if x.kind.Columns[i].Name != "READY" || rec.Cells[i].Form() != kinds.Share {
			continue
		}
		if n, of := rec.Cells[i].Share(); n < of {
			level += uint8((of - n) * (shares - 1) / of)
		}
	}
	return level
}

func byKey(a, b *kinds.Record) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

// cell returns a cell of a record or beside it, and an empty one when there is none.
func (x *Index) cell(rec *kinds.Record, c int) kinds.Cell {
	switch {
	case x.isBeside(c):
		beside, own := x.besideOf(c)
		return beside.Cell(rec, own)
	case c < len(rec.Cells):
		return rec.Cells[c]
	}
	return kinds.Cell{}
}

// sortCell returns the cell that rows are sorted by, -1 for the namespace.
func (x *Index) sortCell() int {
	if x.sorted < len(x.columns) {
		return x.columns[x.sorted].cell
	}
	return -1
}

// Sorted returns the column that rows are sorted by, and whether its largest
// values come first.
func (x *Index) Sorted() (column int, descending bool) { return x.sorted, x.descending }

// SortBy sorts by a column, by one of numbers with the largest first; the same column
// again reverses the order.
func (x *Index) SortBy(column int, now time.Time) {
	if column < 0 || column >= len(x.columns) {
		return
	}
	if column == x.sorted {
		x.descending = !x.descending
		x.ordered = nil
		x.reverse()
		return
	}
	// Of numbers the largest are looked for.
	x.sorted, x.descending, x.byLevel = column, x.hasNumbers(x.columns[column].cell), false
	x.rebuild(now)
}

// SortByLevel sorts by how bad the objects are, the worst first, as badness says, and equal ones by a
// column other than the namespace; the same column again reverses the order.
func (x *Index) SortByLevel(column int, now time.Time) {
	if x.byLevel && column == x.sorted {
		x.SortBy(column, now)
		return
	}
	x.sorted, x.descending, x.byLevel = column, false, true
	x.rebuild(now)
}

// ByLevel reports whether rows are sorted by how bad the objects are.
func (x *Index) ByLevel() bool { return x.byLevel }

// hasNumbers reports whether a cell of the records, or one beside them, counts something.
func (x *Index) hasNumbers(c int) bool {
	return c >= 0 && (x.all[c].Right || slices.ContainsFunc(x.members, func(rec *kinds.Record) bool {
		form := x.cell(rec, c).Form()
		return form == kinds.Number || form == kinds.Counted
	}))
}

// SortOn sorts by the column of a name in its natural order, whatever the order
// was.
func (x *Index) SortOn(name string, now time.Time) {
	x.sorted, x.descending, x.byLevel = max(0, x.Column(name)), false, false
	x.rebuild(now)
}

// sort sorts the shown rows, which are in the order of their keys before.
func (x *Index) sort() {
	if c := x.sortCell(); c >= 0 {
		x.shown = x.sortedBy(x.shown, c)
	}
	if x.descending {
		x.reverse()
	}
}

// reverse reverses the order of the values. Rows with equal values stay in the
// order of their keys.
func (x *Index) reverse() {
	slices.Reverse(x.shown)
	for from := 0; from < len(x.shown); {
		to := from + 1
		for to < len(x.shown) && x.compareValues(x.shown[from], x.shown[to]) == 0 {
			to++
		}
		slices.Reverse(x.shown[from:to])
		from = to
	}
}

// sortKey is the value of one record, kept next to those of the others: reading it from
// the records at each comparison would cost most of a sort.
type sortKey struct {
	number int64
	at     int32 // the place of the record before sorting
	level  uint8 // of badness, compared first, the highest first; 0 unless it counts
	class  uint8 // compared next
}

func (k sortKey) compare(l sortKey) int {
	switch {
	case k.level != l.level:
		return cmp.Compare(l.level, k.level)
	case k.class != l.class:
		return cmp.Compare(k.class, l.class)
	case k.number != l.number:
		return cmp.Compare(k.number, l.number)
	}
	return cmp.Compare(k.at, l.at)
}

// sortedBy returns records in the order of a cell; equal ones stay in theirs.
func (x *Index) sortedBy(in []*kinds.Record, c int) []*kinds.Record {
	keys := make([]sortKey, len(in))
	skip := x.commonPrefix(in, c)
	for i, rec := range in {
		keys[i] = keyFor(x.cell(rec, c), skip)
		keys[i].at = int32(i)
		if x.byLevel {
			keys[i].level = x.badness(rec)
		}
	}
	slices.SortFunc(keys, sortKey.compare)
	out := make([]*kinds.Record, len(in))
	for i, key := range keys {
		out[i] = in[key.at]
	}
	for from := 0; from < len(keys); {
		to := from + 1
		for to < len(keys) && keys[to].level == keys[from].level && keys[to].class == keys[from].class &&
			keys[to].number == keys[from].number {
			to++
		}
		x.sortAlike(out[from:to], c)
		from = to
	}
	return out
}

// sortAlike sorts records with equal keys by the whole of their cells.
func (x *Index) sortAlike(records []*kinds.Record, c int) {
	first := x.cell(records[0], c)
	for _, rec := range records[1:] {
		if x.cell(rec, c) != first {
			slices.SortStableFunc(records, func(a, b *kinds.Record) int { return x.cell(a, c).Compare(x.cell(b, c)) })
			return
		}
	}
}

// keyFor returns the key of a cell, in the order of Cell.Compare. Texts are
// compared by the eight bytes after those that all of them begin with.
func keyFor(c kinds.Cell, skip int) sortKey {
	n, isNumber := c.Number()
	switch form := c.Form(); {
	case !isNumber:
		text := textOfCell(c)
		var first [8]byte
		copy(first[:], text[min(skip, len(text)):])
		// The sign bit is flipped, so that bytes compare as unsigned numbers.
		return sortKey{class: math.MaxUint8, number: int64(binary.BigEndian.Uint64(first[:]) ^ 1<<63)}
	case form == kinds.Age || form == kinds.Lasting:
		return sortKey{class: uint8(form), number: -n}
	default:
		return sortKey{class: uint8(form), number: n}
	}
}

// commonPrefix is the number of bytes that all texts of a column begin with.
func (x *Index) commonPrefix(in []*kinds.Record, c int) int {
	first, n, found := "", 0, false
	for _, rec := range in {
		cell := x.cell(rec, c)
		if form := cell.Form(); form != kinds.Text && form != kinds.Age {
			continue
		}
		if _, isNumber := cell.Number(); isNumber {
			continue
		}
		text := textOfCell(cell)
		if !found {
			first, n, found = text, len(text), true
		}
		n = min(n, len(text))
		for n > 0 && text[:n] != first[:n] {
			n--
		}
	}
	return n
}

// textOfCell is the text of a cell that does not age.
func textOfCell(c kinds.Cell) string { return c.Format(time.Time{}, nil) }

// removeAt removes the records at some places, which are in ascending order.
func removeAt(s []*kinds.Record, places []int) []*kinds.Record {
	if len(places) == 0 {
		return s
	}
	kept := places[0]
	for i, at := range places {
		end := len(s)
		if i+1 < len(places) {
			end = places[i+1]
		}
		kept += copy(s[kept:], s[at+1:end])
	}
	clear(s[kept:])
	return s[:kept]
}

// merge merges two sorted lists of records.
func merge(s, add []*kinds.Record, compare func(a, b *kinds.Record) int) []*kinds.Record {
	end := len(s)
	s = slices.Grow(s, len(add))[:end+len(add)]
	for i, rec := range slices.Backward(add) {
		at, _ := slices.BinarySearchFunc(s[:end], rec, compare)
		copy(s[at+i+1:], s[at:end])
		s[at+i] = rec
		end = at
	}
	return s
}
