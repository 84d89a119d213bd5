package triage

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Near names the objects whose changes may have caused a finding, by how many links they
// are away: what it is about, what it and its pods use, what selects and guards them, the
// node, the quota of its namespace, the policies for its pods, and where pods are refused the webhooks.
func (s *State) Near(f *Finding) map[kinds.Ref]int {
	near := map[kinds.Ref]int{}
	add := func(ref kinds.Ref, away int) {
		if known, ok := near[ref]; ref.Name != "" && (!ok || away < known) {
			near[ref] = away
		}
	}
	var around func(ref kinds.Ref, away int)
	around = func(ref kinds.Ref, away int) {
		add(ref, away)
		e := s.entry(ref)
		if e == nil || away == nearSteps {
			return
		}
		for _, l := range e.record.Links {
			if l.ByName() && !l.Optional {
				around(l.To, away+1)
			}
		}
	}
	around(f.Object, 0)
	s.nearUnplaced(f.Object, add)
	for i, symptom := range f.Folded {
		if i == nearSymptoms {
			break
		}
		around(symptom.Object, 1)
		s.nearUnplaced(symptom.Object, add)
	}
	for _, a := range f.Affects {
		around(a.Object, 1)
	}
	for _, e := range f.Evidence {
		add(e.Object, 1)
	}
	s.nearIn(f.Object.Namespace, add)
	s.nearPolicies(f, add)
	if f.Rule == ruleCreate {
		for e := range s.hooks {
			add(e.record.Ref(), nearSteps)
		}
	}
	return near
}

// nearSteps is how many links away a cause is looked for.
const nearSteps = 2

// nearSymptoms bounds how many symptoms are looked around, and how many cordoned nodes: of equal
// pods a few tell all.
const nearSymptoms = 8

// nearUnplaced adds the nodes that a pod would find a place on if they were not cordoned, those
// that were cordoned last.
func (s *State) nearUnplaced(pod kinds.Ref, add func(kinds.Ref, int)) {
	e := s.entry(pod)
	if e == nil {
		return
	}
	f, ok := e.facts.(*podFacts)
	if !ok || f.needs == nil || reasonsOf(f.needs.message)[reasonCordoned] == 0 {
		return
	}
	nodes := slices.DeleteFunc(slices.Collect(maps.Keys(s.cordoned)), func(n *entry) bool {
		return !f.needs.fits(n.record)
	})
	slices.SortFunc(nodes, func(a, b *entry) int {
		return b.facts.(*nodeFacts).cordonedAt.Compare(a.facts.(*nodeFacts).cordonedAt)
	})
	for _, n := range nodes[:min(len(nodes), nearSymptoms)] {
		add(n.record.Ref(), 1)
	}
}

// nearIn adds what binds everything in a namespace.
func (s *State) nearIn(namespace string, add func(kinds.Ref, int)) {
	if namespace == "" {
		return
	}
	add(refTo("", "Namespace", "", namespace), nearSteps)
	for _, kind := range []*kinds.Kind{kinds.ResourceQuota, kinds.LimitRange} {
		for _, e := range s.in(kind.GroupKind(), namespace) {
			add(e.record.Ref(), nearSteps)
		}
	}
}

// nearPolicies adds the NetworkPolicies that guard the pods of a finding: another's, of which a
// namespace may have many, changes nothing for them.
func (s *State) nearPolicies(f *Finding, add func(kinds.Ref, int)) {
	policies := s.inside[f.Object.Namespace].policies
	if len(policies) == 0 {
		return
	}
	pods := s.podsAs(f.Object)
	for i, symptom := range f.Folded {
		if i == nearSymptoms {
			break
		}
		if symptom.Object.Namespace == f.Object.Namespace {
			pods = append(pods, s.podsAs(symptom.Object)...)
		}
	}
	for e := range policies {
		selector := e.facts.(*policyFacts).selector
		if selector.Empty() || slices.ContainsFunc(pods, selector.Matches) {
			add(e.record.Ref(), nearSteps)
		}
	}
}

// podsAs are the labels of the pods that an object is, makes or selects.
func (s *State) podsAs(ref kinds.Ref) []labels.Labels {
	e := s.entry(ref)
	if e == nil {
		return nil
	}
	if ref.GroupKind == podKind {
		return []labels.Labels{labelled{e.record}}
	}
	var out []labels.Labels
	if template := madeBy(e.record); template != "" {
		out = append(out, template)
	}
	if f, ok := e.facts.(*serviceFacts); ok && f.selector != "" {
		for _, w := range s.workloadsOf(ref.Namespace, f.selector) {
			out = append(out, w.facts.(*workloadFacts).template)
		}
		for _, g := range s.groupsOf(ref.Namespace, f.selector.in) {
			out = append(out, g)
		}
	}
	return out
}
