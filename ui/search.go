package ui

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/fathom-k8s/fathom/themes"
)

// search is what a pager looks for, and where it has found it.
type search struct {
	pattern string
	finder  finder
	found   []int32 // lines with a match, in order
	scanned int     // lines that have been looked at
	at      int     // the line last gone to, -1 for none
}

// finder finds a pattern in one line.
type finder interface {
	// first is the first match, in bytes; from is -1 when there is none.
	first(s string) (from, to int)
	// all are the matches that are not empty, as pairs of bytes.
	all(s string) [][]int
}

// words finds plain text.
type words struct {
	index  func(s string) int
	length int
}

func (w words) first(s string) (from, to int) {
	from = w.index(s)
	return from, from + w.length
}

func (w words) all(s string) (found [][]int) {
	for done := 0; len(found) < marksMax; {
		from, to := w.first(s[done:])
		if from < 0 {
			break
		}
		found = append(found, []int{done + from, done + to})
		done += to
	}
	return found
}

// expression finds a regular expression.
type expression struct{ *regexp.Regexp }

func (e expression) first(s string) (from, to int) {
	at := e.FindStringIndex(s)
	if at == nil {
		return -1, -1
	}
	return at[0], at[1]
}

func (e expression) all(s string) [][]int {
	return slices.DeleteFunc(e.FindAllStringIndex(s, marksMax), func(at []int) bool { return at[0] == at[1] })
}

// scanMax is how many lines are searched for one drawing. The rest follows
// with the next ones, so that no key waits for a million lines.
const scanMax = 100_000

// marksMax is how many matches are shown in one line.
const marksMax = 1000

// newFinder reads a pattern: plain text, which matches any case unless it has
// capitals, or a /regular expression/ of the same manners.
func newFinder(pattern string) (finder, error) {
	anyCase := !strings.ContainsFunc(pattern, unicode.IsUpper)
	if len(pattern) > 2 && pattern[0] == '/' && pattern[len(pattern)-1] == '/' {
		return regexpFinder(pattern[1:len(pattern)-1], anyCase)
	}
	index := func(s string) int { return strings.Index(s, pattern) }
	if anyCase && isASCII(pattern) {
		index = newFolder(pattern).index
	} else if anyCase {
		index = func(s string) int { return foldIndex(s, pattern) }
	}
	return words{index, len(pattern)}, nil
}

func regexpFinder(text string, anyCase bool) (finder, error) {
	if anyCase {
		text = "(?i)" + text
	}
	compiled, err := regexp.Compile(text)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return nil, fmt.Errorf("regular expression: %s: %s", wrong.Code, wrong.Expr)
	}
	return expression{compiled}, err
}

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
	p.search.scan(doc, scanMax)
	if line := p.search.next(max(0, p.top.line), 1, doc); line >= 0 {
		p.show(line, doc)
	}
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
	if s.finder == nil || doc.Len() == 0 {
		return
	}
	from := p.top.line - 1
	if s.at >= 0 {
		from = s.at
	} else if step < 0 {
		from = p.top.line + 1
	}
	line := s.next(from+step, step, doc)
	if line < 0 && step > 0 {
		line = s.next(0, step, doc)
	} else if line < 0 {
		line = s.next(doc.Len()-1, step, doc)
	}
	if line >= 0 {
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

// scan looks at lines that were not looked at yet.
func (s *search) scan(doc Document, most int) {
	if s.finder == nil {
		return
	}
	if s.scanned > doc.Len() {
		s.scanned, s.found = 0, s.found[:0]
	}
	end := min(doc.Len(), s.scanned+most)
	for ; s.scanned < end; s.scanned++ {
		if from, _ := s.finder.first(doc.Line(s.scanned).String()); from >= 0 {
			s.found = append(s.found, int32(s.scanned))
		}
	}
}

// next is the first line with a match from a line on, or -1.
func (s *search) next(from, step int, doc Document) int {
	if step > 0 && from < s.scanned {
		i, _ := slices.BinarySearch(s.found, int32(max(0, from)))
		if i < len(s.found) {
			return int(s.found[i])
		}
		from = s.scanned
	}
	if step < 0 && from < s.scanned {
		i, ok := slices.BinarySearch(s.found, int32(max(-1, from)))
		if ok {
			return int(s.found[i])
		}
		if i > 0 {
			return int(s.found[i-1])
		}
		return -1
	}
	for line := from; line >= 0 && line < doc.Len(); line += step {
		if at, _ := s.finder.first(doc.Line(line).String()); at >= 0 {
			return line
		}
	}
	return -1
}

func (s *search) dropped(n int) {
	first, _ := slices.BinarySearch(s.found, int32(n))
	s.found = slices.Delete(s.found, 0, first)
	for i := range s.found {
		s.found[i] -= int32(n)
	}
	s.scanned = max(0, s.scanned-n)
	s.at = max(-1, s.at-n)
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
