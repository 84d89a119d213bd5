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
	c := x.sortCell()
	if c < 0 {
		return strings.Compare(a.Namespace, b.Namespace)
	}
	return cellAt(a, c).Compare(cellAt(b, c))
}

func byKey(a, b *kinds.Record) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

// cellAt returns a cell of a record, and an empty one when the record does not
// have it.
func cellAt(rec *kinds.Record, c int) kinds.Cell {
	if c < len(rec.Cells) {
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

// SortBy sorts by a column; the same column again reverses the order.
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
	x.sorted, x.descending = column, false
	x.rebuild(now)
}

// SortOn sorts by the column of a name in its natural order, whatever the order
// was.
func (x *Index) SortOn(name string, now time.Time) {
	x.sorted, x.descending = max(0, x.Column(name)), false
	x.rebuild(now)
}

// sort sorts the shown rows, which are in the order of their keys before.
func (x *Index) sort() {
	if c := x.sortCell(); c >= 0 {
		x.shown = sortedBy(x.shown, c)
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
	class  uint8 // compared first
}

func (k sortKey) compare(l sortKey) int {
	switch {
	case k.class != l.class:
		return cmp.Compare(k.class, l.class)
	case k.number != l.number:
		return cmp.Compare(k.number, l.number)
	}
	return cmp.Compare(k.at, l.at)
}

// sortedBy returns records in the order of a cell; equal ones stay in theirs.
func sortedBy(in []*kinds.Record, c int) []*kinds.Record {
	keys := make([]sortKey, len(in))
	skip := commonPrefix(in, c)
	for i, rec := range in {
		keys[i] = keyFor(cellAt(rec, c), skip)
		keys[i].at = int32(i)
	}
	slices.SortFunc(keys, sortKey.compare)
	out := make([]*kinds.Record, len(in))
	for i, key := range keys {
		out[i] = in[key.at]
	}
	for from := 0; from < len(keys); {
		to := from + 1
		for to < len(keys) && keys[to].class == keys[from].class && keys[to].number == keys[from].number {
			to++
		}
		sortAlike(out[from:to], c)
		from = to
	}
	return out
}

// sortAlike sorts records with equal keys by the whole of their cells.
func sortAlike(records []*kinds.Record, c int) {
	first := cellAt(records[0], c)
	for _, rec := range records[1:] {
		if cellAt(rec, c) != first {
			slices.SortStableFunc(records, func(a, b *kinds.Record) int { return cellAt(a, c).Compare(cellAt(b, c)) })
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
func commonPrefix(in []*kinds.Record, c int) int {
	first, n, found := "", 0, false
	for _, rec := range in {
		cell := cellAt(rec, c)
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
