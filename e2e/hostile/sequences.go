package hostile

import (
	"fmt"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// own matches what a text program needs to draw and to set up its terminal, written as
// such programs write it: numbers have no leading zeros, and nothing asks where the
// cursor is, or sets a title, a colour of the terminal or the clipboard.
var own = regexp.MustCompile(`^(?:` +
	// Moving, erasing, scrolling, colours; the number that conceals is found by itself.
	`\x1b\[(?:0|[1-9][0-9]*)?(?:[;:](?:0|[1-9][0-9]*)?)*[@A-HJ-MPSTXZdrm]|` +
	// The screen buffer, the cursor, the mouse, paste, focus, synchronized output, tab stops.
	`\x1b\[\?(?:1|7|25|100[0-6]|1049|2004|2026|2027)[hl]|\x1b\[\?5W|` +
	// The keyboard: what it can do, and how it should report.
	`\x1b\[\?u|\x1b\[[<>=][0-9;]*u|\x1b\[>4(?:;[0-9])?m|` +
	// The shape of the cursor, and whether the terminal knows two modes.
	`\x1b\[[0-6] q|\x1b\[\?202[67]\$p|` +
	`\x1bM|[\x08\t\r\n])`)

// conceal is the colour sequence that hides what follows.
var conceal = regexp.MustCompile(`^\x1b\[(?:[0-9;]*;)?8(?:;[0-9;]*)?m`)

// foreignMax bounds how many findings are listed.
const foreignMax = 20

// Foreign names everything in a transcript that a well-behaved program has no reason to
// write: control sequences other than its own, and characters that move, hide or
// reorder others. Unlike Leaks it does not know the payloads. A program that copies to
// the clipboard on request writes what counts as foreign here.
func Foreign(transcript []byte) (found []string) {
	for at := 0; at < len(transcript) && len(found) < foreignMax; {
		rest := transcript[at:]
		r, size := utf8.DecodeRune(rest)
		switch {
		case r < ' ' || r == 0x7f:
			sequence := own.Find(rest)
			if sequence == nil || conceal.Match(sequence) {
				found = append(found, excerpt(transcript, at))
			}
			size = max(size, len(sequence))
		case joins(transcript, at, size):
		case r == utf8.RuneError && size == 1, invisible(r):
			found = append(found, excerpt(transcript, at))
		}
		at += size
	}
	return slices.Compact(found)
}

// joins reports whether a character is a joiner where joiners have a meaning: in an emoji,
// or in a word of a script that is spelled with them. Those come after Latin, Greek and
// Cyrillic.
func joins(transcript []byte, at, size int) bool {
	const first = 0x600
	r, _ := utf8.DecodeRune(transcript[at:])
	before, _ := utf8.DecodeLastRune(transcript[:at])
	after, _ := utf8.DecodeRune(transcript[at+size:])
	return (r == 0x200c || r == 0x200d) && before >= first && after >= first &&
		before != utf8.RuneError && after != utf8.RuneError && !invisible(before) && !invisible(after) &&
		!unicode.IsPunct(before) && !unicode.IsPunct(after)
}

// invisible reports whether a character draws nothing by itself: controls of 8 bits,
// format characters, separators of lines, private and unassigned ones, and selectors of
// glyphs.
func invisible(r rune) bool {
	if r < 0xa0 {
		return r >= 0x80
	}
	return unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point) ||
		unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// excerpt quotes a position with what surrounds it.
func excerpt(transcript []byte, at int) string {
	return fmt.Sprintf("%q, in %q", transcript[at:min(at+12, len(transcript))], transcript[max(0, at-40):min(at+40,
		len(transcript))])
}
