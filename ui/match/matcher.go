package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Matcher finds a pattern in one line.
type Matcher interface {
	// Matches reports whether the line has a match, and what it cost to find
	// out: 1 for a short line of plain text.
	Matches(s string) (found bool, cost int)
	// Candidates returns a function that proposes places in a text of many lines: the
	// first place at or after a byte, in a line that may have a match, or -1 when no
	// further line has one. That byte never decreases.
	Candidates(text string) func(from int) int
	// First returns the first match, in bytes; from is -1 when there is none.
	First(s string) (from, to int)
	// All returns the matches that are not empty, as pairs of bytes.
	All(s string) [][]int
}

// AppendMatching appends the numbers of the lines of a text that match; number is
// that of the first line. Each line ends with a line feed.
func AppendMatching(to []int, m Matcher, text string, number int) []int {
	next := m.Candidates(text)
	for begin := 0; begin < len(text); number++ {
		at := next(begin)
		if at < 0 {
			break
		}
		number += strings.Count(text[begin:at], "\n")
		begin += 1 + strings.LastIndexByte(text[begin:at], '\n')
		end := at + strings.IndexByte(text[at:], '\n')
		if found, _ := m.Matches(text[begin:end]); found {
			to = append(to, number)
		}
		begin = end + 1
	}
	return to
}

// matchesMax bounds the matches that are shown in one line.
const matchesMax = 1000

// New reads a pattern: plain text, which matches in any case unless it has
// capitals, or a /regular expression/, to which the same applies.
func New(pattern string) (Matcher, error) {
	anyCase := !strings.ContainsFunc(pattern, unicode.IsUpper)
	if len(pattern) > 2 && pattern[0] == '/' && pattern[len(pattern)-1] == '/' {
		return newExpression(pattern[1:len(pattern)-1], anyCase)
	}
	return newLiteral(pattern, anyCase), nil
}

// literal finds plain text.
type literal struct {
	text   string
	fold   bool         // in any case
	folder foldSearcher // of ASCII text in any case
}

func newLiteral(text string, anyCase bool) literal {
	w := literal{text: text, fold: anyCase}
	if anyCase && isASCII(text) && text != "" {
		w.folder = newFoldSearcher(text)
	}
	return w
}

func (w literal) index(s string) int {
	switch {
	case !w.fold:
		return strings.Index(s, w.text)
	case w.folder.term != "":
		return w.folder.index(s)
	}
	return foldIndex(s, w.text)
}

// Candidates implements Matcher.
func (w literal) Candidates(text string) func(from int) int {
	switch {
	case !w.fold:
		return func(from int) int { return indexFrom(text, w.text, from) }
	case w.folder.term != "":
		f := w.folder.scan(text)
		return f.next
	}
	return everywhere
}

// everywhere proposes each line.
func everywhere(from int) int { return from }

func indexFrom(s, term string, from int) int {
	if at := strings.Index(s[from:], term); at >= 0 {
		return from + at
	}
	return -1
}

func (w literal) Matches(s string) (found bool, cost int) { return w.index(s) >= 0, 1 + len(s)/256 }

func (w literal) First(s string) (from, to int) {
	from = w.index(s)
	return from, from + len(w.text)
}

func (w literal) All(s string) (found [][]int) {
	for done := 0; len(found) < matchesMax; {
		from, to := w.First(s[done:])
		if from < 0 {
			break
		}
		found = append(found, []int{done + from, done + to})
		done += to
	}
	return found
}

// expression finds a regular expression. Go's take some microseconds for a line, so
// it skips lines that have none of the words that every match has, and asks an
// automaton about the others.
type expression struct {
	*regexp.Regexp
	needs     []literal  // one of them is in each match; empty when nothing is certain
	automaton *automaton // nil where there is none
}

// What an expression costs compared to plain text: an automaton, and Go's own.
const (
	automatonCost  = 5
	expressionCost = 50
)

func newExpression(text string, anyCase bool) (Matcher, error) {
	if anyCase {
		text = "(?i)" + text
	}
	compiled, err := regexp.Compile(text)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return nil, fmt.Errorf("regular expression: %s: %s", wrong.Code, wrong.Expr)
	} else if err != nil {
		return nil, err
	}
	e := expression{Regexp: compiled}
	if tree, err := syntax.Parse(text, syntax.Perl); err == nil {
		tree = tree.Simplify()
		for _, literal := range requiredWords(tree) {
			e.needs = append(e.needs, newLiteral(literal, true))
		}
		if prog, err := syntax.Compile(tree); err == nil {
			e.automaton = newAutomaton(prog)
		}
	}
	return e, nil
}

func (e expression) Matches(s string) (found bool, cost int) {
	cost = 1 + len(s)/256
	if e.needs != nil && !slices.ContainsFunc(e.needs, func(w literal) bool { return w.index(s) >= 0 }) {
		return false, cost * len(e.needs)
	}
	if e.automaton != nil {
		if found, known := e.automaton.matches(s); known {
			return found, cost * automatonCost
		}
	}
	return e.MatchString(s), cost * expressionCost
}

// Candidates implements Matcher.
func (e expression) Candidates(text string) func(from int) int {
	if e.needs == nil {
		return everywhere
	}
	searches, next := make([]func(int) int, len(e.needs)), make([]int, len(e.needs))
	for i, need := range e.needs {
		searches[i], next[i] = need.Candidates(text), -1
	}
	return func(from int) int {
		for i, search := range searches {
			if next[i] < from {
				if next[i] = search(from); next[i] < 0 {
					next[i] = len(text)
				}
			}
		}
		if at := slices.Min(next); at < len(text) {
			return at
		}
		return -1
	}
}

func (e expression) First(s string) (from, to int) {
	at := e.FindStringIndex(s)
	if at == nil {
		return -1, -1
	}
	return at[0], at[1]
}

func (e expression) All(s string) [][]int {
	return slices.DeleteFunc(e.FindAllStringIndex(s, matchesMax), func(at []int) bool { return at[0] == at[1] })
}

// requiredWords returns lower-case ASCII words of which every match has one, or nil
// when nothing is certain.
func requiredWords(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		if word := certainWord(tree); word != "" {
			return []string{word}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredWords(tree.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range tree.Sub {
			if words := requiredWords(sub); words != nil && (best == nil || shortest(words) > shortest(best)) {
				best = words
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range tree.Sub {
			words := requiredWords(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	default:
		// Matches of any other operator need not hold a word.
	}
	return nil
}

// certainWord returns the longest part of a literal that is in each match. Some
// letters beyond ASCII are k and s in another case (the Kelvin sign, the long s),
// so these two prove nothing where case does not count.
func certainWord(literal *syntax.Regexp) string {
	fold := literal.Flags&syntax.FoldCase != 0
	longest := ""
	for _, part := range strings.FieldsFunc(strings.ToLower(string(literal.Rune)), func(r rune) bool {
		return r >= utf8.RuneSelf || fold && (r == 'k' || r == 's')
	}) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

func shortest(words []string) int {
	n := len(words[0])
	for _, word := range words {
		n = min(n, len(word))
	}
	return n
}
