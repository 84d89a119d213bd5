package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// PodTemplate holds a template for pods, for controllers of others.
var PodTemplate = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PodTemplate"),
	Resource:         "podtemplates",
	Quiet:            true,
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CONTAINERS"},
		{Name: "IMAGES"},
		{Name: "POD LABELS"},
	},
	LinksTo: specLinksTo,
	New:     func() runtime.Object { return &corev1.PodTemplate{} },
}, readPodTemplate, podTemplateDetails)

func readPodTemplate(t *corev1.PodTemplate, r *Record) {
	names, images := containerCells(&t.Template)
	r.Cells = []Cell{ownCell(r.Name), names, images, TextCell(labels.FormatLabels(t.Template.Labels))}
	r.linkSpec(t.Namespace, &t.Template.Spec)
}

func podTemplateDetails(t *corev1.PodTemplate) Details {
	var f facts
	f.add("Pod labels", mapText(t.Template.Labels))
	return Details{Facts: append(f, templateFacts(t.Namespace, &t.Template)...)}
}
