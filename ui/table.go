package ui

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/themes"
)

// Column is one column of a Table.
type Column struct {
	Title string
	Right bool // numbers: aligned to the right
	Fixed bool // stays when the others are scrolled sideways
	Max   int  // cells at most; 0 for no limit
}

// TableCell is one cell as it is drawn. Text is clean and of one line.
type TableCell struct {
	Text string
	Role themes.Role
}

// Rows is what a Table shows. Only rows that are visible are asked for their
// text, so there may be any number of them.
type Rows interface {
	Len() int
	// ID names the object of row i; it stays the same wherever the row moves,
	// and no two rows share it.
	ID(i int) string
	// Find is the row of an ID, or -1.
	Find(id string) int
	// Row fills in one cell for each column; all of them are empty before.
	// until is when they read differently though nothing changed, or zero.
	Row(i int, now time.Time, cells []TableCell) (until time.Time)
	// Version is what the cells of row i are made from: while it is equal (==)
	// so are they, and that of another row never is. Nil is equal to nothing.
	Version(i int) any
	// RowRole is the look of a row where its cells have none of their own.
	RowRole(i int) themes.Role
}

// Table is a list of objects with a cursor, marks and columns that fit
// themselves to what is visible. The zero value is an empty table, sorted by
// its first column. It is used from the loop's goroutine only.
type Table struct {
	Sorted     int    // index of the column that the rows are sorted by; -1 for none
	Descending bool   // the way of the arrow beside the title of that column
	Empty      string // shown when there are no rows

	columns []Column
	natural []int // cells that each column wants, by what was visible so far
	aside   int   // columns that are scrolled out at the left
	more    bool  // columns are out of sight at the right
	spots   []spot

	cursor int    // row under the cursor
	id     string // its object, "" before there was one
	placed bool   // the user has put the cursor there
	wanted string // the object to go to as soon as it has a row
	top    int    // first visible row
	window []string

	marks  []string
	marked map[string]bool

	width, height int // of the last Draw; height without the titles
	cells         []TableCell
	sizes         []int
	made          []made // one for each visible row
	buffer        []byte
}

// made is what the cells of a row on the screen were made from, and how long
// they hold.
type made struct {
	version     any
	from, until time.Time
}

func (m made) holds(version any, now time.Time) bool {
	return version != nil && m.version == version && !now.Before(m.from) && (m.until.IsZero() || now.Before(m.until))
}

// SetColumns replaces the columns. Their widths are found anew.
func (t *Table) SetColumns(columns []Column) {
	t.columns = slices.Clone(columns)
	t.natural = nil
	t.made = nil
	t.aside = 0
}

// Wake is when the first of the rows that were drawn last reads differently
// though nothing changed, or zero.
func (t *Table) Wake() time.Time {
	var first time.Time
	for _, m := range t.made {
		if !m.until.IsZero() && (first.IsZero() || m.until.Before(first)) {
			first = m.until
		}
	}
	return first
}

