package views

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// told is a diff as a text.
func told(older, newer []string, edits []lineEdit) string {
	var b strings.Builder
	for _, e := range edits {
		switch {
		case e.newer < 0:
			b.WriteString("-" + older[e.older] + " ")
		case e.older < 0:
			b.WriteString("+" + newer[e.newer] + " ")
		default:
			b.WriteString(newer[e.newer] + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestDiffLines(t *testing.T) {
	for _, c := range [][3]string{
		{"", "", ""},
		{"", "a b", "+a +b"},
		{"a b", "", "-a -b"},
		{"a b c", "a b c", "a b c"},
		{"a b c", "a x c", "a -b +x c"},
		{"a b c", "b c d", "-a b c +d"},
		{"a b c d", "c d a b", "-a -b c d +a +b"},
		{"x x x", "x x", "x x -x"},
		{"x y x y", "y x y x", "-x y x y +x"},
		{"a } b }", "a } c } b }", "a } +c +} b }"},
	} {
		older, newer := strings.Fields(c[0]), strings.Fields(c[1])
		if got := told(older, newer, diffLines(older, newer)); got != c[2] {
			t.Errorf("%q to %q: %q, wanted %q", c[0], c[1], got, c[2])
		}
	}
}

// Whatever the texts are, the lines of a diff are theirs, in their order.
func TestDiffLinesIsWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() []string {
		out := make([]string, random.IntN(40))
		for i := range out {
			out[i] = string(rune('a' + random.IntN(12)))
		}
		return out
	}
	for range 500 {
		older, newer := text(), text()
		a, b := 0, 0
		for _, e := range diffLines(older, newer) {
			if e.older >= 0 && e.newer >= 0 && older[e.older] != newer[e.newer] {
				t.Fatalf("%v and %v: it matches lines that differ", older, newer)
			}
			if e.older >= 0 {
				if e.older != a {
					t.Fatalf("%v and %v: it skips line %d", older, newer, a)
				}
				a++
			}
			if e.newer >= 0 {
				if e.newer != b {
					t.Fatalf("%v and %v: it skips line %d", older, newer, b)
				}
				b++
			}
		}
		if a != len(older) || b != len(newer) {
			t.Fatalf("%v and %v: it ends at %d and %d", older, newer, a, b)
		}
	}
}

// longTexts are two versions of a ConfigMap of 5,000 lines, most of which differ.
func longTexts() (older, newer map[string]any) {
	text := func(change int) map[string]any {
		var b strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&b, "key.%d = %d\n", i, i%7)
			if i%change == 0 {
				fmt.Fprintf(&b, "only.%d = %d\n", change, i)
			}
		}
		return map[string]any{"data": map[string]any{"app.conf": b.String()}}
	}
	return text(2), text(3)
}

func TestDiffOfALongText(t *testing.T) {
	lines := compareYAML(longTexts())
	if kept := keptLines(lines); len(lines) < 5000 || len(kept) != len(lines) {
		t.Errorf("it has %d lines, of which %d are kept", len(lines), len(kept))
	}
}

// Somebody waits for it: it may take as long as that is bearable.
func BenchmarkDiffOfALongText(b *testing.B) {
	older, newer := longTexts()
	for b.Loop() {
		keptLines(compareYAML(older, newer))
	}
}
