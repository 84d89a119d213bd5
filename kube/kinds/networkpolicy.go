package kinds

import (
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// NetworkPolicy says which traffic pods may have.
var NetworkPolicy = register(Kind{
	GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("NetworkPolicy"),
	Resource:         "networkpolicies",
	Quiet:            true,
	Short:            []string{"netpol"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "POD-SELECTOR"},
		{Name: "AGE"},
	},
	LinksTo: "Pod",
	New:     func() runtime.Object { return &networkingv1.NetworkPolicy{} },
}, readNetworkPolicy, networkPolicyDetails)

func readNetworkPolicy(p *networkingv1.NetworkPolicy, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), selectorCell(&p.Spec.PodSelector), AgeCell(r.Created)}
	r.linkSelected(Guards, podKind, p.Namespace, &p.Spec.PodSelector)
}

// podKind is the kind of pods, in links that select them.
var podKind = core("Pod", "", "").GroupKind

func networkPolicyDetails(p *networkingv1.NetworkPolicy) Details {
	p = p.DeepCopy()
	setNetworkPolicy(p)
	var f facts
	f.add("Guards", podsText(&p.Spec.PodSelector))
	for _, kind := range p.Spec.PolicyTypes {
		switch kind {
		case networkingv1.PolicyTypeIngress:
			for _, rule := range p.Spec.Ingress {
				f.add("May come from", trafficText(rule.From, rule.Ports))
			}
			if len(p.Spec.Ingress) == 0 {
				f.add("May come from", "nowhere")
			}
		case networkingv1.PolicyTypeEgress:
			for _, rule := range p.Spec.Egress {
				f.add("May go to", trafficText(rule.To, rule.Ports))
			}
			if len(p.Spec.Egress) == 0 {
				f.add("May go to", "nowhere")
			}
		}
	}
	return Details{Facts: f, Children: []Child{{GroupVersionResource: pods, Selector: selectorText(&p.Spec.PodSelector)}}}
}

// trafficText is "pods app=web in namespaces team=shop, 10.0.0.0/8; 80/TCP".
func trafficText(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) string {
	var who, where []string
	for i := range peers {
		who = append(who, peerText(&peers[i]))
	}
	if len(peers) == 0 {
		who = []string{"anywhere"}
	}
	for i := range ports {
		where = append(where, policyPort(&ports[i]))
	}
	return join("; ", strings.Join(who, ", "), strings.Join(where, ", "))
}

func peerText(p *networkingv1.NetworkPolicyPeer) string {
	switch {
	case p.IPBlock != nil && len(p.IPBlock.Except) > 0:
		return p.IPBlock.CIDR + " except " + strings.Join(p.IPBlock.Except, " and ")
	case p.IPBlock != nil:
		return p.IPBlock.CIDR
	case p.NamespaceSelector == nil:
		return podsText(p.PodSelector)
	}
	where := "all namespaces"
	if text := selectorText(p.NamespaceSelector); text != "" {
		where = "namespaces " + text
	}
	return podsText(p.PodSelector) + " in " + where
}

// podsText is "pods app=web", or "all pods" for a selector that selects them all.
func podsText(s *metav1.LabelSelector) string {
	if s == nil || len(s.MatchLabels)+len(s.MatchExpressions) == 0 {
		return "all pods"
	}
	return "pods " + metav1.FormatLabelSelector(s)
}

// policyPort is "80/TCP", "8000-9000/TCP", or "all ports/UDP".
func policyPort(p *networkingv1.NetworkPolicyPort) string {
	port := "all ports"
	if p.Port != nil {
		port = p.Port.String()
	}
	if p.EndPort != nil {
		port += "-" + strconv.Itoa(int(*p.EndPort))
	}
	return port + "/" + string(*p.Protocol)
}
