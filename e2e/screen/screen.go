package screen

import (
	"fmt"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Screen is what a terminal shows at one moment. It is a copy: it stays as it is while the program goes on.
type Screen struct {
	Columns, Rows int
	// CursorX and CursorY count from 0 at the top left.
	CursorX, CursorY int
	CursorVisible    bool
	AltScreen        bool
	// Title is the window title that the program set last.
	Title string
	cells [][]Cell
}

// Cell is one position of a screen.
type Cell struct {
	// Text is one grapheme cluster, " " for an empty cell, and "" in the second column of a wide one.
	Text string
	// Foreground and Background are "" for the terminal's own colour, "0" to "255" for one of the palette, or "#rrggbb".
	Foreground, Background                                   string
	Bold, Faint, Italic, Underline, Reverse, Struck, Conceal bool
	// Link is the address of a hyperlink.
	Link string
}

// Cell returns the cell of a column and a row, both counted from 0. A position outside
// the screen is an empty cell.
func (s Screen) Cell(x, y int) Cell {
	if y < 0 || y >= len(s.cells) || x < 0 || x >= len(s.cells[y]) {
		return Cell{Text: " "}
	}
	return s.cells[y][x]
}

// Row returns the text of a row, counted from 0, without the blanks at its end.
func (s Screen) Row(y int) string {
	var row strings.Builder
	for x := range s.Columns {
		row.WriteString(s.Cell(x, y).Text)
	}
	return strings.TrimRight(row.String(), " ")
}

// Text returns all rows, each ended by a newline.
func (s Screen) Text() string {
	var text strings.Builder
	for y := range s.Rows {
		text.WriteString(s.Row(y))
		text.WriteByte('\n')
	}
	return text.String()
}

// Contains reports whether a row holds the text.
func (s Screen) Contains(text string) bool {
	_, _, found := s.Find(text)
	return found
}

// Find returns where the text first stands, reading by rows.
func (s Screen) Find(text string) (x, y int, found bool) {
	for y := range s.Rows {
		row := s.Row(y)
		at := strings.Index(row, text)
		if at < 0 {
			continue
		}
		column := 0
		for bytes := 0; bytes < at; column++ {
			bytes += len(s.Cell(column, y).Text)
		}
		for s.Cell(column, y).Text == "" {
			column++
		}
		return column, y, true
	}
	return 0, 0, false
}

// RowOf returns the first row that holds the text, "" if none does.
func (s Screen) RowOf(text string) string {
	if _, y, found := s.Find(text); found {
		return s.Row(y)
	}
	return ""
}

// Styles returns the cells of the text where it first stands, none if it does not.
func (s Screen) Styles(text string) []Cell {
	x, y, found := s.Find(text)
	if !found {
		return nil
	}
	var cells []Cell
	for length := 0; length < len(text) && x < s.Columns; x++ {
		cell := s.Cell(x, y)
		cells = append(cells, cell)
		length += len(cell.Text)
	}
	return cells
}

// String frames the screen, for people who look for what went wrong.
func (s Screen) String() string {
	var text strings.Builder
	edge := "+" + strings.Repeat("-", s.Columns) + "+\n"
	text.WriteString(edge)
	for y := range s.Rows {
		row := s.Row(y)
		fmt.Fprintf(&text, "|%s%s|\n", row, strings.Repeat(" ", max(0, s.Columns-ansi.StringWidth(row))))
	}
	text.WriteString(edge)
	fmt.Fprintf(&text, "cursor at column %d, row %d, visible %t; alternate screen %t; title %q\n",
		s.CursorX, s.CursorY, s.CursorVisible, s.AltScreen, s.Title)
	return text.String()
}

// newCell converts a cell of the emulator; nil is an empty one.
func newCell(cell *uv.Cell) Cell {
	if cell == nil {
		return Cell{Text: " "}
	}
	has := func(attribute uint8) bool { return cell.Style.Attrs&attribute != 0 }
	converted := Cell{
		Text:       cell.Content,
		Foreground: colorName(cell.Style.Fg),
		Background: colorName(cell.Style.Bg),
		Bold:       has(uv.AttrBold),
		Faint:      has(uv.AttrFaint),
		Italic:     has(uv.AttrItalic),
		Reverse:    has(uv.AttrReverse),
		Conceal:    has(uv.AttrConceal),
		Struck:     has(uv.AttrStrikethrough),
		Underline:  cell.Style.Underline != uv.UnderlineNone,
		// The emulator swaps the two parts of OSC 8.
		Link: cell.Link.Params,
	}
	if converted.Text == "" && cell.Width > 0 {
		converted.Text = " "
	}
	return converted
}

func colorName(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return ""
	case ansi.BasicColor:
		return fmt.Sprint(uint8(c))
	case ansi.IndexedColor:
		return fmt.Sprint(uint8(c))
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
