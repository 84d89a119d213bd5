package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleReference = rule("missing reference", atOnce, "what is missing does not come by itself",
		"A workload whose pods run, and that names a ConfigMap or Secret which does not exist: pods that start now do not.")
	ruleAlias = rule("missing alias", atOnce, "the Service does not come by itself",
		"A Service of type ExternalName that stands for a Service of the cluster which does not exist.")
	ruleRoute = rule("missing route backend", atOnce, "what is not there does not come by itself",
		"A route of the Gateway API that leads to a Service, or a port of one, which does not exist.")

	configKind = groupKind("", "ConfigMap")

	_ = routing("HTTPRoute")
	_ = routing("GRPCRoute")
	_ = routing("TCPRoute")
	_ = routing("TLSRoute")
)

const gatewayGroup = "gateway.networking.k8s.io"

// routing registers how a kind of route is judged.
//
//nolint:unparam // A package variable needs a value.
func routing(kind string) bool {
	route := groupKind(gatewayGroup, kind)
	return judging(route, nil, judgeRoute) && deriving(route, routeProblems)
}

// routeFacts are the ports of Services that a route leads to.
type routeFacts struct{ ports []routePort }

type routePort struct {
	service kinds.Ref
	port    int64
}

// services are those that a route leads to.
func (f *routeFacts) services() (out []kinds.Ref) {
	for _, p := range f.ports {
		if !slices.Contains(out, p.service) {
			out = append(out, p.service)
		}
	}
	return out
}

func judgeRoute(u *unstructured.Unstructured, e *entry) {
	f := &routeFacts{}
	rules, _, _ := unstructured.NestedSlice(u.Object, "spec", "rules")
	for _, rule := range rules {
		fields, _ := rule.(map[string]any)
		backends, _, _ := unstructured.NestedSlice(fields, "backendRefs")
		for _, backend := range backends {
			b, _ := backend.(map[string]any)
			word := func(name, otherwise string) string {
				value, _ := b[name].(string)
				return cmp.Or(kinds.Clean(value), otherwise)
			}
			port, ok := b["port"].(int64)
			if f, is := b["port"].(float64); is { // as YAML is read
				port, ok = int64(f), true
			}
			if ok && word("group", "") == "" && word("kind", "Service") == "Service" {
				service := refTo("", "Service", word("namespace", e.record.Namespace), word("name", ""))
				f.ports = append(f.ports, routePort{service, port})
			}
		}
	}
	e.facts = f
	judgeByStatus(e)
}

// lacksPorts judges the ports that a route leads to.
func (s *State) lacksPorts(e *entry) []problem {
	f, _ := e.facts.(*routeFacts)
	if f == nil {
		return nil
	}
	var out []problem
	for _, p := range f.ports {
		service, _ := s.factsOf(p.service).(*serviceFacts)
		has := func(port corev1.ServicePort) bool { return int64(port.Port) == p.port }
		if service == nil || slices.ContainsFunc(service.ports, has) {
			continue
		}
		to := fmt.Sprintf("port %d of %s", p.port, p.service)
		out = append(out, problem{rule: ruleRoute, part: to, severity: Failing, weight: weightStart,
			object: e.record.Ref(), since: e.record.Created, refers: true,
			reason: "routes to " + to + ", which it does not have", evidence: e.field("spec.rules", to)})
	}
	return out
}

func (s *State) factsOf(ref kinds.Ref) any {
	if e := s.entry(ref); e != nil {
		return e.facts
	}
	return nil
}

// named are what an object names, whose coming and going says how it is.
func named(e *entry) []kinds.Ref {
	var out []kinds.Ref
	if f, ok := e.facts.(*serviceFacts); ok && f.alias.Name != "" {
		out = append(out, f.alias)
	}
	if f, ok := e.facts.(*autoscalerFacts); ok && f.blind != nil {
		out = append(out, f.target)
	}
	_, workload := e.facts.(*workloadFacts)
	for _, l := range e.record.Links {
		config := l.To.GroupKind == configKind || l.To.GroupKind == secretKind
		route := l.Relation == kinds.RoutesTo && l.To.GroupKind == serviceKind
		if l.ByName() && (workload && config && !l.Optional && l.Relation != kinds.PullsWith ||
			route && e.record.Kind.GroupKind().Group == gatewayGroup) {
			out = append(out, l.To)
		}
	}
	return out
}

// lost are the objects that one names and that do not exist.
func (s *State) lost(e *entry) []kinds.Ref {
	return slices.DeleteFunc(named(e), func(ref kinds.Ref) bool {
		return s.entry(ref) != nil || !s.would(ref)
	})
}

