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
	initials // of the words: np for NetworkPolicy
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
// prefix of it, the start of a word, the initials of its words, a part, scattered
// letters. Other names count a little less than the first, and the detail least. Every
// word of the query has to be found. Equally good choices keep their order, an empty
// query keeps all, and case never counts. The first strong of them are more than
// scattered letters of a name or a part of a detail.
func Rank[Choice any](query string, choices []Choice, names func(*Choice) Names) (found []Choice, strong int) {
	terms := strings.Fields(strings.ToLower(query))
	if len(terms) == 0 {
		return choices, len(choices)
	}
	type ranked struct {
		score, index int
	}
	var all []ranked
	for i := range choices {
		if score := scoreNames(names(&choices[i]), terms); score < unfound {
			all = append(all, ranked{score, i})
		}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.index, b.index))
	})
	found = make([]Choice, len(all))
	for i, r := range all {
		found[i] = choices[r.index]
		if r.score < weak {
			strong++
		}
	}
	return found, strong
}

// weak is the score from which on a choice is found by little.
const weak = unfound / 2

// scoreNames returns a number that is lower for better choices.
func scoreNames(n Names, terms []string) int {
	sum, weakly := 0, 0
	for _, term := range terms {
		best := scoreName(n.Name, term) * 2
		for _, also := range n.Also {
			if score := scoreName(also, term); score < scattered*spreadMax {
				best = min(best, score*2+1)
			}
		}
		if best >= unfound && foldIndex(n.Detail, term) >= 0 {
			best = 2 * ranks * spreadMax
		}
		if best >= unfound {
			return unfound
		}
		if best >= 2*scattered*spreadMax {
			weakly = weak
		}
		sum += best
	}
	return min(sum, weak-1) + weakly
}

// spreadMax bounds what the distance between scattered letters counts, so that it
// never outweighs a rank.
const spreadMax = 64

// scoreName returns the rank of a lower-case term in a name, times spreadMax.
func scoreName(name, term string) int {
	if len(term) == len(name) && foldIndex(name, term) == 0 {
		return exact * spreadMax
	}
	at := foldIndex(name, term)
	if at == 0 {
		return prefix * spreadMax
	}
	for i := at; i > 0; i = nextFold(name, term, i) {
		if startsWord(name, i) {
			return wordStart * spreadMax
		}
	}
	switch {
	case hasInitials(name, term):
		return initials * spreadMax
	case at > 0:
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

// hasInitials reports whether a term of two letters or more is how the words of a
// name begin.
func hasInitials(name, term string) bool {
	if len(term) < 2 {
		return false
	}
	for i, r := range name {
		if i > 0 && !startsWord(name, i) || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		want, size := utf8.DecodeRuneInString(term)
		if unicode.ToLower(r) != want {
			return false
		}
		if term = term[size:]; term == "" {
			return true
		}
	}
	return false
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
