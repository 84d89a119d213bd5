package views

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// findingSyntax is the language of home's filter, a term each: that of tables, with what a finding
// has in the place of columns.
var findingSyntax = []struct{ term, means, hint string }{
	{"web", "text in it", "text"},
	{"!web", "not this", "!text"},
	{"web|cart", "one of them", "a|b"},
	{"/exit [1-9]/", "an expression", "/regex/"},
	{"severity>=degraded", "or worse", "severity>=degraded"},
	{"namespace=shop", "of a namespace", "namespace=x"},
	{"kind=pod", "of a kind", "kind=x"},
	{"team=checkout", "with a label", "label=x"},
}

// findingKeys are the syntax for the help.
func findingKeys() []ui.Key {
	var out []ui.Key
	for _, s := range findingSyntax {
		out = append(out, ui.Key{Show: s.term, Help: s.means, Group: "Filter"})
	}
	return out
}

// findingHint is the syntax in lines, for where nothing matches.
func findingHint(width int) []string {
	var all []string
	for _, s := range findingSyntax {
		all = append(all, s.hint)
	}
	return wrap("no finding matches; the filter takes "+strings.Join(all, "  "), width)
}

// findingTerm is "severity>=degraded", "namespace=shop", "team=checkout".
var findingTerm = regexp.MustCompile(`^([A-Za-z0-9_./-]+?)(!=|<=|>=|==|=|<|>)(.*)$`)

// matchesFinding reports whether all terms of a filter hold; see findingSyntax.
func matchesFinding(f *triage.Finding, filter string) bool {
	if filter == "" {
		return true // To make the text of thousands takes longer than to draw the screen.
	}
	text := f.Object.String() + " " + f.Reason + " " + f.Severity.String() + " " + affectsText(f)
	for _, word := range rows.Words(filter) {
		// Of all terms one that fails decides, else one that holds.
		decides := func(term string) bool { return holdsOf(f, text, term) != word.All }
		if holds := slices.ContainsFunc(word.Terms, decides) != word.All; holds == word.Not {
			return false
		}
	}
	return true
}

// holdsOf reports whether a term holds of a finding with a text. An expression that cannot be read
// finds nothing.
func holdsOf(f *triage.Finding, text, term string) bool {
	if pattern, is := strings.CutPrefix(term, "/"); is {
		expression, err := regexp.Compile("(?i)" + strings.TrimSuffix(pattern, "/"))
		return err == nil && expression.MatchString(text)
	}
	if strings.Contains(strings.ToLower(text), strings.ToLower(term)) {
		return true
	}
	m := findingTerm.FindStringSubmatch(term)
	return m != nil && matchesField(f, strings.ToLower(m[1]), m[2], strings.ToLower(m[3]))
}

func matchesField(f *triage.Finding, name, operator, want string) bool {
	value := ""
	switch name {
	case "severity", "status":
		return matchesSeverity(f.Severity, operator, want)
	case "namespace", "ns":
		value = f.Object.Namespace
	case "name":
		value = f.Object.Name
	case "kind":
		value = f.Object.Kind
		if k, ok := kinds.For(f.Object.GroupKind); ok && (k.Resource == want || slices.Contains(k.Short, want)) {
			value = want
		}
	default:
		value, _ = f.Label(name)
	}
	switch operator {
	case "=", "==":
		return strings.EqualFold(value, want)
	case "!=":
		return !strings.EqualFold(value, want)
	}
	return false
}

// matchesSeverity compares with a severity, of which the first letters are enough.
func matchesSeverity(s triage.Severity, operator, word string) bool {
	for _, want := range severities {
		if word == "" || !strings.HasPrefix(want.String(), word) {
			continue
		}
		switch operator {
		case "=", "==":
			return s == want
		case "!=":
			return s != want
		case ">=":
			return s >= want
		case ">":
			return s > want
		case "<=":
			return s <= want
		case "<":
			return s < want
		}
	}
	return operator == "!=" && word != ""
}
