package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// at is a line of a stream, so many milliseconds after noon.
func at(stream, ms int) Line {
	when := noon.Add(time.Duration(ms) * time.Millisecond)
	return Line{Stream: stream, Time: when, Text: fmt.Sprintf("%d:%d", stream, ms)}
}

func push(t *testing.T, m *Merge, lines ...Line) {
	t.Helper()
	for _, l := range lines {
		if err := m.Push(t.Context(), l.Stream, []Line{l}); err != nil {
			t.Fatal(err)
		}
	}
}

// next returns the texts of the next batch; late lines end in "!".
func next(t *testing.T, m *Merge) string {
	t.Helper()
	lines, err := m.Next(t.Context())
	if err != nil {
		return err.Error()
	}
	var words []string
	for _, l := range lines {
		if l.Flags&Late != 0 {
			l.Text += "!"
		}
		words = append(words, l.Text)
	}
	return strings.Join(words, " ")
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMergeByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMerge(Options{})
		for id := range 3 {
			m.Open(id)
		}
		push(t, m, at(0, 1), at(0, 4), at(1, 2), at(1, 5), at(2, 3), at(2, 6))
		began := time.Now()
		check(t, next(t, m), "0:1 1:2 2:3 0:4")
		if waited := time.Since(began); waited >= Window {
			t.Errorf("waited %s for what no stream can still precede", waited)
		}
		check(t, next(t, m), "1:5 2:6")
		if waited := time.Since(began); waited < Window {
			t.Errorf("passed on after %s what stream 0 might still precede", waited)
		}
		push(t, m, at(0, 8))
		time.Sleep(Window / 2) //nolint:forbidigo // In a bubble of time, which this moves.
		push(t, m, at(1, 7))   // Within the window.
		check(t, next(t, m), "1:7 0:8")
		time.Sleep(2 * Window)         //nolint:forbidigo // In a bubble of time, which this moves.
		push(t, m, at(2, 6), at(2, 9)) // Beyond it.
		check(t, next(t, m), "2:6!")
		check(t, next(t, m), "2:9")
	})
}

// A stream whose new lines come late is waited for after its last one, but its history is not.
func TestMergeWaitsForWhatComesLate(t *testing.T) {
	for _, test := range []struct {
		behind time.Duration
		shift  int // of all times, in milliseconds: what lies before the opening is history
		want   string
	}{
		{0, 0, "0:1000 1:700! 0:1500 1:1200! 0:2000 1:1700! 0:9000 1:8700!"},
		{time.Second, 0, "0:1000 1:700! 1:1200 0:1500 1:1700 0:2000 0:9000 1:8700!"},
		{200 * time.Millisecond, 0, "0:1000 1:700! 0:1500 1:1200! 0:2000 1:1700! 0:9000 1:8700!"},
		{time.Second, -20_000, "0:-19000 1:-19300! 0:-18500 1:-18800! 0:-18000 1:-18300! 0:-11000 1:-11300!"},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			m := NewMerge(Options{Behind: test.behind, Now: func() time.Time { return noon.Add(time.Since(began)) }})
			m.Open(0)
			m.Open(1)
			push(t, m, at(1, test.shift+1), at(0, test.shift+2))
			next(t, m)
			next(t, m)
			var all []string
			done := make(chan struct{})
			go func() {
				defer close(done)
				for len(strings.Fields(strings.Join(all, " "))) < 8 {
					all = append(all, next(t, m))
				}
			}()
			for _, ms := range []int{1000, 1500, 2000, 9000} {
				moment := began.Add(time.Duration(ms) * time.Millisecond)
				time.Sleep(time.Until(moment)) //nolint:forbidigo // In a bubble of time, which this moves.
				push(t, m, at(0, test.shift+ms))
				time.Sleep(300 * time.Millisecond) //nolint:forbidigo // The same.
				push(t, m, at(1, test.shift+ms-300))
			}
			<-done
			check(t, strings.Join(all, " "), test.want)
		})
	}
}

