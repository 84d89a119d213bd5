package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleNoEndpoints = rule("no endpoints", soon, "pods that are replaced are back within a minute",
		"A Service without ready endpoints: its selector matches nothing, its pods are not ready, its port is not theirs.")
	ruleBackend = rule("missing backend", atOnce, "what is not there does not come by itself",
		"An Ingress that routes to a Service or a port that does not exist, or names a class that does not.")
	ruleBalancer = rule("load balancer pending", start, "a provider takes some minutes",
		"A Service that waits for its load balancer.")

	ingressKind  = groupKind("networking.k8s.io", "Ingress")
	ingressClass = groupKind("networking.k8s.io", "IngressClass")

	_ = judging(serviceKind, nil, judgeService)
	_ = judging(ingressKind, nil, judgeIngress)
	_ = deriving(serviceKind, serviceProblems)
	_ = deriving(ingressKind, ingressProblems)
)

// serviceFacts is what rules need of a Service.
type serviceFacts struct {
	selector made
	ports    []corev1.ServicePort
	external bool // traffic comes from outside
	dns      bool // it is the cluster's DNS, which all pods ask
	headless bool
	written  time.Time // its selector
	alias    kinds.Ref // the Service that it stands for; without a name for none
	byHand   bool      // somebody writes its EndpointSlices
	// addresses are its cluster IPs.
	addresses []string
	// ready and lacksPort are what its slices say; ready is negative while nobody knows.
	ready     int
	lacksPort bool
}

func judgeService(d *corev1.Service, e *entry) {
	e.facts = &serviceFacts{
		selector: madeOf(d.Spec.Selector, selectedBy(e.record)), ports: d.Spec.Ports,
		dns:       d.Namespace == "kube-system" && (d.Name == "kube-dns" || d.Labels["k8s-app"] == "kube-dns"),
		external:  d.Spec.Type == corev1.ServiceTypeLoadBalancer || d.Spec.Type == corev1.ServiceTypeNodePort,
		headless:  d.Spec.ClusterIP == corev1.ClusterIPNone,
		addresses: d.Spec.ClusterIPs,
		written:   written(d.ManagedFields),
		ready:     -1,
	}
	if d.Spec.Type == corev1.ServiceTypeExternalName {
		e.facts.(*serviceFacts).selector = "" // Nothing selects pods for it.
		e.facts.(*serviceFacts).alias = aliasOf(kinds.Clean(d.Spec.ExternalName))
	}
	e.facts.(*serviceFacts).byHand = len(d.Spec.Selector) == 0 && d.Spec.Type != corev1.ServiceTypeExternalName
	if d.Spec.Type == corev1.ServiceTypeLoadBalancer && len(d.Status.LoadBalancer.Ingress) == 0 {
		e.add(problem{rule: ruleBalancer, severity: Waiting, weight: weightCount, since: d.CreationTimestamp.Time,
			from:   d.CreationTimestamp.Add(soon),
			reason: "EXTERNAL-IP <pending>: nothing has given it a load balancer",
			events: []string{"SyncLoadBalancerFailed"}})
	}
}

// ingressFacts is what an Ingress routes to.
type ingressFacts struct {
	class    string
	backends []backend
	secrets  []string
	written  time.Time
}

type backend struct {
	service string
	port    networkingv1.ServiceBackendPort
	path    string
}

func judgeIngress(d *networkingv1.Ingress, e *entry) {
	// The class of an annotation need not be there as an object.
	f := &ingressFacts{written: written(d.ManagedFields)}
	if d.Spec.IngressClassName != nil {
		f.class = *d.Spec.IngressClassName
	}
	add := func(b *networkingv1.IngressBackend, path string) {
		if b != nil && b.Service != nil {
			f.backends = append(f.backends, backend{b.Service.Name, b.Service.Port, path})
		}
	}
	add(d.Spec.DefaultBackend, "default backend")
	for _, r := range d.Spec.Rules {
		if r.HTTP == nil {
			continue
		}
		for i := range r.HTTP.Paths {
			add(&r.HTTP.Paths[i].Backend, r.Host+r.HTTP.Paths[i].Path)
		}
	}
	for _, t := range d.Spec.TLS {
		f.secrets = append(f.secrets, t.SecretName)
	}
	e.facts = f
}

