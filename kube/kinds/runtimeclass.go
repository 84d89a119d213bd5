package kinds

import (
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// RuntimeClass names a way in which nodes run containers.
var RuntimeClass = register(Kind{
	GroupVersionKind: nodev1.SchemeGroupVersion.WithKind("RuntimeClass"),
	Resource:         "runtimeclasses",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "HANDLER"},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &nodev1.RuntimeClass{} },
}, readRuntimeClass, runtimeClassDetails)

func readRuntimeClass(c *nodev1.RuntimeClass, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), TextCell(c.Handler), AgeCell(r.Created)}
}

func runtimeClassDetails(c *nodev1.RuntimeClass) Details {
	var f facts
	f.add("Handler", c.Handler)
	if o := c.Overhead; o != nil {
		f.add("Overhead", resourcesText(corev1.ResourceRequirements{Requests: o.PodFixed}))
	}
	if s := c.Scheduling; s != nil {
		f.add("Node selector", mapText(s.NodeSelector))
		for i := range s.Tolerations {
			f.add("Toleration", tolerationText(&s.Tolerations[i]))
		}
	}
	return Details{Facts: f}
}

// tolerationText is "dedicated=gpu:NoSchedule".
func tolerationText(t *corev1.Toleration) string {
	text := firstOf(t.Key, "any taint")
	if t.Value != "" {
		text += "=" + t.Value
	}
	return join(":", text, string(t.Effect))
}
