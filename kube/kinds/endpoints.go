package kinds

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Endpoints lists the addresses behind a Service, as EndpointSlices do now.
var Endpoints = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Endpoints"),
	Resource:         "endpoints",
	Short:            []string{"ep"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "ENDPOINTS", State: true, List: true},
		{Name: "AGE"},
	},
	LinksTo: "Service Pod",
	New:     func() runtime.Object { return &corev1.Endpoints{} }, //nolint:staticcheck // Clusters still have them.
}, readEndpoints, endpointsDetails)

func readEndpoints(e *corev1.Endpoints, r *Record) { //nolint:staticcheck // Clusters still have them.
	r.Cells = []Cell{ownCell(r.Name), ownCell(endpointsText(e)), AgeCell(r.Created)}
	ready, all := 0, 0
	for i := range e.Subsets {
		s := &e.Subsets[i]
		ready += len(s.Addresses)
		all += len(s.Addresses) + len(s.NotReadyAddresses)
		r.linkAddresses(s.Addresses, "ready")
		r.linkAddresses(s.NotReadyAddresses, "not ready")
	}
	// Programs that elected a leader by Endpoints left such objects behind.
	if e.Annotations["control-plane.alpha.kubernetes.io/leader"] != "" {
		return
	}
	r.Status = endpointSliceStatus(ready, all)
	r.linkTo(BelongsTo, core("Service", e.Namespace, e.Name), "")
}

func (r *Record) linkAddresses(addresses []corev1.EndpointAddress, how string) {
	for i := range addresses {
		if t := addresses[i].TargetRef; t != nil && t.Kind == "Pod" {
			r.link(Link{Relation: RoutesTo, To: core("Pod", t.Namespace, t.Name), UID: t.UID, How: how})
		}
	}
}

// endpointsText is "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...", of those that are ready.
func endpointsText(e *corev1.Endpoints) string { //nolint:staticcheck // Clusters still have them.
	if len(e.Subsets) == 0 {
		return "<none>"
	}
	var shown []string
	count := 0
	for i := range e.Subsets {
		s := &e.Subsets[i]
		for n := range max(len(s.Ports), 1) {
			for _, a := range s.Addresses {
				switch count++; {
				case count > 3:
				case len(s.Ports) == 0:
					shown = append(shown, a.IP)
				default:
					shown = append(shown, hostPort(a.IP, s.Ports[n].Port))
				}
			}
		}
	}
	text := strings.Join(shown, ",")
	if count > len(shown) {
		return fmt.Sprintf("%s + %d more...", text, count-len(shown))
	}
	return text
}

func endpointsDetails(e *corev1.Endpoints) Details { //nolint:staticcheck // Clusters still have them.
	var f facts
	f.link("Service", core("Service", e.Namespace, e.Name))
	for i := range e.Subsets {
		s := &e.Subsets[i]
		for _, p := range s.Ports {
			f.add(join(" ", "Port", p.Name), strconv.Itoa(int(p.Port))+"/"+string(protocolOr(p.Protocol)))
		}
		f.addresses(s.Addresses, OK, "ready")
		f.addresses(s.NotReadyAddresses, Degraded, "not ready")
	}
	return Details{Facts: f}
}

func (f *facts) addresses(all []corev1.EndpointAddress, level Level, state string) {
	for i := range all {
		f.address(all[i].IP, all[i].TargetRef, valueOr(all[i].NodeName, ""), level, state)
	}
}

// hostPort is "10.0.0.1:80", "[::1]:80".
func hostPort(host string, port int32) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}
