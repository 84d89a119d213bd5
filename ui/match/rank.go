package match

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The ranks of a term in a name, the best first.
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

// Names is what a choice is found by.
type Names struct {
	Name   string
	Also   []string // other names
	Detail string
}

// Rank returns the choices that a query finds, the best first: the name itself, a
// prefix of it, the start of a word, a part, scattered letters. Other names count
// a little less than the first, and the detail least. Every word of the query has
// to be found. Equally good choices keep their order, an empty query keeps all,
// and case never counts.
func Rank[Choice any](query string, choices []Choice, names func(*Choice) Names) []Choice {
	terms := strings.Fields(strings.ToLower(query))
	if len(terms) == 0 {
		return choices
	}
	type ranked struct {
		score, index int
	}
	var found []ranked
	for i := range choices {
		if score := scoreNames(names(&choices[i]), terms); score < unfound {
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

// scoreNames returns a number that is lower for better choices.
func scoreNames(n Names, terms []string) int {
	sum := 0
	for _, term := range terms {
		best := scoreName(n.Name, term) * 2
		for _, also := range n.Also {
			best = min(best, scoreName(also, term)*2+1)
		}
		if best >= unfound && foldIndex(n.Detail, term) >= 0 {
			best = 2 * ranks * spreadMax
		}
		if best >= unfound {
			return unfound
		}
		sum += best
	}
	return sum
}

// spreadMax bounds what the distance between scattered letters counts, so that it
// never outweighs a rank.
const spreadMax = 64

// scoreName returns the rank of a lower-case term in a name, times spreadMax.
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

// startsWord reports whether a word begins at byte i: after a separator, or with a
// capital after a small letter (NetworkPolicy).
func startsWord(name string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(name[:i])
	here, _ := utf8.DecodeRuneInString(name[i:])
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
		return true
	}
	return unicode.IsUpper(here) && !unicode.IsUpper(before)
}

// scatter returns how many other characters lie between the letters of term in
// name, or -1 if they are not there in this order.
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
