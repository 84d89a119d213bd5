package views

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
func (r *rows) compare(a, b *kinds.Record) int {
	byValue := r.compareValues(a, b)
	if r.descending {
		byValue = -byValue
	}
	return cmp.Or(byValue, byKey(a, b))
}

func (r *rows) compareValues(a, b *kinds.Record) int {
	c := r.sortCell()
	if c < 0 {
		return strings.Compare(a.Namespace, b.Namespace)
	}
	return cellAt(a, c).Compare(cellAt(b, c))
}

func byKey(a, b *kinds.Record) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

// cellAt is a cell of a record; one that the record does not have is empty.
func cellAt(rec *kinds.Record, c int) kinds.Cell {
	if c < len(rec.Cells) {
		return rec.Cells[c]
	}
	return kinds.Cell{}
}

func (r *rows) sortCell() int {
	if r.sorted < len(r.columns) {
		return r.columns[r.sorted].cell
	}
	return -1
}

// sort sorts what is shown, which is in the order of its keys before.
func (r *rows) sort() {
	if c := r.sortCell(); c >= 0 {
		r.shown = sortedBy(r.shown, c)
	}
	if r.descending {
		r.turn()
	}
}

// turn turns the order of the values round. Rows with equal values stay in the
// order of their keys.
func (r *rows) turn() {
	slices.Reverse(r.shown)
	for from := 0; from < len(r.shown); {
		to := from + 1
		for to < len(r.shown) && r.compareValues(r.shown[from], r.shown[to]) == 0 {
			to++
		}
		slices.Reverse(r.shown[from:to])
		from = to
	}
}

// sortKey is what one record is compared by, beside the others: reading it out
// of the records at each comparison would cost most of a sort.
type sortKey struct {
	number int64
	at     int32 // place of the record before
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

// sortedBy is records in the order of a cell; equal ones stay in their order.
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

// sortAlike sorts records whose keys say the same by the whole of their cells.
func sortAlike(records []*kinds.Record, c int) {
	first := cellAt(records[0], c)
	for _, rec := range records[1:] {
		if cellAt(rec, c) != first {
			slices.SortStableFunc(records, func(a, b *kinds.Record) int { return cellAt(a, c).Compare(cellAt(b, c)) })
			return
		}
	}
}

// keyFor is the key of a cell in the order of Cell.Compare. Texts are compared
// by some bytes after those that all of them begin with.
func keyFor(c kinds.Cell, skip int) sortKey {
	n, isNumber := c.Number()
	switch form := c.Form(); {
	case !isNumber:
		text := textOfCell(c)
		var first [8]byte
		copy(first[:], text[min(skip, len(text)):])
		// The sign bit is turned over, so that bytes compare as without a sign.
		return sortKey{class: math.MaxUint8, number: int64(binary.BigEndian.Uint64(first[:]) ^ 1<<63)}
	case form == kinds.Age || form == kinds.Lasting:
		return sortKey{class: uint8(form), number: -n}
	default:
		return sortKey{class: uint8(form), number: n}
	}
}

// commonPrefix is how many bytes all texts in a column begin with.
func commonPrefix(in []*kinds.Record, c int) int {
	first, n, found := "", 0, false
	for _, rec := range in {
		cell := cellAt(rec, c)
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

// removeAt removes what is at some places, which are in order.
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

// merge puts records, which are in order, into others that are.
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
