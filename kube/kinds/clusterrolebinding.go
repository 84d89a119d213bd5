package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ClusterRoleBinding grants a cluster role to its subjects, in the whole cluster.
var ClusterRoleBinding = register(Kind{
	GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("ClusterRoleBinding"),
	Resource:         "clusterrolebindings",
	Quiet:            true,
	Columns:          bindingColumns,
	LinksTo:          bindingLinksTo,
	New:              func() runtime.Object { return &rbacv1.ClusterRoleBinding{} },
}, func(o *rbacv1.ClusterRoleBinding, r *Record) {
	readBinding(&o.RoleRef, o.Subjects, r)
}, func(o *rbacv1.ClusterRoleBinding) Details {
	return bindingDetails(&o.RoleRef, o.Subjects, "")
})
