package memapi

import (
	"time"

	quantity "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Metrics are written as metrics-server does (pkg/api/table.go), which names the
// columns after the resources that were measured: always these two.
func init() {
	for _, kind := range []string{"PodMetrics", "NodeMetrics"} {
		printsAnyVersion(schema.GroupKind{Group: "metrics.k8s.io", Kind: kind}, "Name, cpu, memory, Window", metricsCells)
	}
}

func metricsCells(o *unstructured.Unstructured) []any {
	used := usage(o)
	window := textAt(o, "window")
	if lasts, err := time.ParseDuration(window); err == nil {
		window = lasts.String()
	}
	return []any{o.GetName(), used["cpu"].String(), used["memory"].String(), window}
}

// usage returns what an object says was used; of a pod, by all its containers.
func usage(o *unstructured.Unstructured) map[string]*quantity.Quantity {
	sum := map[string]*quantity.Quantity{"cpu": {}, "memory": {}}
	add := func(object map[string]any) {
		used, _, _ := unstructured.NestedStringMap(object, "usage")
		for name, text := range used {
			if q, err := quantity.ParseQuantity(text); err == nil && sum[name] != nil {
				sum[name].Add(q)
			}
		}
	}
	add(o.Object)
	containers, _, _ := unstructured.NestedSlice(o.Object, "containers")
	for _, c := range containers {
		if c, ok := c.(map[string]any); ok {
			add(c)
		}
	}
	return sum
}
