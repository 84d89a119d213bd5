package triage

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// What is wrong with some objects hangs on others: a Service needs endpoints, an Ingress a
// Service. Such problems are derived when one of those changes, not at each verdict.
var derived = map[schema.GroupKind]func(s *State, e *entry) []problem{}

func deriving(kind schema.GroupKind, derive func(s *State, e *entry) []problem) bool {
	derived[kind] = derive
	return true
}

// mark notes that what is derived of an object may be out of date.
func (s *State) mark(all ...*entry) {
	for _, e := range all {
		if e != nil && e.derives() {
			s.stale[e] = true
		}
	}
}

// derives reports whether anything can be derived of an entry, or was: of pods that are well, as most
// objects of a cluster are, nothing is.
func (e *entry) derives() bool {
	return e.facts != nil || e.ills != nil || e.record.Kind.GroupKind() != podKind
}

func (s *State) markAll(kind schema.GroupKind) {
	for e := range s.tables[kind].all() {
		s.mark(e)
	}
}

// touch marks whatever hangs on an object that is coming, changing or going.
func (s *State) touch(e *entry) {
	ref := e.record.Ref()
	s.mark(e)
	switch f := e.facts.(type) {
	case *serviceFacts:
		s.mark(s.routes[ref]...)
		s.mark(s.callers[ref]...)
		s.mark(s.governed[ref]...)
		s.mark(s.naming[ref]...)
	case *workloadFacts:
		s.mark(s.servicesOf(ref.Namespace, f.template)...)
		s.mark(s.rivals(e, f)...)
		s.mark(s.naming[ref]...)
	case *ingressFacts:
		for _, service := range f.services(ref.Namespace) {
			s.mark(s.entry(service))
		}
	case *policyFacts:
		for service := range s.inside[ref.Namespace].services {
			s.mark(service)
		}
	}
	switch ref.GroupKind {
	case nodeKind, claimKind, volumeKind:
		for pod := range s.unplaced {
			s.mark(pod)
		}
	case sliceKind:
		service := serviceOfSlice(e.record)
		s.mark(s.entry(service))
		s.mark(s.callers[service]...)
		s.mark(s.routes[service]...)
	case podKind:
		for service := range s.inside[ref.Namespace].unserved {
			s.mark(service)
		}
	case secretKind, configKind:
		s.mark(s.routes[ref]...)
		s.mark(s.naming[ref]...)
	case apiServiceKind:
		s.markAll(autoscalerKind)
	case ingressClass:
		s.markAll(ingressKind)
	}
}

// staleKept is how many entries there is room kept for.
const staleKept = 1024

// refresh derives again what is marked.
func (s *State) refresh() {
	if len(s.stale) == 0 {
		return
	}
	// A Service's own state comes first: what routes to it asks for that.
	order := make([]*entry, 0, len(s.stale))
	for e := range s.stale {
		if s.entry(e.record.Ref()) == e {
			order = append(order, e)
		}
	}
	if len(s.stale) > staleKept {
		s.stale = set{} // A map keeps its room, and so much changes at once only in the beginning.
	}
	clear(s.stale)
	slices.SortFunc(order, func(a, b *entry) int { return boolOrder(!isService(a), !isService(b)) })
	for _, e := range order {
		derive := derived[e.record.Kind.GroupKind()]
		if derive == nil {
			continue
		}
		before := len(e.derived())
		now := derive(s, e)
		if before+len(now) > 0 {
			s.due[e.record.Namespace] = true
		}
		for i := range now {
			now[i].reason = kinds.Clean(oneLine(now[i].reason))
		}
		e.suffers(e.problems(), now)
		s.ail(e, e.isSick())
	}
}

func isService(e *entry) bool { return e.record.Kind.GroupKind() == serviceKind }
