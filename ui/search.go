package ui

import (
	"slices"

	"github.com/fathom-k8s/fathom/themes"
)

// search is what a pager looks for, and where it has found it.
type search struct {
	pattern string
	finder  finder
	found   []int32 // lines with a match, in order
	scanned int     // lines that have been looked at for found
	at      int     // the line last gone to, -1 for none
	seek    seek
}

// seek is a way to the next match that found does not know yet.
type seek struct {
	step  int // 1 or -1; 0 when there is no way to go
	next  int // the line to look at next
	lines int // how many have been looked at
}

// scanMax bounds the work that is done for one drawing, in short lines of plain
// text. The rest follows with the next ones, so that no key waits for a
// million lines.
const scanMax = 100_000

// Search looks for plain text (in any case, unless it has capitals) or for a
// /regular expression/, and goes to the first match from the first visible
// line on. An empty pattern ends the search. On an error the search before
// stays.
func (p *Pager) Search(pattern string, doc Document) error {
	if pattern == "" {
		p.search = search{}
		return nil
	}
	finder, err := newFinder(pattern)
	if err != nil {
		return err
	}
	p.search = search{pattern: pattern, finder: finder, at: -1}
	p.search.seek = seek{step: 1, next: max(0, p.top.line)}
	p.advance(doc)
	return nil
}

// Matches says how the search stands: the number of the matching line last
// gone to (from 1; 0 for none), how many lines match as far as is known (see
// Wake), and the pattern.
func (p *Pager) Matches() (current, total int, pattern string) {
	s := &p.search
	if s.finder == nil {
		return 0, 0, ""
	}
	if i, ok := slices.BinarySearch(s.found, int32(s.at)); ok {
		current = i + 1
	}
	return current, len(s.found), s.pattern
}

// goToMatch goes to the next match in a direction, and on from the other end.
func (p *Pager) goToMatch(step int, doc Document) {
	s := &p.search
	if s.finder == nil {
		return
	}
	from := p.top.line - 1
	if s.at >= 0 {
		from = s.at
	} else if step < 0 {
		from = p.top.line + 1
	}
	s.seek = seek{step: step, next: from + step}
	p.advance(doc)
}

// advance goes on with a search, for as long as one drawing may take.
func (p *Pager) advance(doc Document) {
	s := &p.search
	if s.finder == nil {
		return
	}
	left := s.scan(doc, scanMax)
	if line := s.follow(doc, left); line >= 0 {
		p.show(line, doc)
	}
}

// show goes to a match. It is put a third down the window when it was out of
// sight, so that what led to it is seen too.
func (p *Pager) show(line int, doc Document) {
	p.Follow = false
	p.search.at = line
	p.cursor = line
	seen := slices.ContainsFunc(p.shown, func(at place) bool { return at.line == line })
	if !seen {
		p.top = place{line: line}
		p.scroll(-p.height/3, doc)
	}
	p.GoTo(line, doc)
	text := doc.Line(line).String()
	if from, to := p.search.finder.first(text); from >= 0 && !p.Wrap && p.width > 0 {
		if start, end := Width(text[:from]), Width(text[:to]); start < p.left || end >= p.left+p.width {
			p.left = 0
			if end >= p.width {
				p.left = max(0, start-p.width/3)
			}
		}
	}
}

// scan looks at lines that were not looked at yet, and returns what is left of
// the work that it may do.
func (s *search) scan(doc Document, work int) (left int) {
	if s.scanned > doc.Len() {
		s.scanned, s.found = 0, s.found[:0]
	}
	for ; s.scanned < doc.Len() && work > 0; s.scanned++ {
		found, cost := s.finder.in(doc.Line(s.scanned).String())
		if found {
			s.found = append(s.found, int32(s.scanned))
		}
		work -= cost
	}
	return work
}

// follow goes on with the seek and returns the match when it has come to it,
// else -1.
func (s *search) follow(doc Document, work int) int {
	n := doc.Len()
	for s.seek.step != 0 {
		if s.scanned == n {
			return s.known(n)
		}
		if work <= 0 {
			return -1
		}
		if s.seek.lines > n {
			break
		}
		line := (s.seek.next%n + n) % n
		found, cost := s.finder.in(doc.Line(line).String())
		s.seek.next += s.seek.step
		s.seek.lines++
		if work -= cost; found {
			s.seek = seek{}
			return line
		}
	}
	s.seek = seek{}
	return -1
}

// known ends the seek with what is in found, which is complete.
func (s *search) known(n int) int {
	from, step := s.seek.next, s.seek.step
	s.seek = seek{}
	if len(s.found) == 0 {
		return -1
	}
	i, ok := slices.BinarySearch(s.found, int32(max(0, min(from, n))))
	switch {
	case step > 0 && i == len(s.found):
		i = 0
	case step < 0 && (!ok || from < 0):
		i--
	}
	return int(s.found[(i+len(s.found))%len(s.found)])
}

func (s *search) dropped(n int) {
	first, _ := slices.BinarySearch(s.found, int32(n))
	s.found = slices.Delete(s.found, 0, first)
	for i := range s.found {
		s.found[i] -= int32(n)
	}
	s.scanned = max(0, s.scanned-n)
	s.at = max(-1, s.at-n)
	s.seek.next -= n
}

// mark is the line with the matches in their own look.
func (s *search) mark(line Line, number int) Line {
	if s.finder == nil {
		return line
	}
	role := themes.Match
	if number == s.at {
		role = themes.MatchCurrent
	}
	text := line.String()
	out, done := Line(nil), 0
	for _, at := range s.finder.all(text) {
		out = appendSpans(out, line, done, at[0])
		out = append(out, Span{text[at[0]:at[1]], role})
		done = at[1]
	}
	if out == nil {
		return line
	}
	return appendSpans(out, line, done, len(text))
}

// appendSpans appends the bytes [from, to) of a line.
func appendSpans(out, line Line, from, to int) Line {
	at := 0
	for _, span := range line {
		start, end := max(from-at, 0), min(to-at, len(span.Text))
		if start < end {
			out = append(out, Span{span.Text[start:end], span.Role})
		}
		at += len(span.Text)
	}
	return out
}
