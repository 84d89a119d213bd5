package kinds

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ConfigMap holds configuration as texts with keys.
var ConfigMap = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ConfigMap"),
	Resource:         "configmaps",
	Short:            []string{"cm"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "DATA", Right: true},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &corev1.ConfigMap{} },
}, readConfigMap, configMapDetails)

func readConfigMap(c *corev1.ConfigMap, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		countCell(int64(len(c.Data) + len(c.BinaryData))),
		AgeCell(r.Created),
	}
}

func configMapDetails(c *corev1.ConfigMap) Details {
	var f facts
	if c.Immutable != nil && *c.Immutable {
		f.add("Immutable", "yes")
	}
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		f.add("Key "+key, bytesText(len(c.Data[key])))
	}
	for _, key := range slices.Sorted(maps.Keys(c.BinaryData)) {
		f.add("Binary key "+key, bytesText(len(c.BinaryData[key])))
	}
	return Details{Facts: f}
}
