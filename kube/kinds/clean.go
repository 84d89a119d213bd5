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
//     private use, unassigned and ignorable code points, line and paragraph
//     separators and invalid bytes become U+FFFD;
//   - spaces of any width become a space;
//   - more than four combining marks in a row end in one U+FFFD, a mark with
//     nothing before it gets a dotted circle to stand on;
//   - variation selectors, which only choose a glyph, are left out.
//
// Cleaning twice changes nothing.
func Clean(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return clean(s, i, false)
		}
	}
	return s
}

// CleanText is Clean for text of many lines: line feeds stay. A carriage
// return does not: a ␍ before the end of a line is worth seeing.
func CleanText(s string) string {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c > '~') && c != '\n' {
			return clean(s, i, true)
		}
	}
	return s
}

// clean does the work from byte start on; everything before it is ASCII.
func clean(s string, start int, lines bool) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4 + tabStop)
	b.WriteString(s[:start])
	column := start - 1 - strings.LastIndexByte(s[:start], '\n')
	marks := 0
	for i := start; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		i += size
		switch {
		case r == '\n' && lines:
			b.WriteByte('\n')
			column, marks = 0, 0
			continue
		case r == '\t':
			for n := tabStop - column%tabStop; n > 0; n-- {
				b.WriteByte(' ')
				column++
			}
			marks = 0
			continue
		case r >= 0x300 && unicode.Is(unicode.Variation_Selector, r):
			continue
		case r >= 0x300 && unicode.Is(unicode.M, r) && !ignorable(r):
			if marks++; marks > marksMax+1 {
				continue
			}
			if column == 0 {
				b.WriteRune(dottedCircle)
				column++
			}
			if marks > marksMax {
				r = utf8.RuneError
			}
			b.WriteRune(r)
			continue
		}
		b.WriteRune(visible(r))
		column++
		marks = 0
	}
	return b.String()
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

// ignorable says whether r counts as a letter, mark or symbol and yet draws
// nothing, like the Hangul fillers.
func ignorable(r rune) bool {
	return r >= 0x300 && unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}
