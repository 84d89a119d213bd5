package ui

import "time"

// Document is lines of text. The pager asks only for the lines that it shows
// or searches, so there may be any number of them.
type Document interface {
	Len() int
	Line(i int) Line
}

// RawLines is a Document that shows some lines otherwise than they are. What they are is
// searched and copied.
type RawLines interface {
	RawLine(i int) string
}

// Marked is a Document of which some lines end in a mark, which is shown whole where the line before
// it has to be cut.
type Marked interface {
	// Mark returns how many cells at the end of a line are its mark.
	Mark(i int) int
}

// Chosen is a Document whose lines were chosen from more. While they are, the bar at the right edge
// shows where in the whole they and the window are.
type Chosen interface {
	// Whole returns how many lines there are to choose from, or 0 while all of them are shown.
	Whole() int
	// ChosenIn reports whether any line of the whole was chosen from one on and before another.
	ChosenIn(from, to int) bool
	// Place returns where in the whole the i-th line is.
	Place(i int) int
}

// RawLine returns what a line of a document is.
func RawLine(d Document, i int) string {
	if raw, ok := d.(RawLines); ok {
		return raw.RawLine(i)
	}
	return d.Line(i).String()
}

// Pager shows a document or a growing log: the lines from a place on, wrapped
// or scrolled sideways, with what a search found. The zero value is at the
// beginning. It is used from the loop's goroutine only.
type Pager struct {
	Wrap   bool // long lines continue on the next row
	Follow bool // the end stays in sight; moving up turns it off
	Select bool // one line is under a cursor, which the keys move

	top    position // what the first row shows
	anchor int      // number of the line, from 1, where a range begins; 0 for none
	left   int      // cells that are scrolled out at the left
	cursor int      // line under the cursor; without Select, unused
	shown  []position

	width, height int // of the last Draw
	buffer        []byte
	search        search
	watched       *backgroundSearch // the one that the shell was asked to watch
	dropped       int               // lines that were dropped: what a search found is numbered from the first ever
}

// position is a row of a document: a line, and which of the rows it wraps to.
type position struct{ line, row int }

// sideways is how many cells one key scrolls to the side.
const sideways = 8

