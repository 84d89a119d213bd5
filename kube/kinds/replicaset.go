package kinds

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ReplicaSet keeps a number of pods of one template; most belong to a
// Deployment and are one of its revisions.
var ReplicaSet = register(Kind{
	GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
	Resource:         "replicasets",
	Short:            []string{"rs"},
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
	LinksTo: specLinksTo,
	New:     func() runtime.Object { return &appsv1.ReplicaSet{} },
}, readReplicaSet, replicaSetDetails)

func readReplicaSet(s *appsv1.ReplicaSet, r *Record) {
	names, images := containerCells(&s.Spec.Template)
	r.Cells = []Cell{
		ownCell(r.Name),
		countCell(replicas(s.Spec.Replicas)),
		countCell(int64(s.Status.Replicas)),
		countCell(int64(s.Status.ReadyReplicas)),
		AgeCell(r.Created),
		names,
		images,
		selectorCell(s.Spec.Selector),
	}
	r.Status = replicaStatus(
		conditionsOf(s.Status.Conditions, readReplicaSetCondition),
		replicas(s.Spec.Replicas), s.Status.Replicas, s.Status.ReadyReplicas,
	)
	r.linkTemplate(s.Namespace, &s.Spec.Template)
}

// replicaStatus says how many of the wanted pods there are, or why they cannot be made.
func replicaStatus(conditions []Condition, want int64, current, readyNow int32) Status {
	for _, c := range conditions {
		if c.Type == string(appsv1.ReplicaSetReplicaFailure) && c.Status == "True" {
			return Status{Failing, c.Why(), c.Changed.Time}
		}
	}
	ready := int64(readyNow)
	count := ratio(ready, want) + " ready"
	switch {
	case want == 0 && current == 0:
		return Status{Level: Quiet}
	case int64(current) != want:
		return Status{Level: Waiting, Reason: count}
	case ready < want:
		return Status{Level: Degraded, Reason: count}
	}
	return Status{Level: OK}
}

func replicaSetDetails(s *appsv1.ReplicaSet) Details {
	var f facts
	f.add("Replicas", ratio(int64(s.Status.ReadyReplicas), replicas(s.Spec.Replicas))+" ready")
	f.add("Revision", s.Annotations["deployment.kubernetes.io/revision"])
	f = append(f, templateFacts(s.Namespace, &s.Spec.Template)...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(s.Status.Conditions, readReplicaSetCondition),
		Children:   owned(s.Spec.Selector, pods),
	}
}

func readReplicaSetCondition(c appsv1.ReplicaSetCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
