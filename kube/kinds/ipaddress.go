package kinds

import (
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// IPAddress is an address of a ServiceCIDR that is taken.
var IPAddress = register(Kind{
	GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("IPAddress"),
	Resource:         "ipaddresses",
	Quiet:            true,
	Short:            []string{"ip"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "PARENTREF"},
	},
	LinksTo: "Service",
	New:     func() runtime.Object { return &networkingv1.IPAddress{} },
}, readIPAddress, ipAddressDetails)

func readIPAddress(a *networkingv1.IPAddress, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), ownCell(parentText(a.Spec.ParentRef))}
	if to, ok := parentService(a.Spec.ParentRef); ok {
		r.linkTo(BelongsTo, to, "")
	}
}

// parentText is "services/shop/web".
func parentText(p *networkingv1.ParentReference) string {
	if p == nil {
		return "<none>"
	}
	resource := schema.GroupResource{Group: p.Group, Resource: p.Resource}
	text := strings.ToLower(resource.String())
	if p.Namespace != "" {
		text += "/" + p.Namespace
	}
	return text + "/" + p.Name
}

func parentService(p *networkingv1.ParentReference) (Ref, bool) {
	if p == nil || p.Group != "" || p.Resource != "services" {
		return Ref{}, false
	}
	return core("Service", p.Namespace, p.Name), true
}

func ipAddressDetails(a *networkingv1.IPAddress) Details {
	var f facts
	if to, ok := parentService(a.Spec.ParentRef); ok {
		f.linkAs("Taken by", parentText(a.Spec.ParentRef), to)
	} else {
		f.add("Taken by", parentText(a.Spec.ParentRef))
	}
	return Details{Facts: f}
}
