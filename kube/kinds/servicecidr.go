package kinds

import (
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ServiceCIDR is a range that the addresses of Services come from.
var ServiceCIDR = register(Kind{
	GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("ServiceCIDR"),
	Resource:         "servicecidrs",
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CIDRS"},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &networkingv1.ServiceCIDR{} },
}, readServiceCIDR, serviceCIDRDetails)

func readServiceCIDR(c *networkingv1.ServiceCIDR, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), ownCell(strings.Join(c.Spec.CIDRs, ",")), AgeCell(r.Created)}
	if r.Deleting.IsZero() { // It is not ready then, until no Service has one of its addresses.
		r.Status = worst(conditionsOf(c.Status.Conditions, standardCondition))
	}
}

func serviceCIDRDetails(c *networkingv1.ServiceCIDR) Details {
	var f facts
	f.add("CIDRs", strings.Join(c.Spec.CIDRs, ", "))
	return Details{Facts: f, Conditions: conditionsOf(c.Status.Conditions, standardCondition)}
}
