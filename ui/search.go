package ui

import (
	"math"
	"slices"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/match"
)

// search is what a pager looks for, and where it has found it. Lines are numbered
// from the first that there ever was; see Pager.dropped.
type search struct {
	pattern     string
	matcher     match.Matcher
	found       match.Lines
	current     int               // the line last gone to, -1 for none
	fromEnd     bool              // the end was followed when it began: last matches first
	step        int               // 1 or -1 while the way to the next match is not known
	from        int               // where that way begins
	background  *backgroundSearch // looks for more in the background; nil once it has come to its end
	changedFrom int               // from here on, lines are not those that the background search sees
}

// scanMax bounds the work done for one drawing, in short lines of plain text. The rest
// follows with the next ones, so that no key waits for it.
const scanMax = 100_000

// Search looks for plain text (in any case, unless it has capitals) or for a
// /regular expression/, and goes to the first match from the first visible line on, or to
// the last one when the end is followed. An empty pattern ends the search. After an error
// the search before goes on. The same pattern again does not start over.
func (p *Pager) Search(pattern string, doc Document) error {
	if pattern == "" {
		p.search = search{}
		return nil
	}
	if pattern == p.search.pattern {
		if p.search.step == 0 && !p.isVisible(p.search.current) {
			p.search.step, p.search.from = 1, p.dropped+max(0, p.top.line)
			p.advanceSearch(doc)
		}
		return nil
	}
	matcher, err := match.New(pattern)
	if err != nil {
		return err
	}
	next := search{pattern: pattern, matcher: matcher, current: -1, step: 1, from: p.dropped + max(0, p.top.line)}
	if next.fromEnd = p.Follow || p.search.fromEnd; next.fromEnd {
		next.step, next.from = -1, p.dropped+doc.Len()-1
	}
	p.search = next
	p.startSearch(doc)
	return nil
}

// startSearch looks for the pattern in all lines, beginning with the first visible one.
func (p *Pager) startSearch(doc Document) {
	s := &p.search
	if s.matcher == nil {
		return
	}
	start := p.dropped + max(0, min(p.top.line, doc.Len()))
	s.background = nil
	if blocks, ok := doc.(Blocks); ok && doc.Len() > backgroundLines {
		s.background, s.changedFrom = newBackgroundSearch(s.matcher, blocks, p.dropped, start), math.MaxInt
		start = s.background.blocks[0].number
	}
	s.found = match.NewLines(p.dropped, start)
	p.advanceSearch(doc)
}

// SearchIntent returns what the shell has to do for a search of Blocks to go on, or nil
// if it does that already. It is called after each message.
func (p *Pager) SearchIntent() Intent {
	if p.watched == p.search.background {
		return nil
	}
	var do All
	if p.watched != nil {
		do = append(do, Unwatch{Source: p.watched})
	}
	if p.watched = p.search.background; p.watched != nil {
		do = append(do, Watch{Source: p.watched})
	}
	return do
}

// Update takes over what was found in the background. Other messages are not for the
// pager.
func (p *Pager) Update(msg Msg, doc Document) {
	s := &p.search
	switch msg := msg.(type) {
	case Found:
		if s.background == nil || msg.search != s.background {
			return
		}
		for _, b := range msg.blocks {
			s.found.Add(b.number, min(b.number+b.Len(), s.changedFrom), b.found)
		}
		if msg.whole {
			s.background = nil
		}
		p.advanceSearch(doc)
	case Ended:
		if s.background == nil || msg.Source != Source(s.background) {
			return
		}
		s.background = nil
		if msg.Err != nil {
			p.search = search{} // It would fail again in the loop.
		}
	}
}

// Matches returns the state of the search: the number of the current match (from 1; 0
// for none), how many lines match as far as is known (see Searching), and the
// pattern.
func (p *Pager) Matches() (current, total int, pattern string) {
	s := &p.search
	if s.matcher == nil {
		return 0, 0, ""
	}
	if i, ok := s.found.Index(s.current); ok && s.found.Complete() {
		current = i + 1
	}
	return current, s.found.Len(), s.pattern
}

// Searching reports whether there are lines that the search has not come to.
func (p *Pager) Searching() bool {
	s := &p.search
	return s.matcher != nil && (s.background != nil || !s.found.Complete())
}

// goToMatch goes to the next match in a direction, and on from the other end.
func (p *Pager) goToMatch(step int, doc Document) {
	s := &p.search
	if s.matcher == nil {
		return
	}
	s.step, s.from = step, p.dropped+p.top.line
	if s.current >= 0 {
		s.from = s.current + step
	}
	p.advanceSearch(doc)
}

// advanceSearch goes on with a search for as long as one drawing may take.
func (p *Pager) advanceSearch(doc Document) {
	s := &p.search
	if s.matcher == nil {
		return
	}
	p.scanLines(doc)
	if s.step == 0 {
		return
	}
	line, known := s.found.Seek(s.from, s.step, p.dropped+doc.Len())
	if !known {
		return
	}
	if s.step = 0; line >= 0 {
		p.showMatch(line-p.dropped, doc)
	}
}

// showMatch goes to a match. It is put a third down the window when it was out of
// sight, so that what led to it is seen too.
func (p *Pager) showMatch(line int, doc Document) {
	p.Follow = false
	p.search.current = p.dropped + line
	p.cursor = line
	if !p.isVisible(p.search.current) {
		p.top = position{line: line}
		p.scroll(-p.height/3, doc)
	}
	p.GoTo(line, doc)
	text := doc.Line(line).String()
	if from, to := p.search.matcher.First(text); from >= 0 && !p.Wrap && p.width > 0 {
		if start, end := Width(text[:from]), Width(text[:to]); start < p.left || end >= p.left+p.width {
			p.left = 0
			if end >= p.width {
				p.left = max(0, start-p.width/3)
			}
		}
	}
}

// isVisible reports whether the line with a number was drawn.
func (p *Pager) isVisible(number int) bool {
	return slices.ContainsFunc(p.shown, func(at position) bool { return p.dropped+at.line == number })
}

// scanLines searches lines that were not searched yet, unless the background search
// will come to them.
func (p *Pager) scanLines(doc Document) {
	s, end := &p.search, p.dropped+doc.Len()
	if s.found.Next() > end {
		s.found.Forget(end)
	}
	if s.background != nil && s.found.Next() < s.background.end {
		return
	}
	for work := scanMax; work > 0; {
		line := s.found.Next()
		if line == end {
			if line = s.found.Wrapped(); s.background != nil || s.found.Complete() {
				return
			}
		}
		found, cost := s.matcher.Matches(RawLine(doc, line-p.dropped))
		work -= cost
		if found {
			s.found.Add(line, line+1, []int{line})
		} else {
			s.found.Add(line, line+1, nil)
		}
	}
}

// highlight returns the line with its matches in their own look.
func (s *search) highlight(line Line, number int) Line {
	if s.matcher == nil {
		return line
	}
	role := themes.Match
	if number == s.current {
		role = themes.MatchCurrent
	}
	text := line.String()
	out, done := Line(nil), 0
	for _, at := range s.matcher.All(text) {
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
