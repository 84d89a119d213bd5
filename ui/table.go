package ui

import (
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

// Rows is what a Table shows: only rows that are visible are asked for their
// text.
type Rows interface {
	Len() int
	// ID names the object of row i; it stays the same wherever the row moves.
	ID(i int) string
	// Find is the row of an ID, or -1.
	Find(id string) int
	// Row fills in one cell for each column.
	Row(i int, now time.Time, cells []TableCell)
	// RowRole is the look of a row where its cells have none of their own.
	RowRole(i int) themes.Role
}

// Table is a list of objects with a cursor.
type Table struct {
	Sorted     int    // index of the column that the rows are sorted by; -1 for none
	Descending bool   // the arrow beside the title of the sorted column
	Empty      string // shown when there are no rows

	columns []Column
	cursor  int
}

// SetColumns replaces the columns.
func (t *Table) SetColumns(columns []Column) { t.columns = columns }

// Do moves, marks and scrolls; it is false for other actions.
func (t *Table) Do(d Do, rows Rows) bool { return false }

// Update is called after rows changed: the cursor stays on its object.
func (t *Table) Update(rows Rows) {}

// Current is the row under the cursor, or -1.
func (t *Table) Current(rows Rows) int { return min(t.cursor, rows.Len()-1) }

// SetCurrent puts the cursor on an object, now or when its row appears.
func (t *Table) SetCurrent(id string) {}

// Marks are the IDs of the marked objects, in the order they were marked.
func (t *Table) Marks() []string { return nil }

// KeepMarks removes the marks of the objects that keep does not want.
func (t *Table) KeepMarks(keep func(id string) bool) {}

// Clicked puts the cursor on the row at a click; hit is false beside the rows.
func (t *Table) Clicked(c Clicked, rows Rows) (hit bool) { return false }

// Heading is the column whose title is at a click, or -1.
func (t *Table) Heading(c Clicked) int { return -1 }

// Wheel scrolls by lines; the cursor stays inside the window.
func (t *Table) Wheel(lines int, rows Rows) {}

// Draw draws the titles and the visible rows.
func (t *Table) Draw(f Frame, rows Rows) string { return "" }

// Keys are the bindings that Do understands.
func (t *Table) Keys() []Key { return nil }
