package triage

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleShut = rule("traffic shut out", atOnce, "a policy stays as it is until somebody changes it",
		"NetworkPolicies that let nobody reach the pods of a Service, on any of its ports.")

	policyKind = groupKind("networking.k8s.io", "NetworkPolicy")

	_ = judging(policyKind, nil, judgePolicy)
)

// policyFacts is whom a policy lets reach which pods.
type policyFacts struct {
	selector labels.Selector
	ingress  bool // it is about traffic to them
	written  time.Time
	rules    []allowance
}

// allowance is one rule of a policy.
type allowance struct {
	peers []peer // none: anybody
	ports []networkingv1.NetworkPolicyPort
}

type peer struct {
	pods, namespaces *metav1.LabelSelector
	address          bool
}

func judgePolicy(p *networkingv1.NetworkPolicy, e *entry) {
	selector, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
	if err != nil {
		return
	}
	// A policy without types is about ingress (SetDefaults_NetworkPolicy in
	// k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go).
	f := &policyFacts{selector: selector, written: later(written(p.ManagedFields), p.CreationTimestamp.Time)}
	f.ingress = len(p.Spec.PolicyTypes) == 0 || slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
	for i := range p.Spec.Ingress {
		a := allowance{ports: p.Spec.Ingress[i].Ports}
		for _, from := range p.Spec.Ingress[i].From {
			a.peers = append(a.peers, peer{from.PodSelector, from.NamespaceSelector, from.IPBlock != nil})
		}
		f.rules = append(f.rules, a)
	}
	e.facts = f
}

// shutOut judges whether anybody may reach the pods behind a Service.
func (s *State) shutOut(e *entry, f *serviceFacts) []problem {
	policies := s.inside[e.record.Namespace].policies
	behind := s.workloadsOf(e.record.Namespace, f.selector)
	if len(policies) == 0 || len(behind) == 0 {
		return nil
	}
	var by *entry
	for _, w := range behind {
		last, open := s.guardsOf(e, f, w)
		if open {
			return nil
		}
		by = last
	}
	severity, service := Failing, e.record.Ref()
	if len(s.routes[service]) == 0 && !f.external && !by.record.Created.After(e.record.Created) {
		// A namespace that is closed from the start may have Services that nobody is to reach.
		if severity, by = Notice, s.shutByLabels(e.record.Namespace, behind); by == nil {
			return nil
		}
	}
	policy := by.record.Ref()
	what, why := "lets nobody reach the pods of "+service.String(), "no traffic is allowed to its pods"
	if len(by.facts.(*policyFacts).rules) == 0 {
		what = "lets nothing in: nobody reaches the pods of " + service.String()
		why = "networkpolicy " + policy.Name + " lets nothing in to its pods"
	}
	return []problem{
		{rule: ruleShut, severity: severity, weight: weightStart, object: policy, reason: what,
			since: later(by.facts.(*policyFacts).written, e.record.Created), refers: true,
			evidence: by.field("spec.ingress", what)},
		{rule: ruleShut, severity: severity, weight: weightUnready, object: service, follows: true,
			reason: why, because: []cause{{policy, "is shut by"}}},
	}
}

// shutByLabels is the newest policy that selects the pods of some workloads by their labels and lets
// nothing in, if no policy lets anything in to them; nil for none.
func (s *State) shutByLabels(namespace string, behind []*entry) (by *entry) {
	for policy := range s.inside[namespace].policies {
		p := policy.facts.(*policyFacts)
		guards := func(w *entry) bool { return p.selector.Matches(w.facts.(*workloadFacts).template) }
		switch {
		case !p.ingress || !slices.ContainsFunc(behind, guards):
		case len(p.rules) > 0:
			return nil
		case !p.selector.Empty() && (by == nil || youngerThan(policy, by)):
			by = policy
		}
	}
	return by
}

// guardsOf is the newest policy that guards the pods of a workload, or that they are open
// on one of a Service's ports.
func (s *State) guardsOf(service *entry, f *serviceFacts, w *entry) (last *entry, open bool) {
	template := w.facts.(*workloadFacts)
	for policy := range s.inside[service.record.Namespace].policies {
		p := policy.facts.(*policyFacts)
		if !p.ingress || !p.selector.Matches(template.template) {
			continue
		}
		for i := range p.rules {
			r := &p.rules[i]
			if s.anyPeer(service.record.Namespace, r.peers) && anyPort(f.ports, template.ports, r.ports) {
				return nil, true
			}
		}
		if last == nil || youngerThan(policy, last) {
			last = policy
		}
	}
	return last, last == nil
}

// anyPeer reports whether any pod, now or from a template, is one of these peers.
func (s *State) anyPeer(namespace string, peers []peer) bool {
	if len(peers) == 0 {
		return true
	}
	for _, p := range peers {
		switch {
		case p.address, p.namespaces == nil && s.anyPod(namespace, p.pods):
			return true
		case p.namespaces != nil && s.anyPodElsewhere(p):
			return true
		}
	}
	return false
}

