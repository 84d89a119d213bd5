package ui

import (
	"cmp"
	"slices"
)

// gutter is the cells before the first column: the cursor or a mark, a blank. What is
// printed once has neither.
const gutter = 2

func (t *Table) gutter() int {
	if t.still {
		return 0
	}
	return gutter
}

// columnGap is the blank cells between two columns.
const columnGap = 2

// sliverMin is the least of a column that is worth drawing.
const sliverMin = 4

// narrowing is how far columns are narrowed: those that name an object to a part of the
// width, others to some cells.
type narrowing struct{ width, fixed, column int }

// columnMin is enough to read a state's name, and columnLeast to know it shortened in the
// middle.
const (
	columnMin   = 16
	columnLeast = 10
)

// placedColumn is a column where it is drawn.
type placedColumn struct {
	column, x, width int
}

// title returns the heading of a column, with an arrow if the rows are sorted by it.
func (t *Table) title(column int) string {
	title := t.columns[column].Title
	if column != t.Sorted || t.still {
		return title
	}
	if t.Descending {
		return title + "▼"
	}
	return title + "▲"
}

// widenColumns widens columns to what is visible now. They shrink only if the window
// changes its width, so that nothing jumps while rows scroll by.
func (t *Table) widenColumns(width int) {
	if width != t.width || len(t.naturalWidths) != len(t.columns) {
		t.naturalWidths = make([]int, len(t.columns))
		t.width = width
	}
	n := len(t.columns)
	for i, column := range t.columns {
		want := t.naturalWidths[i]
		for cell := i; cell < len(t.cells); cell += n {
			want = max(want, t.cellWidths[cell])
		}
		if want == 0 && !t.Needed(i) {
			continue // No row has anything to say there.
		}
		want = max(want, Width(t.title(i)))
		if column.Max > 0 {
			want = min(want, max(column.Max, Width(t.title(i))))
		}
		t.naturalWidths[i] = want
	}
}

// layoutColumns decides which columns are visible, and how wide. All are, if they fit at
// their narrowest; else as many as do, the sorted one always among them. The widest give
// up cells first.
func (t *Table) layoutColumns(width int, optional bool) {
	t.placed = t.placed[:0]
	scrolled, fixed := 0, 0
	for i, column := range t.columns {
		if column.Fixed || i == t.Sorted {
			fixed++
		} else if scrolled++; scrolled <= t.hiddenLeft {
			continue
		}
		if t.Needed(i) {
			t.placed = append(t.placed, placedColumn{column: i})
		}
	}
	if optional {
		t.placeOptional(width)
	}
	n, shown := t.chooseNarrowing(width, fixed)
	t.shareWidth(n, shown)
	x := t.gutter()
	for i := range t.placed {
		t.placed[i].x = x
		x += t.placed[i].width + columnGap
	}
}

// Needed reports whether a column is seen at any width: it is not optional, or
// it is what the rows are sorted by.
func (t *Table) Needed(column int) bool { return !t.columns[column].Optional || column == t.Sorted }

// Omitted reports whether an optional column had no room in the last Draw.
func (t *Table) Omitted(column int) bool {
	return !t.Needed(column) && !slices.ContainsFunc(t.placed, func(p placedColumn) bool { return p.column == column })
}

// placeOptional adds the optional columns that the width has room for, from the
// left. The first that has none ends it, so that no column seems to be missing.
func (t *Table) placeOptional(width int) {
	if t.hiddenLeft > 0 {
		return
	}
	left := width - t.gutter() + columnGap
	for _, p := range t.placed {
		left -= t.naturalWidths[p.column] + columnGap
	}
	for i := range t.columns {
		if t.Needed(i) || t.naturalWidths[i] == 0 {
			continue
		}
		if left -= t.naturalWidths[i] + columnGap; left < 0 {
			break
		}
		t.placed = append(t.placed, placedColumn{column: i})
	}
	slices.SortStableFunc(t.placed, func(a, b placedColumn) int { return a.column - b.column })
}

