package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Role says what may be done in its namespace.
var Role = register(Kind{
	GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("Role"),
	Resource:         "roles",
	Quiet:            true,
	Namespaced:       true,
	Columns:          nameAndCreated,
	New:              func() runtime.Object { return &rbacv1.Role{} },
}, readRole, roleDetails)

func readRole(_ *rbacv1.Role, r *Record) { r.Cells = nameAndCreatedCells(r) }

func roleDetails(o *rbacv1.Role) Details {
	var f facts
	f.addRules(o.Rules)
	if len(o.Rules) == 0 {
		f.add("Rules", "none: it allows nothing")
	}
	return Details{Facts: f}
}
