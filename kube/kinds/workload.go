package kinds

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The resources that are children of others.
var (
	pods           = corev1.SchemeGroupVersion.WithResource("pods")
	replicaSets    = appsv1.SchemeGroupVersion.WithResource("replicasets")
	jobs           = batchv1.SchemeGroupVersion.WithResource("jobs")
	endpointSlices = discoveryv1.SchemeGroupVersion.WithResource("endpointslices")
)

// containerCells are the CONTAINERS and IMAGES of a pod template.
func containerCells(template *corev1.PodTemplateSpec) (names, images Cell) {
	containers := template.Spec.Containers
	if len(containers) == 1 {
		return TextCell(containers[0].Name), TextCell(containers[0].Image)
	}
	n, i := make([]string, len(containers)), make([]string, len(containers))
	for at := range containers {
		n[at], i[at] = containers[at].Name, containers[at].Image
	}
	return TextCell(strings.Join(n, ",")), TextCell(strings.Join(i, ","))
}

// selectorCell is a SELECTOR as most workloads have it; "<none>" when it
// selects nothing in particular.
func selectorCell(s *metav1.LabelSelector) Cell { return TextCell(metav1.FormatLabelSelector(s)) }

// selectorText is a label selector for -l; "" when there is none or it is
// invalid.
func selectorText(s *metav1.LabelSelector) string {
	parsed, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return parsed.String()
}

// owned are the children of a workload that its selector and then their owners
// lead to.
func owned(selector *metav1.LabelSelector, resources ...schema.GroupVersionResource) []Child {
	var out []Child
	for _, r := range resources {
		out = append(out, Child{GroupVersionResource: r, Owned: true, Selector: selectorText(selector)})
	}
	return out
}

// replicas is the wanted number of replicas; the API server's default is one.
func replicas(n *int32) int64 {
	if n == nil {
		return 1
	}
	return int64(*n)
}

// templateFacts are what a workload says about the pods it makes.
func templateFacts(namespace string, template *corev1.PodTemplateSpec) []Fact {
	var f facts
	for i := range template.Spec.Containers {
		c := &template.Spec.Containers[i]
		f.add("Container "+c.Name, join(", ", c.Image, resourcesText(c.Resources)))
	}
	for i := range template.Spec.InitContainers {
		c := &template.Spec.InitContainers[i]
		f.add("Init container "+c.Name, join(", ", c.Image, resourcesText(c.Resources)))
	}
	if name := template.Spec.ServiceAccountName; name != "" {
		f.link("Service account", ref(corev1.SchemeGroupVersion, "ServiceAccount", namespace, name))
	}
	f.add("Node selector", mapText(template.Spec.NodeSelector))
	return f
}
