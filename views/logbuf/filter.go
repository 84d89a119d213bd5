package logbuf

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/ui/match"
)

// FilterSyntax is the language of a Filter: each form, an example, and the lines that it is
// about.
var FilterSyntax = []struct{ Form, Example, Means string }{
	{"text", "timeout", "with the text, in any case unless it has capitals"},
	{"!text", "!healthz", "without it; ! stands before any other form too"},
	{`"two words"`, `"timed out"`, "with a text that has spaces"},
	{"/regex/", "/5[0-9][0-9]/", "that match the regular expression"},
	{"level>=warn", "level>=warn", "of that level: debug, info, warn, error, fatal"},
	{"field=value", "user=42", "whose field has the value; != for any other"},
	{"field>=500", "status>=500", "whose field is such a number or duration: > >= < <="},
	{"field~regex", "path~^/cart", "whose field matches; !~ for those that do not"},
}

// Filter chooses lines: all of its terms hold of each. Any goroutine may use it.
type Filter struct {
	text  string
	terms []term
}

// term is one condition: about the text of a line, or about a field of what it says.
type term struct {
	not     bool
	text    match.Matcher // nil for one about a field
	field   string
	inside  string // what a line of JSON that has the field has in it
	op      string
	value   string
	level   logs.Level
	matches *regexp.Regexp // of ~
}

// operators are those of fields, the longer ones before what they begin with.
var operators = []string{">=", "<=", "!=", "!~", "=", ">", "<", "~"}

// NewFilter reads a filter, as FilterSyntax has it. The error says which term is wrong.
func NewFilter(text string) (*Filter, error) {
	f := &Filter{text: strings.TrimSpace(text)}
	for rest := f.text; rest != ""; {
		var word string
		word, rest = cutTerm(rest)
		t, err := newTerm(word)
		if err != nil {
			return nil, err
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// String returns the text that the filter was made from.
func (f *Filter) String() string { return f.text }

// cutTerm cuts the first term off: quotes and slashes keep what is between them together.
func cutTerm(text string) (word, rest string) {
	begin := strings.TrimPrefix(text, "!")
	closing := byte(0)
	if begin != "" && (begin[0] == '"' || begin[0] == '/') {
		closing = begin[0]
	}
	for i := len(text) - len(begin); i < len(text); i++ {
		c := text[i]
		switch {
		case closing == 0 && c == '"':
			closing = c
		case c == closing && i > len(text)-len(begin) && (i+1 == len(text) || text[i+1] == ' '):
			return text[:i+1], strings.TrimLeft(text[i+1:], " ")
		case c == ' ' && closing == 0:
			return text[:i], strings.TrimLeft(text[i:], " ")
		}
	}
	return text, ""
}

func newTerm(word string) (term, error) {
	rest, not := strings.CutPrefix(word, "!")
	if rest == "" {
		return term{}, fmt.Errorf("%q is not a filter; \"!\" stands before what is not wanted", word)
	}
	for i := range len(rest) {
		for _, op := range operators {
			if i > 0 && strings.HasPrefix(rest[i:], op) && isFieldName(rest[:i]) {
				return newFieldTerm(not, rest[:i], op, unquote(rest[i+len(op):]))
			}
		}
		if rest[0] == '/' || rest[0] == '"' {
			break
		}
	}
	matcher, err := match.New(unquote(rest))
	return term{not: not, text: matcher}, err
}

func newFieldTerm(not bool, field, op, value string) (term, error) {
	t := term{not: not, field: field, op: op, value: value}
	if before, found := strings.CutPrefix(op, "!"); found {
		t.not, t.op = !not, before
	}
	switch {
	case t.op == "~":
		var err error
		if t.matches, err = regexp.Compile(value); err != nil {
			return t, fmt.Errorf("%s~: %w", field, err)
		}
	case value == "":
		return t, fmt.Errorf("%s%s: give a value", field, op)
	case field == "level":
		if t.level = logs.LevelOf(value); t.level == logs.Unknown {
			return t, fmt.Errorf("level %q: valid levels are debug, info, warn, error, fatal", value)
		}
	}
	switch field {
	case "level", "msg", "message", "error", "err", "caller", "time": // Loggers have many names for them.
	default:
		first, _, _ := strings.Cut(field, ".")
		t.inside = `"` + first
	}
	return t, nil
}

func isFieldName(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && r != '@' &&
			(r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

func unquote(text string) string {
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return strings.TrimPrefix(text, `"`)
}

// FieldTerm is the term of a filter for the lines in which a field has a value; "" where the
// language has none.
func FieldTerm(field, value string) string {
	switch {
	case !isFieldName(field) || field == "" || value == "" || strings.ContainsAny(value, "\"\n"):
		return ""
	case strings.Contains(value, " "):
		value = `"` + value + `"`
	}
	return field + "=" + value
}

// Matches reports whether the text of a line, without SGR sequences, is chosen. A line is
// parsed only when every term about its text holds.
func (f *Filter) Matches(text string) bool {
	fields := false
	for i := range f.terms {
		t := &f.terms[i]
		if t.text == nil {
			fields = true
			continue
		}
		if found, _ := t.text.Matches(text); found == t.not {
			return false
		}
	}
	if !fields {
		return true
	}
	var e *logs.Entry
	for i := range f.terms {
		t := &f.terms[i]
		if t.text != nil {
			continue
		}
		holds, known := t.peek(text)
		if !known {
			if e == nil {
				parsed := logs.Parse(text)
				e = &parsed
			}
			holds = t.holds(e)
		}
		if holds == t.not {
			return false
		}
	}
	return true
}

// peek is holds of a line of JSON without reading all of it, where that is enough.
func (t *term) peek(text string) (holds, known bool) {
	if !strings.HasPrefix(text, "{") {
		return false, false
	}
	if t.level != logs.Unknown {
		level, ok := logs.PeekLevel(text)
		return t.isLevel(level), ok
	}
	switch {
	case t.inside == "":
		return false, false
	case !strings.Contains(text, t.inside):
		return false, true
	case strings.Contains(t.field, "."):
		return false, false
	}
	value, has, ok := logs.Peek(text, t.field)
	return has && t.isValue(value), ok && has
}

// holds reports whether a line has the field, with such a value.
func (t *term) holds(e *logs.Entry) bool {
	if t.level != logs.Unknown {
		return t.isLevel(e.Level)
	}
	value, has := e.Field(t.field)
	return has && t.isValue(value)
}

func (t *term) isLevel(level logs.Level) bool {
	return level != logs.Unknown && compares(cmp.Compare(level, t.level), t.op)
}

func (t *term) isValue(value string) bool {
	switch {
	case t.matches != nil:
		return t.matches.MatchString(value)
	case t.op == "=":
		return value == t.value
	}
	order, ok := compareValues(value, t.value)
	return ok && compares(order, t.op)
}

// compareValues compares numbers, or durations with their units ("200ms").
func compareValues(a, b string) (order int, ok bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y), true
	}
	p, errP := time.ParseDuration(a)
	q, errQ := time.ParseDuration(b)
	return cmp.Compare(p, q), errP == nil && errQ == nil
}

func compares(order int, op string) bool {
	switch op {
	case ">":
		return order > 0
	case "<":
		return order < 0
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	}
	return order == 0
}
