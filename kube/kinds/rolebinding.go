package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// RoleBinding grants a role to its subjects, in its namespace.
var RoleBinding = register(Kind{
	GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("RoleBinding"),
	Resource:         "rolebindings",
	Quiet:            true,
	Namespaced:       true,
	Columns:          bindingColumns,
	LinksTo:          "Role.rbac.authorization.k8s.io " + bindingLinksTo,
	New:              func() runtime.Object { return &rbacv1.RoleBinding{} },
}, func(o *rbacv1.RoleBinding, r *Record) {
	readBinding(&o.RoleRef, o.Subjects, r)
}, func(o *rbacv1.RoleBinding) Details {
	return bindingDetails(&o.RoleRef, o.Subjects, o.Namespace)
})
