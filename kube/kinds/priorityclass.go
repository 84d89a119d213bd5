package kinds

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PriorityClass says which pods come first when there is not room for all.
var PriorityClass = register(Kind{
	GroupVersionKind: schedulingv1.SchemeGroupVersion.WithKind("PriorityClass"),
	Resource:         "priorityclasses",
	Quiet:            true,
	Short:            []string{"pc"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "VALUE", Right: true},
		{Name: "GLOBAL-DEFAULT"},
		{Name: "AGE"},
		{Name: "PREEMPTIONPOLICY"},
	},
	New: func() runtime.Object { return &schedulingv1.PriorityClass{} },
}, readPriorityClass, priorityClassDetails)

func readPriorityClass(c *schedulingv1.PriorityClass, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		countCell(int64(c.Value)),
		boolCell(c.GlobalDefault),
		AgeCell(r.Created),
		TextCell(preemption(c)),
	}
}

// preemption is as SetDefaults_PriorityClass has it
// (k8s.io/kubernetes/pkg/apis/scheduling/v1/defaults.go).
func preemption(c *schedulingv1.PriorityClass) string {
	return string(valueOr(c.PreemptionPolicy, corev1.PreemptLowerPriority))
}

func priorityClassDetails(c *schedulingv1.PriorityClass) Details {
	var f facts
	f.add("Value", strconv.Itoa(int(c.Value)))
	if c.GlobalDefault {
		f.add("Default", "yes: pods that name no class get this one")
	}
	f.add("Preemption", preemption(c))
	f.add("Description", c.Description)
	return Details{Facts: f}
}
