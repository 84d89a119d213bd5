package ui

// TyposMost is how many typing errors a suggestion forgives.
const TyposMost = 2

// Resembles reports whether a name with n typing errors is still recognisable: a
// short one is within two errors of everything short.
func Resembles(n int, name string) bool { return n <= min(TyposMost, len(name)/3) }

// Typos counts the letters that were added, left out, changed or swapped with
// their neighbour to make b of a.
func Typos(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			changed := last[j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			row[j] = min(last[j]+1, row[j-1]+1, changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
