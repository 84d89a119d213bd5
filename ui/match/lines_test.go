package match

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestMatchesAreThoseOfEachLine lets a search come to lines in its order, while lines go,
// come and change, and compares what it says is known with a look at each line.
func TestMatchesAreThoseOfEachLine(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	for range 2000 {
		lines := make([]bool, 1+random.IntN(30)) // whether they match
		flip := func(from int) {
			for i := from; i < len(lines); i++ {
				lines[i] = random.IntN(4) == 0
			}
		}
		flip(0)
		first, start := 0, random.IntN(len(lines)+1)
		m := NewLines(0, start)
		for range 30 {
			switch random.IntN(8) {
			case 0:
				first += random.IntN(len(lines) - first + 1)
				m.Drop(first)
			case 1:
				from := first + random.IntN(len(lines)-first+1)
				flip(from)
				m.Forget(from)
			case 2:
				lines = append(lines, random.IntN(4) == 0)
			default:
				from := random.IntN(len(lines) + 1)
				to := from + random.IntN(len(lines)-from+1)
				var found []int
				for i := from; i < to; i++ {
					if lines[i] {
						found = append(found, i)
					}
				}
				m.Add(from, to, found)
			}
			checkMatches(t, &m, lines, first, first-1+random.IntN(len(lines)-first+2))
		}
	}
}

func checkMatches(t *testing.T, m *Lines, lines []bool, first, from int) {
	t.Helper()
	for i := range m.Len() {
		if line := m.At(i); line < first || !lines[line] || m.unknown(line, line+1) || i > 0 && m.At(i-1) >= line {
			t.Fatalf("line %d of %v in %+v", line, lines, m)
		}
	}
	for line := first; line < len(lines); line++ {
		if _, is := m.Index(line); is != (lines[line] && !m.unknown(line, line+1)) {
			t.Fatalf("line %d of %v: %v in %+v", line, lines, is, m)
		}
	}
	n := len(lines) - first
	for _, step := range []int{1, -1} {
		got, known := m.Seek(from, step, len(lines))
		want, wantKnown := -1, true
		for i := range n {
			line := first + ((from-first+step*i)%n+n)%n
			switch {
			case step > 0 && from < first:
				line = first + i
			case step < 0 && from == len(lines):
				line = from - 1 - i
			}
			wantKnown = wantKnown && !m.unknown(line, line+1)
			if lines[line] {
				want = line
				break
			}
		}
		if known != wantKnown || known && got != want {
			t.Fatalf("from %d by %d in %v (from %d on): got %d, %v, want %d, %v; %+v",
				from, step, lines, first, got, known, want, wantKnown, m)
		}
	}
}
