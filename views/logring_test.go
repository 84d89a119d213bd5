package views

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// secondsLog are lines that are written at some seconds and say which.
func secondsLog(seconds ...int) []kube.LogLine {
	var out []kube.LogLine
	for _, s := range seconds {
		out = append(out, kube.LogLine{Time: screenNow.Add(time.Duration(s) * time.Second), Text: fmt.Sprint(s)})
	}
	return out
}

// texts are the lines of a ring.
func (r *logRing) texts() []string {
	var out []string
	for i := range r.Len() {
		out = append(out, r.line(i).Text)
	}
	return out
}

func TestLogRingMergesByTime(t *testing.T) {
	var r logRing
	r.add(secondsLog(1, 3, 5, 7), 0)
	r.add(secondsLog(2, 4, 8), 1)
	if _, stayed := r.add(secondsLog(6, 9), 0); stayed != 6 {
		t.Errorf("%d lines stayed in their place, want 6", stayed)
	}
	r.add(nil, 0)
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "7", "6", "8", "9"}, r.texts()); diff != "" {
		// 6 stays behind 7: a stream keeps its own order.
		t.Error(diff)
	}
}

// TestLogRingMergesChunks merges lines of three containers of which each has come as a
// whole, so that those of the others are in chunks already.
func TestLogRingMergesChunks(t *testing.T) {
	const lines = 3 * chunkLines
	var r logRing
	for stream := range 3 {
		for from := 0; from < lines; from += 1000 {
			var batch []kube.LogLine
			for i := from; i < min(lines, from+1000); i++ {
				batch = append(batch, kube.LogLine{Time: screenNow.Add(time.Duration(3*i+stream) * time.Millisecond), Text: fmt.Sprint(3*i + stream)})
			}
			r.add(batch, stream)
		}
	}
	if r.Len() != 3*lines {
		t.Fatalf("%d lines, want %d", r.Len(), 3*lines)
	}
	for i, text := range r.texts() {
		l := r.line(i)
		if text != fmt.Sprint(i) || l.stream != i%3 || !l.Time.Equal(screenNow.Add(time.Duration(i)*time.Millisecond)) {
			t.Fatalf("line %d is %q of container %d at %v", i, text, l.stream, l.Time)
		}
	}
}

// TestLogRingKeepsLines reads back what was added, whatever it is.
func TestLogRingKeepsLines(t *testing.T) {
	noise := make([]byte, 3*chunkBytes)
	for i := range noise {
		noise[i] = byte('!' + rand.IntN(90))
	}
	ugly := []string{"", "", "x", strings.Repeat("long ", chunkBytes), string(noise), "\xff\xfe half a rune: \xe6\x97", "日本語", ""}
	var r logRing
	var want []string
	for i := range 2000 {
		l := kube.LogLine{Text: ugly[i%len(ugly)]}
		if i%3 > 0 {
			l.Time = screenNow.Add(time.Duration(rand.Int64N(int64(time.Hour))) - time.Hour)
		}
		if len(l.Text) > 1000 && i > 100 {
			l.Text = l.Text[:i]
		}
		want = append(want, l.Text)
		r.add([]kube.LogLine{l}, 0)
		if got := r.line(i); got.Text != l.Text || !got.Time.Equal(l.Time) {
			t.Fatalf("line %d: got %.50q at %v, want %.50q at %v", i, got.Text, got.Time, l.Text, l.Time)
		}
	}
	if diff := cmp.Diff(want, r.texts()); diff != "" {
		t.Error(diff)
	}
	if len(r.chunks) < 3 {
		t.Errorf("%d chunks: nothing was compressed", len(r.chunks))
	}
	if l := r.line(0); !l.Time.IsZero() {
		t.Errorf("a line without a time has %v", l.Time)
	}
}

func TestLogRingIsBounded(t *testing.T) {
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(rand.Uint32()) | 1<<7
	}
	var r logRing
	for i := range 200 {
		if dropped, _ := r.add([]kube.LogLine{{Time: screenNow.Add(time.Duration(i)), Text: string(noise)}}, 0); i > 130 && dropped != 1 {
			t.Fatalf("line %d drops %d", i, dropped)
		}
	}
	if r.bytes > logBytesMax || r.bytes < logBytesMax*9/10 || r.dropped+r.Len() != 200 {
		t.Errorf("%d bytes, %d lines, %d dropped", r.bytes, r.Len(), r.dropped)
	}
	r = logRing{}
	empty := make([]kube.LogLine, 100_000)
	for range 2 * logLinesMax / len(empty) {
		r.add(empty, 0)
	}
	if n := r.Len(); n > logLinesMax || n < logLinesMax-chunkLines || r.dropped+n != 2*logLinesMax {
		t.Errorf("%d lines, %d dropped", n, r.dropped)
	}
	if r.line(0).Text != "" || r.line(r.Len()-1).Text != "" {
		t.Error("the ends cannot be read")
	}
}

