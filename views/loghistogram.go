package views

import (
	"fmt"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const actHistogram ui.Action = "histogram"

// histogram is one line of how much was logged when, and where errors are.
type histogram struct {
	shown  bool
	counts logbuf.Histogram
	more   bool // it is not complete
}

// line draws it: the time of the oldest line, bars, the time of the newest, what was counted.
func (h *histogram) line(b *logbuf.Buffer, width int) ui.Line {
	const clock = "15:04:05"
	room := width - 2*len(clock) - len("  ") - len("  999999 errors")
	bars, from, to, more := h.counts.Bars(b, max(1, min(room, 100)))
	if h.more = more; bars == nil {
		return ui.Line{{Text: "no line has a time", Role: themes.Muted}}
	}
	lines, errors := make([]int, len(bars)), 0
	for i, bar := range bars {
		lines[i] = bar.Lines
		errors += bar.Errors
	}
	drawn, _ := sparkline(lines)
	line := ui.Line{{Text: from.UTC().Format(clock) + " ", Role: themes.Muted}}
	i := 0
	for _, r := range drawn {
		role := themes.Muted
		if bars[i].Errors > 0 {
			role = themes.Failing
		}
		line = append(line, ui.Span{Text: string(r), Role: role})
		i++
	}
	words := counted(errors, "errors")
	if more {
		words += " so far"
	}
	role := themes.Muted
	if errors > 0 {
		role = themes.Failing
	}
	return append(line, ui.Span{Text: fmt.Sprintf(" %s  ", to.UTC().Format(clock)), Role: themes.Muted},
		ui.Span{Text: words, Role: role})
}
