package kinds

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

func isJoiner(r rune) bool { return r == zeroWidthJoiner || r == zeroWidthNonJoiner }

// joining are the scripts whose spelling needs joiners (UAX 31, section 2.3; RFC 5892,
// appendix A).
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Devanagari, unicode.Bengali,
	unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
	unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

// joins reports whether a joiner between a character and a text has a meaning there: in
// a word of a script that needs it, or in an emoji.
func joins(before rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	if !drawn(before) || !drawn(next) {
		return false
	}
	return unicode.In(before, joining...) && unicode.In(next, joining...) || isEmoji(before) && isEmoji(next)
}

// drawn reports whether a character is drawn as it is.
func drawn(r rune) bool { return strconv.IsPrint(r) && !ignorable(r) }

// emoji are the blocks that emoji are in (UTS 51); what else is there is drawn too.
var emoji = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x203c, Hi: 0x2049, Stride: 13}, {Lo: 0x2122, Hi: 0x2139, Stride: 23}, {Lo: 0x2190, Hi: 0x21ff, Stride: 1},
		{Lo: 0x2300, Hi: 0x23ff, Stride: 1}, {Lo: 0x24c2, Hi: 0x24c2, Stride: 1}, {Lo: 0x25a0, Hi: 0x27bf, Stride: 1},
		{Lo: 0x2934, Hi: 0x2935, Stride: 1}, {Lo: 0x2b00, Hi: 0x2bff, Stride: 1}, {Lo: 0x3030, Hi: 0x303d, Stride: 13},
		{Lo: 0x3297, Hi: 0x3299, Stride: 2},
	},
	R32: []unicode.Range32{{Lo: 0x1f000, Hi: 0x1faff, Stride: 1}},
}

func isEmoji(r rune) bool { return unicode.Is(emoji, r) }

// hasVariants reports whether a character may have the glyph that a selector chooses
// (Unicode's StandardizedVariants.txt and emoji-variation-sequences.txt, by blocks).
func hasVariants(r, selector rune) bool {
	switch {
	case selector < 0xfe00:
		return unicode.Is(unicode.Mongolian, r)
	case selector > 0xfe0f:
		return unicode.Is(unicode.Han, r)
	case selector >= 0xfe0e && (isEmoji(r) || r == '#' || r == '*' || '0' <= r && r <= '9' || r == '©' || r == '®'):
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Myanmar, unicode.Phags_Pa, unicode.Sm)
}
