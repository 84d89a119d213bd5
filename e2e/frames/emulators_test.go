package frames

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/hinshun/vt10x"
)

// emulator is a terminal whose screen can be read.
type emulator interface {
	write(output []byte)
	resize(columns, rows uint16)
	// row is the text of a line and its colours.
	row(y int) string
	// fresh returns a new one that shows nothing.
	fresh(columns, rows uint16) emulator
}

// modern is x/vt.
type modern struct{ vt *vt.Emulator }

func newModern(columns, rows uint16) emulator {
	m := &modern{vt.NewEmulator(int(columns), int(rows))}
	go func() { _, _ = io.Copy(io.Discard, m.vt) }() // Its answers, which nobody wants.
	return m
}

func (m *modern) fresh(columns, rows uint16) emulator {
	return &modern{vt.NewEmulator(int(columns), int(rows))}
}

func (m *modern) write(output []byte) { _, _ = m.vt.Write(output) }

func (m *modern) resize(columns, rows uint16) { m.vt.Resize(int(columns), int(rows)) }

func (m *modern) row(y int) string {
	var text, styles strings.Builder
	last := ""
	for x := range m.vt.Width() {
		cell := m.vt.CellAt(x, y)
		text.WriteString(cell.Content)
		if style := cell.Style.String(); style != last {
			fmt.Fprintf(&styles, " %d:%q", x, style)
			last = style
		}
	}
	return text.String() + "|" + styles.String()
}

// classic is vt10x, whose parser and screen share no code with the renderer's
// libraries. It knows only characters of one cell, so it is sent two for a wide one,
// and none for what joins the character before it.
type classic struct{ vt vt10x.Terminal }

func newClassic(columns, rows uint16) emulator {
	return &classic{vt10x.New(vt10x.WithSize(int(columns), int(rows)), vt10x.WithWriter(io.Discard))}
}

func (c *classic) fresh(columns, rows uint16) emulator { return newClassic(columns, rows) }

func (c *classic) write(output []byte) { _, _ = c.vt.Write([]byte(narrow(string(output)))) }

func (c *classic) resize(columns, rows uint16) { c.vt.Resize(int(columns), int(rows)) }

func (c *classic) row(y int) string {
	c.vt.Lock()
	defer c.vt.Unlock()
	columns, _ := c.vt.Size()
	var text, styles strings.Builder
	last := ""
	for x := range columns {
		glyph := c.vt.Cell(x, y)
		text.WriteRune(glyph.Char)
		if style := fmt.Sprint(glyph.Mode, glyph.FG, glyph.BG); style != last {
			fmt.Fprintf(&styles, " %d:%s", x, style)
			last = style
		}
	}
	return text.String() + "|" + styles.String()
}

// otherHalf stands for the second cell of a wide character.
const otherHalf = "\ue000"

// narrow is output with characters of one cell only, without the sequences that vt10x
// would mistake for others: those with a private prefix (the keyboard's) or with
// intermediate bytes.
func narrow(output string) string {
	var to strings.Builder
	parser := ansi.GetParser()
	defer ansi.PutParser(parser)
	var state byte
	for len(output) > 0 {
		sequence, width, n, next := ansi.DecodeSequenceWc(output, state, parser)
		output, state = output[n:], next
		r, size := utf8.DecodeRuneInString(sequence)
		switch {
		case width > 0:
			to.WriteString(sequence[:size] + strings.Repeat(otherHalf, width-1))
		case r >= utf8.RuneSelf:
		case strings.HasPrefix(sequence, "\x1b[") && strings.ContainsAny(sequence, "<=>$ u"):
		default:
			to.WriteString(sequence)
		}
	}
	return to.String()
}
