package ui

import "slices"

// gutter is the cells before the first column: the cursor or a mark, a blank.
const gutter = 2

// columnGap is the blank cells between two columns.
const columnGap = 2

// How far a column is narrowed before columns at the right are pushed out of sight:
// enough to read a state's name.
const (
	columnMin = 16
	sliverMin = 4 // less than this of a column is not worth drawing
)

// placedColumn is a column where it is drawn.
type placedColumn struct {
	column, x, width int
}

// title returns the heading of a column, with an arrow if the rows are sorted by it.
func (t *Table) title(column int) string {
	title := t.columns[column].Title
	if column != t.Sorted {
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
		want := max(t.naturalWidths[i], Width(t.title(i)))
		for cell := i; cell < len(t.cells); cell += n {
			want = max(want, t.cellWidths[cell])
		}
		if column.Max > 0 {
			want = min(want, max(column.Max, Width(t.title(i))))
		}
		t.naturalWidths[i] = want
	}
}

// layoutColumns decides which columns are visible, and how wide. As many as fit at
// their narrowest are visible, in their order. The widest give up cells first.
func (t *Table) layoutColumns(width int, optional bool) {
	t.placed = t.placed[:0]
	scrolled, fixed := 0, 0
	for i, column := range t.columns {
		if column.Fixed {
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
	// The fixed columns get much room, as long as one other is seen.
	for _, fixedMin := range []int{width * 2 / 5, width / 5, width / 10} {
		if shown := t.countFitting(width, fixedMin); shown > fixed || shown == len(t.placed) || fixedMin == width/10 {
			t.shareWidth(width, fixedMin, shown)
			break
		}
	}
	x := gutter
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
	left := width - gutter + columnGap
	for _, p := range t.placed {
		left -= t.naturalWidths[p.column] + columnGap
	}
	for i := range t.columns {
		if t.Needed(i) {
			continue
		}
		if left -= t.naturalWidths[i] + columnGap; left < 0 {
			break
		}
		t.placed = append(t.placed, placedColumn{column: i})
	}
	slices.SortFunc(t.placed, func(a, b placedColumn) int { return a.column - b.column })
}

// countFitting returns how many columns fit, each at its narrowest.
func (t *Table) countFitting(width, fixedMin int) int {
	x := gutter - columnGap
	for i, s := range t.placed {
		if x += columnGap + t.minWidth(s.column, fixedMin); x > width {
			return i
		}
	}
	return len(t.placed)
}

// shareWidth sets the widths of the visible columns. What is left over may show the
// beginning of the next one.
func (t *Table) shareWidth(width, fixedMin, shown int) {
	left := width - gutter + columnGap
	for i := range t.placed[:shown] {
		t.placed[i].width = t.naturalWidths[t.placed[i].column]
		left -= t.placed[i].width + columnGap
	}
	t.hiddenRight = shown < len(t.placed)
	for ; left < 0; left++ {
		widest := -1
		for i, s := range t.placed[:shown] {
			if s.width > t.minWidth(s.column, fixedMin) && (widest < 0 || s.width > t.placed[widest].width) {
				widest = i
			}
		}
		t.placed[widest].width--
	}
	if left -= columnGap; t.hiddenRight && left >= sliverMin && !t.columns[t.placed[shown].column].Right {
		t.placed[shown].width = min(left, t.naturalWidths[t.placed[shown].column])
		shown++
	}
	t.placed = t.placed[:shown]
}

// minWidth returns the least width of a column. Numbers are never cut: a part of one
// is wrong.
func (t *Table) minWidth(column, fixedMin int) int {
	natural := t.naturalWidths[column]
	switch c := t.columns[column]; {
	case c.Right:
		return natural
	case c.Fixed:
		return min(natural, max(fixedMin, 1))
	}
	return min(natural, max(columnMin, Width(t.title(column))))
}
