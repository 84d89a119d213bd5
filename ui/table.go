package ui

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/themes"
)

// Column is one column of a Table.
type Column struct {
	Title  string
	Right  bool // numbers: aligned to the right
	Fixed  bool // stays when the others are scrolled sideways
	Max    int  // cells at most; 0 for no limit
	Cut    Cut  // how a text is shortened
	Half   bool // half of the width is its, as far as it has something to say
	Begins bool // where it is left out, the text of the Half column begins with its own
	// Drop is when a screen without room for all leaves the column out: those with the
	// largest first, and of equal ones from the right.
	Drop int
	// A Whole column gives up no cells as long as another has some to give.
	Whole bool
	// Optional columns are seen only where all others, and they themselves, have the
	// width that they want. An empty table shows none, since nobody knows yet how wide
	// they will be; nor does one that is printed once, since what a script reads must
	// not depend on a width.
	Optional bool
}

// Cut is how a text is shortened that is wider than its column.
type Cut uint8

// The ways to shorten a text.
const (
	CutEnd    Cut = iota
	CutMiddle     // what differs is at the end
	CutList       // between the entries, see TruncateList
	CutObject     // "kind/name", see TruncateObject
)

func (c Cut) apply(s string, w int) string {
	switch c {
	case CutMiddle:
		return TruncateMiddle(s, w)
	case CutList:
		return TruncateList(s, w)
	case CutObject:
		return TruncateObject(s, w)
	default:
		return Truncate(s, w)
	}
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
	// Version is what the cells of row i are made from: while it stays equal (==), so
	// do they. Two rows never have the same one. Nil is equal to nothing.
	Version(i int) any
	// RowRole is the look of a row where its cells have none of their own.
	RowRole(i int) themes.Role
}

// Table is a list of objects with a cursor, marks and columns that fit
// themselves to what is visible. The zero value is an empty table, sorted by
// its first column. It is used from the loop's goroutine only.
type Table struct {
	Sorted     int    // index of the column that the rows are sorted by; -1 for none
	Descending bool   // the direction of the arrow next to that column's title
	Empty      string // shown when there are no rows
	// FromAbove shows the rows above the cursor too: it stands a quarter above the last row,
	// if there are as many before it.
	FromAbove bool

	columns       []Column
	naturalWidths []int // cells that each column needs for what was visible so far
	hiddenLeft    int   // columns that are scrolled out at the left
	hiddenRight   bool  // columns are out of sight at the right
	placed        []placedColumn

	cursor    int    // row under the cursor
	cursorID  string // its object, "" before there was one
	userMoved bool   // the user has put the cursor there
	pendingID string // the object to go to as soon as it has a row
	top       int    // first visible row
	windowIDs []string

	marks  []string
	marked map[string]bool

	still         bool // what is drawn is printed once
	width, height int  // of the last Draw; height without the titles
	cells         []TableCell
	cellWidths    []int
	drawnRows     []drawnRow // one for each visible row
	buffer        []byte
}

// drawnRow is what the cells of a visible row were made from, and how long they hold.
type drawnRow struct {
	version     any
	from, until time.Time
}

func (m drawnRow) isCurrent(version any, now time.Time) bool {
	return version != nil && m.version == version && !now.Before(m.from) && (m.until.IsZero() || now.Before(m.until))
}

// SetColumns replaces the columns and forgets their widths.
func (t *Table) SetColumns(columns []Column) {
	t.columns = slices.Clone(columns)
	t.naturalWidths = nil
	t.drawnRows = nil
	t.hiddenLeft = 0
}

// Redraw forgets what the cells were, because they changed though their rows did not.
func (t *Table) Redraw() { t.drawnRows = nil }

// Wake returns when the first of the rows drawn last reads differently although
// nothing changed, or zero.
func (t *Table) Wake() time.Time {
	var first time.Time
	for _, m := range t.drawnRows {
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
		{Action: HalfDown, Keys: []string{"ctrl+d"}, Help: "half page down", Group: "Move"},
		{Action: HalfUp, Keys: []string{"ctrl+u"}, Help: "half page up", Group: "Move"},
		{Action: Left, Keys: []string{"left"}, Help: "scroll left", Group: "Move"},
		{Action: Right, Keys: []string{"right"}, Help: "scroll right", Group: "Move"},
		{Action: Mark, Keys: []string{"space"}, Help: "mark", Group: "Mark"},
		{
			Action: MarkRange, Keys: []string{"ctrl+space", "ctrl+@"}, Show: "ctrl+space",
			Help: "mark up to here", Group: "Mark",
		},
		{Action: MarkNone, Keys: []string{"ctrl+\\"}, Help: "unmark all", Group: "Mark"},
	}
}

// Do moves, marks and scrolls. It reports whether the action was one of these.
func (t *Table) Do(d Do, rows Rows) bool {
	page := max(1, t.height)
	switch d.Action {
	case Down:
		t.moveBy(1, 0, rows)
	case Up:
		t.moveBy(-1, 0, rows)
	case Top:
		t.moveBy(-rows.Len(), 0, rows)
	case Bottom:
		t.moveBy(rows.Len(), 0, rows)
	case PageDown:
		t.moveBy(page, page, rows)
	case PageUp:
		t.moveBy(-page, -page, rows)
	case HalfDown:
		t.moveBy((page+1)/2, (page+1)/2, rows)
	case HalfUp:
		t.moveBy(-(page+1)/2, -(page+1)/2, rows)
	case Left:
		t.hiddenLeft = max(0, t.hiddenLeft-1)
	case Right:
		if t.hiddenRight {
			t.hiddenLeft++
			t.hiddenRight = false // Known again after the next Draw.
		}
	case Mark:
		t.toggleMark(t.Current(rows), rows)
	case MarkRange:
		t.markRange(rows)
	case MarkNone:
		t.marks, t.marked = nil, nil
	default:
		return false
	}
	return true
}

