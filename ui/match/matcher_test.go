package match

import "testing"

// TestExpressionsSkipNoMatch compares what an expression finds with and
// without the shortcut past lines that lack its words.
func TestExpressionsSkipNoMatch(t *testing.T) {
	texts := []string{
		"", "refused", "REFUSED", "denied", "Kelvin \u212a and long \u017f", "kk", "ss",
		"abc", "xabcabc", "übung", "ÜBUNG", "a.c", "error: refused",
	}
	patterns := []string{
		"refused|denied", "k", "ss?", "(abc)+", "(abc)*", "^err.*fu", "[kx]a", "übung",
		"", "a{2,3}|.", "REF", "\\Qa.c\\E", "(?s)e.r", "(?:de|re)(?:nied|fused)",
	}
	for _, pattern := range patterns {
		f, err := New("/" + pattern + "/")
		if pattern == "" {
			f, err = newExpression("", true)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			want := f.(expression).MatchString(text)
			if got, cost := f.Matches(text); got != want || cost < 1 {
				t.Errorf("/%s/ in %q: got %v (cost %d), want %v", pattern, text, got, cost, want)
			}
		}
	}
}
