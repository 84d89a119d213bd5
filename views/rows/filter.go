package rows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// filter decides which records a table shows: all its terms must hold.
// docs/filter.md describes the language.
type filter struct {
	text    string
	terms   []term
	unknown []string // names in comparisons that are not columns, so may be labels
	index   *Index   // of the rows
	beside  bool     // a term looks at what is beside the records
	// measured is set where that is one of the columns of Join.
	measured bool
}

// term is one condition of a filter.
type term struct {
	not   bool
	match func(r *kinds.Record, now time.Time) bool
	plain string // lower-cased, of a term that is only text
}

// parseFilter reads the text of a filter for the columns that there are. A term that
// is still being typed ("age<", "/web(") is left out; err says why.
func (x *Index) parseFilter(text string) (filter, error) {
	f := filter{text: text, index: x}
	var first error
	add := func(not bool, plain string, match func(*kinds.Record, time.Time) bool, err error) {
		if err != nil && first == nil {
			first = err
		}
		if match != nil {
			f.terms = append(f.terms, term{not, match, plain})
		}
	}
	for all := words(text); len(all) > 0; {
		if selector, used := selectorFlag(all); used > 0 {
			match, err := f.matchSelector(selector)
			add(false, "", match, err)
			all = all[used:]
			continue
		}
		for _, word := range conditions(all[0]) {
			not := strings.HasPrefix(word, "!") && !strings.HasPrefix(word, "!=")
			word = strings.TrimPrefix(word, "!")
			match, err := f.parseAlternatives(word)
			add(not, plainWord(word), match, err)
		}
		all = all[1:]
	}
	return f, first
}

// parseAlternatives reads one term without its "!", or some of which one must hold.
func (f *filter) parseAlternatives(word string) (func(*kinds.Record, time.Time) bool, error) {
	if strings.HasPrefix(word, "/") {
		return f.parseTerm(word)
	}
	terms, all := alternatives(word)
	var matches []func(*kinds.Record, time.Time) bool
	var first error
	for _, one := range terms {
		match, err := f.parseTerm(unprotect.Replace(one))
		if err != nil && first == nil {
			first = err
		}
		if match != nil {
			matches = append(matches, match)
		}
	}
	if len(matches) < 2 {
		return slices.Concat(matches, []func(*kinds.Record, time.Time) bool{nil})[0], first
	}
	return func(r *kinds.Record, now time.Time) bool {
		for _, match := range matches {
			if match(r, now) != all {
				return !all
			}
		}
		return all
	}, first
}

// parseTerm reads one term without its "!". A nil match is a term that has no
// effect yet.
func (f *filter) parseTerm(word string) (func(*kinds.Record, time.Time) bool, error) {
	if word == "" {
		return nil, nil
	}
	if strings.HasPrefix(word, "/") {
		pattern := strings.TrimSuffix(word[1:], "/")
		if pattern == "" {
			return nil, nil
		}
		re, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			return nil, fmt.Errorf("/%s/ is not a regular expression: %w", pattern, err)
		}
		needed := strings.ToLower(required(re.String()))
		return f.anyText(func(s string) bool {
			// Finding a part costs a tenth of the expression, which folds more
			// than ASCII.
			return (!isASCII(s) || containsFold(s, needed)) && re.MatchString(s)
		}), nil
	}
	if m := comparison.FindStringSubmatch(word); m != nil {
		return f.parseComparison(m[1], m[2], m[3])
	}
	lower := strings.ToLower(word)
	return f.anyText(func(s string) bool { return containsFold(s, lower) }), nil
}

// plainWord returns the text that a word looks for, "" if it is more than text.
func plainWord(word string) string {
	if strings.HasPrefix(word, "/") || comparison.MatchString(word) || strings.Contains(word, "|") {
		return ""
	}
	return strings.ToLower(unprotect.Replace(word))
}

// narrows reports whether all that passes the filter has passed another: while a
// word is being typed, only the rows that are left need a look.
func (f filter) narrows(other filter) bool {
	for _, t := range other.terms {
		if t.plain == "" || !slices.ContainsFunc(f.terms, func(own term) bool { return own.implies(t) }) {
			return false
		}
	}
	return true
}

