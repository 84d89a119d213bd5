package yamltext

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sortedKeys returns the keys of m in the order of go-yaml. That order has
// cycles ("a20b", "a100b", "a1b"), so it starts from one that has none: the
// same keys are always printed in the same order.
func sortedKeys(m map[string]any) []string {
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, compareKeys)
	return keys
}

// compareKeys orders keys as go-yaml does: by letters, but numbers inside them by their
// value, and all other characters before letters.
func compareKeys(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	if i == len(a) || i == len(b) {
		return cmp.Compare(len(a), len(b))
	}
	ar, _ := utf8.DecodeRuneInString(a[i:])
	br, _ := utf8.DecodeRuneInString(b[i:])
	switch aLetter, bLetter := unicode.IsLetter(ar), unicode.IsLetter(br); {
	case aLetter && bLetter:
		return cmp.Compare(ar, br)
	case bLetter:
		return -1
	case aLetter:
		return 1
	}
	start := i
	for start > 0 && isDigit(a[start-1]) {
		start--
	}
	return cmp.Or(compareNumbers(digitsOf(a[start:]), digitsOf(b[start:])), cmp.Compare(ar, br))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digitsOf(s string) string {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:n]
}

// compareNumbers compares digits by value; of equal ones the shorter comes first.
func compareNumbers(a, b string) int {
	x, y := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), cmp.Compare(len(a), len(b)))
}
