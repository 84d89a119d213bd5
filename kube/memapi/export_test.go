package memapi

import "k8s.io/apimachinery/pkg/runtime/schema"

// PrintedKinds returns the kinds whose Tables this package writes.
func PrintedKinds() []schema.GroupKind {
	var all []schema.GroupKind
	for gvk := range printers {
		all = append(all, gvk.GroupKind())
	}
	for kind := range anyVersion {
		all = append(all, kind)
	}
	return all
}
