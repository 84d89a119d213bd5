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
			effect, reason := c.leftOfRoute(route, service, effect, reason)
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
			effect := TakesDown
			if serving, _ := c.serving(s.Object, f.Object); serving > 0 {
				effect = Degrades
			}
			add(Affected{s, effect})
		}
	}
	slices.SortStableFunc(f.Affects, func(a, b Affected) int { return compareRefs(a.Object, b.Object) })
}

// leftOfRoute says what is left of a route, given what is left of one of its Services: the others may serve.
func (c *court) leftOfRoute(route, service kinds.Ref, effect Effect, reason string) (Effect, string) {
	serving, all := c.serving(route, service)
	if effect != TakesDown || serving == 0 {
		return effect, reason
	}
	return Degrades, fmt.Sprintf("%d of %d services serve; %s: %s", serving, all, service.Name, reason)
}

// serving is how many of the Services that a route leads to have something left, but for one that is known to
// have not; none for anything that is not a route.
func (c *court) serving(route, down kinds.Ref) (n, all int) {
	var services []kinds.Ref
	e := c.state.entry(route)
	if e == nil {
		return 0, 0
	}
	switch f := e.facts.(type) {
	case *ingressFacts:
		services = f.services(route.Namespace)
	case *routeFacts:
		services = f.services()
	}
	for _, service := range services {
		if effect, _ := c.left(service, nil); service != down && effect != TakesDown {
			n++
		}
	}
	return n, len(services)
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