// addresses is what the EndpointSlices of a Service hold.
type addresses struct {
	ready, all int
	lacksPort  string // why there are no ports
	pods       []kinds.Ref
	slices     int
}

func (a addresses) count() string { return fmt.Sprintf("%d of %d endpoints ready", a.ready, a.all) }

func serviceOfSlice(r *kinds.Record) kinds.Ref {
	name, _ := r.Label("kubernetes.io/service-name")
	return refTo("", "Service", r.Namespace, name)
}

func (s *State) addressesOf(service kinds.Ref) addresses {
	var a addresses
	ported := false
	for _, e := range s.slices[service] {
		a.slices++
		before := a.all
		for _, l := range e.record.Links {
			if l.Relation != kinds.RoutesTo {
				continue
			}
			a.all++
			if l.How == "ready" {
				a.ready++
			}
			a.pods = append(a.pods, l.To)
		}
		switch {
		case lacksPort(e.record):
			a.lacksPort = e.record.Status.Reason
		case a.all > before:
			ported = true
		}
	}
	if ported {
		a.lacksPort = "" // Some of the pods have it.
	}
	return a
}

func lacksPort(slice *kinds.Record) bool { return strings.HasPrefix(slice.Status.Reason, "no port") }

// serviceProblems judges a Service: it needs an endpoint that is ready.
func serviceProblems(s *State, e *entry) []problem {
	f, ok := e.facts.(*serviceFacts)
	if ok && f.alias.Name != "" {
		return s.lostAlias(e, f)
	}
	if !ok || len(f.selector) == 0 && !f.byHand || !s.complete(sliceKind) {
		return nil
	}
	a := s.addressesOf(e.record.Ref())
	f.ready, f.lacksPort = a.ready, a.lacksPort != ""
	if f.byHand {
		return s.lacksHand(e, f, a)
	}
	s.of(e.record.Namespace).unserved.put(e, a.ready == 0 || f.lacksPort)
	switch {
	case f.lacksPort:
		return []problem{s.portProblem(e, f)}
	case a.ready > 0:
		return slices.Concat(s.shutOut(e, f), s.undeclared(e, f), s.strangers(e, f))
	}
	if p, bad := s.emptyService(e, f, a); bad {
		return []problem{p}
	}
	return nil
}

// lacksHand judges a Service without a selector that somebody routes to.
func (s *State) lacksHand(e *entry, f *serviceFacts, a addresses) []problem {
	if a.ready > 0 || len(s.routes[e.record.Ref()]) == 0 && !f.external {
		return nil
	}
	return []problem{{rule: ruleNoEndpoints, severity: Failing, weight: weightUnready, object: e.record.Ref(),
		from: e.record.Created.Add(fresh), evidence: e.field("spec.selector", "none"),
		reason: fmt.Sprintf("no endpoints: it has no selector, and %d of the %d endpoints that somebody wrote for it are ready",
			a.ready, a.all)}}
}

// fresh is how long an object that was just made may lack what is made after it.
const fresh = 5 * time.Second

