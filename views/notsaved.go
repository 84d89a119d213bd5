package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
)

// partOf are the kinds whose objects are read from those of another kind.
var partOf = map[schema.GroupKind]schema.GroupKind{
	containersResource.GroupKind():          {Kind: "Pod"},
	kube.HelmReleases.GroupKind():           {Kind: "Secret"},
	{Group: "events.k8s.io", Kind: "Event"}: {Kind: "Event"},
}

// holds reports whether the cluster may have objects of a kind, or they were saved. Where
// none were, nobody knows whether there were any.
func (s *Session) holds(r kube.Resource) bool { return s.holdsKind(r.GroupKind()) }

func (s *Session) holdsKind(kind schema.GroupKind) bool {
	if other, ok := partOf[kind]; ok {
		kind = other
	}
	return s.Holds == nil || s.Holds(kind)
}

// savedShown is how many saved kinds an error names.
const savedShown = 6

// notSaved says that a kind was not saved, and what was.
func (s *Session) notSaved(r kube.Resource) string {
	what, held := "tape", []string(nil)
	if s.Player == nil {
		what = "dump"
	}
	for _, c := range s.kindChoices() {
		if _, part := partOf[c.Then.(goToKind).resource.GroupKind()]; !part && !c.Dim && !slices.Contains(held, c.Name) {
			held = append(held, c.Name)
		}
	}
	if len(held) > savedShown {
		held = append(held[:savedShown], "…")
	}
	return fmt.Sprintf("%s are not in this %s, which has %s", r.Resource, what, strings.Join(held, ", "))
}

// absence says why a table is empty, if that is not because there is nothing of its kind.
func (v *table) absence() string {
	state := v.list.state()
	if v.list.rows.Total() > 0 || state.Phase.Undecided() || state.Err != nil {
		return ""
	}
	s := v.session
	if !s.holds(v.resource) {
		return s.notSaved(v.resource)
	}
	if len(s.Only) > 0 && v.namespace != "" && !slices.Contains(s.Only, v.namespace) {
		return fmt.Sprintf("namespace %s is not in this tape, which has %s", v.namespace, strings.Join(s.Only, ", "))
	}
	return s.MissingNamespace(v.namespace)
}

// MissingNamespace says that there is no namespace of a name, as far as the namespaces have
// been listed; else it is empty, as it is for all of them ("").
func (s *Session) MissingNamespace(name string) string {
	namespaces := s.namespaces()
	switch phase := namespaces.State().Phase; {
	case name == "" || slices.Contains(s.Namespaces, name):
		return ""
	case phase == kube.Live && s.holds(kube.Resource{Kind: "Namespace"}):
	case phase == kube.Live && len(s.Namespaces) > 0: // Of a dump without its namespaces.
	default:
		return ""
	}
	if namespaces.Get("", name) != nil {
		return ""
	}
	return "namespace " + name + " does not exist"
}

// problem is why a table shows nothing, or nil.
func (v *table) problem() error {
	if err := v.list.state().Err; err != nil {
		return err
	}
	if text := v.absence(); text != "" {
		return errors.New(text)
	}
	return nil
}
