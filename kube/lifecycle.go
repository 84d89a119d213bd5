package kube

import (
	"strconv"

	"k8s.io/client-go/kubernetes/scheme"
)

// Removal returns the version of Kubernetes that stops serving a built-in kind
// ("v1.32"), "" for one that stays and for what is not built in.
func (r Resource) Removal() string {
	if !r.BuiltIn() {
		return ""
	}
	for _, removed := range removals {
		if removed.groupVersion == r.GroupVersion().String() && (removed.kind == "" || removed.kind == r.Kind) {
			return "v1." + strconv.Itoa(removed.minor)
		}
	}
	return ""
}

// Replacement returns the version of the same resource that outlives this one, as far as
// the API server has it already.
func (r *Resources) Replacement(of Resource) (Resource, bool) {
	for _, other := range r.all {
		if other.GroupResource() == of.GroupResource() && other.Version != of.Version && other.Removal() == "" {
			return other, true
		}
	}
	return Resource{}, false
}

// BuiltIn reports whether the kind is one of Kubernetes' own.
func (r Resource) BuiltIn() bool {
	return scheme.Scheme.Recognizes(r.GroupVersion().WithKind(r.Kind)) ||
		r.GroupVersionResource == definitions || r.GroupVersionResource == apiServices
}
