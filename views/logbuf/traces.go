package logbuf

import (
	"slices"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
)

// together is how far from a line others are looked for that belong to it.
const together = 200

// traces are the lines of stack traces but the first of each: those that are folded.
type traces struct {
	numbers []int // in the Buffer, in order
	streams map[int]traceState
	dropped int // how many of them were dropped
	earlier int // the number of the first that was found out late, and 1; 0 for none
}

// traceState is what the last lines of a stream were.
type traceState struct {
	inside bool // the last one is of a trace
	empty  int  // the number of the last one if it is empty, and 1; else 0
}

// note looks at a line that is added behind all others.
func (t *traces) note(number int, l *Line) {
	if l.Flags&logs.Marker != 0 {
		return
	}
	if t.streams == nil {
		t.streams = map[int]traceState{}
	}
	was, known := t.streams[l.Stream]
	text := kinds.WithoutSGR(l.Text)
	now := traceState{inside: known && (logs.IsFrame(text) || was.inside && logs.Continues(text))}
	switch {
	case now.inside:
		if was.empty > 0 { // As Go has one between a panic and its trace.
			i, _ := slices.BinarySearch(t.numbers, was.empty-1)
			t.numbers = slices.Insert(t.numbers, i, was.empty-1)
			if t.earlier == 0 || was.empty < t.earlier {
				t.earlier = was.empty
			}
		}
		t.numbers = append(t.numbers, number)
	case known && text == "":
		now.empty = number + 1
	}
	t.streams[l.Stream] = now
}

// cut forgets lines that were taken off the end of a buffer.
func (t *traces) cut(b *Buffer, lines []Line) {
	end := b.dropped + b.Len()
	first, _ := slices.BinarySearch(t.numbers, end)
	t.numbers = t.numbers[:first]
	seen := map[int]bool{}
	for i := range lines {
		if stream := lines[i].Stream; !seen[stream] {
			seen[stream] = true
			delete(t.streams, stream)
			before := b.before(b.Len(), stream)
			if before < 0 {
				continue
			}
			state := traceState{inside: t.has(b.dropped + before)}
			if !state.inside && b.Line(before).Text == "" && b.before(before, stream) >= 0 {
				state.empty = b.dropped + before + 1
			}
			t.streams[stream] = state
		}
	}
}

// drop forgets the lines before a number. What is left of a trace without its first line
// is no longer folded.
func (t *traces) drop(first int) {
	i, _ := slices.BinarySearch(t.numbers, first)
	for n := first; i < len(t.numbers) && t.numbers[i] == n; n++ {
		i++
	}
	t.dropped += i
	t.numbers = slices.Clone(t.numbers[i:])
}

func (t *traces) has(number int) bool {
	_, found := slices.BinarySearch(t.numbers, number)
	return found
}

// before returns the index of the last line of a stream before one; -1 if it is not near.
func (b *Buffer) before(i, stream int) int {
	for back := i - 1; back >= max(0, i-together); back-- {
		if l := b.Line(back); l.Stream == stream && l.Flags&logs.Marker == 0 {
			return back
		}
	}
	return -1
}

// Trace returns the indices of the lines of a stack trace below its first line.
func (b *Buffer) Trace(i int) (below []int) {
	first := *b.Line(i)
	if first.Flags&logs.Marker != 0 || b.traces.has(b.dropped+i) {
		return nil
	}
	last := i
	for n := i + 1; n < b.Len() && n-last <= together; n++ {
		if l := b.Line(n); l.Stream == first.Stream && l.Flags&logs.Marker == 0 {
			if !b.traces.has(b.dropped + n) {
				break
			}
			below, last = append(below, n), n
		}
	}
	return below
}
