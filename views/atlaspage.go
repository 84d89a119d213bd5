package views

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Layers stand side by side from these widths on.
const (
	twoColumns   = 110
	threeColumns = 180
	columnGap    = 2
	// nameMax is how wide the column of names may be; a longer name pushes its text.
	nameMax = 20
)

// atlasPage is the page as it was drawn last, and where the cursor is on it.
type atlasPage struct {
	stops  []stop // the parts, column by column
	cursor int    // index of a stop
	moved  bool   // somebody put the cursor where it is
	top    int    // first visible row
	rows   int    // of the whole page
	height int
}

// stop is a part on the page.
type stop struct {
	id          string
	column      int // headColumn for what is above the columns
	row, last   int // on the page
	left, right int // cells
	layer       int
	part        *part
}

const headColumn = -1

// column is a panel of lines; each line belongs to a stop, or to -1.
type column struct {
	left, width int
	lines       []ui.Line
	stops       []int
}

// do carries out a key.
func (p *atlasPage) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actOpen:
		return p.open()
	case actCopy:
		if s := p.current(); s != nil {
			return ui.Copy{Text: s.part.name + ": " + words(s.part.text()), What: "the line"}
		}
		return nil
	case actNextLayer:
		p.toNextLayer()
	case ui.Down:
		p.to(p.cursor + 1)
	case ui.Up:
		p.to(p.cursor - 1)
	case ui.Left:
		p.toColumn(-1)
	case ui.Right:
		p.toColumn(1)
	case ui.Top:
		p.to(0)
	case ui.Bottom:
		p.to(len(p.stops) - 1)
	case ui.PageDown:
		p.scroll(max(1, p.height-1))
	case ui.PageUp:
		p.scroll(-max(1, p.height-1))
	}
	return nil
}

func (p *atlasPage) current() *stop {
	if p.cursor < 0 || p.cursor >= len(p.stops) {
		return nil
	}
	return &p.stops[p.cursor]
}

func (p *atlasPage) open() ui.Intent {
	s := p.current()
	switch {
	case s == nil:
		return nil
	case s.part.then == nil:
		return ui.Say{Text: s.part.name + ": there are no objects behind this line", Role: themes.Muted}
	}
	return s.part.then
}

// to puts the cursor on a stop and shows it.
func (p *atlasPage) to(i int) {
	if len(p.stops) == 0 {
		return
	}
	p.cursor, p.moved = max(0, min(i, len(p.stops)-1)), true
	p.reveal()
}

// goTo puts the cursor on the part of a name.
func (p *atlasPage) goTo(name string) {
	if i := slices.IndexFunc(p.stops, func(s stop) bool { return s.part.name == name }); i >= 0 {
		p.to(i)
	}
}

// reveal scrolls to the cursor. With the first stop of a column comes what is above it.
func (p *atlasPage) reveal() {
	s := p.current()
	if s == nil {
		return
	}
	first := s.row
	if p.cursor == 0 || p.stops[p.cursor-1].column != s.column {
		first = 0
	} else if before := &p.stops[p.cursor-1]; before.layer != s.layer {
		first = before.last + 1
	}
	if s.last-first >= p.height {
		first = s.row
	}
	p.top = min(max(p.top, s.last-p.height+1), first)
	p.clamp()
}

func (p *atlasPage) clamp() { p.top = max(0, min(p.top, p.rows-p.height)) }

func (p *atlasPage) toNextLayer() {
	s := p.current()
	if s == nil {
		return
	}
	for i, next := range p.stops {
		if i > p.cursor && next.layer > s.layer {
			p.to(i)
			return
		}
	}
	p.to(0)
}

// toColumn goes to the part beside the current one.
func (p *atlasPage) toColumn(by int) {
	s := p.current()
	if s == nil {
		return
	}
	best, distance := -1, 0
	for i, other := range p.stops {
		if other.column != s.column+by || other.column == headColumn {
			continue
		}
		if d := max(other.row-s.row, s.row-other.row); best < 0 || d < distance {
			best, distance = i, d
		}
	}
	if best >= 0 {
		p.to(best)
	}
}

