package logbuf

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/logs"
)

// sieveModel is what a Sieve has to show, found the slow way.
func sieveModel(b *Buffer, f *Filter, fold bool, around int) (shown []int) {
	chosen := make([]bool, b.Len())
	for i := range b.Len() {
		head := i
		for back := i - 1; back >= 0 && logs.Continues(b.Line(head).Text); back-- {
			if b.Line(back).Stream == b.Line(i).Stream {
				head = back
			}
		}
		chosen[i] = f.Matches(b.Line(head).Text)
	}
	for i := range chosen {
		if fold && b.traces.has(b.dropped+i) {
			continue
		}
		if slices.Contains(chosen[max(0, i-around):min(len(chosen), i+around+1)], true) {
			shown = append(shown, b.dropped+i)
		}
	}
	return shown
}

// TestSieveShowsWhatItsFilterChooses lets lines of three streams come in and out of order,
// many at once and few, be dropped, and be looked at in the loop and in the background.
func TestSieveShowsWhatItsFilterChooses(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 9))
	filter, err := NewFilter("level>=error")
	if err != nil {
		t.Fatal(err)
	}
	batch := func(n, second int) (lines []Line) {
		for i := range n {
			at := second + i/5
			if random.IntN(4) == 0 {
				at -= random.IntN(5) // It comes late.
			}
			text := []string{"INFO fine", "ERROR not fine", "\tat a.b(c)", "  indented", ""}[random.IntN(5)]
			lines = append(lines, Line{Time: now.Add(time.Duration(at) * time.Second), Text: text, Stream: random.IntN(3)})
		}
		return lines
	}
	for range 8 {
		var b Buffer
		second := 0
		add := func(n int) (dropped, stayed int) {
			lines := batch(n, second)
			second += n / 5
			return b.Add(lines)
		}
		add(random.IntN(3 * siftAtOnce))
		fold, around := random.IntN(2) == 0, random.IntN(3)
		s := NewSieve(filter, fold, &b)
		s.SetContext(around)
		for range 20 {
			switch random.IntN(4) {
			case 0:
				if len(b.chunks) > 0 { // As shrink does.
					b.dropped += b.chunks[0].lines
					b.chunks = b.chunks[1:]
					s.Dropped()
				}
			case 1:
				sift(t, s, 1)
			default:
				from, before := b.dropped, b.Len()
				if _, stayed := add(random.IntN([]int{20, 2 * siftAtOnce}[random.IntN(2)])); stayed < before {
					s.Moved(from + stayed)
				}
				s.Advance()
			}
		}
		sift(t, s, 100)
		// What belongs to a line that was dropped was chosen with it, or not.
		certain := b.dropped + 100
		got := s.shown[s.Index(certain):]
		want := sieveModel(&b, filter, fold, around)
		first, _ := slices.BinarySearch(want, certain)
		want = want[first:]
		if !slices.Equal(got, want) {
			t.Fatalf("fold %v, %d around: %d lines are shown, want %d", fold, around, len(got), len(want))
		}
		checkSiftedText(t, s, &b)
	}
}

// sift looks at lines in the background, for some reports.
func sift(t *testing.T, s *Sieve, reports int) {
	t.Helper()
	for ; reports > 0 && s.Sifting() != nil; reports-- {
		source := s.Sifting()
		msg, err := source.Next(t.Context())
		if errors.Is(err, io.EOF) {
			s.Ended(source)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !s.Take(msg.(Sifted)) {
			t.Fatal("the sieve does not want what it asked for")
		}
	}
}

// checkSiftedText compares the blocks of a sieve with its lines.
func checkSiftedText(t *testing.T, s *Sieve, b *Buffer) {
	t.Helper()
	s.SetFold(false) // A file has what is folded.
	var text []byte
	for _, block := range s.Blocks(Prefix{}) {
		text = block.AppendText(text)
	}
	var want strings.Builder
	for i := range s.Len() {
		want.WriteString(b.Line(s.Number(i)-b.dropped).Text + "\n")
	}
	if string(text) != want.String() {
		t.Fatal("the text is not that of the lines")
	}
}

// TestSieveFoldsWhatTurnsOutToBeOfATrace has the empty line that Go writes before a trace
// come before the rest of it.
func TestSieveFoldsWhatTurnsOutToBeOfATrace(t *testing.T) {
	var b Buffer
	f, _ := NewFilter("panic")
	b.Add([]Line{{Text: "panic: no cart"}, {Text: ""}})
	s := NewSieve(f, true, &b)
	if s.Len() != 2 {
		t.Errorf("at first %v are shown", s.shown)
	}
	b.Add([]Line{{Text: "goroutine 1 [running]:"}, {Text: "main.main()"}})
	if s.Advance(); s.Len() != 1 || s.Number(0) != 0 {
		t.Errorf("then %v are shown", s.shown)
	}
}

func TestSieveLosesNothingThatIsMissing(t *testing.T) {
	var b Buffer
	b.Add([]Line{
		{Text: "INFO"},
		{Text: "lines are missing", Flags: logs.Marker | logs.Incomplete},
		{Text: "restarted", Flags: logs.Marker},
	})
	f, _ := NewFilter("level>=error")
	if s := NewSieve(f, false, &b); s.Len() != 1 || s.Number(0) != 1 {
		t.Errorf("shown: %v", s.shown)
	}
}

func BenchmarkSieve(b *testing.B) {
	var buffer Buffer
	for from := 0; from < 1_000_000; from += 10_000 {
		var lines []Line
		for i := from; i < from+10_000; i++ {
			lines = append(lines, Line{Time: now.Add(time.Duration(i) * time.Millisecond), Text: fmt.Sprintf(
				`{"time":"2026-11-23T14:02:00Z","level":"info","msg":"request","method":"GET","path":"/api/%d","status":%d,"took":%d}`,
				i*7%1009, 200+i%7*50, i%97)})
		}
		buffer.Add(lines)
	}
	for name, text := range map[string]string{
		"rare text": "/api/500", "frequent text": "request", "level": "level>=warn", "field": "status>=500",
	} {
		b.Run(name, func(b *testing.B) {
			f, err := NewFilter(text)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s := NewSieve(f, false, &buffer)
				began := time.Now() //nolint:forbidigo // It measures.
				for first := true; s.Sifting() != nil; first = false {
					msg, err := s.Sifting().Next(b.Context())
					if err != nil {
						b.Fatal(err)
					}
					s.Take(msg.(Sifted))
					if first {
						b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-first")
					}
				}
			}
		})
	}
}

func TestSieveSaysWhereItChose(t *testing.T) {
	filter, err := NewFilter("level>=error")
	if err != nil {
		t.Fatal(err)
	}
	var b Buffer
	for i := range 10 {
		text := "INFO fine"
		if i == 3 || i == 9 {
			text = "ERROR not fine"
		}
		b.Add([]Line{{Time: now.Add(time.Duration(i) * time.Second), Text: text}})
	}
	s := NewSieve(filter, false, &b)
	s.SetContext(2) // What is around a chosen line was not chosen.
	for _, tt := range []struct {
		from, to int
		want     bool
	}{{0, 3, false}, {3, 4, true}, {0, 10, true}, {4, 9, false}, {9, 100, true}, {10, 20, false}, {3, 3, false}} {
		if got := s.ChosenIn(tt.from, tt.to); got != tt.want {
			t.Errorf("chosen from %d to %d: got %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}
