package kinds

import (
	"strconv"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Lease says who leads, or that a node lives, and until when that holds.
var Lease = register(Kind{
	GroupVersionKind: coordinationv1.SchemeGroupVersion.WithKind("Lease"),
	Resource:         "leases",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "HOLDER"},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &coordinationv1.Lease{} },
}, readLease, leaseDetails)

func readLease(l *coordinationv1.Lease, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), TextCell(valueOr(l.Spec.HolderIdentity, "")), AgeCell(r.Created)}
}

func leaseDetails(l *coordinationv1.Lease) Details {
	var f facts
	f.add("Holder", firstOf(valueOr(l.Spec.HolderIdentity, ""), "nobody"))
	for _, t := range []struct {
		name string
		at   *metav1.MicroTime
	}{{"Acquired", l.Spec.AcquireTime}, {"Renewed", l.Spec.RenewTime}} {
		if t.at != nil {
			f.time(t.name, &metav1.Time{Time: t.at.Time})
		}
	}
	if s := l.Spec.LeaseDurationSeconds; s != nil {
		f.add("Lasts", strconv.Itoa(int(*s))+"s after it was renewed")
	}
	if n := l.Spec.LeaseTransitions; n != nil {
		f.add("Transitions", strconv.Itoa(int(*n)))
	}
	f.add("Strategy", string(valueOr(l.Spec.Strategy, "")))
	f.add("Preferred holder", valueOr(l.Spec.PreferredHolder, ""))
	return Details{Facts: f}
}