// Keys are the bindings that Do understands.
func (p *Pager) Keys() []Key {
	return []Key{
		{Action: Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: Top, Keys: []string{"g", "home"}, Help: "beginning", Group: "Move"},
		{Action: Bottom, Keys: []string{"G", "end"}, Help: "end", Group: "Move"},
		{Action: PageDown, Keys: []string{"ctrl+f", "pgdown", "space"}, Help: "page down", Group: "Move"},
		{Action: PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
		{Action: HalfDown, Keys: []string{"ctrl+d"}, Help: "half page down", Group: "Move"},
		{Action: HalfUp, Keys: []string{"ctrl+u"}, Help: "half page up", Group: "Move"},
		{Action: Left, Keys: []string{"left"}, Help: "scroll left", Group: "Move"},
		{Action: Right, Keys: []string{"right"}, Help: "scroll right", Group: "Move"},
		{Action: NextMatch, Keys: []string{"n"}, Help: "next match", Group: "Search"},
		{Action: PreviousMatch, Keys: []string{"N"}, Help: "previous match", Group: "Search"},
	}
}

// Do moves and scrolls. It reports whether the action was one of these.
func (p *Pager) Do(d Do, doc Document) bool {
	page := max(1, p.height)
	switch d.Action {
	case Down:
		p.moveBy(1, doc)
	case Up:
		p.moveBy(-1, doc)
	case Top:
		p.Follow = false
		p.GoTo(0, doc)
	case Bottom:
		p.GoTo(doc.Len()-1, doc)
	case PageDown:
		p.moveBy(page, doc)
	case PageUp:
		p.moveBy(-page, doc)
	case HalfDown:
		p.moveBy((page+1)/2, doc)
	case HalfUp:
		p.moveBy(-(page+1)/2, doc)
	case Left:
		p.left = max(0, p.left-sideways)
	case Right:
		if !p.Wrap && p.widestLine(doc) > p.left+p.width {
			p.left += sideways
		}
	case NextMatch:
		p.goToMatch(1, doc)
	case PreviousMatch:
		p.goToMatch(-1, doc)
	default:
		return false
	}
	return true
}

// moveBy moves up or down: the cursor by lines if there is one, else the window by
// rows.
func (p *Pager) moveBy(n int, doc Document) {
	p.search.fromEnd = false
	if n < 0 {
		p.Follow = false
	}
	if !p.Select {
		p.scroll(n, doc)
		return
	}
	if n > 1 || n < -1 {
		p.scroll(n, doc)
	}
	p.GoTo(p.cursor+n, doc)
}

// Wheel scrolls by lines.
func (p *Pager) Wheel(lines int, doc Document) {
	if lines < 0 {
		p.Follow = false
	}
	p.scroll(lines, doc)
	if p.Select {
		last := p.top
		for range max(0, p.height-1) {
			last = p.rowAfter(last, doc)
		}
		p.cursor = max(p.top.line, min(p.cursor, last.line))
	}
}

// scroll moves the window by rows, as far as the document goes.
func (p *Pager) scroll(rows int, doc Document) {
	p.search.step = 0 // Whoever moves does not want to be taken elsewhere.
	if doc.Len() == 0 {
		return
	}
	p.top = p.clampPosition(p.top, doc)
	for ; rows < 0 && p.top != (position{}); rows++ {
		p.top = p.rowBefore(p.top, doc)
	}
	if end := p.endPosition(doc); rows > 0 {
		for ; rows > 0 && p.top.less(end); rows-- {
			p.top = p.rowAfter(p.top, doc)
		}
		if end.less(p.top) {
			p.top = end
		}
	}
}

func (a position) less(b position) bool {
	return a.line < b.line || a.line == b.line && a.row < b.row
}

// GoTo puts the cursor on a line and shows it.
func (p *Pager) GoTo(line int, doc Document) {
	p.search.step = 0
	p.cursor = max(0, min(line, doc.Len()-1))
	at := position{line: p.cursor}
	if at.less(p.top) {
		p.top = at
		return
	}
	// The first row that still shows all of the line at its lower edge.
	first := position{line: at.line, row: p.rowCount(at.line, doc) - 1}
	for range max(0, p.height-1) {
		first = p.rowBefore(first, doc)
	}
	if p.top.less(first) {
		p.top = first
	}
	if at.less(p.top) {
		p.top = at // The line is higher than the window.
	}
}

// Top returns the first visible line.
func (p *Pager) Top() int { return p.top.line }

// Left returns how many cells are scrolled out at the left.
func (p *Pager) Left() int { return p.left }

// Cursor returns the line under the cursor, for folding and copying. Without Select it
// is the current match while that is visible, else the first visible line.
func (p *Pager) Cursor() int {
	if p.Select {
		return p.cursor
	}
	for _, at := range p.shown {
		if p.search.matcher != nil && p.dropped+at.line == p.search.current {
			return at.line
		}
	}
	return p.top.line
}

// MarkFrom begins a range of lines at the cursor, which ends it wherever it moves; Unmark
// ends that. There has to be a cursor (Select).
func (p *Pager) MarkFrom() { p.Follow, p.anchor = false, p.dropped+p.cursor+1 }

// Unmark forgets the range.
func (p *Pager) Unmark() { p.anchor = 0 }

// Range returns the first and the last line of the range; ok is false without one.
func (p *Pager) Range() (first, last int, ok bool) {
	if p.anchor == 0 {
		return 0, 0, false
	}
	anchor := max(0, p.anchor-1-p.dropped)
	return min(anchor, p.cursor), max(anchor, p.cursor), true
}

// Clicked puts the cursor on the line at a click, and reports whether there is one.
func (p *Pager) Clicked(c Clicked, doc Document) (hit bool) {
	if c.Y < 0 || c.Y >= len(p.shown) || p.shown[c.Y].line >= doc.Len() {
		return false
	}
	p.cursor = p.shown[c.Y].line
	return true
}

// Replaced is called after lines changed in place; appended lines do not need it. The
// window stays where it is.
func (p *Pager) Replaced(doc Document) { p.startSearch(doc) }

// Moved is called after other lines took the place of those from one on, as in a log
// of several streams. The window stays where it is.
func (p *Pager) Moved(from int) {
	p.search.changedFrom = min(p.search.changedFrom, p.dropped+from)
	p.search.found.Forget(p.dropped + from)
}

// Dropped is called after the first n lines were dropped, as a bounded log does. What
// is visible stays, as far as it still exists.
func (p *Pager) Dropped(n int) {
	p.top.line -= n
	if p.top.line < 0 {
		p.top = position{}
	}
	p.cursor = max(0, p.cursor-n)
	p.dropped += n
	p.search.found.Drop(p.dropped)
	if p.search.current < p.dropped {
		p.search.current = -1
	}
}

// Wake returns when the pager wants to be drawn again although nothing happens: now,
// until a search in the loop has come through the document; else never.
func (p *Pager) Wake(now time.Time, doc Document) time.Time {
	s := &p.search
	if s.matcher != nil && s.background == nil && (s.found.Next() < p.dropped+doc.Len() || !s.found.Complete()) {
		return now
	}
	return time.Time{}
}

// rowCount returns how many rows a line takes.
func (p *Pager) rowCount(line int, doc Document) int {
	if !p.Wrap || line < 0 || line >= doc.Len() {
		return 1
	}
	return rowsOf(doc.Line(line), max(1, p.width))
}

func (p *Pager) rowAfter(at position, doc Document) position {
	if at.row+1 < p.rowCount(at.line, doc) {
		return position{at.line, at.row + 1}
	}
	return position{line: at.line + 1}
}

func (p *Pager) rowBefore(at position, doc Document) position {
	switch {
	case at.row > 0:
		return position{at.line, at.row - 1}
	case at.line == 0:
		return at
	}
	return position{at.line - 1, p.rowCount(at.line-1, doc) - 1}
}

// clampPosition returns the nearest position that exists.
func (p *Pager) clampPosition(at position, doc Document) position {
	if at.line >= doc.Len() {
		return position{line: max(0, doc.Len()-1)}
	}
	return position{at.line, min(at.row, p.rowCount(at.line, doc)-1)}
}

// endPosition returns where the window shows the end of the document in its last row.
func (p *Pager) endPosition(doc Document) position {
	if doc.Len() == 0 {
		return position{}
	}
	last := doc.Len() - 1
	at := position{last, p.rowCount(last, doc) - 1}
	for range max(0, p.height-1) {
		at = p.rowBefore(at, doc)
	}
	return at
}

// widestLine returns the width of the widest visible line.
func (p *Pager) widestLine(doc Document) int {
	widest := 0
	for _, at := range p.shown {
		if at.line < doc.Len() {
			widest = max(widest, doc.Line(at.line).Width())
		}
	}
	return widest
}

// rowsOf counts the rows that a line wraps to in so many cells.
func rowsOf(line Line, width int) (rows int) {
	cells, ascii := 0, true
	for _, span := range line {
		cells += len(span.Text)
		ascii = ascii && isASCII(span.Text)
	}
	if ascii {
		return max(1, (cells+width-1)/width)
	}
	x := 0
	rows = 1
	for _, span := range line {
		for i := 0; i < len(span.Text); {
			size, w := cluster(span.Text[i:])
			i += size
			if x+w > width && x > 0 {
				rows++
				x = 0
			}
			x += w
		}
	}
	return rows
}

// wrapping cuts a line into rows, one after the other: a line may be a megabyte, which is not to be
// gone through for each of them.
type wrapping struct {
	line     Line
	span, at int // where the next row begins: the span, and the byte in it
}

func (w *wrapping) done() bool { return w.span == len(w.line) }

// next returns the next row of so many cells. A character that is wider has a row of its own.
func (w *wrapping) next(width int) (row Line) {
	x := 0
	for ; w.span < len(w.line); w.span, w.at = w.span+1, 0 {
		s, begin := w.line[w.span], w.at
		for w.at < len(s.Text) {
			size, cells := cluster(s.Text[w.at:])
			if x+cells > width && x > 0 {
				return append(row, Span{s.Text[begin:w.at], s.Role})
			}
			w.at += size
			x += cells
		}
		row = append(row, Span{s.Text[begin:], s.Role})
	}
	return row
}
