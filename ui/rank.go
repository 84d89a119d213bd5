package ui

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How well a term fits a name, the best first.
const (
	exact = iota
	prefix
	wordStart
	inside
	scattered // every letter, in order
	ranks
)

// unfound is worse than any rank.
const unfound = 1 << 20

// Rank keeps the choices that query finds, the best first: the name itself, a
// prefix of it, the start of a word, a part, scattered letters. Other names
// count a little less than the first, the detail least. Each word of the query
// must be found. Equally good choices keep their order, and an empty query
// keeps all. The case of letters never counts.
func Rank(query string, choices []Choice) []Choice {
	terms := strings.Fields(strings.ToLower(query))
	if len(terms) == 0 {
		return choices
	}
	type ranked struct {
		score, index int
	}
	var found []ranked
	for i := range choices {
		if score := scoreChoice(&choices[i], terms); score < unfound {
			found = append(found, ranked{score, i})
		}
	}
	slices.SortFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.index, b.index))
	})
	out := make([]Choice, len(found))
	for i, f := range found {
		out[i] = choices[f.index]
	}
	return out
}

// scoreChoice is lower for better choices.
func scoreChoice(c *Choice, terms []string) int {
	sum := 0
	for _, term := range terms {
		best := scoreName(c.Name, term) * 2
		for _, also := range c.Also {
			best = min(best, scoreName(also, term)*2+1)
		}
		if best >= unfound && foldIndex(c.Detail, term) >= 0 {
			best = 2 * ranks * spreadMax
		}
		if best >= unfound {
			return unfound
		}
		sum += best
	}
	return sum
}

// spreadMax bounds how much the distance of scattered letters counts, so that
// it never outweighs a rank.
const spreadMax = 64

// scoreName is the rank of a lower-case term in a name, times spreadMax.
func scoreName(name, term string) int {
	if len(term) == len(name) && foldIndex(name, term) == 0 {
		return exact * spreadMax
	}
	switch at := foldIndex(name, term); {
	case at == 0:
		return prefix * spreadMax
	case at > 0:
		for i := at; i >= 0; i = nextFold(name, term, i) {
			if startsWord(name, i) {
				return wordStart * spreadMax
			}
		}
		return inside * spreadMax
	}
	if spread := scatter(name, term); spread >= 0 {
		return scattered*spreadMax + min(spread, spreadMax-1)
	}
	return unfound
}

func nextFold(name, term string, after int) int {
	if at := foldIndex(name[after+1:], term); at >= 0 {
		return after + 1 + at
	}
	return -1
}

// startsWord says whether a word begins at byte i: after a separator, or with
// a capital after a small letter (NetworkPolicy).
func startsWord(name string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(name[:i])
	here, _ := utf8.DecodeRuneInString(name[i:])
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
		return true
	}
	return unicode.IsUpper(here) && !unicode.IsUpper(before)
}

// scatter is how many other characters lie between the letters of term in
// name, or -1 when they are not there in this order.
func scatter(name, term string) int {
	spread, began := 0, false
	want, size := utf8.DecodeRuneInString(term)
	for _, r := range name {
		if unicode.ToLower(r) != want {
			if began {
				spread++
			}
			continue
		}
		began = true
		if term = term[size:]; term == "" {
			return spread
		}
		want, size = utf8.DecodeRuneInString(term)
	}
	return -1
}
