package kinds

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// Secret holds values that are not for every eye. Nothing made here holds any
// of them: only their keys and sizes, what its certificates say to everybody, and the
// labels that repeat none.
var Secret = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Secret"),
	Resource:         "secrets",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "TYPE"},
		{Name: "DATA", Right: true},
		{Name: "AGE"},
	},
	Secret:  true,
	LinksTo: "ServiceAccount",
	New:     func() runtime.Object { return &corev1.Secret{} },
}, readSecret, secretDetails)

func readSecret(s *corev1.Secret, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(secretType(s)),
		countCell(int64(len(secretSizes(s)))),
		AgeCell(r.Created),
	}
	r.Labels = readLabels(secretValues(s).Hide(s.Labels))
	if account := s.Annotations[corev1.ServiceAccountNameKey]; !secretValues(s).Copied(account) {
		r.linkTo(BelongsTo, core("ServiceAccount", s.Namespace, account), "")
	}
}

// secretValues are what is hidden wherever else the Secret says it.
func secretValues(s *corev1.Secret) *redact.Values {
	return redact.ValuesOf(s.Namespace, s.Name, s.Data, s.StringData)
}

// secretType is Opaque unless the secret says otherwise
// (SetDefaults_Secret in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func secretType(s *corev1.Secret) string { return string(cmp.Or(s.Type, corev1.SecretTypeOpaque)) }

// secretSizes are the lengths of the values. A manifest may write them as texts, which
// the API server writes over the data
// (k8s.io/kubernetes/pkg/apis/core/v1/conversion.go).
func secretSizes(s *corev1.Secret) map[string]int {
	sizes := make(map[string]int, len(s.Data)+len(s.StringData))
	for key, value := range s.Data {
		sizes[key] = len(value)
	}
	for key, value := range s.StringData {
		sizes[key] = len(value)
	}
	return sizes
}

func secretDetails(s *corev1.Secret) Details {
	var f facts
	f.add("Type", secretType(s))
	if s.Immutable != nil && *s.Immutable {
		f.add("Immutable", "yes")
	}
	if account := s.Annotations[corev1.ServiceAccountNameKey]; !secretValues(s).Copied(account) {
		f.link("Service account", ref(corev1.SchemeGroupVersion, "ServiceAccount", s.Namespace, account))
	}
	addCertificates(&f, s)
	return Details{Facts: f, Data: dataOf(secretSizes(s), nil)}
}
