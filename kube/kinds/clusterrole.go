package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ClusterRole says what may be done in any namespace, or in all of them, and with what has
// none.
var ClusterRole = register(Kind{
	GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("ClusterRole"),
	Resource:         "clusterroles",
	Quiet:            true,
	Columns:          nameAndCreated,
	LinksTo:          "ClusterRole.rbac.authorization.k8s.io",
	New:              func() runtime.Object { return &rbacv1.ClusterRole{} },
}, readClusterRole, clusterRoleDetails)

func readClusterRole(o *rbacv1.ClusterRole, r *Record) {
	r.Cells = nameAndCreatedCells(r)
	if o.AggregationRule == nil {
		return
	}
	for i := range o.AggregationRule.ClusterRoleSelectors {
		kind := schema.GroupKind{Group: rbacv1.GroupName, Kind: "ClusterRole"}
		r.linkSelected(Grants, kind, "", &o.AggregationRule.ClusterRoleSelectors[i])
	}
}

func clusterRoleDetails(o *rbacv1.ClusterRole) Details {
	var f facts
	if a := o.AggregationRule; a != nil {
		for i := range a.ClusterRoleSelectors {
			f.add("Aggregates", "cluster roles with "+firstOf(selectorText(&a.ClusterRoleSelectors[i]), "any labels"))
		}
	}
	f.addRules(o.Rules)
	if len(o.Rules) == 0 {
		f.add("Rules", "none: it allows nothing")
	}
	return Details{Facts: f}
}
