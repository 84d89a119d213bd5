package memapi

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// addressesMax is how many addresses the table of Endpoints shows.
const addressesMax = 3

func init() {
	prints(&corev1.Endpoints{}, "Name, Endpoints, Age", func(o *corev1.Endpoints) []any { //nolint:staticcheck // clusters still have them
		return []any{o.Name, addresses(o.Subsets), o.CreationTimestamp}
	})
	prints(&networkingv1.IngressClass{}, "Name, Controller, Parameters, Age", func(o *networkingv1.IngressClass) []any {
		parameters := "<none>"
		if p := o.Spec.Parameters; p != nil {
			parameters = p.Kind
			if p.APIGroup != nil {
				parameters += "." + *p.APIGroup
			}
			parameters += "/" + p.Name
		}
		return []any{defaulted(o, networkingv1.AnnotationIsDefaultIngressClass), o.Spec.Controller, parameters, o.CreationTimestamp}
	})
	prints(&networkingv1.NetworkPolicy{}, "Name, Pod-Selector, Age", func(o *networkingv1.NetworkPolicy) []any {
		return []any{o.Name, metav1.FormatLabelSelector(&o.Spec.PodSelector), o.CreationTimestamp}
	})
	prints(&networkingv1.ServiceCIDR{}, "Name, CIDRs, Age", func(o *networkingv1.ServiceCIDR) []any {
		return []any{o.Name, strings.Join(o.Spec.CIDRs, ","), o.CreationTimestamp}
	})
	prints(&networkingv1.IPAddress{}, "Name, ParentRef", func(o *networkingv1.IPAddress) []any {
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
	printStorage()
	service := schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}
	printsMap(service, "Name, Service, Available, Age", func(o *unstructured.Unstructured) []any {
		return []any{o.GetName(), servedBy(o), availability(o), o.GetCreationTimestamp()}
	})
}

func servedBy(o *unstructured.Unstructured) string {
	namespace, found, _ := unstructured.NestedString(o.Object, "spec", "service", "namespace")
	if !found {
		return "Local"
	}
	name, _, _ := unstructured.NestedString(o.Object, "spec", "service", "name")
	return namespace + "/" + name
}

func availability(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		c, _ := c.(map[string]any)
		if c["type"] != "Available" {
			continue
		}
		status, _ := c["status"].(string)
		if reason, _ := c["reason"].(string); status != "True" && reason != "" {
			status += " (" + reason + ")"
		}
		return status
	}
	return "Unknown"
}

func printStorage() {
	prints(&storagev1.StorageClass{}, "Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age", func(o *storagev1.StorageClass) []any {
		return []any{
			defaulted(o, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"), o.Provisioner, or(o.ReclaimPolicy, "Delete"),
			or(o.VolumeBindingMode, "Immediate"), or(o.AllowVolumeExpansion, false), o.CreationTimestamp,
		}
	})
	prints(&storagev1.VolumeAttributesClass{}, "Name, DriverName, Age", func(o *storagev1.VolumeAttributesClass) []any {
		return []any{o.Name, o.DriverName, o.CreationTimestamp}
	})
	prints(&storagev1.VolumeAttachment{}, "Name, Attacher, PV, Node, Attached, Age", func(o *storagev1.VolumeAttachment) []any {
		return []any{o.Name, o.Spec.Attacher, or(o.Spec.Source.PersistentVolumeName, ""), o.Spec.NodeName, o.Status.Attached, o.CreationTimestamp}
	})
	prints(&storagev1.CSINode{}, "Name, #Drivers, Age", func(o *storagev1.CSINode) []any {
		return []any{o.Name, len(o.Spec.Drivers), o.CreationTimestamp}
	})
	prints(&storagev1.CSIStorageCapacity{}, "Name, StorageClassName, Capacity", func(o *storagev1.CSIStorageCapacity) []any {
		capacity := "<unset>"
		if o.Capacity != nil {
			capacity = o.Capacity.String()
		}
		return []any{o.Name, o.StorageClassName, capacity}
	})
	const driver = "Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age"
	prints(&storagev1.CSIDriver{}, driver, func(o *storagev1.CSIDriver) []any {
		var modes, audiences []string
		for _, m := range o.Spec.VolumeLifecycleModes {
			modes = append(modes, string(m))
		}
		for _, t := range o.Spec.TokenRequests {
			audiences = append(audiences, t.Audience)
		}
		asked := strings.Join(audiences, ",")
		if o.Spec.TokenRequests == nil {
			asked = "<unset>"
		}
		if modes == nil {
			modes = []string{"<none>"}
		}
		return []any{
			o.Name, or(o.Spec.AttachRequired, true), or(o.Spec.PodInfoOnMount, false), or(o.Spec.StorageCapacity, false),
			asked, or(o.Spec.RequiresRepublish, false), strings.Join(modes, ","), o.CreationTimestamp,
		}
	})
}

// defaulted is the name of an object, and that it is the cluster's default when
// an annotation says so.
func defaulted(o metav1.Object, annotations ...string) string {
	for _, a := range annotations {
		if o.GetAnnotations()[a] == "true" {
			return o.GetName() + " (default)"
		}
	}
	return o.GetName()
}

func addresses(subsets []corev1.EndpointSubset) string { //nolint:staticcheck // clusters still have them
	if len(subsets) == 0 {
		return "<none>"
	}
	var all []string
	for _, s := range subsets {
		for _, a := range s.Addresses {
			if len(s.Ports) == 0 {
				all = append(all, a.IP)
			}
		}
		for _, p := range s.Ports {
			for _, a := range s.Addresses {
				all = append(all, net.JoinHostPort(a.IP, strconv.Itoa(int(p.Port))))
			}
		}
	}
	if more := len(all) - addressesMax; more > 0 {
		return fmt.Sprintf("%s + %d more...", strings.Join(all[:addressesMax], ","), more)
	}
	return strings.Join(all, ",")
}
