package triage

import (
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// matters notes that a verdict may differ because an object comes, goes or changes. Most
// changes of a cluster are of pods that are well and stay so, and of objects that say
// something only about others.
func (s *State) matters(e *entry) {
	namespace := e.record.Namespace
	switch e.record.Kind.GroupKind() {
	case podKind:
		// With a node that is drained, each pod that leaves it counts.
		if e.facts != nil || e.isSick() || len(s.cordoned) > 0 {
			s.change(namespace)
		}
	case eventKind:
		about := s.entry(aboutOf(e.record))
		if about != nil && (about.isSick() || s.pending[about]) {
			s.due[about.record.Namespace] = true
		}
	case setKind:
		if owner := s.entry(controllerOf(e.record)); owner == nil || owner.isSick() {
			s.change(namespace)
		}
	case leaseKind:
		// A lease that is renewed in time says nothing; one that was not, that it is over.
		if f, ok := e.facts.(*leaseFacts); ok && (s.last == nil || !f.renewed.Add(f.lasts).After(s.last.At)) {
			s.change(namespace)
		}
	case secretKind, configKind:
		// What routes to a Secret is judged again by itself.
	default:
		s.change(namespace)
	}
}

func (e *entry) isSick() bool { return e.ills != nil }

// owned notes that an object came or went: the owners of pods, and what names stand for.
func (s *State) owned(ref kinds.Ref) {
	kind := ref.GroupKind
	if kind != podKind && kind != eventKind && kind != sliceKind {
		s.owners++
	}
	if kind == setKind || kind == leaseKind {
		s.change(ref.Namespace) // Pods in trouble may belong to something else now.
	}
	if kind == secretKind && len(s.sick[ref.Namespace]) > 0 {
		s.due[ref.Namespace] = true // Images may be pulled with it.
	}
	s.named = s.named || kind == serviceKind || kind == namespaceKind
}

// again makes a verdict of the last one: nothing has changed that it hangs on.
func (s *State) again(now *Verdict) {
	now.Wake, now.Quiet, now.Findings = s.wake, s.last.Quiet, s.last.Findings
	s.last = now
}

// topOf is workloadOf of an entry's object, remembered while no owner comes or goes.
func (s *State) topOf(e *entry, ref kinds.Ref) kinds.Ref {
	if e == nil || e.ills == nil || e.record.Ref() != ref {
		return s.workloadOf(ref)
	}
	if e.ills.top.Name == "" || e.ills.topAt != s.owners {
		e.ills.top, e.ills.topAt = s.workloadOf(ref), s.owners
	}
	return e.ills.top
}