// implies reports whether what holds for a term holds for another as well.
func (t term) implies(other term) bool {
	switch {
	case t.plain == "" || t.not != other.not:
		return false
	case t.not:
		return strings.Contains(other.plain, t.plain)
	}
	return strings.Contains(t.plain, other.plain)
}

// matches reports whether a record passes the filter.
func (f filter) matches(r *kinds.Record, now time.Time) bool {
	for _, t := range f.terms {
		if t.match(r, now) == t.not {
			return false
		}
	}
	return true
}

// parseComparison reads "name op text". The name is a column, the namespace, or
// else a label.
func (f *filter) parseComparison(name, op, text string) (
	func(*kinds.Record, time.Time) bool, error,
) {
	columns := f.index.all
	if op == "==" { // As kubectl's selectors have it.
		op = "="
	}
	equality := op == "=" || op == "!="
	if text == "" && !equality {
		return nil, nil
	}
	v := parseValue(text)
	if !equality && !v.comparable() {
		return nil, fmt.Errorf("%s%s%s: %q is not a number, quantity (100Mi), share (1/2, 50%%), "+
			"duration (90s, 5m, 2d), time (2026-05-01) or version", name, op, text, text)
	}
	negated := op == "!="
	holds := operators[strings.TrimPrefix(op, "!")]
	column := columnNamed(name, columns)
	age := strings.EqualFold(name, "age")
	if age && !equality && !v.isLength && !v.isMoment {
		return nil, fmt.Errorf("%s%s%s: an age has a unit: 90s, 5m, 3h, 2d", name, op, text)
	}
	if column < 0 && age {
		column = columnNamed("LAST SEEN", columns) // of an Event
	}
	switch {
	case f.index.isBeside(column):
		return f.compareBeside(column, &v, holds, negated), nil
	case column >= 0:
		return func(r *kinds.Record, now time.Time) bool {
			return (column < len(r.Cells) && holds(&v, r.Cells[column], now)) != negated
		}, nil
	case age:
		return func(r *kinds.Record, now time.Time) bool {
			return holds(&v, kinds.AgeCell(r.Created), now) != negated
		}, nil
	}
	textOf := f.textNamed(name)
	if equality {
		typed := v.comparable()
		return func(r *kinds.Record, _ time.Time) bool {
			text, ok := textOf(r)
			return (ok && (strings.EqualFold(text, v.text) || typed && v.equalsText(text))) != negated
		}, nil
	}
	return func(r *kinds.Record, now time.Time) bool {
		text, ok := textOf(r)
		return ok && holds(&v, kinds.TextCell(text), now)
	}, nil
}

// operators are the comparisons of a cell with a value. What cannot be compared
// is neither less nor more.
var operators = map[string]func(v *value, c kinds.Cell, now time.Time) bool{
	"=":  (*value).equals,
	"<":  func(v *value, c kinds.Cell, now time.Time) bool { n, ok := v.order(c, now); return ok && n < 0 },
	"<=": func(v *value, c kinds.Cell, now time.Time) bool { n, ok := v.order(c, now); return ok && n <= 0 },
	">":  func(v *value, c kinds.Cell, now time.Time) bool { n, ok := v.order(c, now); return ok && n > 0 },
	">=": func(v *value, c kinds.Cell, now time.Time) bool { n, ok := v.order(c, now); return ok && n >= 0 },
}

// textNamed returns how to find the text of a name that is not a column: the
// namespace or a label. It remembers a name that only a label can have.
func (f *filter) textNamed(name string) func(*kinds.Record) (string, bool) {
	if strings.EqualFold(name, "namespace") || strings.EqualFold(name, "ns") {
		return func(r *kinds.Record) (string, bool) { return r.Namespace, true }
	}
	f.unknown = append(f.unknown, name)
	return func(r *kinds.Record) (string, bool) { return r.Label(name) }
}

// columnNamed finds a column by its name, with or without its punctuation:
// "up-to-date", "uptodate", "port".
func columnNamed(name string, columns []kinds.Column) int {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("-_ ()", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	return slices.IndexFunc(columns, func(c kinds.Column) bool { return plain(c.Name) == plain(name) })
}
