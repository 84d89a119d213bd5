package rows

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Syntax is the language of the filter, a term each: docs/filter.md says what it shows, the
// help what it means in short, the line at an open filter the hints.
var Syntax = []struct{ Term, Means, Hint, Shows string }{
	{"web", "text in a cell", "text", `with "web" in the name, the namespace or a cell, in any case`},
	{"!web", "not this term", "!text", "for which a term does not hold; `!` may stand before any term"},
	{"web|cart", "one of them", "a|b", "for which one of these holds"},
	{`/^web-\d+$/`, "a regular expression", "/regex/", "where one of these matches it, in any case"},
	{`"two words"`, "text with spaces", "", "with these two words: quotes keep spaces in one term"},
	{"status=Running", "of column or label", "column=x", "whose column or label has this value"},
	{"status!=Running", "another value", "", "for which `=` does not hold, those without the label among them"},
	{"app=web,cart", "one of the values", "", "whose column or label has one of these values"},
	{"restarts>3", "more; also < <= >=", "column>3", "whose column or label is more; also `<`, `<=` and `>=`"},
	{"age<1h", "younger", "age<1h", "that are younger; of events, that were seen since"},
	{"app=shop", "a label", "label=x", "with this label, where no column is called so"},
	{"-l app=web,tier", "kubectl's selector", "", "that kubectl's selector finds; `\"app in (a,b)\"` in quotes"},
}

// operator is what compares in a term.
const operator = `!=|<=|>=|==|=|<|>`

var (
	comparison = regexp.MustCompile(`^([A-Za-z0-9_./-]+?)(` + operator + `)(.*)$`)
	nameOnly   = regexp.MustCompile(`^!?[A-Za-z0-9_./-]+$`)
	nameOpen   = regexp.MustCompile(`^!?[A-Za-z0-9_./-]+(` + operator + `)$`)
	startsWith = regexp.MustCompile(`^(` + operator + `)`)
)

// In quotes, what separates alternatives stands for itself.
var (
	protect   = strings.NewReplacer("|", "\ue000", ",", "\ue001")
	unprotect = strings.NewReplacer("\ue000", "|", "\ue001", ",")
)

// words splits at spaces, but not inside quotes, between the slashes of a regular
// expression, or around an operator.
func words(text string) []string {
	var out []string
	var word strings.Builder
	var until rune
	started := false
	for i, r := range text {
		switch {
		case until != 0 && r == until:
			until = 0
			if r == '/' {
				word.WriteRune(r)
			}
		case until == '"':
			word.WriteString(protect.Replace(string(r)))
			started = true
		case until == 0 && r == '"':
			until, started = r, true
		case until == 0 && r == '/' && (word.Len() == 0 || word.String() == "!"):
			until, started = r, true
			word.WriteRune(r)
		case until == 0 && r == ' ':
			if started && joined(word.String(), strings.TrimLeft(text[i:], " ")) {
				continue
			}
			if started {
				out = append(out, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		out = append(out, word.String())
	}
	return out
}

// Word is a part of a filter: terms of which one must hold, or all of them, or none where Not is set.
type Word struct {
	Not, All bool
	Terms    []string
}

// Words splits a filter of what is not a table, in the same language: at spaces outside of
// quotes, "!" before a term, "a|b", "name=a,b", and /regular expressions/.
func Words(text string) (out []Word) {
	for _, part := range words(text) {
		for _, word := range conditions(part) {
			var w Word
			if !strings.HasPrefix(word, "!=") {
				word, w.Not = strings.CutPrefix(word, "!")
			}
			if w.Terms = []string{word}; !strings.HasPrefix(word, "/") {
				w.Terms, w.All = alternatives(word)
			}
			for i := range w.Terms {
				w.Terms[i] = unprotect.Replace(w.Terms[i])
			}
			out = append(out, w)
		}
	}
	return out
}

// joined reports whether a space stands around an operator: "restarts > 3", "web | cart".
// "app= tier=db" is two terms.
func joined(before, after string) bool {
	next, _, _ := strings.Cut(after, " ")
	switch {
	case next == "":
		return false
	case strings.HasSuffix(before, "|"), next[0] == '|':
		return true
	case nameOnly.MatchString(before):
		return startsWith.MatchString(next)
	}
	return nameOpen.MatchString(before) && !comparison.MatchString(next)
}

// selectorFlag returns the selector that follows -l, and whether a word begins one.
func selectorFlag(all []string) (selector string, used int) {
	word := all[0]
	switch {
	case word == "-l" || word == "--selector":
		if len(all) > 1 {
			return unprotect.Replace(all[1]), 2
		}
		return "", 1
	case strings.HasPrefix(word, "--selector="):
		return unprotect.Replace(word[len("--selector="):]), 1
	case strings.HasPrefix(word, "-l") && strings.Contains(word, "="):
		return unprotect.Replace(strings.TrimPrefix(word[len("-l"):], "=")), 1
	}
	return "", 0
}

// matchSelector reads a label selector as kubectl does.
func (f *filter) matchSelector(text string) (func(*kinds.Record, time.Time) bool, error) {
	if text == "" {
		return nil, nil
	}
	selector, err := labels.Parse(text)
	if err != nil {
		return nil, err
	}
	requirements, _ := selector.Requirements()
	for _, r := range requirements {
		f.unknown = append(f.unknown, r.Key())
	}
	return func(r *kinds.Record, _ time.Time) bool { return selector.Matches(labelsOf{r}) }, nil
}

// labelsOf are the labels of a record for a selector.
type labelsOf struct{ *kinds.Record }

func (l labelsOf) Has(key string) bool { _, found := l.Label(key); return found }

func (l labelsOf) Get(key string) string { value, _ := l.Label(key); return value }

func (l labelsOf) Lookup(key string) (value string, found bool) { return l.Label(key) }

// conditions splits "app=web,tier=db" into its terms; what follows a comma otherwise is
// another value.
func conditions(word string) []string {
	parts := strings.Split(word, ",")
	compares := func(s string) bool { return comparison.MatchString(s) }
	if strings.HasPrefix(word, "/") || len(slices.DeleteFunc(slices.Clone(parts), compares)) > 0 {
		return []string{word}
	}
	return parts
}

// alternatives returns the terms of which one must hold, or for "!=" all: "a|b", "k=v1|v2",
// "k=v1,v2". The last has the whole as a value too, since cells are lists themselves.
func alternatives(word string) (terms []string, all bool) {
	name, op := "", ""
	for i, part := range strings.Split(word, "|") {
		m := comparison.FindStringSubmatch(part)
		switch {
		case m != nil:
			name, op = m[1], m[2]
		case i > 0 && op != "":
			m = []string{"", name, op, part}
		default:
			terms = append(terms, part)
			continue
		}
		values := []string{m[3]}
		if strings.HasSuffix(op, "=") && op != "<=" && op != ">=" && strings.Contains(m[3], ",") {
			values = append(values, strings.Split(m[3], ",")...)
		}
		for _, value := range values {
			if value != "" || len(values) == 1 {
				terms = append(terms, m[1]+m[2]+value)
			}
		}
	}
	return terms, op == "!="
}
