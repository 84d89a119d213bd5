package kinds

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// Service gives a set of pods one name and address.
var Service = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Service"),
	Resource:         "services",
	Short:            []string{"svc"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "TYPE"},
		{Name: "CLUSTER-IP"},
		{Name: "EXTERNAL-IP", State: true},
		{Name: "PORT(S)"},
		{Name: "AGE"},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo: "Pod",
	New:     func() runtime.Object { return &corev1.Service{} },
}, readService, serviceDetails)

func readService(s *corev1.Service, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(string(serviceType(s))),
		ownCell(firstOf(append(clusterIPs(s), "<none>")...)),
		TextCell(externalIP(s)),
		TextCell(portsText(s.Spec.Ports)),
		AgeCell(r.Created),
		TextCell(labels.FormatLabels(s.Spec.Selector)),
	}
	if len(s.Spec.Selector) > 0 {
		r.link(Link{
			Relation: Selects,
			To:       core("Pod", s.Namespace, ""),
			Selector: intern(labels.SelectorFromSet(s.Spec.Selector).String()),
		})
	}
	if externalIP(s) == "<pending>" {
		r.Status = Status{Waiting, "waits for its load balancer", r.Created}
	}
}

// serviceType is ClusterIP unless the service says otherwise, as SetDefaults_Service
// has it (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func serviceType(s *corev1.Service) corev1.ServiceType {
	return cmp.Or(s.Spec.Type, corev1.ServiceTypeClusterIP)
}

// clusterIPs are the addresses, "None" for a headless service. A service that was
// written before there could be several has only the first (normalizeClusterIPs in
// k8s.io/kubernetes/pkg/registry/core/service/storage/storage.go).
func clusterIPs(s *corev1.Service) []string {
	if len(s.Spec.ClusterIPs) == 0 && s.Spec.ClusterIP != "" {
		return []string{s.Spec.ClusterIP}
	}
	return s.Spec.ClusterIPs
}

func externalIP(s *corev1.Service) string {
	external := strings.Join(s.Spec.ExternalIPs, ",")
	switch serviceType(s) {
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort:
		if external == "" {
			return "<none>"
		}
		return external
	case corev1.ServiceTypeLoadBalancer:
		addresses := make([]string, 0, len(s.Status.LoadBalancer.Ingress))
		for _, in := range s.Status.LoadBalancer.Ingress {
			addresses = append(addresses, firstOf(in.IP, in.Hostname))
		}
		if text := join(",", addressText(addresses), external); text != "" {
			return text
		}
		return "<pending>"
	case corev1.ServiceTypeExternalName:
		return s.Spec.ExternalName
	}
	return "<unknown>"
}

// addressText lists the addresses of a load balancer: each once, sorted.
func addressText(addresses []string) string {
	slices.Sort(addresses)
	return join(",", slices.Compact(addresses)...)
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// portsText is "80/TCP,443:30443/TCP": port, node port, protocol.
func portsText(ports []corev1.ServicePort) string {
	if len(ports) == 0 {
		return "<none>"
	}
	parts := make([]string, len(ports))
	for i, p := range ports {
		port := strconv.Itoa(int(p.Port))
		if p.NodePort > 0 {
			port += ":" + strconv.Itoa(int(p.NodePort))
		}
		parts[i] = port + "/" + string(protocolOr(p.Protocol))
	}
	return strings.Join(parts, ",")
}

// protocolOr is the protocol of a port, which is TCP unless the port says
// otherwise.
func protocolOr(p corev1.Protocol) corev1.Protocol { return cmp.Or(p, corev1.ProtocolTCP) }

// targetPort is where a port leads in the pods: to its own number unless it
// says otherwise.
func targetPort(p *corev1.ServicePort) string {
	if text := p.TargetPort.String(); text != "" && text != "0" {
		return text
	}
	return strconv.Itoa(int(p.Port))
}

// externalTraffic is the policy for traffic from outside, "" for a service that
// takes none (ExternallyAccessible in k8s.io/kubernetes/pkg/api/v1/service/util.go).
func externalTraffic(s *corev1.Service) corev1.ServiceExternalTrafficPolicy {
	switch kind := serviceType(s); {
	case s.Spec.ExternalTrafficPolicy != "":
		return s.Spec.ExternalTrafficPolicy
	case kind == corev1.ServiceTypeLoadBalancer, kind == corev1.ServiceTypeNodePort,
		kind == corev1.ServiceTypeClusterIP && len(s.Spec.ExternalIPs) > 0:
		return corev1.ServiceExternalTrafficPolicyCluster
	}
	return ""
}

func serviceDetails(s *corev1.Service) Details {
	var f facts
	f.add("Type", string(serviceType(s)))
	f.add("Cluster IPs", strings.Join(clusterIPs(s), ", "))
	f.add("External", externalIP(s))
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		value := fmt.Sprintf("%d/%s to %s", p.Port, protocolOr(p.Protocol), targetPort(p))
		if p.NodePort > 0 {
			value += ", node port " + strconv.Itoa(int(p.NodePort))
		}
		f.add(join(" ", "Port", p.Name), value)
	}
	if len(s.Spec.Selector) == 0 && serviceType(s) != corev1.ServiceTypeExternalName {
		f.add("Selector", "none: its endpoints are made by hand")
	} else {
		f.add("Selector", mapText(s.Spec.Selector))
	}
	if s.Spec.SessionAffinity != corev1.ServiceAffinityNone {
		f.add("Session affinity", string(s.Spec.SessionAffinity))
	}
	if p := s.Spec.InternalTrafficPolicy; p != nil && *p != corev1.ServiceInternalTrafficPolicyCluster {
		f.add("Internal traffic", string(*p))
	}
	f.add("External traffic", string(externalTraffic(s)))
	children := []Child{{
		GroupVersionResource: endpointSlices,
		Selector:             discoveryv1.LabelServiceName + "=" + s.Name,
	}}
	if len(s.Spec.Selector) > 0 {
		children = append(children, Child{GroupVersionResource: pods, Selector: mapText(s.Spec.Selector)})
	}
	return Details{Facts: f, Conditions: conditionsOf(s.Status.Conditions, standardCondition), Children: children}
}