// emptyService judges a Service without ready endpoints. One that nobody could have used
// yet, or whose workload somebody scaled to zero, is not in trouble.
func (s *State) emptyService(e *entry, f *serviceFacts, a addresses) (problem, bool) {
	ref := e.record.Ref()
	behind := s.behind(e.record.Namespace, f.selector)
	p := problem{rule: ruleNoEndpoints, severity: Failing, weight: weightUnready, object: ref,
		from: e.record.Created.Add(fresh), evidence: []Evidence{{Object: ref, Field: "endpointslices",
			Text: a.count()}}}
	if a.all > 0 && !s.emptyOnPurpose(behind) {
		p.reason = fmt.Sprintf("0 of %d endpoints ready", a.all)
		if s.allEnd(a.pods) {
			p.reason += ", all are terminating"
		}
		p.because, p.delay = append(s.causesOf(a.pods), behind...), shortage
		return p, true
	}
	if len(behind) > 0 {
		return s.emptied(p, e, f, behind)
	}
	if groups := s.groupsOf(e.record.Namespace, f.selector.in); len(groups) > 0 {
		p.reason = "no endpoints, though pods match its selector"
		p.severity, p.delay = Degraded, shortage
		p.from = e.record.Created.Add(soon)
		return p, s.complete(podKind) && slices.ContainsFunc(groups, func(g *podGroup) bool { return g.live > 0 })
	}
	if !s.complete(podKind) || !s.complete(deployKind) {
		return p, false
	}
	p.since, p.atLeast = s.emptySince(e, f.written)
	p.reason = "no pod matches its selector " + string(f.selector) + s.nearest(e.record.Namespace, f.selector)
	p.evidence = append(p.evidence, e.field("spec.selector", string(f.selector))...)
	return p, true
}

// emptied judges a Service whose workload has no pods that could answer.
func (s *State) emptied(p problem, e *entry, f *serviceFacts, behind []cause) (problem, bool) {
	p.because = behind
	if !s.emptyOnPurpose(behind) {
		p.reason = "no endpoints: no pod of " + behind[0].String() + " is ready"
		p.delay = shortage
		return p, true
	}
	routes := s.routesTo(e.record.Ref())
	if len(routes) == 0 && !f.external && !f.dns {
		return p, false
	}
	p.part = partScaled
	p.since, p.atLeast = s.scaledSince(e, behind)
	p.reason = "no endpoints: " + behind[0].String() + " is scaled to 0"
	p.demand = "scaled to 0: " + e.record.Ref().String() + " has no endpoints"
	if f.dns {
		p.demand += ", and all pods ask it for names"
	}
	if len(routes) > 0 {
		p.demand += ", and " + routes[0].String() + " routes there"
	}
	return p, true
}

// emptyOnPurpose reports whether somebody scaled all of these workloads to zero.
func (s *State) emptyOnPurpose(behind []cause) bool {
	for _, c := range behind {
		if w, ok := workloadOf(s.entry(c.Ref)); ok && w.want > 0 {
			return false
		}
	}
	return len(behind) > 0
}

// allEnd reports whether all of these pods are being deleted.
func (s *State) allEnd(pods []kinds.Ref) bool {
	for _, ref := range pods {
		if e := s.entry(ref); e == nil || e.record.Deleting.IsZero() {
			return false
		}
	}
	return len(pods) > 0
}

// portProblem is a Service whose target port its pods do not have.
func (s *State) portProblem(e *entry, f *serviceFacts) problem {
	var named []string
	for i := range f.ports {
		if t := f.ports[i].TargetPort.StrVal; t != "" {
			named = append(named, t)
		}
	}
	since, atLeast := s.emptySince(e, f.written)
	return problem{rule: ruleNoEndpoints, part: "port", severity: Failing, weight: weightUnready, object: e.record.Ref(),
		since: since, atLeast: atLeast,
		reason: kinds.Clean("no container of its pods has a port named " + strings.Join(named, ", ") +
			s.portsOf(e.record.Namespace, f.selector)),
		evidence: e.field("spec.ports", strings.Join(named, ", "))}
}

// portsOf says which ports the pods behind a selector declare: "; app has 8080/TCP without a name". Of
// several workloads the first that declares some speaks.
func (s *State) portsOf(namespace string, selector made) string {
	for _, w := range s.workloadsOf(namespace, selector) {
		f := w.facts.(*workloadFacts)
		unnamed := func(p corev1.ContainerPort) bool { return p.Name == "" }
		switch {
		case len(f.ports) == 0:
			continue
		case !slices.ContainsFunc(f.ports, unnamed):
			return "; " + w.record.Name + " has " + portsText(f.ports)
		}
		named, bare := slices.DeleteFunc(slices.Clone(f.ports), unnamed), slices.DeleteFunc(slices.Clone(f.ports),
			func(p corev1.ContainerPort) bool { return !unnamed(p) })
		text := "; " + w.record.Name + " has " + portsText(bare) + " without a name"
		if len(named) > 0 {
			text += ", and " + portsText(named)
		}
		return text
	}
	return ""
}

