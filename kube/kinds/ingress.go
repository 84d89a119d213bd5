package kinds

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Ingress leads HTTP requests from outside to services.
var Ingress = register(Kind{
	GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("Ingress"),
	Resource:         "ingresses",
	Short:            []string{"ing"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CLASS"},
		{Name: "HOSTS"},
		{Name: "ADDRESS"},
		{Name: "PORTS"},
		{Name: "AGE"},
	},
	LinksTo: "Service Secret IngressClass.networking.k8s.io",
	New:     func() runtime.Object { return &networkingv1.Ingress{} },
}, readIngress, ingressDetails)

func readIngress(in *networkingv1.Ingress, r *Record) {
	class, ports := "<none>", "80"
	if in.Spec.IngressClassName != nil {
		class = *in.Spec.IngressClassName
	}
	if len(in.Spec.TLS) > 0 {
		ports = "80, 443"
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(class),
		TextCell(hostsText(in.Spec.Rules)),
		TextCell(ingressAddress(in)),
		TextCell(ports),
		AgeCell(r.Created),
	}
	linkIngress(in, r)
}

func linkIngress(in *networkingv1.Ingress, r *Record) {
	class := valueOr(in.Spec.IngressClassName, in.Annotations["kubernetes.io/ingress.class"])
	r.linkTo(Uses, ref(networkingv1.SchemeGroupVersion, "IngressClass", "", class), "")
	for _, b := range ingressBackends(in) {
		if b.Service != nil {
			r.linkTo(RoutesTo, core("Service", in.Namespace, b.Service.Name), backendPort(b.Service.Port))
		}
		if b.Resource != nil {
			group := schema.GroupVersion{Group: intern(valueOr(b.Resource.APIGroup, ""))}
			r.linkTo(Mentions, ref(group, intern(b.Resource.Kind), in.Namespace, b.Resource.Name), "")
		}
	}
	for _, t := range in.Spec.TLS {
		r.linkTo(Uses, core("Secret", in.Namespace, t.SecretName), "tls")
	}
}

// backendPort is "port 80" or "port http".
func backendPort(p networkingv1.ServiceBackendPort) string {
	switch {
	case p.Name != "":
		return "port " + p.Name
	case p.Number != 0:
		return "port " + strconv.Itoa(int(p.Number))
	}
	return ""
}

// hostsText is "a,b,c + 2 more..."; the count is of rules, whether they name a
// host or not.
func hostsText(rules []networkingv1.IngressRule) string {
	var hosts []string
	more := false
	for _, rule := range rules {
		more = more || len(hosts) == 3
		if !more && rule.Host != "" {
			hosts = append(hosts, rule.Host)
		}
	}
	text := strings.Join(hosts, ",")
	switch {
	case text == "":
		return "*"
	case more:
		return fmt.Sprintf("%s + %d more...", text, len(rules)-3)
	}
	return text
}

func ingressAddress(in *networkingv1.Ingress) string {
	addresses := make([]string, 0, len(in.Status.LoadBalancer.Ingress))
	for _, a := range in.Status.LoadBalancer.Ingress {
		addresses = append(addresses, firstOf(a.IP, a.Hostname))
	}
	return addressText(addresses)
}

func ingressBackends(in *networkingv1.Ingress) []networkingv1.IngressBackend {
	var out []networkingv1.IngressBackend
	if in.Spec.DefaultBackend != nil {
		out = append(out, *in.Spec.DefaultBackend)
	}
	for _, rule := range in.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for _, p := range rule.HTTP.Paths {
			out = append(out, p.Backend)
		}
	}
	return out
}

func ingressDetails(in *networkingv1.Ingress) Details {
	var f facts
	if in.Spec.IngressClassName != nil {
		f.link("Class", ref(networkingv1.SchemeGroupVersion, "IngressClass", "", *in.Spec.IngressClassName))
	}
	f.add("Address", ingressAddress(in))
	if in.Spec.DefaultBackend != nil {
		addBackend(&f, in.Namespace, "Default backend", in.Spec.DefaultBackend)
	}
	for _, rule := range in.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		for i := range rule.HTTP.Paths {
			p := &rule.HTTP.Paths[i]
			addBackend(&f, in.Namespace, firstOf(rule.Host, "*")+p.Path, &p.Backend)
		}
	}
	for _, t := range in.Spec.TLS {
		if t.SecretName != "" {
			f.link("TLS "+strings.Join(t.Hosts, ", "), ref(corev1.SchemeGroupVersion, "Secret", in.Namespace, t.SecretName))
		}
	}
	return Details{Facts: f}
}

func addBackend(f *facts, namespace, name string, b *networkingv1.IngressBackend) {
	switch {
	case b.Service != nil:
		port := firstOf(b.Service.Port.Name, strconv.Itoa(int(b.Service.Port.Number)))
		to := ref(corev1.SchemeGroupVersion, "Service", namespace, b.Service.Name)
		f.linkAs(name, "service "+b.Service.Name+":"+port, to)
	case b.Resource != nil:
		f.add(name, strings.ToLower(b.Resource.Kind)+" "+b.Resource.Name)
	}
}
