package kinds

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marksMax is how many combining marks one character may carry; more only
// serve to paint over the lines around it.
const marksMax = 4

// tabStop is the distance of tab stops, in characters.
const tabStop = 8

// dottedCircle carries a mark that has nothing to stand on, so that it does not
// join what is drawn before the text.
const dottedCircle = '\u25CC'

// Clean makes one line of foreign text safe to draw. Whatever could move the
// cursor, change the terminal or hide something becomes visible, and nothing
// is cut:
//
//   - C0 controls and DEL become their pictures (ESC is ␛, a line feed ␊),
//     but a tab becomes spaces up to the next multiple of 8 characters;
//   - C1 controls, format characters (bidi, zero width, soft hyphen, tags),
//     private use, unassigned and ignorable code points, characters that draw
//     nothing, line and paragraph separators and invalid bytes become U+FFFD, but
//     joiners stay between the letters of scripts that have them and between emoji;
//   - spaces of any width become a space;
//   - more than four combining marks in a row end in one U+FFFD, a mark with
//     nothing before it gets a dotted circle to stand on;
//   - variation selectors, which only choose a glyph, are left out after what has
//     such glyphs, and become U+FFFD elsewhere.
//
// Cleaning twice changes nothing.
func Clean(s string) string {
	if n := plain(s); n < len(s) {
		return clean(s, n, cleaning{})
	}
	return s
}

// CleanText is Clean for text of many lines: line feeds stay. A carriage
// return does not: a ␍ before the end of a line is worth seeing.
func CleanText(s string) string {
	for n := 0; ; n++ {
		n += plain(s[n:])
		if n == len(s) {
			return s
		}
		if s[n] != '\n' {
			return clean(s, n, cleaning{lines: true})
		}
	}
}

// plain counts the bytes at the start of s that need no look: printable ASCII.
// Nearly all text is, so eight bytes are looked at in one step: a byte below a
// space borrows, a DEL carries and everything else is above 127, and each sets
// its highest bit.
func plain(s string) int {
	const ones = 0x0101010101010101
	n := 0
	for ; n+8 <= len(s); n += 8 {
		b := s[n : n+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if (w|(w-ones*' ')|(w+ones))&(ones*0x80) != 0 {
			break
		}
	}
	for n < len(s) && s[n] >= ' ' && s[n] <= '~' {
		n++
	}
	return n
}

// cleaning says what stays that is otherwise made visible.
type cleaning struct {
	lines bool // line feeds
	sgr   bool // understood SGR sequences
}

// clean does the work from byte start on; everything before it is plain.
func clean(s string, start int, keep cleaning) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4 + tabStop)
	b.WriteString(s[:start])
	column := start - 1 - strings.LastIndexByte(s[:start], '\n')
	marks := 0
	var before rune // the character that a joiner or a selector follows; 0 for none
	for i := start; i < len(s); {
		if n := plain(s[i:]); n > 0 {
			b.WriteString(s[i : i+n])
			i, column, marks, before = i+n, column+n, 0, rune(s[i+n-1])
			continue
		}
		if keep.sgr && s[i] == '\x1b' {
			if _, n := SGR(s[i:]); n > 0 {
				b.WriteString(s[i : i+n])
				i += n
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		last := before
		if before = r; unicode.Is(unicode.Variation_Selector, r) && hasVariants(last, r) {
			before = last
			continue
		}
		switch {
		case isJoiner(r) && marks < marksMax && joins(last, s[i:]):
			b.WriteRune(r)
		case r == '\n' && keep.lines:
			b.WriteByte('\n')
			column, marks = 0, 0
		case r == '\t':
			n := tabStop - column%tabStop
			b.WriteString("        "[:n])
			column, marks = column+n, 0
		case common(r):
			b.WriteRune(r)
			column, marks = column+1, 0
		case unicode.Is(unicode.M, r) && !ignorable(r):
			if marks++; marks > marksMax {
				before = 0
			}
			writeMark(&b, r, marks, column)
			column = max(column, 1)
		default:
			b.WriteRune(visible(r))
			column, marks = column+1, 0
		}
	}
	return b.String()
}

// writeMark writes the combining mark that is the marks-th in its row.
func writeMark(b *strings.Builder, r rune, marks, column int) {
	if column == 0 {
		b.WriteRune(dottedCircle)
	}
	switch {
	case marks <= marksMax:
		b.WriteRune(r)
	case marks == marksMax+1:
		b.WriteRune(utf8.RuneError)
	}
}

// common reports whether r is one of the letters and lines that texts are full of;
// looking it up in the tables of all characters is slow.
func common(r rune) bool {
	switch {
	case r < 0x300:
		return r > 0xa0 && r != 0xad // Latin
	case r >= 0x400 && r < 0x480, // Cyrillic
		r >= 0x2500 && r < 0x2600,  // box drawing
		r >= 0x3041 && r <= 0x3096, // Hiragana
		r >= 0x30a0 && r <= 0x30ff, // Katakana
		r >= 0x4e00 && r <= 0x9fff, // Han
		r >= 0xac00 && r <= 0xd7a3: // Hangul
		return true
	}
	return false
}

// visible is the rune that stands for r on the screen.
func visible(r rune) rune {
	switch {
	case r < ' ':
		return '\u2400' + r
	case r < 0x7f:
		return r
	case r == 0x7f:
		return '\u2421'
	case strconv.IsPrint(r):
		if ignorable(r) {
			return utf8.RuneError
		}
		return r
	case unicode.Is(unicode.Zs, r):
		return ' '
	}
	return utf8.RuneError
}

// ignorable reports whether r counts as a letter, mark or symbol and yet draws
// nothing, like the Hangul fillers.
func ignorable(r rune) bool {
	switch r {
	case 0x2800, // BRAILLE PATTERN BLANK
		0x13441, 0x13442, // EGYPTIAN HIEROGLYPH FULL BLANK, HALF BLANK
		0x16fe4, // KHITAN SMALL SCRIPT FILLER
		0x1d159: // MUSICAL SYMBOL NULL NOTEHEAD
		return true
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
