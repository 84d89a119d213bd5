package triage

import "strings"

// nearest says which pods come closest to a selector that selects none: those with the most of its
// labels, and of these those whose other values are most like its own. Where several are as close
// and none is alike, naming one of them would send whoever reads it the wrong way.
func (s *State) nearest(namespace string, selector made) string {
	best, bestLike, differs := 0, 0, ""
	for _, g := range s.inside[namespace].pods {
		same, like, other := 0, 0, ""
		for key, value := range selector.all() {
			switch has, ok := g.Lookup(key); {
			case ok && has == value:
				same++
			case ok:
				like += likeness(value, has)
				other += ", " + key + "=" + has
			default:
				other += ", no label " + key
			}
		}
		switch {
		case same+like == 0 || same < best || same == best && like < bestLike:
		case same > best || like > bestLike || differs == "":
			best, bestLike, differs = same, like, other
		case like == 0 && other != differs:
			differs = ambiguous
		case other < differs:
			differs = other
		}
	}
	if differs == "" || differs == ambiguous {
		return ""
	}
	return "; the nearest pods have " + strings.TrimPrefix(differs, ", ")
}

// ambiguous stands for several answers that are as good; no label begins with it.
const ambiguous = "-"

// likeMin is how long a text must be that stands in a longer one, to make the two alike.
const likeMin = 3

// likeness is how much one text is like another, in percent; 0 where whoever typed the one hardly
// meant the other. One that stands in the other at its beginning or its end is like it.
func likeness(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	typos := typosBetween(a, b)
	within := len(short) >= likeMin && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short))
	if !within && typos*likeMin > len(long) {
		return 0
	}
	return max(1, 100-100*typos/max(1, len(long)))
}

// typosBetween counts the letters that were left out, added, mistaken for another one, or swapped
// with the next.
func typosBetween(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