// numberedLog are lines of 200 bytes with a line feed, as services write them.
func numberedLog(from, n int) []kube.LogLine {
	out := make([]kube.LogLine, 0, n)
	for i := from; i < from+n; i++ {
		text := fmt.Sprintf("n=%09d level=info method=GET path=/api/v1/orders/%d status=200 duration=%dms trace=%016x user=%d region=eu-west-1 cache=miss",
			i, i*7%1009, i%97, uint64(i)*0x9e3779b97f4a7c15, i*31%10007)
		out = append(out, kube.LogLine{Time: screenNow.Add(time.Duration(i) * time.Millisecond), Text: text + strings.Repeat(" retries=0", 10)[:199-len(text)]})
	}
	return out
}

// millionLog fills a view with a million lines.
func millionLog(t testing.TB, v *logs) {
	t.Helper()
	for from := 0; from < 1_000_000; from += 10_000 {
		v.Update(kube.LogLines{From: v.streams[0].source, Lines: numberedLog(from, 10_000)})
	}
}

// TestLogRingHoldsAMillionLines counts bytes: none of a million lines of 200 bytes
// goes, and they cost less than half their text.
func TestLogRingHoldsAMillionLines(t *testing.T) {
	v := startLogs(t)
	millionLog(t, v)
	if v.Len() != 1_000_000 || v.ring.dropped != 0 {
		t.Errorf("%d lines, %d dropped", v.Len(), v.ring.dropped)
	}
	if v.ring.bytes > 90<<20 {
		t.Errorf("a million lines cost %d MB", v.ring.bytes>>20)
	}
	t.Logf("%d MB in %d chunks", v.ring.bytes>>20, len(v.ring.chunks))
}

// hunted carries out the search that an intent asks for, to its end.
func hunted(t testing.TB, v *logs, intent ui.Intent) {
	t.Helper()
	for _, source := range sourcesOf(intent) {
		for {
			msg, err := source.Next(t.Context())
			if err != nil {
				v.Update(ui.Ended{Source: source})
				break
			}
			v.Update(msg)
		}
	}
}

// sourcesOf are the sources that an intent starts.
func sourcesOf(intent ui.Intent) (sources []ui.Source) {
	switch intent := intent.(type) {
	case ui.All:
		for _, i := range intent {
			sources = append(sources, sourcesOf(i)...)
		}
	case ui.Watch:
		sources = append(sources, intent.Source)
	}
	return sources
}

// TestLongLogsAreSearched searches a log that is searched beside the loop, with what can
// happen to it meanwhile.
func TestLongLogsAreSearched(t *testing.T) {
	sought := ui.Entered{Prompt: "search", Text: "N=000000500 "}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, v *logs)
		want string
	}{
		{"at once", func(t *testing.T, v *logs) { hunted(t, v, v.Update(lower(sought))) }, "line 1 of 1 with"},
		{"not there", func(t *testing.T, v *logs) { hunted(t, v, v.Update(sought)) }, "no line has"},
		{"before the search has begun", func(_ *testing.T, v *logs) { v.Update(lower(sought)) }, "searching for"},
		{"it grows meanwhile", func(t *testing.T, v *logs) {
			intent := v.Update(lower(sought))
			v.say(0, numberedLog(500, 1), "")
			hunted(t, v, intent)
		}, "of 2 with"},
		{"it was left", func(t *testing.T, v *logs) {
			intent := v.Update(lower(sought))
			v.start()
			v.say(0, numberedLog(0, 600), "")
			hunted(t, v, intent)
		}, "line 0 of 1 with"},
		{"with times", func(t *testing.T, v *logs) {
			do(v, actTimes)
			hunted(t, v, v.Update(ui.Entered{Prompt: "search", Text: "/" + screenNow.UTC().Format("15:04:05") + ".*n=000000500 /"}))
		}, "line 1 of 1 with"},
		{"the times come later", func(t *testing.T, v *logs) {
			hunted(t, v, v.Update(lower(sought)))
			hunted(t, v, do(v, actTimes))
		}, "line 1 of 1 with"},
		{"another pattern", func(t *testing.T, v *logs) {
			first := v.Update(ui.Typed{Prompt: "search", Text: "n="})
			second := v.Update(ui.Typed{Prompt: "search", Text: "n=000000500 "})
			if starts, ends := watched(second); starts != 1 || ends != 1 {
				t.Errorf("starts %d and ends %d sources", starts, ends)
			}
			hunted(t, v, first)
			hunted(t, v, second)
		}, "line 1 of 1 with"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := startLogs(t)
			v.say(0, numberedLog(0, 20_000), "")
			drawTab(v, 80, 20)
			test.do(t, v)
			drawTab(v, 80, 20)
			if got := drawTab(v, 80, 20); !strings.Contains(got, test.want) {
				t.Errorf("%q is not in\n%s", test.want, got)
			}
		})
	}
}

