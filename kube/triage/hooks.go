package triage

import (
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// reach is what a webhook is asked about.
type reach struct {
	namespaces labels.Selector // nil for one that cannot be read
	rules      []admissionv1.RuleWithOperations
}

// reachOf is that of no selector everything.
func reachOf(namespaces *metav1.LabelSelector, rules []admissionv1.RuleWithOperations) reach {
	if namespaces == nil {
		return reach{labels.Everything(), rules}
	}
	selector, err := metav1.LabelSelectorAsSelector(namespaces)
	if err != nil {
		return reach{nil, rules}
	}
	return reach{selector, rules}
}

// nearHooks adds the webhook configurations that are asked about pods that a finding is about, or
// about its object.
func (s *State) nearHooks(f *Finding, add func(kinds.Ref, int)) {
	asked := []schema.GroupResource{resourceOf(kinds.Pod)}
	namespaces := map[string]bool{}
	note := func(ref kinds.Ref) {
		if kind, ok := kinds.For(ref.GroupKind); ok {
			asked = append(asked, resourceOf(kind))
		}
		if ref.GroupKind == cronJobKind {
			asked = append(asked, resourceOf(kinds.Job))
		}
		if ref.Namespace != "" {
			namespaces[ref.Namespace] = true
		}
	}
	note(f.Object)
	for i, symptom := range f.Folded {
		if i == nearSymptoms {
			break
		}
		note(symptom.Object)
	}
	for e := range s.hooks {
		if slices.ContainsFunc(e.facts.(*hookFacts).hooks, func(h hook) bool {
			return h.asksFor(asked) && s.selectsAny(h.namespaces, namespaces)
		}) {
			add(e.record.Ref(), nearSteps)
		}
	}
}

func resourceOf(kind *kinds.Kind) schema.GroupResource {
	return schema.GroupResource{Group: kind.Group, Resource: kind.Resource}
}

// selectsAny reports whether a selector selects one of some namespaces; what cannot be told counts
// as one that it does.
func (s *State) selectsAny(selector labels.Selector, namespaces map[string]bool) bool {
	for namespace := range namespaces {
		if s.selectsNamespace(selector, namespace) {
			return true
		}
	}
	return len(namespaces) == 0
}

func (s *State) selectsNamespace(selector labels.Selector, namespace string) bool {
	if selector == nil {
		return true
	}
	requirements, _ := selector.Requirements()
	e := s.entry(refTo("", "Namespace", "", namespace))
	return !slices.ContainsFunc(requirements, func(r labels.Requirement) bool {
		switch {
		case r.Key() == corev1.LabelMetadataName:
			return !r.Matches(labels.Set{corev1.LabelMetadataName: namespace})
		case e == nil:
			return false
		}
		return !r.Matches(labelled{e.record})
	})
}

// asksFor reports whether a webhook is asked before one of some resources is made or changed, as the
// API server matches rules (k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules/rules.go).
func (r reach) asksFor(resources []schema.GroupResource) bool {
	return slices.ContainsFunc(r.rules, func(rule admissionv1.RuleWithOperations) bool {
		writes := slices.ContainsFunc(rule.Operations, func(o admissionv1.OperationType) bool {
			return o == admissionv1.Create || o == admissionv1.Update || o == admissionv1.OperationAll
		})
		return writes && slices.ContainsFunc(resources, func(of schema.GroupResource) bool {
			return holds(rule.APIGroups, of.Group) && (holds(rule.Resources, of.Resource) ||
				slices.Contains(rule.Resources, "*/*") || slices.Contains(rule.Resources, of.Resource+"/*"))
		})
	})
}

// holds reports whether a rule names something, or all.
func holds(names []string, name string) bool {
	return slices.Contains(names, name) || slices.Contains(names, "*")
}
