package kinds

import (
	"cmp"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// StatefulSet keeps pods with names, order and volumes of their own.
var StatefulSet = register(Kind{
	GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
	Resource:         "statefulsets",
	Short:            []string{"sts"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "READY", State: true},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
	},
	LinksTo:  specLinksTo + " Service",
	New:      func() runtime.Object { return &appsv1.StatefulSet{} },
	Reset:    emptied[appsv1.StatefulSet],
	Unjudged: unjudged("spec.selector", "spec.template", "spec.volumeClaimTemplates"),
	status:   statusBy(statefulSetStatus),
}, readStatefulSet, statefulSetDetails)

func readStatefulSet(s *appsv1.StatefulSet, r *Record) {
	names, images := containerCells(&s.Spec.Template)
	r.Cells = []Cell{
		ownCell(r.Name),
		ShareCell(int64(s.Status.ReadyReplicas), replicas(s.Spec.Replicas)),
		AgeCell(r.Created),
		names,
		images,
	}
	r.linkTemplate(s.Namespace, &s.Spec.Template)
	for i := range s.Spec.VolumeClaimTemplates {
		name := s.Spec.VolumeClaimTemplates[i].Name
		r.linkTo(Mounts, core("PersistentVolumeClaim", s.Namespace, name+"-"+s.Name+"-"+AnyNumber), name)
	}
	r.linkTo(BelongsTo, core("Service", s.Namespace, s.Spec.ServiceName), "serviceName")
}

func statefulSetStatus(s *appsv1.StatefulSet) Status {
	want, ready := replicas(s.Spec.Replicas), int64(s.Status.ReadyReplicas)
	count := ratio(ready, want) + " ready"
	switch {
	case want == 0 && s.Status.Replicas == 0:
		return Status{Level: Quiet, Reason: "scaled to 0"}
	case s.Status.ObservedGeneration < s.Generation:
		return Status{Level: Waiting, Reason: count + ", change not seen yet by its controller"}
	case s.Status.CurrentRevision != s.Status.UpdateRevision && ready < want:
		return Status{Level: Waiting, Reason: count + ", rolling out"}
	case ready < want && ready == 0:
		return Status{Level: Failing, Reason: count}
	case ready < want:
		return Status{Level: Degraded, Reason: count}
	case int64(s.Status.Replicas) > want:
		return Status{Level: Waiting, Reason: count + ", scaling down"}
	}
	return Status{Level: OK}
}

func statefulSetDetails(s *appsv1.StatefulSet) Details {
	var f facts
	f.add("Replicas", join(", ",
		ratio(int64(s.Status.ReadyReplicas), replicas(s.Spec.Replicas))+" ready",
		plural(int(s.Status.UpdatedReplicas), "updated pod")))
	// As SetDefaults_StatefulSet has them (k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go).
	f.add("Update strategy", string(cmp.Or(s.Spec.UpdateStrategy.Type, appsv1.RollingUpdateStatefulSetStrategyType)))
	f.add("Pod management", string(cmp.Or(s.Spec.PodManagementPolicy, appsv1.OrderedReadyPodManagement)))
	f.link("Service", ref(corev1.SchemeGroupVersion, "Service", s.Namespace, s.Spec.ServiceName))
	f.add("Current revision", s.Status.CurrentRevision)
	if s.Status.UpdateRevision != s.Status.CurrentRevision {
		f.addLevel("Update revision", s.Status.UpdateRevision, Waiting)
	}
	for i := range s.Spec.VolumeClaimTemplates {
		claim := &s.Spec.VolumeClaimTemplates[i]
		size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
		f.add("Volume claim "+claim.Name, join(", ", size.String(), claimClass(claim)))
	}
	f = append(f, templateFacts(s.Namespace, &s.Spec.Template)...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(s.Status.Conditions, readStatefulSetCondition),
		Children:   owned(s.Spec.Selector, pods),
	}
}

func readStatefulSetCondition(c appsv1.StatefulSetCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
