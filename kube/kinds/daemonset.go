package kinds

import (
	"cmp"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// DaemonSet keeps one pod on every node that fits.
var DaemonSet = register(Kind{
	GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
	Resource:         "daemonsets",
	Short:            []string{"ds"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "DESIRED", Right: true},
		{Name: "CURRENT", Right: true},
		{Name: "READY", Right: true, State: true},
		{Name: "UP-TO-DATE", Right: true},
		{Name: "AVAILABLE", Right: true, State: true},
		{Name: "NODE SELECTOR"},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo:  specLinksTo,
	New:      func() runtime.Object { return &appsv1.DaemonSet{} },
	Reset:    emptied[appsv1.DaemonSet],
	Unjudged: unjudged("spec.selector", "spec.template"),
	status:   statusBy(daemonSetStatus),
}, readDaemonSet, daemonSetDetails)

func readDaemonSet(s *appsv1.DaemonSet, r *Record) {
	names, images := containerCells(&s.Spec.Template)
	r.Cells = []Cell{
		ownCell(r.Name),
		countCell(int64(s.Status.DesiredNumberScheduled)),
		countCell(int64(s.Status.CurrentNumberScheduled)),
		countCell(int64(s.Status.NumberReady)),
		countCell(int64(s.Status.UpdatedNumberScheduled)),
		countCell(int64(s.Status.NumberAvailable)),
		TextCell(labels.FormatLabels(s.Spec.Template.Spec.NodeSelector)),
		AgeCell(r.Created),
		names,
		images,
		selectorCell(s.Spec.Selector),
	}
	r.linkTemplate(s.Namespace, &s.Spec.Template)
}

func daemonSetStatus(s *appsv1.DaemonSet) Status {
	want, ready := s.Status.DesiredNumberScheduled, s.Status.NumberReady
	count := ratio(int64(ready), int64(want)) + " ready"
	switch {
	case s.Status.ObservedGeneration < s.Generation:
		return Status{Level: Waiting, Reason: count + ", change not seen yet by its controller"}
	case want == 0:
		return Status{Level: Quiet, Reason: "no node fits"}
	case s.Status.UpdatedNumberScheduled < want && s.Spec.UpdateStrategy.Type != appsv1.OnDeleteDaemonSetStrategyType:
		return Status{Level: Waiting, Reason: count + ", rolling out"}
	case ready == 0:
		return Status{Level: Failing, Reason: count}
	case ready < want:
		return Status{Level: Degraded, Reason: count}
	}
	return Status{Level: OK}
}

func daemonSetDetails(s *appsv1.DaemonSet) Details {
	var f facts
	f.add("Pods", join(", ",
		ratio(int64(s.Status.NumberReady), int64(s.Status.DesiredNumberScheduled))+" ready",
		plural(int(s.Status.UpdatedNumberScheduled), "updated pod")))
	if n := int(s.Status.NumberMisscheduled); n > 0 {
		f.addLevel("Misscheduled", plural(n, "pod")+" on nodes that do not fit", Degraded)
	}
	// As SetDefaults_DaemonSet has it (k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go).
	f.add("Update strategy", string(cmp.Or(s.Spec.UpdateStrategy.Type, appsv1.RollingUpdateDaemonSetStrategyType)))
	f = append(f, templateFacts(s.Namespace, &s.Spec.Template)...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(s.Status.Conditions, readDaemonSetCondition),
		Children:   owned(s.Spec.Selector, pods),
	}
}

func readDaemonSetCondition(c appsv1.DaemonSetCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