// moveBy moves the cursor and the window by a number of rows each.
func (t *Table) moveBy(cursor, window int, rows Rows) {
	t.moveTo(t.cursor+cursor, rows)
	t.top += window
	t.scrollToCursor(rows)
}

// moveTo puts the cursor on a row that the user asked for.
func (t *Table) moveTo(row int, rows Rows) {
	t.userMoved, t.pendingID = true, ""
	t.setCursor(row, rows)
}

func (t *Table) setCursor(row int, rows Rows) {
	t.cursor = max(0, min(row, rows.Len()-1))
	t.cursorID = ""
	if t.cursor < rows.Len() {
		t.cursorID = rows.ID(t.cursor)
	}
}

// scrollToCursor moves the window to the cursor.
func (t *Table) scrollToCursor(rows Rows) {
	height := max(1, t.height)
	if t.FromAbove {
		t.top = t.cursor - height*3/4
	}
	t.top = min(t.top, rows.Len()-height, t.cursor)
	t.top = max(0, t.top, t.cursor-height+1)
}

// Window returns the rows that were drawn last: [first, end).
func (t *Table) Window(rows Rows) (first, end int) {
	return t.top, min(t.top+max(1, t.height), rows.Len())
}

// Update is called after rows changed: the cursor stays on its object, and
// where the list is scrolled, at its place on the screen. If the object is
// gone, the one that came after it is next. As long as the user has not moved,
// the cursor stays on the first row.
func (t *Table) Update(rows Rows) {
	before := t.cursor
	switch row := t.cursorRow(rows); {
	case row >= 0:
		t.setCursor(row, rows)
	case !t.userMoved:
		t.setCursor(0, rows)
	default:
		t.setCursor(t.neighbour(rows), rows)
	}
	if t.top > 0 {
		t.top = max(0, t.top+t.cursor-before)
	}
	t.scrollToCursor(rows)
}

// cursorRow returns the row that the cursor belongs on, or -1.
func (t *Table) cursorRow(rows Rows) int {
	if t.pendingID != "" {
		if row := rows.Find(t.pendingID); row >= 0 {
			t.userMoved, t.pendingID = true, ""
			return row
		}
	}
	if !t.userMoved || t.cursorID == "" {
		return -1
	}
	return rows.Find(t.cursorID)
}

// neighbour returns the row of the object that was nearest on the screen to the one
// that is gone. Objects after it come first.
func (t *Table) neighbour(rows Rows) int {
	at := slices.Index(t.windowIDs, t.cursorID)
	if at < 0 {
		return t.cursor
	}
	for _, id := range t.windowIDs[at+1:] {
		if row := rows.Find(id); row >= 0 {
			return row
		}
	}
	for _, id := range slices.Backward(t.windowIDs[:at]) {
		if row := rows.Find(id); row >= 0 {
			return row
		}
	}
	return t.cursor
}

// Current returns the row under the cursor, or -1 if there are no rows.
func (t *Table) Current(rows Rows) int { return min(t.cursor, rows.Len()-1) }

// SetCurrent puts the cursor on an object, at the next Update or when its row appears,
// unless the user moves first.
func (t *Table) SetCurrent(id string) { t.pendingID = id }

// Marks returns the IDs of the marked objects, in the order they were marked. They stay
// marked when their rows are hidden or gone.
func (t *Table) Marks() []string { return slices.Clone(t.marks) }

// filterMarks removes the marks for which keep returns false.
func (t *Table) filterMarks(keep func(id string) bool) {
	t.marks = slices.DeleteFunc(t.marks, func(id string) bool {
		gone := !keep(id)
		if gone {
			delete(t.marked, id)
		}
		return gone
	})
}

func (t *Table) addMark(id string) {
	if t.marked[id] {
		return
	}
	if t.marked == nil {
		t.marked = map[string]bool{}
	}
	t.marks = append(t.marks, id)
	t.marked[id] = true
}

func (t *Table) toggleMark(row int, rows Rows) {
	if row < 0 {
		return
	}
	t.moveTo(row, rows)
	if t.marked[t.cursorID] {
		t.filterMarks(func(id string) bool { return id != t.cursorID })
		return
	}
	t.addMark(t.cursorID)
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
		t.addMark(rows.ID(row))
	}
	t.moveTo(to, rows)
}

// Clicked puts the cursor on the row at a click, and reports whether there is one. The
// coordinates count from the upper left cell of what Draw drew.
func (t *Table) Clicked(c Clicked, rows Rows) (hit bool) {
	row := t.top + c.Y - 1
	if c.Y < 1 || c.Y > t.height || row >= rows.Len() {
		return false
	}
	t.moveTo(row, rows)
	return true
}

// Heading returns the column whose title is at a click, or -1.
func (t *Table) Heading(c Clicked) int {
	if c.Y != 0 {
		return -1
	}
	for _, s := range t.placed {
		if c.X >= s.x && c.X < s.x+max(s.width, Width(t.title(s.column))) {
			return s.column
		}
	}
	return -1
}

// Wheel scrolls by lines. The cursor moves along to stay inside the window.
func (t *Table) Wheel(lines int, rows Rows) {
	height := max(1, t.height)
	t.top = max(0, min(t.top+lines, rows.Len()-height))
	if row := max(t.top, min(t.cursor, t.top+height-1)); row != t.cursor {
		t.moveTo(row, rows)
	}
}
