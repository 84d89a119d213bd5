package kinds

import (
	"cmp"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Deployment keeps a set of equal pods and replaces them step by step.
var Deployment = register(Kind{
	GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("Deployment"),
	Resource:         "deployments",
	Short:            []string{"deploy"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "READY", State: true},
		{Name: "UP-TO-DATE", Right: true},
		{Name: "AVAILABLE", Right: true, State: true},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo:  specLinksTo,
	New:      func() runtime.Object { return &appsv1.Deployment{} },
	Reset:    emptied[appsv1.Deployment],
	Unjudged: unjudged("spec.selector", "spec.template"),
	status:   statusBy(deploymentStatus),
}, readDeployment, deploymentDetails)

func readDeployment(d *appsv1.Deployment, r *Record) {
	names, images := containerCells(&d.Spec.Template)
	selector := "<invalid>"
	if s, err := metav1.LabelSelectorAsSelector(d.Spec.Selector); err == nil {
		selector = s.String()
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		ShareCell(int64(d.Status.ReadyReplicas), replicas(d.Spec.Replicas)),
		countCell(int64(d.Status.UpdatedReplicas)),
		countCell(int64(d.Status.AvailableReplicas)),
		AgeCell(r.Created),
		names,
		images,
		TextCell(selector),
	}
	r.linkTemplate(d.Namespace, &d.Spec.Template)
}

// deploymentStatus follows `kubectl rollout status` (polymorphichelpers'
// rollout_status.go) for what a rollout waits for.
func deploymentStatus(d *appsv1.Deployment) Status {
	want, ready := replicas(d.Spec.Replicas), int64(d.Status.ReadyReplicas)
	count := ratio(ready, want) + " ready"
	available := deploymentCondition(d, appsv1.DeploymentAvailable)
	progressing := deploymentCondition(d, appsv1.DeploymentProgressing)
	failure := deploymentCondition(d, appsv1.DeploymentReplicaFailure)
	stuck := Failing
	if want > 0 && ready >= want {
		stuck = Degraded // The old pods serve.
	}
	switch {
	case failure.Status == "True":
		return Status{stuck, Clean(because(failure.Reason, failure.Message)), failure.LastTransitionTime.Time}
	case progressing.Status == "False":
		updated := ""
		if n := int64(d.Status.UpdatedReplicas); n < want {
			updated = fmt.Sprintf("%d of %d updated", n, want)
		}
		why := join(", ", because(progressing.Reason, join(", ", updated, count)), paused(d))
		return Status{stuck, Clean(why), progressing.LastTransitionTime.Time}
	case want == 0 && d.Status.Replicas == 0:
		return Status{Level: Quiet, Reason: "scaled to 0"}
	case d.Status.ObservedGeneration < d.Generation:
		return Status{Waiting, count + ", change not seen yet by its controller", progressing.LastUpdateTime.Time}
	case rollingOut(d, want, progressing.Reason):
		return Status{Waiting, count + ", rolling out" + comma(paused(d)), progressing.LastUpdateTime.Time}
	case ready < want && ready == 0:
		return Status{Failing, count, available.LastTransitionTime.Time}
	case ready < want:
		return Status{Degraded, count, available.LastTransitionTime.Time}
	}
	return Status{Level: OK, Reason: paused(d)}
}

// rollingOut reports whether pods of the newest template are still missing or old
// ones still there. Progressing keeps its last reason after a rollout, so a
// pod that fails later is not mistaken for one.
func rollingOut(d *appsv1.Deployment, want int64, reason string) bool {
	updated := int64(d.Status.UpdatedReplicas)
	return updated < want || int64(d.Status.Replicas) > updated ||
		int64(d.Status.ReadyReplicas) < want && reason != "" && reason != "NewReplicaSetAvailable"
}

func paused(d *appsv1.Deployment) string {
	if d.Spec.Paused {
		return "paused"
	}
	return ""
}

func deploymentCondition(d *appsv1.Deployment, kind appsv1.DeploymentConditionType) appsv1.DeploymentCondition {
	for i := range d.Status.Conditions {
		if d.Status.Conditions[i].Type == kind {
			return d.Status.Conditions[i]
		}
	}
	return appsv1.DeploymentCondition{}
}

func deploymentDetails(d *appsv1.Deployment) Details {
	var f facts
	f.add("Replicas", join(", ",
		ratio(int64(d.Status.ReadyReplicas), replicas(d.Spec.Replicas))+" ready",
		plural(int(d.Status.UpdatedReplicas), "updated pod"),
		plural(int(d.Status.UnavailableReplicas), "unavailable pod")))
	f.add("Strategy", strategyText(d.Spec.Strategy))
	f.add("Revision", d.Annotations["deployment.kubernetes.io/revision"])
	f.add("Change cause", d.Annotations["kubernetes.io/change-cause"])
	if d.Spec.Paused {
		f.addLevel("Paused", "yes: changes of the template are not rolled out", Waiting)
	}
	f = append(f, templateFacts(d.Namespace, &d.Spec.Template)...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(d.Status.Conditions, readDeploymentCondition),
		Children:   owned(d.Spec.Selector, replicaSets, pods),
	}
}

// strategyText is "RollingUpdate: max unavailable 25%, max surge 25%". What is
// not set is as SetDefaults_Deployment has it
// (k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go).
func strategyText(s appsv1.DeploymentStrategy) string {
	kind := cmp.Or(s.Type, appsv1.RollingUpdateDeploymentStrategyType)
	if kind != appsv1.RollingUpdateDeploymentStrategyType {
		return string(kind)
	}
	limits := valueOr(s.RollingUpdate, appsv1.RollingUpdateDeployment{})
	quarter := intstr.FromString("25%")
	unavailable, surge := valueOr(limits.MaxUnavailable, quarter), valueOr(limits.MaxSurge, quarter)
	return string(kind) + ": max unavailable " + unavailable.String() + ", max surge " + surge.String()
}

func readDeploymentCondition(c appsv1.DeploymentCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
