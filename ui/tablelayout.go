package ui

// gutter is the cells before the first column: the cursor or a mark, a blank.
const gutter = 2

// columnGap is the blank cells between two columns.
const columnGap = 2

// How narrow columns are cut before others are pushed out of sight: enough to
// tell names apart, enough to read the beginning of a text.
const (
	fixedMin  = 20
	columnMin = 10
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

// place decides which columns are seen, and how wide. Where they do not fit,
// the widest are cut first; what still does not fit is out of sight at the
// right.
func (t *Table) place(width int) {
	t.spots = t.spots[:0]
	scrolled, total := 0, gutter-columnGap
	for i, column := range t.columns {
		if !column.Fixed {
			if scrolled++; scrolled <= t.aside {
				continue
			}
		}
		t.spots = append(t.spots, spot{column: i, width: t.natural[i]})
		total += columnGap + t.natural[i]
	}
	t.cut(total - width)
	x := gutter
	t.more = false
	for i := range t.spots {
		s := &t.spots[i]
		if room := width - x; room < s.width {
			t.more = true
			if room < min(sliverMin, s.width) {
				t.spots = t.spots[:i]
				return
			}
			s.width = room
		}
		s.x = x
		x += s.width + columnGap
	}
}

// cut takes cells away from the widest column, one by one, until excess is gone
// or every column is as narrow as it may be.
func (t *Table) cut(excess int) {
	for ; excess > 0; excess-- {
		widest := -1
		for i, s := range t.spots {
			if s.width > t.narrowest(s.column) && (widest < 0 || s.width > t.spots[widest].width) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		t.spots[widest].width--
	}
}

// narrowest is the least width of a column. Numbers are never cut: a part of
// one is wrong.
func (t *Table) narrowest(column int) int {
	natural := t.natural[column]
	switch c := t.columns[column]; {
	case c.Right:
		return natural
	case c.Fixed:
		return min(natural, fixedMin)
	}
	return min(natural, max(columnMin, Width(t.title(column))))
}
