package screen

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The picture's measures, in pixels. Every run of text states its width, so that it fits whatever font is there.
const (
	cellWidth  = 9
	cellHeight = 20
	baseline   = 15
	margin     = 12
)

// The picture's own colours, for the terminal's default colours and its sixteen.
const (
	inkColor   = "#d8dee9"
	paperColor = "#1b1f27"
)

var sixteen = [16]string{
	"#2e3440", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
	"#6b7280", "#ff8b92", "#b5e890", "#ffd68a", "#82c4ff", "#dd95f0", "#7fd5df", "#ffffff",
}

// SVG draws the screen as a picture. The same screen gives the same bytes.
func (s Screen) SVG() []byte {
	var picture strings.Builder
	width, height := s.Columns*cellWidth+2*margin, s.Rows*cellHeight+2*margin
	fmt.Fprintf(&picture, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" `+
		`font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="15">`+"\n", width, height, width, height)
	fmt.Fprintf(&picture, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, paperColor)
	for y := range s.Rows {
		for x := 0; x < s.Columns; {
			length := s.run(x, y)
			s.drawRun(&picture, x, y, length)
			x += length
		}
	}
	picture.WriteString("</svg>\n")
	return []byte(picture.String())
}

// run returns how many columns from x on can be drawn in one piece: cells of one style. A cell that is not plain ASCII
// stands alone, as fonts disagree about its width.
func (s Screen) run(x, y int) int {
	length := 1
	for x+length < s.Columns && s.Cell(x+length, y).Text == "" {
		length++
	}
	first := s.Cell(x, y)
	if length > 1 || !plain(first) {
		return length
	}
	for x+length < s.Columns {
		next := s.Cell(x+length, y)
		if !plain(next) || x+length+1 < s.Columns && s.Cell(x+length+1, y).Text == "" {
			break
		}
		next.Text = first.Text
		if next != first {
			break
		}
		length++
	}
	return length
}

func plain(cell Cell) bool {
	return len(cell.Text) == 1 && cell.Text[0] < utf8.RuneSelf
}

func (s Screen) drawRun(picture *strings.Builder, x, y, length int) {
	cell := s.Cell(x, y)
	ink, paper := hex(cell.Foreground, inkColor), hex(cell.Background, paperColor)
	if cell.Reverse {
		ink, paper = paper, ink
	}
	left, top := margin+x*cellWidth, margin+y*cellHeight
	if paper != paperColor {
		fmt.Fprintf(
			picture,
			`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n",
			left,
			top,
			length*cellWidth,
			cellHeight,
			paper,
		)
	}
	var text strings.Builder
	for column := range length {
		text.WriteString(s.Cell(x+column, y).Text)
	}
	shown := text.String()
	if !cell.Underline && !cell.Struck {
		shown = strings.TrimRight(shown, " ")
		length -= text.Len() - len(shown)
	}
	if shown == "" || cell.Conceal {
		return
	}
	fmt.Fprintf(
		picture,
		`<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="%s"%s>`,
		left,
		top+baseline,
		length*cellWidth,
		ink,
		attributes(cell),
	)
	// A strings.Builder takes everything.
	_ = xml.EscapeText(picture, []byte(shown))
	picture.WriteString("</text>\n")
}

func attributes(cell Cell) string {
	var list string
	if cell.Bold {
		list += ` font-weight="bold"`
	}
	if cell.Italic {
		list += ` font-style="italic"`
	}
	if cell.Faint {
		list += ` opacity="0.6"`
	}
	switch {
	case cell.Underline && cell.Struck:
		list += ` text-decoration="underline line-through"`
	case cell.Underline:
		list += ` text-decoration="underline"`
	case cell.Struck:
		list += ` text-decoration="line-through"`
	}
	return list
}

// hex turns a Cell's colour into what SVG understands.
func hex(name, fallback string) string {
	if name == "" {
		return fallback
	}
	n, err := strconv.Atoi(name)
	switch {
	case err != nil:
		return name
	case n < 16:
		return sixteen[n]
	case n < 232:
		level := func(step int) int {
			if step == 0 {
				return 0
			}
			return 55 + 40*step
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	gray := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", gray, gray, gray)
}
