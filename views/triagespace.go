package views

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// goToTriage opens home on a namespace, or on all of them ("").
type goToTriage struct {
	session   *Session
	namespace string
}

// Intent implements ui.Lazy.
func (g goToTriage) Intent() ui.Intent {
	view := g.session.triageIn(g.namespace)
	g.session.setNamespace(g.namespace)
	return ui.Open{View: view}
}

// triageIn goes to a namespace, or to all, and is home there.
func (s *Session) triageIn(namespace string) *home {
	// Who may not look at all namespaces goes on with the one that was looked at.
	s.Triage = s.NewTriage(namespace, cmp.Or(namespace, s.Namespace))
	s.Namespace, s.several = namespace, nil
	if s.notify != nil {
		s.notify.verdict = nil // What another namespace has is not new.
	}
	return newHome(s)
}

// home is what is broken; where one namespace was judged alone and another was chosen since, what is
// broken there.
func (s *Session) home() *home {
	if judged := s.triage().Verdict().Namespace; judged != "" && s.Namespace != "" && judged != s.Namespace {
		return s.triageIn(s.Namespace)
	}
	return newHome(s)
}

// wayOut leads to other namespaces who may not see the pods of the one that was judged. It ends with
// an empty line.
func (v *home) wayOut(width int) []ui.Line {
	s, judged := v.session, v.verdict
	hidden := func(c triage.Coverage) bool { return c.Kind == "pods" && c.Missing == triage.Forbidden }
	if !judged.Complete || judged.Namespace == "" || s.isSaved() || !slices.ContainsFunc(judged.Coverage, hidden) {
		return []ui.Line{nil}
	}
	text := ":ns NAME, or -n NAME at the start, goes where you may look"
	var names []string
	at := slices.IndexFunc(s.Known, func(c kube.Context) bool { return c.Name == s.Cluster.Name() })
	for _, c := range s.Known {
		other := c.Namespace != "" && c.Namespace != judged.Namespace && !slices.Contains(names, c.Namespace)
		if at >= 0 && c.Server == s.Known[at].Server && other {
			names = append(names, c.Namespace)
		}
	}
	if len(names) > 0 {
		text += "; the kubeconfig names " + strings.Join(names, ", ")
	}
	var out []ui.Line
	for _, part := range wrap(text, width-2) {
		out = append(out, ui.Line{{Text: " " + part, Role: themes.Text}})
	}
	return append(out, nil)
}

// triageFor returns the triage of what is in a namespace: the session's, or where that looks at
// another namespace, one of this alone. What has no namespace is the session's.
func (s *Session) triageFor(namespace string) *live.Triage {
	t := s.triage()
	if judged := t.Verdict().Namespace; namespace == "" || judged == "" || judged == namespace {
		return t
	}
	if s.elsewhere == nil || s.elsewhere.Verdict().Namespace != namespace {
		s.elsewhere = s.NewTriage(namespace, namespace)
	}
	return s.elsewhere
}

// NewTriage returns the triage of a namespace, or of all (""); see live.New.
func (s *Session) NewTriage(namespace, fallback string) *live.Triage {
	if s.Holds == nil {
		return live.New(s.Cluster, namespace, fallback, nil)
	}
	return live.New(s.Cluster, namespace, fallback, s.holdsKind)
}

// triageWords stand before a namespace.
var triageWords = []string{"triage", "problems", "home"}

// triageOf are the namespaces whose triage can be opened.
func (s *Session) triageOf(what string) []ui.Choice {
	q := readRequest(what)
	name := cmp.Or(q.namespace, strings.Join(q.names, " "))
	choice := func(namespace string) ui.Choice {
		return ui.Choice{
			Name: "triage " + namespaceName(namespace), Detail: "what is broken there", Also: []string{namespace},
			Then: goToTriage{s, namespace},
		}
	}
	all := []ui.Choice{choice("")}
	if q.placed && name == "" {
		return all
	}
	for _, namespace := range s.namespaceNames() {
		all = append(all, choice(namespace))
	}
	out := ui.Rank(name, all)
	if s.unlisted(name) {
		out = append(out, choice(name))
	}
	return out
}

// toNamespace looks at all namespaces (0) or at a recent one.
func (v *home) toNamespace(key string) ui.Intent {
	namespace, ok := v.session.digit(key)
	if !ok {
		return v.session.noDigit(key)
	}
	if namespace == "" && v.verdict.Narrowed {
		return ui.Say{Text: "the pods of all namespaces may not be listed", Role: themes.Degraded}
	}
	return ui.Replace{View: v.session.triageIn(namespace)}
}
