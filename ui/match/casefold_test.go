package match

import (
	"strings"
	"testing"
)

func TestFoldSearcher(t *testing.T) {
	texts := []string{"", "a", "Error: CONNECTION refused", "eeeeeerror", "ERR", "xxERROR", "erro", "…error…"}
	for _, text := range texts {
		for _, term := range []string{"error", "e", "connection refused", "zzz", "r", ":", "rr"} {
			got, want := newFoldSearcher(term).index(text), strings.Index(strings.ToLower(text), term)
			if got != want {
				t.Errorf("%q in %q: got %d, want %d", term, text, got, want)
			}
		}
	}
}
