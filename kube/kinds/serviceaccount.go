package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ServiceAccount is who a pod is for the API server.
var ServiceAccount = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ServiceAccount"),
	Resource:         "serviceaccounts",
	Quiet:            true,
	Short:            []string{"sa"},
	Namespaced:       true,
	Columns:          nameAndAge,
	LinksTo:          "Secret",
	New:              func() runtime.Object { return &corev1.ServiceAccount{} },
}, readServiceAccount, serviceAccountDetails)

// nameAndAge are the columns of kinds of which the server shows nothing else.
var nameAndAge = []Column{{Name: "NAME"}, {Name: "AGE"}}

func nameAndAgeCells(r *Record) []Cell { return []Cell{ownCell(r.Name), AgeCell(r.Created)} }

func readServiceAccount(a *corev1.ServiceAccount, r *Record) {
	r.Cells = nameAndAgeCells(r)
	for _, s := range a.ImagePullSecrets {
		r.linkTo(PullsWith, core("Secret", a.Namespace, s.Name), "")
	}
	for _, s := range a.Secrets {
		r.linkTo(Mentions, core("Secret", a.Namespace, s.Name), "secrets")
	}
}

func serviceAccountDetails(a *corev1.ServiceAccount) Details {
	var f facts
	f.add("Mounts its token", yesNo(valueOr(a.AutomountServiceAccountToken, true)))
	for _, s := range a.ImagePullSecrets {
		f.link("Pull secret", core("Secret", a.Namespace, s.Name))
	}
	for _, s := range a.Secrets {
		f.link("Secret", core("Secret", a.Namespace, s.Name))
	}
	return Details{Facts: f}
}
