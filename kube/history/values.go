package history

import (
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// valueWords is what became of a named value: "replicas 3 → 5", "env X added: 1", "env X
// removed", "data password changed".
func valueWords(name string, d Difference) string {
	name = kinds.Clean(name)
	older, newer := format(d.Old), format(d.New)
	switch {
	case d.Old == nil && (d.Hidden || newer == ""):
		return name + " added"
	case d.Old == nil:
		return name + " added: " + newer
	case d.New == nil:
		return name + " removed"
	case d.Hidden || older == newer || isBranch(d.Old) || isBranch(d.New):
		return name + " changed"
	}
	return name + " " + orEmpty(older) + " → " + orEmpty(newer)
}

// isBranch reports whether a value has parts, which do not fit into a line.
func isBranch(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return format(v) == ""
	}
	return false
}

func orEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// format returns a value in a few words; "" for one that has too many parts.
func format(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return short(v)
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			switch item.(type) {
			case map[string]any, []any:
				return ""
			}
			words[i] = fmt.Sprint(item)
		}
		return "[" + short(strings.Join(words, " ")) + "]"
	case map[string]any:
		return ""
	}
	return fmt.Sprint(v)
}

// short cuts a text to one line of valueMax characters.
func short(s string) string {
	first, _, more := strings.Cut(strings.TrimSpace(s), "\n")
	runes := []rune(kinds.Clean(first))
	if len(runes) > valueMax {
		runes, more = runes[:valueMax-1], true
	}
	if more {
		return string(runes) + "…"
	}
	return string(runes)
}

// pathWords is a path as people write it: "readinessProbe.httpGet.path",
// "tolerations[gpu/NoSchedule].effect".
func pathWords(path []string) string {
	var b strings.Builder
	for i, step := range path {
		if i > 0 && !strings.HasPrefix(step, "[") {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return kinds.Clean(b.String())
}

func unbracket(step string) string {
	return strings.TrimSuffix(strings.TrimPrefix(step, "["), "]")
}

// after puts a separator before a text, if there is one.
func after(separator, s string) string {
	if s == "" {
		return ""
	}
	return separator + kinds.Clean(s)
}
