package ui

import (
	"strings"
	"unicode/utf8"
)

// plain is an ASCII character for each glyph that the program draws itself.
// Both take one cell, so that nothing moves.
var plain = map[rune]byte{
	'…': '~', '·': '.', '•': '*', '–': '-', '—': '-',
	'●': '*', '○': 'o', '◐': 'o', '■': '#', '□': '.', '◆': '*', '⎈': '*',
	'✖': 'x', '✗': 'x', '✔': '+', '✓': '+', '⚠': '!',
	'▲': '^', '▼': 'v', '△': '^', '▽': 'v', '▸': '>', '▾': 'v', '▶': '>', '◀': '<',
	'↑': '^', '↓': 'v', '←': '<', '→': '>', '↔': '=', '↵': '<', '›': '>', '‹': '<', '»': '>', '«': '<',
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+',
	'╭': '+', '╮': '+', '╰': '+', '╯': '+', '━': '=', '┃': '|', '▌': '|', '▐': '|',
	'█': '#', '▇': '#', '▆': '#', '▅': '=', '▄': '=', '▃': '-', '▂': '_', '▁': '_', '░': '.', '▒': ':', '▓': '#',
	'◌': '.', '×': 'x', '≥': '>', '≤': '<', '±': '~',
}

// ASCII returns text in ASCII only, cell for cell: our own glyphs become similar
// characters, everything else becomes question marks. Escape sequences are ASCII
// and stay.
func ASCII(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf && (i+1 == len(s) || s[i+1] < utf8.RuneSelf) {
			b.WriteByte(s[i])
			i++
			continue
		}
		size, width := cluster(s[i:])
		r, _ := utf8.DecodeRuneInString(s[i:])
		switch c, ours := plain[r]; {
		case r < utf8.RuneSelf && width <= 1:
			b.WriteByte(byte(r)) // Without its combining marks.
		case ours && width == 1:
			b.WriteByte(c)
		default:
			b.WriteString(strings.Repeat("?", width))
		}
		i += size
	}
	return b.String()
}
