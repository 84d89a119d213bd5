package logbuf

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
)

var now = time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)

// secondsLog are lines that are written at some seconds and say which.
func secondsLog(seconds ...int) []kube.LogLine {
	var out []kube.LogLine
	for _, s := range seconds {
		out = append(out, kube.LogLine{Time: now.Add(time.Duration(s) * time.Second), Text: fmt.Sprint(s)})
	}
	return out
}

// on are lines as those of a stream.
func on(stream int, lines []Line) []Line {
	for i := range lines {
		lines[i].Stream = stream
	}
	return lines
}

// texts are the lines of a ring.
func (b *Buffer) texts() []string {
	var out []string
	for i := range b.Len() {
		out = append(out, b.Line(i).Text)
	}
	return out
}

func TestBufferMergesByTime(t *testing.T) {
	var b Buffer
	b.Add(on(0, secondsLog(1, 3, 5, 7)))
	b.Add(on(1, secondsLog(2, 4, 8)))
	if _, stayed := b.Add(on(0, secondsLog(6, 9))); stayed != 6 {
		t.Errorf("%d lines stayed in their place, want 6", stayed)
	}
	b.Add(nil)
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "7", "6", "8", "9"}, b.texts()); diff != "" {
		// 6 stays behind 7: a stream keeps its own order.
		t.Error(diff)
	}
}

// TestBufferMergesChunks merges lines of three containers of which each has come as a
// whole, so that those of the others are in chunks already.
func TestBufferMergesChunks(t *testing.T) {
	const lines = 3 * chunkLines
	var b Buffer
	for stream := range 3 {
		for from := 0; from < lines; from += 1000 {
			var batch []kube.LogLine
			for i := from; i < min(lines, from+1000); i++ {
				batch = append(
					batch,
					kube.LogLine{Time: now.Add(time.Duration(3*i+stream) * time.Millisecond), Text: fmt.Sprint(3*i + stream)},
				)
			}
			b.Add(on(stream, batch))
		}
	}
	if b.Len() != 3*lines {
		t.Fatalf("%d lines, want %d", b.Len(), 3*lines)
	}
	for i, text := range b.texts() {
		l := b.Line(i)
		if text != fmt.Sprint(i) || l.Stream != i%3 || !l.Time.Equal(now.Add(time.Duration(i)*time.Millisecond)) {
			t.Fatalf("line %d is %q of container %d at %v", i, text, l.Stream, l.Time)
		}
	}
}

// TestBufferKeepsLines reads back what was added, whatever it is.
func TestBufferKeepsLines(t *testing.T) {
	noise := make([]byte, 3*chunkBytes)
	for i := range noise {
		noise[i] = byte('!' + rand.IntN(90))
	}
	ugly := []string{
		"",
		"",
		"x",
		strings.Repeat("long ", chunkBytes),
		string(noise),
		"\xff\xfe half a rune: \xe6\x97",
		"日本語",
		"",
	}
	var b Buffer
	var want []string
	for i := range 2000 {
		l := kube.LogLine{Text: ugly[i%len(ugly)]}
		if i%3 > 0 {
			l.Time = now.Add(time.Duration(rand.Int64N(int64(time.Hour))) - time.Hour)
		}
		if len(l.Text) > 1000 && i > 100 {
			l.Text = l.Text[:i]
		}
		want = append(want, l.Text)
		b.Add([]kube.LogLine{l})
		if got := b.Line(i); got.Text != l.Text || !got.Time.Equal(l.Time) {
			t.Fatalf("line %d: got %.50q at %v, want %.50q at %v", i, got.Text, got.Time, l.Text, l.Time)
		}
	}
	if diff := cmp.Diff(want, b.texts()); diff != "" {
		t.Error(diff)
	}
	if len(b.chunks) < 3 {
		t.Errorf("%d chunks: nothing was compressed", len(b.chunks))
	}
	if l := b.Line(0); !l.Time.IsZero() {
		t.Errorf("a line without a time has %v", l.Time)
	}
}

func TestBufferIsBounded(t *testing.T) {
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(rand.Uint32()) | 1<<7
	}
	var b Buffer
	for i := range 200 {
		if dropped, _ := b.Add([]kube.LogLine{{Time: now.Add(time.Duration(i)), Text: string(noise)}}); i > 130 &&
			dropped != 1 {
			t.Fatalf("line %d drops %d", i, dropped)
		}
	}
	if b.bytes > BytesMax || b.bytes < BytesMax*9/10 || b.dropped+b.Len() != 200 {
		t.Errorf("%d bytes, %d lines, %d dropped", b.bytes, b.Len(), b.dropped)
	}
	b = Buffer{}
	empty := make([]kube.LogLine, 100_000)
	for range 2 * LinesMax / len(empty) {
		b.Add(empty)
	}
	if n := b.Len(); n > LinesMax || n < LinesMax-chunkLines || b.dropped+n != 2*LinesMax {
		t.Errorf("%d lines, %d dropped", n, b.dropped)
	}
	if b.Line(0).Text != "" || b.Line(b.Len()-1).Text != "" {
		t.Error("the ends cannot be read")
	}
}

// numberedLog are lines of 200 bytes with a line feed, as services write them.
func numberedLog(from, n int) []kube.LogLine {
	out := make([]kube.LogLine, 0, n)
	for i := from; i < from+n; i++ {
		text := fmt.Sprintf(
			"n=%09d level=info method=GET path=/api/v1/orders/%d status=200 duration=%dms trace=%016x "+
				"user=%d region=eu-west-1 cache=miss",
			i,
			i*7%1009,
			i%97,
			uint64(i)*0x9e3779b97f4a7c15,
			i*31%10007,
		)
		out = append(
			out,
			kube.LogLine{
				Time: now.Add(time.Duration(i) * time.Millisecond),
				Text: text + strings.Repeat(" retries=0", 10)[:199-len(text)],
			},
		)
	}
	return out
}

// TestBufferHoldsAMillionLines counts bytes: none of a million lines of 200 bytes
// is dropped, and they cost less than half their text.
func TestBufferHoldsAMillionLines(t *testing.T) {
	var b Buffer
	for from := 0; from < 1_000_000; from += 10_000 {
		b.Add(numberedLog(from, 10_000))
	}
	if b.Len() != 1_000_000 || b.dropped != 0 {
		t.Errorf("%d lines, %d dropped", b.Len(), b.dropped)
	}
	if b.bytes > 90<<20 {
		t.Errorf("a million lines cost %d MB", b.bytes>>20)
	}
	t.Logf("%d MB in %d chunks", b.bytes>>20, len(b.chunks))
}

func BenchmarkAdd(b *testing.B) {
	batch := numberedLog(0, 10_000)
	b.SetBytes(10_000 * 200)
	b.ReportAllocs()
	var buffer Buffer
	for b.Loop() {
		buffer.Add(batch)
	}
}
