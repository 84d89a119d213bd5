package memapi

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func init() {
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
