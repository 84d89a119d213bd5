package logbuf

import (
	"fmt"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/logs"
)

func TestHistogram(t *testing.T) {
	at := func(second int, text string) Line {
		return Line{Time: now.Add(time.Duration(second) * time.Second), Text: text}
	}
	for _, test := range []struct {
		name  string
		lines []Line
		want  string
	}{
		{"nothing", nil, "[]"},
		{"one line", []Line{at(0, "x")}, "[{0 0} {0 0} {0 0} {1 0}]"},
		{"without a time", []Line{{Text: "ERROR"}}, "[]"},
		{"a marker", []Line{{Time: now, Text: "ERROR", Flags: logs.Marker}}, "[]"},
		{"errors", []Line{
			at(0, "a"), at(1, `{"level":"error"}`), at(2, "\x1b[31mERROR\x1b[0m b"),
			at(7, `{"level":"info","msg":"ERROR"}`), at(8, "PANIC"),
		}, "[{2 1} {1 1} {0 0} {2 1}]"},
	} {
		var b Buffer
		b.Add(test.lines)
		var h Histogram
		if bars, _, _, more := h.Bars(&b, 4); fmt.Sprint(bars) != test.want || more {
			t.Errorf("%s: got %v, %v, want %s", test.name, bars, more, test.want)
		}
	}
}

// TestHistogramOfALongLog counts a log that is compressed, a part with each drawing.
func TestHistogramOfALongLog(t *testing.T) {
	const lines = 10*chunkLines + 7
	var b Buffer
	for i := range lines {
		b.Add([]Line{{Time: now.Add(time.Duration(i) * time.Millisecond), Text: []string{"INFO", "ERROR"}[i%2]}})
	}
	var h Histogram
	for draws := 1; ; draws++ {
		bars, from, to, more := h.Bars(&b, 20)
		if more {
			continue
		}
		sum := Bar{}
		for _, bar := range bars {
			sum.Lines += bar.Lines
			sum.Errors += bar.Errors
			if bar.Lines < lines/20-countedTogether || bar.Lines > lines/20+countedTogether {
				t.Errorf("%d lines in a twentieth of %d", bar.Lines, lines)
			}
		}
		if sum != (Bar{lines, lines / 2}) || draws != 3 || !from.Equal(now) || to.Sub(from) != (lines-1)*time.Millisecond {
			t.Errorf("%d draws count %v from %v to %v", draws, sum, from, to)
		}
		return
	}
}

func BenchmarkHistogram(b *testing.B) {
	var buffer Buffer
	for i := range 1_000_000 {
		buffer.Add([]Line{{Time: now.Add(time.Duration(i) * time.Millisecond), Text: "INFO GET /cart 200 in 7ms"}})
	}
	for name, known := range map[string]bool{"first": false, "again": true} {
		b.Run(name, func(b *testing.B) {
			var h Histogram
			for known {
				if _, _, _, more := h.Bars(&buffer, 100); !more {
					break
				}
			}
			for b.Loop() {
				if !known {
					h = Histogram{}
				}
				h.Bars(&buffer, 100)
			}
		})
	}
}
