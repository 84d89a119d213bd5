package triage

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Near names the objects whose changes may have caused a finding, by how many links they
// are away: what it is about, what it and its pods use, what selects and guards them, the
// node, the quota of its namespace, the policies for its pods, and where pods are refused the webhooks.
// What its reason names is nearer than it is itself.
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
		s.nearHooks(f, add)
	}
	s.nearNamed(f, near)
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

// nearNamedBy is how far away an object is that a reason names; see history.Near.
const nearNamedBy = -1

// limited are the words with which a LimitRange refuses a pod, which do not name it
// (k8s.io/kubernetes/plugin/pkg/admission/limitranger/admission.go).
var limited = regexp.MustCompile(`\b(maximum|minimum) \S+ usage per |\blimit to request ratio per `)

// nearNamed puts what the reason of a finding names, or says to refuse its pods, before all else. What
// follows from it is named as well, and does not cause it.
func (s *State) nearNamed(f *Finding, near map[kinds.Ref]int) {
	follows := func(ref kinds.Ref) bool {
		return slices.ContainsFunc(f.Folded, func(x Symptom) bool { return x.Object == ref }) ||
			slices.ContainsFunc(f.Affects, func(x Affected) bool { return x.Object == ref })
	}
	texts := []string{f.Reason}
	for _, e := range f.Evidence {
		texts = append(texts, e.Text)
	}
	said := strings.Join(texts, "\n")
	for ref, away := range near {
		limits := f.Rule == ruleCreate && ref.GroupKind == kinds.LimitRange.GroupKind() && limited.MatchString(said)
		if away > 0 && (limits || names(f.Reason, ref) && !follows(ref)) {
			near[ref] = nearNamedBy
		}
	}
	if f.Rule != ruleCreate {
		return
	}
	for _, text := range texts {
		for _, by := range refusedBy(f.Object.Namespace, text) {
			ref := by.Ref
			if ref.Kind == webhookName && ref.Group == "" {
				ref = s.hookNamed(ref.Name)
			}
			if ref.Name != "" && ref != f.Object {
				near[ref] = nearNamedBy
			}
		}
	}
}

// names reports whether a text names an object: `secret "web" not found`, "configmap shop/web".
func names(text string, ref kinds.Ref) bool {
	for _, name := range []string{ref.Name, ref.Namespace + "/" + ref.Name} {
		for _, quote := range []string{"", `"`} {
			_, rest, found := strings.Cut(text, kindWord(ref)+" "+quote+name+quote)
			if found && (quote != "" || rest == "" || strings.ContainsRune(" ,;:)", rune(rest[0]))) {
				return true
			}
		}
	}
	return false
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

// nearPolicies adds the NetworkPolicies that guard the pods of a finding, or those behind it: another's,
// of which a namespace may have many, changes nothing for them.
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
		if slices.ContainsFunc(pods, selector.Matches) {
			add(e.record.Ref(), nearSteps)
		}
	}
}

// podsAs are the labels of the pods that an object is, makes, selects or routes to.
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
	if f, ok := e.facts.(*ingressFacts); ok {
		for _, service := range f.services(ref.Namespace) {
			out = append(out, s.podsAs(service)...)
		}
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
