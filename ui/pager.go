package ui

// Document is lines of text: the pager asks only for those that it shows or
// searches.
type Document interface {
	Len() int
	Line(i int) Line
}

// Pager shows a document or a growing log.
type Pager struct {
	Wrap   bool // long lines continue on the next row
	Follow bool // the end stays in sight; moving up turns it off
	Select bool // a cursor line is shown, and moved by the keys
}

// Do moves and scrolls; it is false for other actions.
func (p *Pager) Do(d Do, doc Document) bool { return false }

// Search looks for plain text (any case, unless it has capitals) or a
// /regular expression/; an empty pattern ends the search.
func (p *Pager) Search(pattern string, doc Document) error { return nil }

// Matches are the lines that the search found: the number of the one last
// gone to (from 1; 0 for none), how many, and the pattern.
func (p *Pager) Matches() (current, total int, pattern string) { return 0, 0, "" }

// Draw draws the visible lines.
func (p *Pager) Draw(f Frame, doc Document) string { return "" }

// Keys are the bindings that Do understands.
func (p *Pager) Keys() []Key { return nil }

// Top is the first line that is shown.
func (p *Pager) Top() int { return 0 }

// Cursor is the line under the cursor, for folding and copying.
func (p *Pager) Cursor() int { return 0 }

// GoTo puts the cursor on a line and shows it.
func (p *Pager) GoTo(line int, doc Document) {}

// Wheel scrolls by lines.
func (p *Pager) Wheel(lines int, doc Document) {}

// Clicked puts the cursor on the line at a click.
func (p *Pager) Clicked(c Clicked, doc Document) (hit bool) { return false }

// Replaced is called when lines changed in place; appended lines need no call.
func (p *Pager) Replaced(doc Document) {}

// Dropped is called when the first n lines were dropped: what is shown stays.
func (p *Pager) Dropped(n int) {}
