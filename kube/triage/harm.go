package triage

import (
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// harm orders findings of one severity: what everything depends on, what users reach, what
// other objects reach.
func harm(f *Finding) int {
	switch {
	case f.Object.Kind == "APIServer":
		return 5
	case f.dns, f.Object.GroupKind == leaseKind, f.Object.GroupKind == nodeKind:
		return 4
	case f.routed:
		return 3
	case len(f.Affects) > 0:
		return 2
	}
	return 1
}

// affects names the Services that send traffic to a workload, and the Ingresses before
// them.
func (c *court) affects(f *Finding) {
	add := func(a Affected) {
		i := slices.IndexFunc(f.Affects, func(known Affected) bool { return known.Object == a.Object })
		switch {
		case a.Object == f.Object:
		case i < 0:
			f.Affects = append(f.Affects, a)
		case a.Effect < f.Affects[i].Effect: // It reaches one Service, and another one no more.
			f.Affects[i] = a
		}
	}
	e := c.state.entry(f.Object)
	w, working := workloadOf(e)
	through := func(service kinds.Ref) {
		effect, reason := c.left(service, w)
		for _, route := range c.state.routesTo(service) {
			add(Affected{Symptom{route, reason, "routes to", service}, effect})
			f.routed = true
		}
		if e := c.state.entry(service); e != nil {
			if s, ok := e.facts.(*serviceFacts); ok {
				f.routed, f.dns = f.routed || s.external, f.dns || s.dns
			}
		}
		add(Affected{Symptom{service, reason, "selects the pods of", f.Object}, effect})
	}
	if working && f.Severity > Notice {
		for _, service := range c.state.servicesOf(f.Object.Namespace, w.template) {
			through(service.record.Ref())
		}
	}
	if f.Object.GroupKind == serviceKind {
		through(f.Object)
	}
	f.routed = f.routed || f.Object.GroupKind == ingressKind
	for _, s := range f.Folded {
		if s.Object.GroupKind == serviceKind || s.Object.GroupKind == ingressKind {
			f.routed = f.routed || s.Object.GroupKind == ingressKind
			add(Affected{s, TakesDown})
		}
	}
	slices.SortStableFunc(f.Affects, func(a, b Affected) int { return compareRefs(a.Object, b.Object) })
}

// left says what is left of a Service: how many of its endpoints are ready, or, where those are
// not known, how many pods of the workload behind it, which may be nil.
func (c *court) left(service kinds.Ref, w *workloadFacts) (Effect, string) {
	switch {
	case c.state.complete(sliceKind):
	case w == nil:
		return Degrades, "how many endpoints are ready is not known"
	default:
		return effectOf(int(w.ready), int(w.want)), w.count()
	}
	a := c.state.addressesOf(service)
	if a.lacksPort != "" {
		return TakesDown, a.lacksPort
	}
	if w != nil && w.serves() && a.ready >= int(w.want) && a.ready < a.all {
		return StillUp, fmt.Sprintf("%d of %d wanted endpoints ready", a.ready, w.want)
	}
	return effectOf(a.ready, a.all), a.count()
}

func effectOf(ready, all int) Effect {
	switch {
	case ready == 0:
		return TakesDown
	case ready < all:
		return Degrades
	}
	return StillUp
}