// Keys are the bindings that Do understands.
func (t *Table) Keys() []Key {
	return []Key{
		{Action: Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: Top, Keys: []string{"g", "home"}, Help: "first row", Group: "Move"},
		{Action: Bottom, Keys: []string{"G", "end"}, Help: "last row", Group: "Move"},
		{Action: PageDown, Keys: []string{"ctrl+f", "pgdown"}, Help: "page down", Group: "Move"},
		{Action: PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
		{Action: HalfDown, Keys: []string{"ctrl+d"}, Help: "half a page down", Group: "Move"},
		{Action: HalfUp, Keys: []string{"ctrl+u"}, Help: "half a page up", Group: "Move"},
		{Action: Left, Keys: []string{"left"}, Help: "columns to the left", Group: "Move"},
		{Action: Right, Keys: []string{"right"}, Help: "columns to the right", Group: "Move"},
		{Action: Mark, Keys: []string{"space"}, Help: "mark", Group: "Mark"},
		{Action: MarkRange, Keys: []string{"ctrl+space", "ctrl+@"}, Show: "ctrl+space", Help: "mark up to here", Group: "Mark"},
		{Action: MarkNone, Keys: []string{"ctrl+\\"}, Help: "unmark all", Group: "Mark"},
	}
}

// Do moves, marks and scrolls; it is false for other actions.
func (t *Table) Do(d Do, rows Rows) bool {
	page := max(1, t.height)
	switch d.Action {
	case Down:
		t.move(1, 0, rows)
	case Up:
		t.move(-1, 0, rows)
	case Top:
		t.move(-rows.Len(), 0, rows)
	case Bottom:
		t.move(rows.Len(), 0, rows)
	case PageDown:
		t.move(page, page, rows)
	case PageUp:
		t.move(-page, -page, rows)
	case HalfDown:
		t.move((page+1)/2, (page+1)/2, rows)
	case HalfUp:
		t.move(-(page+1)/2, -(page+1)/2, rows)
	case Left:
		t.aside = max(0, t.aside-1)
	case Right:
		if t.more {
			t.aside++
			t.more = false // Known again after the next Draw.
		}
	case Mark:
		t.toggle(t.Current(rows), rows)
	case MarkRange:
		t.markRange(rows)
	case MarkNone:
		t.marks, t.marked = nil, nil
	default:
		return false
	}
	return true
}

// move moves the cursor and the window by a number of rows each.
func (t *Table) move(cursor, window int, rows Rows) {
	t.put(t.cursor+cursor, rows)
	t.top += window
	t.scroll(rows)
}

// put puts the cursor on a row, because the user wants it there.
func (t *Table) put(row int, rows Rows) {
	t.placed, t.wanted = true, ""
	t.set(row, rows)
}

func (t *Table) set(row int, rows Rows) {
	t.cursor = max(0, min(row, rows.Len()-1))
	t.id = ""
	if t.cursor < rows.Len() {
		t.id = rows.ID(t.cursor)
	}
}

// scroll brings the window to the cursor.
func (t *Table) scroll(rows Rows) {
	height := max(1, t.height)
	t.top = min(t.top, rows.Len()-height, t.cursor)
	t.top = max(0, t.top, t.cursor-height+1)
}

// Update is called after rows changed: the cursor stays on its object, and
// where the list is scrolled, at its place on the screen. If the object is
// gone, the one that came after it is next. As long as the user has not moved,
// the cursor stays on the first row.
func (t *Table) Update(rows Rows) {
	before := t.cursor
	switch row := t.find(rows); {
	case row >= 0:
		t.set(row, rows)
	case !t.placed:
		t.set(0, rows)
	default:
		t.set(t.neighbour(rows), rows)
	}
	if t.top > 0 {
		t.top = max(0, t.top+t.cursor-before)
	}
	t.scroll(rows)
}

// find is the row that the cursor belongs on, or -1.
func (t *Table) find(rows Rows) int {
	if t.wanted != "" {
		if row := rows.Find(t.wanted); row >= 0 {
			t.placed, t.wanted = true, ""
			return row
		}
	}
	if !t.placed || t.id == "" {
		return -1
	}
	return rows.Find(t.id)
}

// neighbour is the row of the nearest object that was on the screen together
// with the one that is gone: those after it first.
func (t *Table) neighbour(rows Rows) int {
	at := slices.Index(t.window, t.id)
	if at < 0 {
		return t.cursor
	}
	for _, id := range t.window[at+1:] {
		if row := rows.Find(id); row >= 0 {
			return row
		}
	}
	for _, id := range slices.Backward(t.window[:at]) {
		if row := rows.Find(id); row >= 0 {
			return row
		}
	}
	return t.cursor
}

// Current is the row under the cursor, or -1 when there are none.
func (t *Table) Current(rows Rows) int { return min(t.cursor, rows.Len()-1) }

// SetCurrent puts the cursor on an object, at the next Update or when its row
// appears, unless the user moves before.
func (t *Table) SetCurrent(id string) { t.wanted = id }

// Marks are the IDs of the marked objects, in the order they were marked. They
// stay marked when their rows are hidden or gone; see KeepMarks.
func (t *Table) Marks() []string { return slices.Clone(t.marks) }

// KeepMarks removes the marks of the objects that keep does not want.
func (t *Table) KeepMarks(keep func(id string) bool) {
	t.marks = slices.DeleteFunc(t.marks, func(id string) bool {
		gone := !keep(id)
		if gone {
			delete(t.marked, id)
		}
		return gone
	})
}

func (t *Table) mark(id string) {
	if t.marked[id] {
		return
	}
	if t.marked == nil {
		t.marked = map[string]bool{}
	}
	t.marks = append(t.marks, id)
	t.marked[id] = true
}

func (t *Table) toggle(row int, rows Rows) {
	if row < 0 {
		return
	}
	t.put(row, rows)
	if t.marked[t.id] {
		t.KeepMarks(func(id string) bool { return id != t.id })
		return
	}
	t.mark(t.id)
}

// markRange marks the rows from the last mark to the cursor.
func (t *Table) markRange(rows Rows) {
	to := t.Current(rows)
	if to < 0 {
		return
	}
	from := to
	if len(t.marks) > 0 {
		if row := rows.Find(t.marks[len(t.marks)-1]); row >= 0 {
			from = row
		}
	}
	for row := min(from, to); row <= max(from, to); row++ {
		t.mark(rows.ID(row))
	}
	t.put(to, rows)
}

// Clicked puts the cursor on the row at a click; hit is false beside the rows.
// The click's coordinates count from the upper left cell of what Draw drew.
func (t *Table) Clicked(c Clicked, rows Rows) (hit bool) {
	row := t.top + c.Y - 1
	if c.Y < 1 || c.Y > t.height || row >= rows.Len() {
		return false
	}
	t.put(row, rows)
	return true
}

// Heading is the column whose title is at a click, or -1.
func (t *Table) Heading(c Clicked) int {
	if c.Y != 0 {
		return -1
	}
	for _, s := range t.spots {
		if c.X >= s.x && c.X < s.x+max(s.width, Width(t.title(s.column))) {
			return s.column
		}
	}
	return -1
}

// Wheel scrolls by lines; the cursor is taken along to stay inside the window.
func (t *Table) Wheel(lines int, rows Rows) {
	height := max(1, t.height)
	t.top = max(0, min(t.top+lines, rows.Len()-height))
	if row := max(t.top, min(t.cursor, t.top+height-1)); row != t.cursor {
		t.put(row, rows)
	}
}
