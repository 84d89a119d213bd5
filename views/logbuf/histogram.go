package logbuf

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/themes"
)

// Bar is what was written in one stretch of time.
type Bar struct{ Lines, Errors int }

// Histogram counts the lines of a Buffer over time. The zero value is ready; it is used from
// the Buffer's goroutine.
type Histogram struct{ known map[*chunk][]stretch }

// stretch is what is counted of lines that follow each other.
type stretch struct {
	begin, end time.Time
	Bar
}

const (
	// countedAtOnce is how many chunks are counted for one drawing: 10 ms at most.
	countedAtOnce = 4
	// countedTogether is how many lines of a chunk are taken for evenly spread.
	countedTogether = 256
)

// Bars counts in n stretches of the same length. from and to are the times of the oldest
// line and of the newest; more says that there are lines that were not counted yet.
func (h *Histogram) Bars(b *Buffer, n int) (bars []Bar, from, to time.Time, more bool) {
	known := make(map[*chunk][]stretch, len(b.chunks))
	var all []stretch
	work := countedAtOnce
	for _, c := range slices.Backward(b.chunks) {
		s, has := h.known[c]
		switch {
		case has:
		case work == 0:
			more = true
			continue
		default:
			for part := range slices.Chunk(c.unpack(), countedTogether) {
				s = append(s, count(part))
			}
			work--
		}
		known[c] = s
		all = append(all, s...)
	}
	h.known = known
	for i := range b.newest {
		all = append(all, count(b.newest[i:i+1]))
	}
	for _, s := range all {
		if s.begin.IsZero() {
			continue
		}
		if from.IsZero() || s.begin.Before(from) {
			from = s.begin
		}
		if s.end.After(to) {
			to = s.end
		}
	}
	if from.IsZero() || n < 1 {
		return nil, from, to, more
	}
	bars = make([]Bar, n)
	for _, s := range all {
		s.spread(bars, from, to)
	}
	return bars, from, to, more
}

func count(lines []Line) (s stretch) {
	for i := range lines {
		l := &lines[i]
		if l.Time.IsZero() || l.Flags&logs.Marker != 0 {
			continue
		}
		if s.begin.IsZero() || l.Time.Before(s.begin) {
			s.begin = l.Time
		}
		if l.Time.After(s.end) {
			s.end = l.Time
		}
		s.Lines++
		if isError(l.Text) {
			s.Errors++
		}
	}
	return s
}

// isError reports whether a line says that it is an error.
func isError(text string) bool {
	if strings.HasPrefix(text, "{") {
		if level, ok := logs.PeekLevel(text); ok {
			return level >= logs.Error
		}
	}
	start := text[:min(len(text), 4*severityBytes)]
	return severityRole(kinds.WithoutSGR(start)) == themes.Failing
}

// spread adds the lines to the bars of its time, evenly.
func (s stretch) spread(bars []Bar, from, to time.Time) {
	if s.Lines == 0 {
		return
	}
	place := func(t time.Time) int {
		if to.Equal(from) {
			return len(bars) - 1
		}
		return min(len(bars)-1, int(float64(len(bars))*float64(t.Sub(from))/float64(to.Sub(from))))
	}
	first, last := place(s.begin), place(s.end)
	n := last - first + 1
	for i := range n {
		bars[first+i].Lines += s.Lines*(i+1)/n - s.Lines*i/n
		bars[first+i].Errors += s.Errors*(i+1)/n - s.Errors*i/n
	}
}
