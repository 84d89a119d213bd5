package ui

// gutter is the cells before the first column: the cursor or a mark, a blank.
const gutter = 2

// columnGap is the blank cells between two columns.
const columnGap = 2

// How narrow a column is cut before columns at the right are pushed out of
// sight: enough to read a state's name.
const (
	columnMin = 16
	sliverMin = 4 // less than this of a column is not worth drawing
)

// spot is where a column is drawn.
type spot struct {
	column, x, width int
}

// title is the heading of a column, with an arrow where it is sorted by.
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

// grow widens columns to what is visible now. They shrink only when the window
// changes its width, so that nothing jumps while rows scroll by.
func (t *Table) grow(width int) {
	if width != t.width || len(t.natural) != len(t.columns) {
		t.natural = make([]int, len(t.columns))
		t.width = width
	}
	n := len(t.columns)
	for i, column := range t.columns {
		want := max(t.natural[i], Width(t.title(i)))
		for cell := i; cell < len(t.cells); cell += n {
			want = max(want, t.sizes[cell])
		}
		if column.Max > 0 {
			want = min(want, max(column.Max, Width(t.title(i))))
		}
		t.natural[i] = want
	}
}

// place decides which columns are seen, and how wide. As many as fit are seen,
// in their order; what a column wants beyond its least, the widest give up
// first.
func (t *Table) place(width int) {
	t.spots = t.spots[:0]
	scrolled, fixed := 0, 0
	for i, column := range t.columns {
		if column.Fixed {
			fixed++
		} else if scrolled++; scrolled <= t.aside {
			continue
		}
		t.spots = append(t.spots, spot{column: i})
	}
	// The fixed columns get much room, as long as one other is seen.
	for _, fixedMin := range []int{width * 2 / 5, width / 5, width / 10} {
		if shown := t.fitting(width, fixedMin); shown > fixed || shown == len(t.spots) || fixedMin == width/10 {
			t.share(width, fixedMin, shown)
			break
		}
	}
	x := gutter
	for i := range t.spots {
		t.spots[i].x = x
		x += t.spots[i].width + columnGap
	}
}

// fitting is how many columns fit, each at its narrowest.
func (t *Table) fitting(width, fixedMin int) int {
	x := gutter - columnGap
	for i, s := range t.spots {
		if x += columnGap + t.narrowest(s.column, fixedMin); x > width {
			return i
		}
	}
	return len(t.spots)
}

// share gives the columns that are shown their widths. What is left may show
// the beginning of the next one.
func (t *Table) share(width, fixedMin, shown int) {
	left := width - gutter + columnGap
	for i := range t.spots[:shown] {
		t.spots[i].width = t.natural[t.spots[i].column]
		left -= t.spots[i].width + columnGap
	}
	t.more = shown < len(t.spots)
	for ; left < 0; left++ {
		widest := -1
		for i, s := range t.spots[:shown] {
			if s.width > t.narrowest(s.column, fixedMin) && (widest < 0 || s.width > t.spots[widest].width) {
				widest = i
			}
		}
		t.spots[widest].width--
	}
	if left -= columnGap; t.more && left >= sliverMin && !t.columns[t.spots[shown].column].Right {
		t.spots[shown].width = min(left, t.natural[t.spots[shown].column])
		shown++
	}
	t.spots = t.spots[:shown]
}

// narrowest is the least width of a column. Numbers are never cut: a part of
// one is wrong.
func (t *Table) narrowest(column, fixedMin int) int {
	natural := t.natural[column]
	switch c := t.columns[column]; {
	case c.Right:
		return natural
	case c.Fixed:
		return min(natural, max(fixedMin, 1))
	}
	return min(natural, max(columnMin, Width(t.title(column))))
}
