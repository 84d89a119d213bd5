package kinds

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Secret holds values that are not for every eye. Nothing made here holds any
// of them: only their keys and sizes.
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
	Secret: true,
	New:    func() runtime.Object { return &corev1.Secret{} },
}, readSecret, secretDetails)

func readSecret(s *corev1.Secret, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(string(s.Type)),
		countCell(int64(len(s.Data))),
		AgeCell(r.Created),
	}
}

func secretDetails(s *corev1.Secret) Details {
	var f facts
	f.add("Type", string(s.Type))
	if s.Immutable != nil && *s.Immutable {
		f.add("Immutable", "yes")
	}
	f.link("Service account", ref(corev1.SchemeGroupVersion, "ServiceAccount", s.Namespace, s.Annotations[corev1.ServiceAccountNameKey]))
	for _, key := range slices.Sorted(maps.Keys(s.Data)) {
		f.add("Key "+key, bytesText(len(s.Data[key])))
	}
	return Details{Facts: f}
}
