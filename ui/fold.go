package ui

import "strings"

// rarity lists ASCII letters from seldom to frequent in English and in logs.
const rarity = "zqxjkvbwyfgpmhucldrnsoiate"

// foldIndex is the first byte of s at which a lower-case term begins, whatever
// the case of the letters in s, or -1.
func foldIndex(s, term string) int {
	if !isASCII(term) {
		// Lower case may be longer or shorter, and then positions would lie.
		if lower := strings.ToLower(s); len(lower) == len(s) {
			return strings.Index(lower, term)
		}
		return strings.Index(s, term)
	}
	if term == "" {
		return 0
	}
	return newFolder(term).index(s)
}

// folder finds a lower-case ASCII term whatever the case, by looking for its
// rarest letter first.
type folder struct {
	term         string
	at           int
	lower, upper byte
}

func newFolder(term string) folder {
	f := folder{term: term}
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

func (f folder) index(s string) int {
	last := len(s) - len(f.term) + f.at // where the letter may be at most
	lower, upper := -1, -1              // next places of the letter; -1: not looked for
	for i := f.at; i <= last; {
		if lower < i {
			lower = nextByte(s, f.lower, i)
		}
		if upper < i {
			upper = nextByte(s, f.upper, i)
		}
		i = min(lower, upper)
		if i > last {
			return -1
		}
		if equalFold(s[i-f.at:i-f.at+len(f.term)], f.term) {
			return i - f.at
		}
		i++
	}
	return -1
}

func nextByte(s string, c byte, from int) int {
	if at := strings.IndexByte(s[from:], c); at >= 0 {
		return from + at
	}
	return len(s)
}

// equalFold compares bytes with lower-case ASCII of the same length.
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