// A stream that is behind and goes on to bring older lines is waited for.
func TestMergeWaitsForWhatIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMerge(Options{})
		m.Open(0)
		m.Open(1)
		push(t, m, at(0, 1000))
		done := make(chan string)
		go func() {
			var all []string
			for len(strings.Fields(strings.Join(all, " "))) < 6 {
				all = append(all, next(t, m))
			}
			done <- strings.Join(all, " ")
		}()
		for i := range 5 {
			time.Sleep(Window * 3 / 4) //nolint:forbidigo // In a bubble of time, which this moves.
			push(t, m, at(1, i))
		}
		check(t, <-done, "1:0 1:1 1:2 1:3 1:4 0:1000")
	})
}

func TestMergeStreamsThatComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMerge(Options{Opening: 10 * time.Second})
		m.Open(0)
		m.Open(1)
		if err := m.Push(t.Context(), 7, []Line{at(7, 1)}); !errors.Is(err, ErrNotOpen) {
			t.Errorf("a stream that is not open: %v", err)
		}
		push(t, m, at(0, 5))
		time.Sleep(5 * time.Second) //nolint:forbidigo // In a bubble of time, which this moves.
		push(t, m, at(1, 1))        // It opened slowly: others waited.
		m.End(1)
		check(t, next(t, m), "1:1 0:5")
		m.Open(2)
		time.Sleep(11 * time.Second) //nolint:forbidigo // In a bubble of time, which this moves.
		push(t, m, at(0, 20))
		check(t, next(t, m), "0:20")
		push(t, m, at(2, 10), at(2, 30)) // Its past is not late: it was not being followed.
		m.End(2)
		m.End(0)
		check(t, next(t, m), "2:10 2:30")
		m.Close(nil)
		check(t, next(t, m), io.EOF.Error())
	})
}

// A clock that goes back, a line without a time: a stream keeps its order.
func TestMergeKeepsTheOrderOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMerge(Options{})
		m.Open(0)
		m.Open(1)
		push(t, m, at(0, 10), at(0, 3), Line{Text: "none"}, at(0, 11), at(1, 5), at(1, 12))
		m.Close(nil)
		check(t, next(t, m), "1:5 0:10 0:3 none 0:11 1:12")
		check(t, next(t, m), io.EOF.Error())
	})
}

func TestMergeIsBounded(t *testing.T) {
	m := NewMerge(Options{})
	m.Open(0)
	full, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range queueLines {
		push(t, m, at(0, i))
	}
	if err := m.Push(full, 0, []Line{at(0, 0)}); !errors.Is(err, context.Canceled) {
		t.Errorf("a full queue took a line: %v", err)
	}
	long := NewMerge(Options{})
	long.Open(0)
	big := Line{Text: strings.Repeat("x", LongLineMax)}
	for range queueBytes / LongLineMax {
		if err := long.Push(t.Context(), 0, []Line{big}); err != nil {
			t.Fatal(err)
		}
	}
	if err := long.Push(full, 0, []Line{big}); !errors.Is(err, context.Canceled) {
		t.Errorf("a queue full of text took a line: %v", err)
	}
}

// kubelet is a log that is rotated, and whose streams break.
type kubelet struct {
	lines   []Line
	rotated int // the first that is left
}

// read answers a request: what is left since a full second, cut after so many bytes.
func (k *kubelet) read(since time.Time, cut int) io.Reader {
	var text bytes.Buffer
	for _, l := range k.lines[k.rotated:] {
		if !l.Time.Before(since.Truncate(time.Second)) {
			fmt.Fprintf(&text, "%s %s\n", l.Time.Format(time.RFC3339Nano), l.Text)
		}
	}
	return io.LimitReader(&text, int64(min(cut, text.Len())))
}

