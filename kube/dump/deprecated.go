package dump

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// successors are kinds that have another group now; their fields stayed.
var successors = map[string]map[string]string{
	"extensions/v1beta1": {
		"DaemonSet": "apps/v1", "Deployment": "apps/v1", "ReplicaSet": "apps/v1", "Ingress": "networking.k8s.io/v1",
		"NetworkPolicy": "networking.k8s.io/v1",
	},
	"networking.k8s.io/v1beta1": {"Ingress": "networking.k8s.io/v1", "IngressClass": "networking.k8s.io/v1"},
}

// successorOf returns the apiVersion that replaced a kind's own, or "" when that is
// still served.
func successorOf(gvk schema.GroupVersionKind) string {
	return successors[gvk.GroupVersion().String()][gvk.Kind]
}

// upgradeVersion gives an object of a version that is no longer served the version that
// replaced it, as the server's own conversion does
// (https://kubernetes.io/docs/reference/using-api/deprecation-guide).
func upgradeVersion(u *unstructured.Unstructured) {
	to := successorOf(u.GroupVersionKind())
	if to == "" {
		return
	}
	u.SetAPIVersion(to)
	if u.GetKind() != "Ingress" {
		return
	}
	spec, _ := u.Object["spec"].(map[string]any)
	if backend, ok := spec["backend"].(map[string]any); ok {
		delete(spec, "backend")
		spec["defaultBackend"] = upgradeBackend(backend)
	}
	rules, _ := spec["rules"].([]any)
	for _, rule := range rules {
		rule, _ := rule.(map[string]any)
		http, _ := rule["http"].(map[string]any)
		paths, _ := http["paths"].([]any)
		for _, p := range paths {
			p, ok := p.(map[string]any)
			if !ok {
				continue
			}
			if backend, ok := p["backend"].(map[string]any); ok {
				p["backend"] = upgradeBackend(backend)
			}
			if p["pathType"] == nil {
				p["pathType"] = "ImplementationSpecific"
			}
		}
	}
}

func upgradeBackend(old map[string]any) map[string]any {
	name, ok := old["serviceName"]
	if !ok {
		return old
	}
	port := map[string]any{}
	switch number := old["servicePort"].(type) {
	case string:
		port["name"] = number
	case nil:
	default:
		port["number"] = number
	}
	backend := maps.Clone(old)
	delete(backend, "serviceName")
	delete(backend, "servicePort")
	backend["service"] = map[string]any{"name": name, "port": port}
	return backend
}
