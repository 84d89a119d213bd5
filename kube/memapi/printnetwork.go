package memapi

import (
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func init() {
	prints("Name, Pod-Selector, Age", func(o *networkingv1.NetworkPolicy) []any {
		return []any{o.Name, metav1.FormatLabelSelector(&o.Spec.PodSelector), o.CreationTimestamp}
	})
	prints("Name, CIDRs, Age", func(o *networkingv1.ServiceCIDR) []any {
		return []any{o.Name, strings.Join(o.Spec.CIDRs, ","), o.CreationTimestamp}
	})
	prints("Name, ParentRef", func(o *networkingv1.IPAddress) []any {
		parent := "<none>"
		if ref := o.Spec.ParentRef; ref != nil {
			parent = strings.ToLower(schema.GroupResource{Group: ref.Group, Resource: ref.Resource}.String())
			if ref.Namespace != "" {
				parent += "/" + ref.Namespace
			}
			parent += "/" + ref.Name
		}
		return []any{o.Name, parent}
	})
	service := schema.GroupKind{Group: "apiregistration.k8s.io", Kind: "APIService"}
	printsAnyVersion(service, "Name, Service, Available, Age", func(o *unstructured.Unstructured) []any {
		return []any{o.GetName(), servedBy(o), availability(o), o.GetCreationTimestamp()}
	})
}

func servedBy(o *unstructured.Unstructured) string {
	if namespace := textAt(o, "spec", "service", "namespace"); namespace != "" {
		return namespace + "/" + textAt(o, "spec", "service", "name")
	}
	return "Local"
}

func availability(o *unstructured.Unstructured) string {
	c := condition(o, "Available")
	if c == nil {
		return "Unknown"
	}
	status, _ := c["status"].(string)
	if reason, _ := c["reason"].(string); status != "True" && reason != "" {
		status += " (" + reason + ")"
	}
	return status
}
