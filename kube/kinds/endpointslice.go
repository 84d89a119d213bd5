package kinds

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// EndpointSlice lists addresses that a Service's traffic may go to.
var EndpointSlice = register(Kind{
	GroupVersionKind: discoveryv1.SchemeGroupVersion.WithKind("EndpointSlice"),
	Resource:         "endpointslices",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "ADDRESSTYPE"},
		{Name: "PORTS"},
		{Name: "ENDPOINTS"},
		{Name: "AGE"},
	},
	LinksTo: "Pod Service",
	New:     func() runtime.Object { return &discoveryv1.EndpointSlice{} },
}, readEndpointSlice, endpointSliceDetails)

func readEndpointSlice(s *discoveryv1.EndpointSlice, r *Record) {
	var ports, addresses []string
	for _, p := range s.Ports {
		ports = append(ports, endpointPort(p))
	}
	ready := 0
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		addresses = append(addresses, e.Addresses...)
		if endpointReady(e) {
			ready++
		}
		if t := e.TargetRef; t != nil && t.Kind == "Pod" {
			how := "ready"
			if !endpointReady(e) {
				how = "not ready"
			}
			r.link(Link{Relation: RoutesTo, To: core("Pod", t.Namespace, t.Name), UID: t.UID, How: how})
		}
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(string(s.AddressType)),
		TextCell(firstThree(ports)),
		ownCell(firstThree(addresses)),
		AgeCell(r.Created),
	}
	// The controller's slices are owned by their Service; those that others write only name it.
	service := s.Labels[discoveryv1.LabelServiceName]
	if len(s.OwnerReferences) == 0 {
		r.linkTo(BelongsTo, core("Service", s.Namespace, service), "")
	}
	r.Status = endpointSliceStatus(ready, len(s.Endpoints))
	if r.Status.Level < Failing && lacksPort(s) {
		r.Status = Status{Level: Failing, Reason: "no port: these pods have none with the name of the service's target port"}
	}
}

func endpointSliceStatus(ready, all int) Status {
	switch {
	case all == 0:
		return Status{Level: Degraded, Reason: "no endpoints"}
	case ready == 0:
		return Status{Level: Failing, Reason: ratio(0, int64(all)) + " endpoints ready"}
	case ready < all:
		return Status{Level: Degraded, Reason: ratio(int64(ready), int64(all)) + " endpoints ready"}
	}
	return Status{Level: OK}
}

// lacksPort reports whether pods were found for a service, but none of its ports in
// them. Only a headless service may have no ports at all
// (k8s.io/endpointslice/reconciler.go and its getEndpointPorts).
func lacksPort(s *discoveryv1.EndpointSlice) bool {
	_, headless := s.Labels[corev1.IsHeadlessService]
	managed := s.Labels[discoveryv1.LabelManagedBy] == "endpointslice-controller.k8s.io"
	return len(s.Endpoints) > 0 && len(s.Ports) == 0 && !headless && managed
}

// endpointReady follows the API: an unknown state counts as ready.
func endpointReady(e *discoveryv1.Endpoint) bool {
	return e.Conditions.Ready == nil || *e.Conditions.Ready
}

// endpointPort is a port's number, or its name, which is empty unless it is set
// (SetDefaults_EndpointPort in k8s.io/kubernetes/pkg/apis/discovery/v1/defaults.go).
func endpointPort(p discoveryv1.EndpointPort) string {
	if p.Port != nil {
		return strconv.Itoa(int(*p.Port))
	}
	return valueOr(p.Name, "")
}

// firstThree is "a,b,c + 2 more...", as the server shortens addresses.
func firstThree(list []string) string {
	if len(list) > 3 {
		return fmt.Sprintf("%s + %d more...", strings.Join(list[:3], ","), len(list)-3)
	}
	if text := strings.Join(list, ","); text != "" {
		return text
	}
	return "<unset>"
}

func endpointSliceDetails(s *discoveryv1.EndpointSlice) Details {
	var f facts
	f.link("Service", ref(corev1.SchemeGroupVersion, "Service", s.Namespace, s.Labels[discoveryv1.LabelServiceName]))
	f.add("Address type", string(s.AddressType))
	for _, p := range s.Ports {
		number := "*" // A port without a number means all ports.
		if p.Port != nil {
			number = strconv.Itoa(int(*p.Port))
		}
		protocol := valueOr(p.Protocol, corev1.ProtocolTCP)
		f.add(join(" ", "Port", valueOr(p.Name, "")), number+"/"+string(protocol))
	}
	for i := range s.Endpoints {
		addEndpoint(&f, &s.Endpoints[i])
	}
	return Details{Facts: f}
}

func addEndpoint(f *facts, e *discoveryv1.Endpoint) {
	level, state := OK, "ready"
	if !endpointReady(e) {
		level, state = Degraded, "not ready"
	}
	if t := e.Conditions.Terminating; t != nil && *t {
		level, state = Waiting, state+", terminating"
	}
	f.address(strings.Join(e.Addresses, ", "), e.TargetRef, valueOr(e.NodeName, ""), level, state)
}

// address adds an address with the object behind it.
func (f *facts) address(name string, t *corev1.ObjectReference, node string, level Level, state string) {
	if node != "" {
		node = "on " + node
	}
	fact := Fact{Name: Clean(name), Level: level}
	if t != nil {
		to := Ref{Namespace: intern(t.Namespace), Name: Clean(t.Name)}
		to.Kind = intern(t.Kind)
		fact.Link = &to
		fact.Value = Clean(join(" ", strings.ToLower(t.Kind), t.Name, node, "("+state+")"))
	} else {
		fact.Value = Clean(join(" ", node, "("+state+")"))
	}
	*f = append(*f, fact)
}
