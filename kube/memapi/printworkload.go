package memapi

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func init() {
	prints("Name, Controller, Revision, Age", controllerRevisionCells)
	prints("Name, Min Available, Max Unavailable, #Allowed Disruptions, Age", disruptionBudgetCells)
	prints("Name, Holder, Age", func(o *coordinationv1.Lease) []any {
		return []any{o.Name, orElse(o.Spec.HolderIdentity, ""), o.CreationTimestamp}
	})
	prints("Name, Handler, Age", func(o *nodev1.RuntimeClass) []any {
		return []any{o.Name, o.Handler, o.CreationTimestamp}
	})
	prints("Name, #Value, ?Global-Default, Age, PreemptionPolicy", func(o *schedulingv1.PriorityClass) []any {
		return []any{o.Name, o.Value, o.GlobalDefault, o.CreationTimestamp, orElse(o.PreemptionPolicy, "")}
	})
	candidate := schema.GroupKind{Group: "coordination.k8s.io", Kind: "LeaseCandidate"}
	printsAnyVersion(candidate, "Name, LeaseName, BinaryVersion, EmulationVersion, Age",
		func(o *unstructured.Unstructured) []any {
			return []any{
				o.GetName(), textAt(o, "spec", "leaseName"), textAt(o, "spec", "binaryVersion"),
				textAt(o, "spec", "emulationVersion"), o.GetCreationTimestamp(),
			}
		})
	workload := schema.GroupKind{Group: "scheduling.k8s.io", Kind: "Workload"}
	printsAnyVersion(workload, "Name, Age", func(o *unstructured.Unstructured) []any {
		return []any{o.GetName(), o.GetCreationTimestamp()}
	})
	group := schema.GroupKind{Group: "scheduling.k8s.io", Kind: "PodGroup"}
	printsAnyVersion(group, "Name, Policy, Workload, Status, Age", podGroupCells)
}

func controllerRevisionCells(o *appsv1.ControllerRevision) []any {
	owner := "<none>"
	if ref := metav1.GetControllerOf(o); ref != nil {
		gv, _ := schema.ParseGroupVersion(ref.APIVersion)
		owner = strings.ToLower(gv.WithKind(ref.Kind).GroupKind().String()) + "/" + ref.Name
	}
	return []any{o.Name, owner, o.Revision, o.CreationTimestamp}
}

func disruptionBudgetCells(o *policyv1.PodDisruptionBudget) []any {
	lowest, highest := "N/A", "N/A"
	if v := o.Spec.MinAvailable; v != nil {
		lowest = v.String()
	}
	if v := o.Spec.MaxUnavailable; v != nil {
		highest = v.String()
	}
	return []any{o.Name, lowest, highest, o.Status.DisruptionsAllowed, o.CreationTimestamp}
}

// podGroupCells reads both forms of the reference to a workload: versions from
// v1alpha3 on have workloadRef.
func podGroupCells(o *unstructured.Unstructured) []any {
	policy, workload, status := "Basic", "<none>", "Pending"
	if _, found, _ := unstructured.NestedMap(o.Object, "spec", "schedulingPolicy", "gang"); found {
		policy = "Gang"
	}
	for _, path := range [][]string{
		{"spec", "podGroupTemplateRef", "workload", "workloadName"}, {"spec", "workloadRef", "workloadName"},
	} {
		if name := textAt(o, path...); name != "" {
			workload = name
		}
	}
	if c := condition(o, "PodGroupScheduled"); c != nil {
		status = "Unschedulable"
		if c["status"] == "True" {
			status = "Scheduled"
		}
	}
	if c := condition(o, "DisruptionTarget"); c != nil {
		status, _ = c["reason"].(string)
	}
	return []any{o.GetName(), policy, workload, status, o.GetCreationTimestamp()}
}