func lower(msg ui.Entered) ui.Entered {
	msg.Text = strings.ToLower(msg.Text)
	return msg
}

// TestLogsDropWhileSearched lets the oldest lines go between the beginning and the end
// of a search.
func TestLogsDropWhileSearched(t *testing.T) {
	v := startLogs(t)
	v.say(0, make([]kube.LogLine, logLinesMax-20_000), "")
	v.say(0, numberedLog(0, 20_000), "")
	drawTab(v, 80, 20)
	intent := v.Update(ui.Entered{Prompt: "search", Text: "n=000000500 "})
	v.say(0, make([]kube.LogLine, 100_000), "")
	if v.ring.dropped == 0 {
		t.Fatal("nothing was dropped")
	}
	hunted(t, v, intent)
	if got := drawTab(v, 80, 20); !strings.Contains(got, "line 1 of 1 with") || !strings.Contains(got, "n=000000500 ") {
		t.Errorf("got\n%s", got)
	}
	v.say(0, make([]kube.LogLine, logLinesMax), "")
	if got := drawTab(v, 80, 20); !strings.Contains(got, "no line has") {
		t.Errorf("what was found is gone, but it shows\n%s", got)
	}
}

func TestLongLogsAreSaved(t *testing.T) {
	v := startLogs(t)
	v.say(0, numberedLog(0, 20_000), "")
	saved, ok := do(v, actSave).(ui.Save)
	if !ok {
		t.Fatal("nothing is saved")
	}
	v.say(0, numberedLog(20_000, 20_000), "") // Comes too late.
	var want, got bytes.Buffer
	for _, l := range numberedLog(0, 20_000) {
		want.WriteString(l.Text + "\n")
	}
	if n, err := saved.Text.WriteTo(&got); err != nil || n != int64(want.Len()) || !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%d bytes of %d, %v", n, want.Len(), err)
	}
	if say, ok := do(v, actCopyAll).(ui.Say); !ok || !strings.Contains(say.Text, "save them") {
		t.Errorf("copying 40,000 lines says %#v", say)
	}
}

func BenchmarkLogAppend(b *testing.B) {
	batch := numberedLog(0, 10_000)
	b.SetBytes(10_000 * 200)
	b.ReportAllocs()
	var r logRing
	for b.Loop() {
		r.add(batch, 0)
	}
}

func BenchmarkLogOfAMillionLines(b *testing.B) {
	v := &logs{streams: []stream{{source: new(kube.Logs)}}, subject: &subject{session: &Session{}}}
	v.document = document{text: v}
	v.pager.Follow = true
	millionLog(b, v)
	drawTab(v, 200, 50)
	for _, pattern := range []string{"n=000900000", "billing", "status=200", "/n=0009[0-9]5000/", "/[a-z]+=0{4}x/"} {
		b.Run("search "+pattern, func(b *testing.B) {
			for b.Loop() {
				v.Update(ui.Entered{Prompt: "search", Text: ""})
				hunted(b, v, v.Update(ui.Entered{Prompt: "search", Text: pattern}))
			}
			_, total, _ := v.pager.Matches()
			b.ReportMetric(float64(total), "found")
		})
	}
	v.Update(ui.Entered{Prompt: "search", Text: ""})
	b.Run("beginning and end", func(b *testing.B) {
		for b.Loop() {
			do(v, ui.Top)
			drawTab(v, 200, 50)
			do(v, ui.Bottom)
			drawTab(v, 200, 50)
		}
	})
	b.Run("save", func(b *testing.B) {
		b.SetBytes(200_000_000)
		for b.Loop() {
			if _, err := do(v, actSave).(ui.Save).Text.WriteTo(discard{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
