package ui

import (
	"slices"
	"sort"
)

// matches are the lines with a match, as far as lines were looked at. That begins in the
// middle, goes on to the end and then from the first line to where it began:
//
//	first ──> wrapped  ?  start ──> next  ?  end
//
// Lines are numbered as Pager.gone says.
type matches struct {
	first, wrapped, start, next int
	before, after               []int
}

// whole says whether each line but some of the last was looked at.
func (m *matches) whole() bool { return m.wrapped == m.start }

func (m *matches) len() int { return len(m.before) + len(m.after) }

func (m *matches) at(i int) int {
	if i < len(m.before) {
		return m.before[i]
	}
	return m.after[i-len(m.before)]
}

// index is where a line is among those with a match, or would be.
func (m *matches) index(line int) (i int, is bool) {
	i = sort.Search(m.len(), func(i int) bool { return m.at(i) >= line })
	return i, i < m.len() && m.at(i) == line
}

// add takes over what was found in the lines [from, to), if it goes on from what is known.
func (m *matches) add(from, to int, found []int) {
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

// join makes one stretch of two that meet.
func (m *matches) join() {
	if m.wrapped < m.start {
		return
	}
	if len(m.before) > 0 {
		m.after = append(m.before, m.after...)
	}
	m.start, m.wrapped, m.before = m.first, m.first, nil
}

// drop forgets the lines before a first one.
func (m *matches) drop(first int) {
	m.first = first
	m.wrapped, m.start, m.next = max(m.wrapped, first), max(m.start, first), max(m.next, first)
	m.before, m.after = dropBefore(m.before, first), dropBefore(m.after, first)
	m.join()
}

func dropBefore(lines []int, first int) []int {
	i, _ := slices.BinarySearch(lines, first)
	return lines[i:]
}

// forget takes the lines from one on as not looked at.
func (m *matches) forget(from int) {
	m.next = min(m.next, max(from, m.first))
	m.start, m.wrapped = min(m.start, m.next), min(m.wrapped, m.next)
	b, _ := slices.BinarySearch(m.before, from)
	a, _ := slices.BinarySearch(m.after, from)
	m.before, m.after = m.before[:b], m.after[:a]
}

// unknown says whether one of the lines [from, to) was not looked at.
func (m *matches) unknown(from, to int) bool {
	from = max(from, m.first)
	return from < to && (from < m.start && to > m.wrapped || to > m.next)
}

// seek is the match that is next to a line, itself included, or on from the other end. It is not
// known while lines on the way to it were not looked at; line is -1 when nothing matches.
func (m *matches) seek(from, step, end int) (line int, known bool) {
	from = max(m.first-1, min(from, end))
	i, _ := m.index(from)
	if step < 0 {
		from = min(from, end-1)
		i, _ = m.index(from + 1)
		i--
	}
	here := i >= 0 && i < m.len()
	switch {
	case here && step > 0:
		return m.at(i), !m.unknown(from, m.at(i))
	case here:
		return m.at(i), !m.unknown(m.at(i)+1, from+1)
	case m.len() == 0:
		return -1, !m.unknown(m.first, end)
	case step > 0:
		return m.at(0), !m.unknown(from, end) && !m.unknown(m.first, m.at(0))
	}
	last := m.at(m.len() - 1)
	return last, !m.unknown(m.first, from+1) && !m.unknown(last+1, end)
}