// readAll reads the log over requests that end after cut bytes; a "~" stands where lines
// may be missing.
func readAll(k *kubelet, cut func() int, rotate func(n int)) (texts []string) {
	tail := &Tail{}
	for n := 0; ; n++ {
		since := tail.Resume()
		left := cut()
		reader, more := NewReader(k.read(since, left), 0), 0
		for {
			batch, err := reader.Next()
			if err != nil {
				break
			}
			for _, l := range batch {
				keep, gap := tail.Keep(l)
				if gap {
					texts = append(texts, "~")
				}
				if keep {
					texts = append(texts, l.Text)
					more++
				}
			}
		}
		if more == 0 && left > 1<<19 {
			return texts
		}
		rotate(n)
	}
}

// TestTailOverBrokenStreams counts lines: none is missing and none comes twice, however
// often the stream breaks, with equal times and neighbours out of order.
func TestTailOverBrokenStreams(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	k, ms := &kubelet{}, 0
	var want []string
	for i := range 2000 {
		ms += random.IntN(4) * random.IntN(100)
		line := at(0, ms-random.IntN(2))
		line.Text = fmt.Sprintf("%d.", i)
		k.lines = append(k.lines, line)
		want = append(want, line.Text)
	}
	got := readAll(k, func() int { return random.IntN(1 << 20 >> random.IntN(12)) }, func(int) {})
	if !slices.Equal(got, want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}

func TestTailSaysWhatWasRotated(t *testing.T) {
	k := &kubelet{}
	for i := range 100 {
		line := at(0, i*100)
		line.Text = fmt.Sprintf("%d.", i)
		k.lines = append(k.lines, line)
	}
	cuts := []int{1000, 1 << 20}
	got := readAll(k, func() int {
		cut := cuts[0]
		cuts = cuts[min(1, len(cuts)-1):]
		return cut
	}, func(n int) {
		if n == 0 {
			k.rotated = 50
		}
	})
	gap := slices.Index(got, "~")
	if gap < 5 || got[gap+1] != "50." || got[len(got)-1] != "99." || slices.Contains(got[gap+1:], "~") {
		t.Errorf("got %v", got)
	}
}

// Only the last lines were asked for: what came before them in that second is not new.
func TestTailDoesNotBringBackWhatWasBefore(t *testing.T) {
	tail := &Tail{}
	tail.Keep(at(0, 500))
	if since := tail.Resume(); !since.Equal(at(0, 500).Time) {
		t.Errorf("resumes at %s", since)
	}
	for _, test := range []struct {
		ms         int
		keep, more bool
	}{
		{ms: 100}, {ms: 500}, {ms: 500, keep: true}, {ms: 499}, {ms: 501, keep: true}, {ms: 2000, keep: true},
		{ms: 1, keep: true},
	} {
		if keep, gap := tail.Keep(at(0, test.ms)); keep != test.keep || gap {
			t.Errorf("%d: keep %v, gap %v", test.ms, keep, gap)
		}
	}
}

// FuzzMerge merges streams in any order of arrival: nothing is lost, nothing comes twice,
// and each stream keeps its order.
func FuzzMerge(f *testing.F) {
	f.Add([]byte("abcabcabc"), uint8(3))
	f.Add([]byte{0, 255, 1, 254, 9, 9, 9, 0}, uint8(2))
	f.Fuzz(func(t *testing.T, arrivals []byte, streams uint8) {
		n := int(streams%8) + 1
		m := NewMerge(Options{Now: func() time.Time { return noon }})
		want := make([][]string, n)
		for id := range n {
			m.Open(id)
		}
		for i, b := range arrivals[:min(len(arrivals), 1000)] {
			l := at(int(b)%n, int(b))
			if b == 13 {
				l.Time = time.Time{}
			}
			l.Text = fmt.Sprint(i)
			want[l.Stream] = append(want[l.Stream], l.Text)
			if err := m.Push(t.Context(), l.Stream, []Line{l}); err != nil {
				t.Fatal(err)
			}
		}
		m.Close(nil)
		got := make([][]string, n)
		last := time.Time{}
		for {
			lines, err := m.Next(t.Context())
			if err != nil {
				break
			}
			for _, l := range lines {
				got[l.Stream] = append(got[l.Stream], l.Text)
				if n > 1 && l.Flags == 0 && len(got[l.Stream]) == 1 && l.Time.Before(last) {
					t.Errorf("the first line of stream %d is out of order", l.Stream)
				}
				if l.Time.After(last) {
					last = l.Time
				}
			}
		}
		for id := range n {
			if !slices.Equal(got[id], want[id]) {
				t.Errorf("stream %d: %v, want %v", id, got[id], want[id])
			}
		}
	})
}

// FuzzReader reads any body: no line has a line feed or an escape sequence but colours,
// and all text of a plain one is there.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"", "\n\n", "2026-11-23T04:00:00.5Z one\n", "2026-11-23T04:00:00Z", "no time\r\n\x1b[2Jx", "\xff\xfe\n",
		"2026-11-23T04:00:00.1234567890Z x\n", "2026-11-23T04:00:00.Z x\n", "2026-11-23T04:00:00+01:00 x\n",
		"2026-11-23T04:00:00.1Z a\n2026-11-23T04:00:00.2Z b\n2026-11-23T04:00:60.2Z c",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reader, count := NewReader(bytes.NewReader(body), 3), 0
		for {
			lines, err := reader.Next()
			if err != nil {
				break
			}
			for _, l := range lines {
				if strings.ContainsAny(l.Text, "\n\r\x00") || l.Stream != 3 {
					t.Errorf("%q", l.Text)
				}
			}
			count += len(lines)
		}
		if _, ok := reader.Rest(); ok {
			count++
		}
		ended := len(body) == 0 || bytes.HasSuffix(body, []byte("\n"))
		if want := bytes.Count(body, []byte("\n")); count != want && (count != want+1 || ended) {
			t.Errorf("%d lines of %q", count, body)
		}
	})
}

