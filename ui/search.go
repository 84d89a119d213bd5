package ui

import (
	"math"
	"slices"

	"github.com/fathom-k8s/fathom/themes"
)

// search is what a pager looks for, and where it has found it. Lines have
// numbers as Pager.gone says.
type search struct {
	pattern string
	finder  finder
	found   matches
	at      int   // the line last gone to, -1 for none
	step    int   // 1 or -1 while the way to the next match is not known
	from    int   // where that way begins
	hunt    *hunt // looks for more beside the loop; nil when it has come to its end
	changed int   // from this line on, others took the place of those that the hunt sees
}

// scanMax bounds the work that is done for one drawing, in short lines of plain
// text. The rest follows with the next ones, so that no key waits for it.
const scanMax = 100_000

// Search looks for plain text (in any case, unless it has capitals) or for a
// /regular expression/, and goes to the first match from the first visible
// line on. An empty pattern ends the search. On an error the search before
// stays. A pattern that is looked for already is not looked for anew.
func (p *Pager) Search(pattern string, doc Document) error {
	if pattern == "" {
		p.search = search{}
		return nil
	}
	if pattern == p.search.pattern {
		if p.search.step == 0 && !p.sees(p.search.at) {
			p.search.step, p.search.from = 1, p.gone+max(0, p.top.line)
			p.advance(doc)
		}
		return nil
	}
	finder, err := newFinder(pattern)
	if err != nil {
		return err
	}
	p.search = search{pattern: pattern, finder: finder, at: -1, step: 1, from: p.gone + max(0, p.top.line)}
	p.begin(doc)
	return nil
}

// begin looks for the pattern in all lines, from the first that is shown on.
func (p *Pager) begin(doc Document) {
	s := &p.search
	if s.finder == nil {
		return
	}
	top := p.gone + max(0, min(p.top.line, doc.Len()))
	s.found = matches{first: p.gone, wrapped: p.gone, start: top, next: top}
	s.hunt = nil
	if blocks, ok := doc.(Blocks); ok && doc.Len() > huntLines {
		s.hunt, s.changed = newHunt(s.finder, blocks, p.gone, top), math.MaxInt
		s.found.start = s.hunt.blocks[0].number
		s.found.next = s.found.start
	}
	p.advance(doc)
}

// Hunt is what the shell has to do for a search of Blocks to go on; nil when it
// does so already. It is asked after each message.
func (p *Pager) Hunt() Intent {
	if p.hunt == p.search.hunt {
		return nil
	}
	var do All
	if p.hunt != nil {
		do = append(do, Unwatch{Source: p.hunt})
	}
	if p.hunt = p.search.hunt; p.hunt != nil {
		do = append(do, Watch{Source: p.hunt})
	}
	return do
}

// Take takes over what was found beside the loop; other messages are not for
// the pager.
func (p *Pager) Take(msg Msg, doc Document) {
	s := &p.search
	switch msg := msg.(type) {
	case Found:
		if s.hunt == nil || msg.hunt != s.hunt {
			return
		}
		for _, b := range msg.blocks {
			s.found.add(b.number, min(b.number+b.Len(), s.changed), b.found)
		}
		if msg.whole {
			s.hunt = nil
		}
		p.advance(doc)
	case Ended:
		if s.hunt != nil && msg.Source == Source(s.hunt) {
			s.hunt = nil
		}
	}
}

// Matches says how the search stands: the number of the matching line last
// gone to (from 1; 0 for none), how many lines match as far as is known (see
// Searching), and the pattern.
func (p *Pager) Matches() (current, total int, pattern string) {
	s := &p.search
	if s.finder == nil {
		return 0, 0, ""
	}
	if i, ok := s.found.index(s.at); ok && s.found.whole() {
		current = i + 1
	}
	return current, s.found.len(), s.pattern
}

// Searching says whether there are lines that the search has not come to.
func (p *Pager) Searching() bool {
	s := &p.search
	return s.finder != nil && (s.hunt != nil || !s.found.whole())
}

// goToMatch goes to the next match in a direction, and on from the other end.
func (p *Pager) goToMatch(step int, doc Document) {
	s := &p.search
	if s.finder == nil {
		return
	}
	s.step, s.from = step, p.gone+p.top.line
	if s.at >= 0 {
		s.from = s.at + step
	}
	p.advance(doc)
}

// advance goes on with a search, for as long as one drawing may take.
func (p *Pager) advance(doc Document) {
	s := &p.search
	if s.finder == nil {
		return
	}
	p.scan(doc)
	if s.step == 0 {
		return
	}
	line, known := s.found.seek(s.from, s.step, p.gone+doc.Len())
	if !known {
		return
	}
	if s.step = 0; line >= 0 {
		p.show(line-p.gone, doc)
	}
}

// show goes to a match. It is put a third down the window when it was out of
// sight, so that what led to it is seen too.
func (p *Pager) show(line int, doc Document) {
	p.Follow = false
	p.search.at = p.gone + line
	p.cursor = line
	if !p.sees(p.search.at) {
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

// sees says whether the line with a number was drawn.
func (p *Pager) sees(number int) bool {
	return slices.ContainsFunc(p.shown, func(at place) bool { return p.gone+at.line == number })
}

// scan looks at lines that were not looked at yet, unless a hunt will come to them.
func (p *Pager) scan(doc Document) {
	s, end := &p.search, p.gone+doc.Len()
	if s.found.next > end {
		s.found.forget(end)
	}
	if s.hunt != nil && s.found.next < s.hunt.end {
		return
	}
	for work := scanMax; work > 0; {
		line := s.found.next
		if line == end {
			if line = s.found.wrapped; s.hunt != nil || s.found.whole() {
				return
			}
		}
		found, cost := s.finder.in(doc.Line(line - p.gone).String())
		work -= cost
		if found {
			s.found.add(line, line+1, []int{line})
		} else {
			s.found.add(line, line+1, nil)
		}
	}
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
