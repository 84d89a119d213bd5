package views

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// fieldsOf returns an object as a map, whether its kind is read typed or not; nil for
// what cannot be.
func fieldsOf(obj runtime.Object) map[string]any {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.Object
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return nil
	}
	return fields
}

// textAt is the clean text at a path; "" when there is none.
func textAt(fields map[string]any, path ...string) string {
	s, _, _ := unstructured.NestedString(fields, path...)
	return kinds.Clean(s)
}

// timeAt is the time at a path; zero when there is none.
func timeAt(fields map[string]any, path ...string) time.Time {
	s, _, _ := unstructured.NestedString(fields, path...)
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return at
}

// mapsAt are the objects of a list at a path.
func mapsAt(fields map[string]any, path ...string) (out []map[string]any) {
	list, _, _ := unstructured.NestedFieldNoCopy(fields, path...)
	items, _ := list.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// textsAt are the clean texts of a list at a path.
func textsAt(fields map[string]any, path ...string) (out []string) {
	list, _, _ := unstructured.NestedFieldNoCopy(fields, path...)
	items, _ := list.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, kinds.Clean(s))
		}
	}
	return out
}