func TestStamps(t *testing.T) {
	var s stamps
	for _, text := range []string{
		"2026-11-23T04:00:00Z", "2026-11-23T04:00:00.5Z", "2026-11-23T04:00:00.123456789Z",
		"2026-11-23T04:00:00.000000001Z",
		"2026-11-23T04:00:00.5+01:00", "2026-11-23T05:00:00.25Z",
	} {
		want, err := time.Parse(time.RFC3339Nano, text)
		if got, ok := s.parse([]byte(text)); err != nil || !ok || !got.Equal(want) {
			t.Errorf("%s: got %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"", "x", "2026-11-23T04:00:00", "2026-13-23T04:00:00Z", "2026-11-23T04:00:00.Z", "level=info",
	} {
		if got, ok := s.parse([]byte(text)); ok {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	const streams = 8
	m := NewMerge(Options{})
	for id := range streams {
		m.Open(id)
	}
	b.ReportAllocs()
	done := 0
	for ms := 0; b.Loop(); ms++ {
		for id := range streams {
			_ = m.Push(b.Context(), id, []Line{at(id, ms)})
		}
		if ms%1000 == 999 {
			lines, _ := m.Next(b.Context())
			done += len(lines)
		}
	}
	b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "lines/s")
}

// TestALogThatTheKubeletNoLongerHas reads what the kubelet answers in its place.
func TestALogThatTheKubeletNoLongerHas(t *testing.T) {
	const missing = "unable to retrieve container logs for containerd://d17a"
	for text, want := range map[string]Line{
		`failed to try resolving symlinks in path "/var/log/pods/x/app/2.log": lstat: no such file or directory`: {
			Text: "the kubelet no longer has this log", Flags: Marker | Incomplete},
		missing:                               {Text: "the kubelet no longer has this log", Flags: Marker | Incomplete},
		"2026-11-23T14:02:11Z " + missing:     {Text: missing},
		"unable to retrieve the cart for you": {Text: "unable to retrieve the cart for you"},
	} {
		lines, err := NewReader(strings.NewReader(text+"\n"), 0).Next()
		if err != nil || len(lines) != 1 || lines[0].Text != want.Text || lines[0].Flags != want.Flags {
			t.Errorf("%q: %+v, %v", text, lines, err)
		}
	}
}