func (s *State) anyPodElsewhere(p peer) bool {
	selector, err := metav1.LabelSelectorAsSelector(p.namespaces)
	if err != nil || !s.complete(namespaceKind) || s.coverage[podKind].Namespace != "" {
		return true
	}
	for n := range s.tables[namespaceKind].all() {
		if selector.Matches(labelled{n.record}) && s.anyPod(n.record.Name, p.pods) {
			return true
		}
	}
	return false
}

// anyPod reports whether a namespace has a pod, or a workload that makes one, that is
// selected. What cannot be told counts as one.
func (s *State) anyPod(namespace string, pods *metav1.LabelSelector) bool {
	selector, err := metav1.LabelSelectorAsSelector(pods)
	if pods == nil || err != nil || !s.complete(podKind) || len(pods.MatchLabels) == 0 {
		return true
	}
	if len(s.groupsOf(namespace, selector.Matches)) > 0 {
		return true
	}
	return slices.ContainsFunc(s.narrowest(namespace, maps.All(pods.MatchLabels)), func(e *entry) bool {
		return selector.Matches(e.facts.(*workloadFacts).template)
	})
}

// anyPort reports whether a policy's ports hold one that a Service sends traffic to.
func anyPort(
	ports []corev1.ServicePort, declared []corev1.ContainerPort, allowed []networkingv1.NetworkPolicyPort,
) bool {
	if len(allowed) == 0 {
		return true
	}
	for i := range ports {
		target, ok := targetOf(&ports[i], declared)
		if !ok {
			return true // Whether it is the same is not known.
		}
		for _, a := range allowed {
			if protocolOf(a.Protocol) == protocolOf(&ports[i].Protocol) && allows(a, target, declared) {
				return true
			}
		}
	}
	return false
}

func allows(a networkingv1.NetworkPolicyPort, target int32, declared []corev1.ContainerPort) bool {
	if a.Port == nil {
		return true
	}
	from := a.Port.IntVal
	if a.Port.Type == intstr.String {
		i := slices.IndexFunc(declared, func(d corev1.ContainerPort) bool { return d.Name == a.Port.StrVal })
		return i >= 0 && declared[i].ContainerPort == target
	}
	if a.EndPort != nil {
		return target >= from && target <= *a.EndPort
	}
	return target == from
}

// targetOf is the number of the port that a Service's port leads to, if it is known.
func targetOf(p *corev1.ServicePort, declared []corev1.ContainerPort) (int32, bool) {
	switch {
	case p.TargetPort.StrVal != "":
		i := slices.IndexFunc(declared, func(d corev1.ContainerPort) bool { return d.Name == p.TargetPort.StrVal })
		if i < 0 {
			return 0, false
		}
		return declared[i].ContainerPort, true
	case p.TargetPort.IntVal != 0:
		return p.TargetPort.IntVal, true
	}
	return p.Port, true
}

// protocolOf is a protocol with the API's default.
func protocolOf(p *corev1.Protocol) corev1.Protocol {
	if p == nil || *p == "" {
		return corev1.ProtocolTCP
	}
	return *p
}

// undeclared judges the ports of a Service that no container behind it declares, nor any
// probe asks. Containers may listen without saying so, so those that say nothing of their
// ports are not judged.
func (s *State) undeclared(e *entry, f *serviceFacts) []problem {
	var out []problem
	for i := range f.ports {
		p := &f.ports[i]
		var by *entry
		for _, w := range s.workloadsOf(e.record.Namespace, f.selector) {
			facts := w.facts.(*workloadFacts)
			if len(facts.ports) == 0 || declares(facts, p) {
				by = nil
				break
			}
			by = w
		}
		if by == nil {
			continue
		}
		ref := by.record.Ref()
		out = append(out, problem{rule: ruleNoEndpoints, part: "port " + p.TargetPort.String(), severity: Degraded,
			weight: weightUnready - 1, object: e.record.Ref(),
			reason: "sends traffic to port " + targetText(p) + ", which no container of " + ref.String() +
				" declares; they declare " + portsText(by.facts.(*workloadFacts).ports),
			evidence: append(e.field("spec.ports", targetText(p)),
				by.field("spec.template", "ports "+portsText(by.facts.(*workloadFacts).ports))...)})
	}
	return out
}

func targetText(p *corev1.ServicePort) string {
	target := p.TargetPort.String()
	if target == "" || target == "0" {
		target = strconv.Itoa(int(p.Port))
	}
	return target + "/" + string(protocolOf(&p.Protocol))
}

func portsText(ports []corev1.ContainerPort) string {
	texts := make([]string, len(ports))
	for i := range ports {
		text := strconv.Itoa(int(ports[i].ContainerPort)) + "/" + string(protocolOf(&ports[i].Protocol))
		if ports[i].Name != "" {
			text = ports[i].Name + " " + text
		}
		texts[i] = text
	}
	return kinds.Clean(strings.Join(texts, ", "))
}

// declares reports whether a template has the port that a Service's port leads to.
func declares(f *workloadFacts, p *corev1.ServicePort) bool {
	target, known := targetOf(p, f.ports)
	for i := range f.ports {
		if known && f.ports[i].ContainerPort == target && protocolOf(&f.ports[i].Protocol) == protocolOf(&p.Protocol) {
			return true
		}
	}
	return known && protocolOf(&p.Protocol) == corev1.ProtocolTCP && slices.Contains(f.asked, target)
}
