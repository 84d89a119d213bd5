package views

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

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
				Time: screenNow.Add(time.Duration(i) * time.Millisecond),
				Text: text + strings.Repeat(" retries=0", 10)[:199-len(text)],
			},
		)
	}
	return out
}

// millionLog fills a view with a million lines.
func millionLog(t testing.TB, v *logs) {
	t.Helper()
	for from := 0; from < 1_000_000; from += 10_000 {
		v.Update(kube.LogLines{From: v.source, Lines: numberedLog(from, 10_000)})
	}
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

// TestLongLogsAreSearched searches a log in the background, while all that can happen
// to it does.
func TestLongLogsAreSearched(t *testing.T) {
	sought := ui.Entered{Prompt: "search", Text: "N=000000500 "}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, v *logs)
		want string
	}{
		{"at once", func(t *testing.T, v *logs) { hunted(t, v, v.Update(lower(sought))) }, "match 1 of 1 for"},
		{"not there", func(t *testing.T, v *logs) { hunted(t, v, v.Update(sought)) }, "no match for"},
		{"before the search has begun", func(_ *testing.T, v *logs) { v.Update(lower(sought)) }, "searching for"},
		{"it grows meanwhile", func(t *testing.T, v *logs) {
			intent := v.Update(lower(sought))
			v.say(0, numberedLog(500, 1), "")
			hunted(t, v, intent)
		}, "of 2 for"},
		{"it was left", func(t *testing.T, v *logs) {
			intent := v.Update(lower(sought))
			v.start()
			v.say(0, numberedLog(0, 600), "")
			hunted(t, v, intent)
		}, "match 0 of 1 for"},
		{"with times", func(t *testing.T, v *logs) {
			do(v, actTimes)
			pattern := "/" + screenNow.UTC().Format("15:04:05") + ".*n=000000500 /"
			hunted(t, v, v.Update(ui.Entered{Prompt: "search", Text: pattern}))
		}, "match 1 of 1 for"},
		{"the times come later", func(t *testing.T, v *logs) {
			hunted(t, v, v.Update(lower(sought)))
			hunted(t, v, do(v, actTimes))
		}, "match 1 of 1 for"},
		{"another pattern", func(t *testing.T, v *logs) {
			first := v.Update(ui.Typed{Prompt: "search", Text: "n="})
			second := v.Update(ui.Typed{Prompt: "search", Text: "n=000000500 "})
			if starts, ends := watched(second); starts != 1 || ends != 1 {
				t.Errorf("starts %d and ends %d sources", starts, ends)
			}
			hunted(t, v, first)
			hunted(t, v, second)
		}, "match 1 of 1 for"},
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
	v.say(0, make([]kube.LogLine, logbuf.LinesMax-20_000), "")
	v.say(0, numberedLog(0, 20_000), "")
	drawTab(v, 80, 20)
	intent := v.Update(ui.Entered{Prompt: "search", Text: "n=000000500 "})
	v.say(0, make([]kube.LogLine, 100_000), "")
	if v.buffer.Dropped() == 0 {
		t.Fatal("nothing was dropped")
	}
	hunted(t, v, intent)
	if got := drawTab(v, 80, 20); !strings.Contains(got, "match 1 of 1 for") || !strings.Contains(got, "n=000000500 ") {
		t.Errorf("got\n%s", got)
	}
	v.say(0, make([]kube.LogLine, logbuf.LinesMax), "")
	if got := drawTab(v, 80, 20); !strings.Contains(got, "no match for") {
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
	n, err := saved.Text.WriteTo(&got)
	if err != nil || n != int64(want.Len()) || !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%d bytes of %d, %v", n, want.Len(), err)
	}
	if say, ok := do(v, actCopyAll).(ui.Say); !ok || !strings.Contains(say.Text, "saves them") {
		t.Errorf("copying 40,000 lines says %#v", say)
	}
}

func BenchmarkLogOfAMillionLines(b *testing.B) {
	v := &logs{source: new(kube.Logs), subject: &subject{session: &Session{}, record: &kinds.Record{}}}
	v.document = document{text: v}
	v.pager.Follow = true
	millionLog(b, v)
	drawTab(v, 200, 50)
	for _, pattern := range []string{
		"n=000900000", "billing", "status=200", "/n=0009[0-9]5000/", "/[a-z]+=0{4}x/", `/[0-9]{4}[A-F][g-z]\b/`,
	} {
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

// TestSearchOfAFollowedLogBeginsAtItsEnd types a search letter by letter: the newest match is
// the one to see, and N leads to older ones.
func TestSearchOfAFollowedLogBeginsAtItsEnd(t *testing.T) {
	v := startLogs(t)
	v.say(0, logBatch(0, 100), "")
	drawTab(v, 80, 22)
	do(v, actSearch)
	for _, typed := range []string{"l", "li", "line 1"} {
		v.Update(ui.Typed{Prompt: "search", Text: typed})
		drawTab(v, 80, 22)
	}
	v.Update(ui.Entered{Prompt: "search", Text: "line 1"})
	for _, want := range []string{"line 19 of the log", "line 18 of the log"} {
		if got := v.Line(v.pager.Cursor()).String(); got != want {
			t.Errorf("the cursor is on %q, want %q", got, want)
		}
		do(v, ui.PreviousMatch)
		drawTab(v, 80, 22)
	}
}
