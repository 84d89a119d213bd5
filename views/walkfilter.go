package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// lineFilter shows only some lines of a page: those with each of the words, or with a
// regular expression between slashes; "!" before a word means without it.
type lineFilter struct{ text, before string }

// keys are the bindings of a page that can be filtered.
func (l *lineFilter) keys() []ui.Key {
	keys := []ui.Key{{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Table", Footer: true}}
	if l.text != "" {
		keys = append(keys,
			ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Table", Footer: true})
	}
	return keys
}

// update handles what concerns the filter, and reports whether the message did.
func (l *lineFilter) update(msg ui.Msg) (intent ui.Intent, handled bool) {
	switch msg := msg.(type) {
	case ui.Do:
		switch msg.Action {
		case actFilter:
			l.before = l.text
			return ui.Prompt{Name: "filter", Label: "/", Text: l.text}, true
		case actClearFilter:
			l.text = ""
			return nil, true
		}
	case ui.Typed:
		l.text = msg.Text
		return nil, true
	case ui.Entered:
		l.text = msg.Text
		return nil, true
	case ui.Cancelled:
		l.text = l.before
		return nil, true
	}
	return nil, false
}

// passes returns what a line must pass, nil for any line, and what is wrong with the filter.
func (l *lineFilter) passes() (pass func(line string) bool, problem error) {
	type term struct {
		*regexp.Regexp
		not bool
	}
	var terms []term
	words := strings.Fields(l.text)
	for _, word := range words {
		positive, not := strings.CutPrefix(word, "!")
		if positive == "" {
			continue
		}
		pattern := regexp.QuoteMeta(positive)
		if len(positive) > 2 && positive[0] == '/' && strings.HasSuffix(positive, "/") {
			pattern = positive[1 : len(positive)-1]
		}
		m, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			problem = err
			continue
		}
		terms = append(terms, term{m, not})
	}
	if len(words) == 0 {
		return nil, nil
	}
	return func(line string) bool {
		return !slices.ContainsFunc(terms, func(t term) bool { return t.MatchString(line) == t.not })
	}, problem
}

// head says how many of a number of things pass.
func (l *lineFilter) head(kept int, all string, problem error) ui.Line {
	head := ui.Line{
		{Text: "/" + l.text, Role: themes.Accent}, {Text: fmt.Sprintf("  %d of %s", kept, all), Role: themes.Muted},
	}
	switch {
	case problem != nil:
		head = append(head, ui.Span{Text: "  " + problem.Error(), Role: themes.Degraded})
	case kept == 0:
		head = append(head, ui.Span{Text: "; esc clears the filter", Role: themes.Muted})
	}
	return head
}

// apply returns the lines that pass, below one that says how many there are.
func (l *lineFilter) apply(page []entry) []entry {
	pass, problem := l.passes()
	if pass == nil {
		return page
	}
	kept := slices.DeleteFunc(slices.Clone(page), func(e entry) bool {
		return len(e.line) == 0 || !pass(e.line.String())
	})
	return append([]entry{{line: l.head(len(kept), counted(len(page), "lines"), problem)}}, kept...)
}
