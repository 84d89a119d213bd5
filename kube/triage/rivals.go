package triage

import (
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleOverlap = rule("selectors overlap", atOnce, "it stays so until somebody changes a selector",
		"A workload whose selector also selects the pods of another workload's template.")
	ruleGoverning = rule("no governing service", atOnce, "the Service does not come by itself",
		"A StatefulSet that names a Service which does not exist: its pods have no names in DNS.")
)

// workloadProblems judges what a workload shares with others.
func workloadProblems(s *State, e *entry) []problem {
	f, ok := workloadOf(e)
	if !ok {
		return nil
	}
	var out []problem
	if g := e.governing(f); g.Name != "" && s.complete(serviceKind) && s.entry(g) == nil {
		out = append(out, problem{rule: ruleGoverning, severity: Degraded, weight: weightCount - 1, object: e.record.Ref(),
			since: e.record.Created, refers: true,
			reason:   g.String() + ", which it names, does not exist: its pods have no names in DNS",
			evidence: e.field("spec.serviceName", g.Name)})
	}
	out = append(out, s.lostReferences(e, f)...)
	for _, other := range s.rivals(e, f) {
		ref := other.record.Ref()
		// Of a pair, the younger one came into the way of the older.
		if !youngerThan(e, other) {
			continue
		}
		out = append(out, problem{rule: ruleOverlap, part: ref.String(), severity: Notice, weight: 0, object: e.record.Ref(),
			reason: fmt.Sprintf("its selector %s also selects the pods of %s", f.selectorText(), ref), since: e.record.Created,
			evidence: slices.Concat(e.field("spec.selector", f.selectorText()),
				other.field("spec.template", "labels match"))})
	}
	return out
}

func youngerThan(a, b *entry) bool {
	if c := a.record.Created.Compare(b.record.Created); c != 0 {
		return c > 0
	}
	return compareRefs(a.record.Ref(), b.record.Ref()) > 0
}

// rivals are the workloads whose pods a workload's selector selects too, or that select
// its own.
func (s *State) rivals(e *entry, f *workloadFacts) []*entry {
	if e.record.Kind.GroupKind() == jobKind || controllerOf(e.record).Name != "" {
		return nil
	}
	var out []*entry
	look := func(others []*entry) {
		for _, other := range others {
			if other == e || other.record.Kind.GroupKind() == jobKind || controllerOf(other.record).Name != "" ||
				slices.Contains(out, other) {
				continue
			}
			if g := other.facts.(*workloadFacts); f.selects(g) || g.selects(f) {
				out = append(out, other)
			}
		}
	}
	look(s.narrowest(e.record.Namespace, f.matches.all()))
	for key, value := range f.template.all() {
		look(labelledAs(s.rulers, e.record.Namespace, key, value))
	}
	slices.SortFunc(out, func(a, b *entry) int { return compareRefs(a.record.Ref(), b.record.Ref()) })
	return out
}

// governing is the Service that a StatefulSet names; without a name for none.
func (e *entry) governing(f *workloadFacts) kinds.Ref {
	return refTo("", "Service", e.record.Namespace, f.governing)
}

// labelled lets a selector look at a record.
type labelled struct{ *kinds.Record }

// Has implements labels.Labels.
func (l labelled) Has(key string) bool {
	_, ok := l.Label(key)
	return ok
}

// Get implements labels.Labels.
func (l labelled) Get(key string) string {
	value, _ := l.Label(key)
	return value
}

// Lookup implements labels.Labels.
func (l labelled) Lookup(key string) (string, bool) { return l.Label(key) }