// lostReferences judges what a workload names. Where its pods do not start for that, they say
// so themselves.
func (s *State) lostReferences(e *entry, f *workloadFacts) []problem {
	var out []problem
	for _, ref := range s.lost(e) {
		if f.want == 0 { // Nothing starts.
			continue
		}
		out = append(out, problem{rule: ruleReference, part: ref.String(), severity: Notice, object: e.record.Ref(),
			reason:   fmt.Sprintf("%s %q not found: its pods run, and would not start again", kindWord(ref), ref.Name),
			evidence: e.field("spec.template", "names "+ref.String())})
	}
	return out
}

// aliasOf is the Service that an external name stands for: "db.shop.svc.cluster.local".
func aliasOf(name string) kinds.Ref {
	parts := strings.Split(strings.TrimSuffix(name, "."), ".")
	if len(parts) < 3 || parts[2] != "svc" {
		return kinds.Ref{}
	}
	return refTo("", "Service", parts[1], parts[0])
}

// lostAlias judges a Service that stands for another.
func (s *State) lostAlias(e *entry, f *serviceFacts) []problem {
	if len(s.lost(e)) == 0 {
		return nil
	}
	return []problem{{rule: ruleAlias, severity: Failing, weight: weightUnready, object: e.record.Ref(),
		since: f.written, refers: true, evidence: e.field("spec.externalName", f.alias.String()),
		reason: fmt.Sprintf("it stands for %s: service %q not found", f.alias, f.alias.Name)}}
}

func routeProblems(s *State, e *entry) []problem {
	out := s.lacksPorts(e)
	for _, ref := range s.lost(e) {
		out = append(out, problem{rule: ruleRoute, part: ref.String(), severity: Failing, weight: weightStart,
			object: e.record.Ref(), since: e.record.Created, refers: true,
			reason:   fmt.Sprintf("routes to %s: service %q not found", ref, ref.Name),
			evidence: e.field("spec.rules", ref.String())})
	}
	return out
}

var ruleStrangers = rule("strangers behind a service", atOnce, "it stays so until somebody changes a selector",
	"A Service that selects the pods of several workloads, of which some do not have its port, or run another build.")

var workloadImages = map[schema.GroupKind]int{
	deployKind: kinds.Deployment.Column("IMAGES"), statefulSet: kinds.StatefulSet.Column("IMAGES"),
	daemonSet: kinds.DaemonSet.Column("IMAGES"),
}

// strangers judges a Service that selects the pods of several workloads.
func (s *State) strangers(e *entry, f *serviceFacts) []problem {
	var first *entry
	for _, w := range s.workloadsOf(e.record.Namespace, f.selector) {
		facts := w.facts.(*workloadFacts)
		if _, images := workloadImages[w.record.Kind.GroupKind()]; !images || facts.want == 0 {
			continue
		}
		if first == nil {
			first = w
			continue
		}
		p := problem{rule: ruleStrangers, severity: Notice, object: e.record.Ref(), part: w.record.Ref().String(),
			since: later(later(first.record.Created, w.record.Created), f.written), refers: true}
		a, b := imagesOf(first), imagesOf(w)
		if with, without, port := halfPort(f, first, w); without != nil {
			p.severity, p.weight = Degraded, weightUnready-1
			p.reason = fmt.Sprintf("also selects the pods of %s, which declare no port %s; those of %s do",
				without.record.Ref(), port, with.record.Ref())
		} else if a != b {
			p.reason = fmt.Sprintf("selects the pods of two builds: %s of %s, %s of %s", a, first.record.Ref(), b,
				w.record.Ref())
		} else {
			continue
		}
		p.evidence = append(e.field("spec.selector", string(f.selector)), w.field("spec.template", "labels match")...)
		return []problem{p}
	}
	return nil
}

func imagesOf(e *entry) string {
	return text(e.record.Cells[workloadImages[e.record.Kind.GroupKind()]])
}

// halfPort is a port of a Service that one of two workloads declares, and the other, which
// declares others, does not.
func halfPort(f *serviceFacts, a, b *entry) (with, without *entry, port string) {
	x, y := a.facts.(*workloadFacts), b.facts.(*workloadFacts)
	if len(x.ports) == 0 || len(y.ports) == 0 {
		return nil, nil, ""
	}
	for i := range f.ports {
		switch inX, inY := declares(x, &f.ports[i]), declares(y, &f.ports[i]); {
		case inX && !inY:
			return a, b, targetText(&f.ports[i])
		case inY && !inX:
			return b, a, targetText(&f.ports[i])
		}
	}
	return nil, nil, ""
}