// scroll moves the window and takes the cursor along.
func (p *atlasPage) scroll(by int) {
	p.top += by
	p.clamp()
	s := p.current()
	if s == nil || s.row >= p.top && s.row < p.top+p.height {
		return
	}
	best := -1
	for i, other := range p.stops {
		visible := other.row >= p.top && other.row < p.top+p.height
		beside := other.column == s.column || s.column == headColumn && other.column == 0
		if visible && beside && (best < 0 || by < 0) {
			best = i
		}
	}
	if best >= 0 {
		p.cursor, p.moved = best, true
	}
}

func (p *atlasPage) clicked(msg ui.Clicked) ui.Intent {
	for i, s := range p.stops {
		if y := p.top + msg.Y; y < s.row || y > s.last || msg.X < s.left || msg.X >= s.right {
			continue
		}
		p.cursor, p.moved = i, true
		if msg.Double {
			return p.open()
		}
	}
	return nil
}

// draw lays the page out and draws its visible rows.
func (p *atlasPage) draw(f ui.Frame, head []part, layers []layer) string {
	id := ""
	if s := p.current(); s != nil && p.moved {
		id = s.id
	}
	p.height, p.stops = f.Height, p.stops[:0]
	top := column{width: f.Width}
	for i := range head {
		p.write(&top, &head[i], "head", headColumn, -1, 0)
	}
	columns := p.layOut(f.Width, len(top.lines), layers)
	p.rows = len(top.lines)
	for _, c := range columns {
		p.rows = max(p.rows, len(top.lines)+len(c.lines))
	}
	if i := slices.IndexFunc(p.stops, func(s stop) bool { return s.id == id }); i >= 0 {
		p.cursor = i
	} else if p.cursor >= len(p.stops) || !p.moved {
		p.cursor = 0
	}
	p.clamp()
	return p.paint(f, top, columns)
}

// layOut distributes the layers over columns: the physical one stands beside the others.
func (p *atlasPage) layOut(width, above int, layers []layer) []column {
	first := []int{0}
	switch {
	case width >= threeColumns:
		first = []int{0, 1, 3}
	case width >= twoColumns:
		first = []int{0, 1}
	}
	each := (width - columnGap*(len(first)-1)) / len(first)
	columns := make([]column, len(first))
	for i := range columns {
		end := len(layers)
		if i+1 < len(first) {
			end = first[i+1]
		}
		columns[i] = column{left: i * (each + columnGap), width: each}
		for at := first[i]; at < end; at++ {
			p.writeLayer(&columns[i], &layers[at], i, at, above)
		}
	}
	return columns
}

func (p *atlasPage) writeLayer(c *column, l *layer, at, index, above int) {
	c.add(nil, -1)
	c.add(ui.Line{
		{Text: strings.ToUpper(l.title), Role: themes.Heading}, {Text: "  " + l.does, Role: themes.Muted},
	}, -1)
	for g := range l.groups {
		group := &l.groups[g]
		if len(group.parts) == 0 {
			continue
		}
		if group.title != "" {
			line := ui.Line{{Text: " " + group.title, Role: themes.Accent}}
			if group.how != "" {
				line = append(line, ui.Span{Text: "  " + group.how, Role: themes.Muted})
			}
			c.add(line, -1)
		}
		for i := range group.parts {
			p.write(c, &group.parts[i], l.title+"/"+group.title, at, index, above)
		}
	}
}

func (c *column) add(line ui.Line, stop int) {
	c.lines, c.stops = append(c.lines, line), append(c.stops, stop)
}

// write writes a part: its mark, its name, and its words, which wrap below themselves.
func (p *atlasPage) write(c *column, one *part, where string, at, layer, above int) {
	id, same := where+"/"+one.name, 0
	for _, s := range p.stops {
		if s.part.name == one.name && strings.HasPrefix(s.id, id) {
			same++
		}
	}
	if same > 0 {
		id += "#" + strconv.Itoa(same)
	}
	indent := 3 + nameMax
	name := one.name
	if name == "" {
		indent = 3
	} else if w := ui.Width(name); w <= nameMax-2 {
		name += strings.Repeat(" ", nameMax-w)
	} else {
		name += "  "
	}
	used := 3 + ui.Width(name)
	room := c.width - 1
	lines := flow(one.text(), max(room-used, 1), max(room-indent, 1))
	row := above + len(c.lines)
	for i, text := range lines {
		line := ui.Line{{Text: strings.Repeat(" ", indent), Role: themes.Text}}
		if i == 0 {
			line = ui.Line{
				{Text: " ", Role: themes.Text}, one.mark(), {Text: " ", Role: themes.Text},
				{Text: name, Role: themes.Text},
			}
		}
		c.add(append(line, text...), len(p.stops))
	}
	p.stops = append(p.stops, stop{
		id: id, column: at, row: row, last: row + len(lines) - 1, left: c.left, right: c.left + c.width,
		layer: layer, part: one,
	})
}

