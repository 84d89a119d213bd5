package kinds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ConfigMap holds configuration as texts with keys.
var ConfigMap = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ConfigMap"),
	Resource:         "configmaps",
	Quiet:            true,
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
	sizes := make(map[string]int, len(c.Data)+len(c.BinaryData))
	for key, value := range c.Data {
		sizes[key] = len(value)
	}
	for key, value := range c.BinaryData {
		sizes[key] = len(value)
	}
	return Details{Facts: f, Data: dataOf(sizes, c.Data)}
}

// dataOf are the keys, with the values that may be shown and are short; the others have
// only a size.
func dataOf(sizes map[string]int, values map[string]string) []Datum {
	var out []Datum
	for _, key := range slices.Sorted(maps.Keys(sizes)) {
		d := Datum{Key: Clean(key), Size: bytesText(sizes[key])}
		text := strings.TrimSuffix(values[key], "\n")
		if lines := 1 + strings.Count(text, "\n"); lines > 1 {
			d.Size += fmt.Sprintf(", %d lines", lines)
		} else if len(text) <= shortValue {
			d.Text = Clean(text)
		}
		out = append(out, d)
	}
	return out
}

// shortValue is how many bytes of a value an overview shows.
const shortValue = 200
