package remote

import "k8s.io/apimachinery/pkg/runtime"

// convert reads the fields of an object into a typed value.
func convert(fields map[string]any, to any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(fields, to)
}
