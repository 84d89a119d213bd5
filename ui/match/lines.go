package match

import (
	"slices"
	"sort"
)

// Lines are the matching lines of a document, as far as a search has come. It
// begins somewhere, goes on to the end, and then from the first line to where it
// began:
//
//	first ──> wrapped  ?  start ──> next  ?  end
type Lines struct {
	first, wrapped, start, next int
	before, after               []int
}

// NewLines returns the state of a search that is about to begin at a line. first is the
// number of the first line.
func NewLines(first, start int) Lines {
	return Lines{first: first, wrapped: first, start: start, next: start}
}

// Next returns the line to look at next on the way to the end.
func (m *Lines) Next() int { return m.next }

// Wrapped returns the line to look at next on the way from the first line to
// where the search began.
func (m *Lines) Wrapped() int { return m.wrapped }

// Complete reports whether the lines before Next were all looked at.
func (m *Lines) Complete() bool { return m.wrapped == m.start }

// Len returns how many lines match.
func (m *Lines) Len() int { return len(m.before) + len(m.after) }

// At returns the number of the i-th matching line.
func (m *Lines) At(i int) int {
	if i < len(m.before) {
		return m.before[i]
	}
	return m.after[i-len(m.before)]
}

// Index returns where a line is among the matching ones, or would be.
func (m *Lines) Index(line int) (i int, is bool) {
	i = sort.Search(m.Len(), func(i int) bool { return m.At(i) >= line })
	return i, i < m.Len() && m.At(i) == line
}

// Add takes over the matches among the lines [from, to), unless that leaves a gap
// behind what is known.
func (m *Lines) Add(from, to int, found []int) {
	lines, known := &m.after, &m.next
	if from > m.next || to <= m.next {
		lines, known, to = &m.before, &m.wrapped, min(to, m.start)
	}
	if from > *known || to <= *known {
		return
	}
	for _, line := range found {
		if line >= *known && line < to {
			*lines = append(*lines, line)
		}
	}
	*known = to
	m.join()
}

// join makes one stretch of two that touch.
func (m *Lines) join() {
	if m.wrapped < m.start {
		return
	}
	if len(m.before) > 0 {
		m.after = append(m.before, m.after...)
	}
	m.start, m.wrapped, m.before = m.first, m.first, nil
}

// Drop forgets the lines before a new first one.
func (m *Lines) Drop(first int) {
	m.first = first
	m.wrapped, m.start, m.next = max(m.wrapped, first), max(m.start, first), max(m.next, first)
	m.before, m.after = dropBefore(m.before, first), dropBefore(m.after, first)
	m.join()
}

func dropBefore(lines []int, first int) []int {
	i, _ := slices.BinarySearch(lines, first)
	return lines[i:]
}

// Forget treats the lines from one on as not looked at.
func (m *Lines) Forget(from int) {
	m.next = min(m.next, max(from, m.first))
	m.start, m.wrapped = min(m.start, m.next), min(m.wrapped, m.next)
	b, _ := slices.BinarySearch(m.before, from)
	a, _ := slices.BinarySearch(m.after, from)
	m.before, m.after = m.before[:b], m.after[:a]
}

// unknown reports whether any of the lines [from, to) was not looked at.
func (m *Lines) unknown(from, to int) bool {
	from = max(from, m.first)
	return from < to && (from < m.start && to > m.wrapped || to > m.next)
}

// Seek returns the first match from a line on (itself included) in the direction of
// step, continuing at the other end. It is not known while lines on the way to it
// were not looked at. line is -1 when nothing matches.
func (m *Lines) Seek(from, step, end int) (line int, known bool) {
	from = max(m.first-1, min(from, end))
	i, _ := m.Index(from)
	if step < 0 {
		from = min(from, end-1)
		i, _ = m.Index(from + 1)
		i--
	}
	here := i >= 0 && i < m.Len()
	switch {
	case here && step > 0:
		return m.At(i), !m.unknown(from, m.At(i))
	case here:
		return m.At(i), !m.unknown(m.At(i)+1, from+1)
	case m.Len() == 0:
		return -1, !m.unknown(m.first, end)
	case step > 0:
		return m.At(0), !m.unknown(from, end) && !m.unknown(m.first, m.At(0))
	}
	last := m.At(m.Len() - 1)
	return last, !m.unknown(m.first, from+1) && !m.unknown(last+1, end)
}
