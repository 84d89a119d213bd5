package views

import (
	"slices"
	"strings"
)

// Flags of kubectl that hands type by habit. What they ask for is so on a screen anyway, or is a key
// there; withValue are those whose value may be the next word.
var (
	needless  = []string{"-f", "--follow", "-w", "--watch", "--show-labels", "--all-containers", "--timestamps"}
	withValue = []string{"-o", "--output", "--tail", "--since", "--sort-by"}
	placing   = []string{"-n", "--namespace", "-l", "--selector", "--context"}
)

// withoutHabits is what is left of a command of kubectl in the palette: "kubectl -n shop get pods -w"
// is "pods -n shop". What has nothing of that stays as it is.
func withoutHabits(query string) string {
	words := strings.Fields(query)
	if len(words) < 2 {
		return query
	}
	rest, leading := words, []string(nil)
	if first := strings.ToLower(rest[0]); first == "kubectl" || first == "k" {
		rest = rest[1:]
		for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
			n := 1
			if slices.Contains(placing, rest[0]) {
				n = min(2, len(rest))
			}
			leading, rest = append(leading, rest[:n]...), rest[n:]
		}
	}
	switch {
	case len(rest) > 1 && strings.EqualFold(rest[0], "get"):
		rest = rest[1:]
	case len(rest) > 2 && strings.EqualFold(rest[0], "rollout"):
		if word := map[string]string{"status": whyWord, "history": "changes"}[strings.ToLower(rest[1])]; word != "" {
			rest = append([]string{word}, rest[2:]...)
		}
	}
	var kept []string
	for i := 0; i < len(rest); i++ {
		name, _, whole := strings.Cut(rest[i], "=")
		short := strings.HasPrefix(rest[i], "-o") && len(rest[i]) > 2 // -owide
		switch {
		case slices.Contains(needless, rest[i]), whole && slices.Contains(withValue, name), short && !whole:
		case slices.Contains(withValue, rest[i]):
			i++
		default:
			kept = append(kept, rest[i])
		}
	}
	if kept = append(kept, leading...); slices.Equal(kept, words) {
		return query
	}
	return strings.Join(kept, " ")
}
