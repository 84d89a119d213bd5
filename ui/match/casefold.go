package match

import (
	"strings"
	"unicode/utf8"
)

// rarity lists ASCII letters from rare to frequent in English and in logs.
const rarity = "zqxjkvbwyfgpmhucldrnsoiate"

// foldIndex returns the first byte of s at which a lower-case term begins, whatever
// the case of s, or -1.
func foldIndex(s, term string) int {
	if !isASCII(term) {
		// Lower case may be longer or shorter, and then positions would be wrong.
		if lower := strings.ToLower(s); len(lower) == len(s) {
			return strings.Index(lower, term)
		}
		return strings.Index(s, term)
	}
	if term == "" {
		return 0
	}
	return newFoldSearcher(term).index(s)
}

// foldSearcher finds a lower-case ASCII term in any case, by looking for its rarest
// letter first.
type foldSearcher struct {
	term         string
	at           int
	lower, upper byte
}

func newFoldSearcher(term string) foldSearcher {
	f := foldSearcher{term: term}
	best := len(rarity)
	for i := range len(term) {
		rank := strings.IndexByte(rarity, term[i])
		if i == 0 || rank < best {
			best, f.at = rank, i
		}
	}
	f.lower, f.upper = term[f.at], term[f.at]
	if f.lower >= 'a' && f.lower <= 'z' {
		f.upper = f.lower - 'a' + 'A'
	}
	return f
}

func (f foldSearcher) index(s string) int {
	in := f.scan(s)
	return in.next(0)
}

// foldScan is how far a foldSearcher has come in a text: the next places of the
// letter, which are -1 before it was looked for.
type foldScan struct {
	foldSearcher
	text                 string
	nextLower, nextUpper int
}

func (f foldSearcher) scan(text string) foldScan { return foldScan{f, text, -1, -1} }

// next returns the first byte at or after from at which the term begins, or -1. from
// never decreases.
func (f *foldScan) next(from int) int {
	last := len(f.text) - len(f.term) + f.at // where the letter may be at most
	for i := from + f.at; i <= last; i++ {
		if f.nextLower < i {
			f.nextLower = nextByte(f.text, f.lower, i)
		}
		if f.nextUpper < i {
			f.nextUpper = nextByte(f.text, f.upper, i)
		}
		i = min(f.nextLower, f.nextUpper)
		if i > last {
			break
		}
		if equalFold(f.text[i-f.at:i-f.at+len(f.term)], f.term) {
			return i - f.at
		}
	}
	return -1
}

func nextByte(s string, c byte, from int) int {
	if at := strings.IndexByte(s[from:], c); at >= 0 {
		return from + at
	}
	return len(s)
}

// equalFold compares bytes with as many of lower-case ASCII.
func equalFold(s, lower string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