// chooseNarrowing returns how far columns are narrowed, and how many of those that are
// placed are shown. Where not all fit, they are in the order in which they stay.
func (t *Table) chooseNarrowing(width, fixed int) (n narrowing, shown int) {
	for _, n = range []narrowing{{width, width * 2 / 5, columnMin}, {width, width / 4, columnMin}} {
		if t.countFitting(n) == len(t.placed) {
			return n, len(t.placed)
		}
	}
	slices.SortStableFunc(t.placed, func(a, b placedColumn) int {
		return cmp.Or(cmp.Compare(t.staying(a.column), t.staying(b.column)), cmp.Compare(a.column, b.column))
	})
	// Rather than to shorten names to a few letters, leave out what may be left out.
	shown = t.countFitting(n)
	if !slices.ContainsFunc(t.placed[shown:], func(p placedColumn) bool { return t.columns[p.column].Drop == 0 }) {
		return n, shown
	}
	n.column = columnLeast
	if t.countFitting(n) == len(t.placed) {
		return n, len(t.placed)
	}
	// The fixed columns get much room, as long as one other is seen.
	for _, share := range []int{width * 2 / 5, width / 5, width / 10} {
		n = narrowing{width, share, columnMin}
		if shown = t.countFitting(n); shown > fixed {
			break
		}
	}
	return n, shown
}

// staying ranks columns by how long they stay when there is less and less room.
func (t *Table) staying(column int) int {
	switch c := t.columns[column]; {
	case c.Fixed:
		return -2
	case column == t.Sorted, c.Half:
		return -1
	default:
		return c.Drop
	}
}

// countFitting returns how many columns fit, each at its narrowest.
func (t *Table) countFitting(n narrowing) int {
	x := t.gutter() - columnGap
	for i, s := range t.placed {
		if x += columnGap + t.minWidth(s.column, n); x > n.width {
			return i
		}
	}
	return len(t.placed)
}

// shareWidth sets the widths of the visible columns. What is left over may show the
// beginning of the next one.
func (t *Table) shareWidth(n narrowing, shown int) {
	left := n.width - t.gutter() + columnGap
	for i := range t.placed[:shown] {
		t.placed[i].width = t.naturalWidths[t.placed[i].column]
		left -= t.placed[i].width + columnGap
	}
	t.hiddenRight = shown < len(t.placed)
	for ; left < 0; left++ {
		t.placed[t.giving(n, shown)].width--
	}
	hidden := t.placed[shown:]
	t.placed = t.placed[:shown]
	byColumn := func(a, b placedColumn) int { return cmp.Compare(a.column, b.column) }
	slices.SortStableFunc(t.placed, byColumn)
	if left -= columnGap; left < sliverMin || len(hidden) == 0 {
		return
	}
	next := slices.MinFunc(hidden, byColumn)
	if last := len(t.placed) - 1; !t.columns[next.column].Right && (last < 0 || t.placed[last].column < next.column) {
		next.width = min(left, t.naturalWidths[next.column])
		t.placed = append(t.placed, next)
	}
}

// giving returns which of the visible columns gives up a cell: the widest that has one to
// give, and a whole one last.
func (t *Table) giving(n narrowing, shown int) int {
	best := -1
	for i, p := range t.placed[:shown] {
		if p.width <= t.minWidth(p.column, n) {
			continue
		}
		if best < 0 {
			best = i
			continue
		}
		whole, other := t.columns[p.column].Whole, t.columns[t.placed[best].column].Whole
		if whole != other && other || whole == other && p.width > t.placed[best].width {
			best = i
		}
	}
	return best
}

// minWidth returns the least width of a column. Numbers are never cut: a part of one
// is wrong; nor is the arrow of the sort.
func (t *Table) minWidth(column int, n narrowing) int {
	natural, least := t.naturalWidths[column], 1
	c := t.columns[column]
	if column == t.Sorted {
		least = Width(t.title(column))
	}
	switch {
	case c.Right:
		return natural
	case c.Fixed:
		least = max(least, n.fixed)
	case c.Half:
		least = max(least, n.width/2)
	default:
		least = max(n.column, Width(t.title(column)))
	}
	return min(natural, least)
}
