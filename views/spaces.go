package views

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/ui"
)

// Several namespaces are written with commas, "shop,payments", with a star in place of a part of
// a name, "team-*", and with a "!" before those that are left out: "!kube-*".

// severalIn splits a text that means several namespaces; nil for a name, or "" for all.
func severalIn(text string) (terms []string) {
	if !strings.ContainsAny(text, ",*!") {
		return nil
	}
	for term := range strings.SplitSeq(text, ",") {
		if term = strings.TrimSpace(term); term != "" && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

// AreSeveral reports whether a text means several namespaces.
func AreSeveral(text string) bool { return len(severalIn(text)) > 0 }

// SpacesProblem says what is wrong with a text that means several namespaces; "" for nothing.
func SpacesProblem(text string) string {
	for _, term := range severalIn(text) {
		if !MayNameNamespace(strings.TrimPrefix(term, "!")) {
			return "no namespace can be called " + term
		}
	}
	return ""
}

// MayNameNamespace reports whether a namespace could have a name, or one that fits a pattern.
func MayNameNamespace(pattern string) bool {
	return len(validation.IsDNS1123Label(strings.ReplaceAll(pattern, "*", "x"))) == 0
}

// areNames reports whether terms are names, and none a pattern or left out.
func areNames(terms []string) bool {
	return !slices.ContainsFunc(terms, func(t string) bool { return strings.ContainsAny(t, "*!") })
}

// inSeveral reports whether a namespace is one of those that terms mean.
func inSeveral(terms []string, namespace string) bool {
	asked, in := false, false
	for _, term := range terms {
		without, left := strings.CutPrefix(term, "!")
		if left && effects.Fits(without, namespace) {
			return false
		}
		asked, in = asked || !left, in || !left && effects.Fits(term, namespace)
	}
	return in || !asked
}

// GoToSpaces makes the session look at a namespace, at all ("") or at several: "shop,payments",
// "!kube-*".
func (s *Session) GoToSpaces(text string) {
	several := severalIn(text)
	if len(several) == 0 {
		s.setNamespace(text)
		return
	}
	if len(several) == 1 && areNames(several) {
		s.setNamespace(several[0])
		return
	}
	s.setNamespace("")
	s.several = several
}

// Spaces is what the session looks at, as GoToSpaces takes it.
func (s *Session) Spaces() string {
	if s.Namespace == "" && len(s.several) > 0 {
		return strings.Join(s.several, ",")
	}
	return s.Namespace
}

// severalChoice switches to several namespaces; none where a text does not mean such.
func (s *Session) severalChoice(text string) []ui.Choice {
	terms := severalIn(text)
	if len(terms) == 0 || SpacesProblem(text) != "" || !s.mayBe(terms) {
		return nil
	}
	name := strings.Join(terms, ",")
	detail := "switch to these " + counted(len(terms), "namespaces")
	if !areNames(terms) {
		detail = "switch to the namespaces that are like that"
	}
	return []ui.Choice{{Name: name, Detail: detail, Then: goToNamespace{s, name}}}
}

// mayBe reports whether all the names among terms can be those of namespaces.
func (s *Session) mayBe(terms []string) bool {
	names := s.namespaceNames()
	return !slices.ContainsFunc(terms, func(term string) bool {
		return areNames([]string{term}) && !slices.Contains(names, term) && !s.unlisted(term)
	})
}

// severalNamed is the table of a kind in several namespaces; none where a text does not mean such.
func (s *Session) severalNamed(r kube.Resource, text, filter string) []ui.Choice {
	terms := severalIn(text)
	if !r.Namespaced || len(terms) == 0 || SpacesProblem(text) != "" {
		return nil
	}
	return []ui.Choice{s.tableChoice(r, strings.Join(terms, ","), filter)}
}