// behind are the workloads whose pods a selector selects, as causes.
func (s *State) behind(namespace string, selector made) []cause {
	var out []cause
	for _, e := range s.workloadsOf(namespace, selector) {
		out = append(out, cause{e.record.Ref(), "selects the pods of"})
	}
	return out
}

// causesOf are pods as causes.
func (s *State) causesOf(pods []kinds.Ref) []cause {
	out := make([]cause, 0, len(pods))
	for _, p := range pods {
		out = append(out, cause{p, "routes to"})
	}
	return out
}

// routesTo are the Ingresses that route to a Service.
func (s *State) routesTo(service kinds.Ref) []kinds.Ref {
	var out []kinds.Ref
	for _, e := range s.routes[service] {
		out = append(out, e.record.Ref())
	}
	slices.SortStableFunc(out, compareRefs)
	return out
}

func compareRefs(a, b kinds.Ref) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace),
		strings.Compare(a.Name, b.Name))
}

// services are those that an Ingress routes to.
func (f *ingressFacts) services(namespace string) []kinds.Ref {
	var out []kinds.Ref
	for _, b := range f.backends {
		if ref := refTo("", "Service", namespace, b.service); !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// ingressProblems judges what an Ingress routes to.
func ingressProblems(s *State, e *entry) []problem {
	f, ok := e.facts.(*ingressFacts)
	if !ok || !s.complete(serviceKind) {
		return nil
	}
	var out []problem
	for _, b := range f.backends {
		p, bad := s.backendProblem(e, b)
		same := func(o problem) bool { return o.part == p.part && o.reason == p.reason }
		if bad && !slices.ContainsFunc(out, same) {
			out = append(out, p)
		}
	}
	class := refTo("networking.k8s.io", "IngressClass", "", f.class)
	if f.class != "" && s.complete(ingressClass) && s.entry(class) == nil {
		out = append(out, problem{rule: ruleBackend, part: "class", severity: Failing, weight: weightPending,
			object: e.record.Ref(), since: f.written, refers: true,
			reason:   "ingressclass " + f.class + " does not exist: nothing serves this Ingress",
			evidence: e.field("spec.ingressClassName", f.class)})
	}
	return append(out, s.certificateProblems(e, f)...)
}

func (s *State) backendProblem(e *entry, b backend) (problem, bool) {
	to := refTo("", "Service", e.record.Namespace, b.service)
	p := problem{rule: ruleBackend, part: b.service, severity: Failing, weight: weightStart, object: e.record.Ref(),
		since: e.facts.(*ingressFacts).written, refers: true,
		evidence: e.field("spec.rules "+b.path, b.service+":"+portOf(b.port))}
	service := s.entry(to)
	if service == nil {
		p.reason = "routes " + b.path + " to service " + b.service + ", which does not exist"
		return p, true
	}
	f, ok := service.facts.(*serviceFacts)
	if !ok {
		return p, false
	}
	for i := range f.ports {
		if f.ports[i].Name == b.port.Name && b.port.Name != "" || f.ports[i].Port == b.port.Number {
			// Its endpoints are the Service's own affair.
			return problem{rule: ruleNoEndpoints, part: b.service, severity: Failing, object: e.record.Ref(),
				reason:  "routes " + b.path + " to " + to.String() + ", which has no ready endpoint",
				because: []cause{{to, "routes to"}}, follows: true}, unserved(service)
		}
	}
	p.reason = "routes " + b.path + " to port " + portOf(b.port) + " of service " + b.service + ", which it does not have"
	return p, true
}

// unserved reports whether a Service has a selector and nothing ready behind it.
func unserved(e *entry) bool {
	f, ok := e.facts.(*serviceFacts)
	return ok && (len(f.selector) > 0 || f.byHand) && (f.ready == 0 || f.lacksPort)
}

func portOf(p networkingv1.ServiceBackendPort) string {
	if p.Name != "" {
		return p.Name
	}
	return strconv.Itoa(int(p.Number))
}