// words are texts on one line.
func words(spans []ui.Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = s.Text
	}
	return strings.Join(texts, " ")
}

// flow breaks texts between words into lines: the first of one width, the others of
// another. Words keep their look.
func flow(spans []ui.Span, first, width int) []ui.Line {
	lines, used, room := []ui.Line{nil}, 0, first
	for _, s := range spans {
		parts := []string{s.Text}
		if strings.Contains(s.Text, " ") {
			parts = strings.Fields(s.Text)
		}
		for _, word := range parts {
			for _, piece := range ui.Wrap(word, width) {
				blank := min(used, 1)
				if used+blank+ui.Width(piece) > room && (used > 0 || room < width) {
					if piece == separator {
						continue // The end of the line separates as well.
					}
					lines, used, room, blank = append(lines, nil), 0, width, 0
				}
				line := &lines[len(lines)-1]
				if blank > 0 {
					piece = " " + piece
				}
				if n := len(*line); n > 0 && (*line)[n-1].Role == s.Role {
					(*line)[n-1].Text += piece
				} else {
					*line = append(*line, ui.Span{Text: piece, Role: s.Role})
				}
				used += ui.Width(piece)
			}
		}
	}
	return lines
}

// paint draws the visible rows: first what is above the columns.
func (p *atlasPage) paint(f ui.Frame, top column, columns []column) string {
	var out []string
	for i := p.top; i < min(len(top.lines), p.top+f.Height); i++ {
		out = append(out, p.paintLine(f, &top, i, false))
	}
	rest := f.Height - len(out)
	from := max(0, p.top-len(top.lines))
	panels := make([]string, 0, 2*len(columns))
	for at := range columns {
		c := &columns[at]
		var lines []string
		for i := from; i < from+rest && i < p.rows-len(top.lines); i++ {
			lines = append(lines, p.paintLine(f, c, i, len(columns) > 1))
		}
		if len(columns) == 1 {
			out = append(out, lines...)
			continue
		}
		if at > 0 {
			panels = append(panels, strings.Repeat(" ", columnGap))
		}
		panels = append(panels, strings.Join(lines, "\n"))
	}
	if len(panels) > 0 && rest > 0 {
		out = append(out, strings.Split(ui.SideBySide(panels...), "\n")...)
	}
	return strings.Join(out[:min(len(out), f.Height)], "\n")
}

// paintLine draws one line of a column, as wide as the column where another stands
// beside it.
func (p *atlasPage) paintLine(f ui.Frame, c *column, i int, padded bool) string {
	var line ui.Line
	isCursor := false
	if i < len(c.lines) {
		line = c.lines[i]
		// A part of several lines is marked on its first.
		isCursor = c.stops[i] == p.cursor && !f.Still && len(p.stops) > 0 && (i == 0 || c.stops[i-1] != c.stops[i])
	}
	line = line.Truncate(c.width)
	blanks := max(0, c.width-line.Width())
	if !isCursor {
		if padded {
			line = append(slices.Clip(line), ui.Span{Text: strings.Repeat(" ", blanks), Role: themes.Text})
		}
		return ui.PaintLine(f, line, c.width, 0)
	}
	var b strings.Builder
	for at, s := range line {
		if at == 0 {
			s.Text = "›" // in place of the blank that each line begins with
		}
		b.WriteString(f.Theme.PaintOn(themes.Cursor, s.Role, s.Text))
	}
	return b.String() + f.Theme.PaintOn(themes.Cursor, themes.Text, strings.Repeat(" ", blanks))
}
