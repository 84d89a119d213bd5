package kinds

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// ReplicationController keeps a number of pods of one template, as ReplicaSets do now.
var ReplicationController = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ReplicationController"),
	Resource:         "replicationcontrollers",
	Short:            []string{"rc"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "DESIRED", Right: true},
		{Name: "CURRENT", Right: true},
		{Name: "READY", Right: true, State: true},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo: specLinksTo + " Pod",
	New:     func() runtime.Object { return &corev1.ReplicationController{} },
}, readReplicationController, replicationControllerDetails)

func readReplicationController(c *corev1.ReplicationController, r *Record) {
	template := controllerTemplate(c)
	names, images := containerCells(template)
	r.Cells = []Cell{
		ownCell(r.Name),
		countCell(replicas(c.Spec.Replicas)),
		countCell(int64(c.Status.Replicas)),
		countCell(int64(c.Status.ReadyReplicas)),
		AgeCell(r.Created),
		names,
		images,
		TextCell(labels.FormatLabels(controllerSelector(c))),
	}
	r.Status = replicaStatus(
		conditionsOf(c.Status.Conditions, readControllerCondition),
		replicas(c.Spec.Replicas), c.Status.Replicas, c.Status.ReadyReplicas,
	)
	r.linkTemplate(c.Namespace, template)
}

func controllerTemplate(c *corev1.ReplicationController) *corev1.PodTemplateSpec {
	if c.Spec.Template == nil {
		return &corev1.PodTemplateSpec{}
	}
	return c.Spec.Template
}

// controllerSelector is that of the template's labels unless the controller says
// otherwise (SetDefaults_ReplicationController in
// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func controllerSelector(c *corev1.ReplicationController) map[string]string {
	if len(c.Spec.Selector) == 0 {
		return controllerTemplate(c).Labels
	}
	return c.Spec.Selector
}

func replicationControllerDetails(c *corev1.ReplicationController) Details {
	var f facts
	f.add("Replicas", ratio(int64(c.Status.ReadyReplicas), replicas(c.Spec.Replicas))+" ready")
	f.add("Selector", mapText(controllerSelector(c)))
	f = append(f, templateFacts(c.Namespace, controllerTemplate(c))...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(c.Status.Conditions, readControllerCondition),
		Children:   owned(&metav1.LabelSelector{MatchLabels: controllerSelector(c)}, pods),
	}
}

func readControllerCondition(c corev1.ReplicationControllerCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
