package kinds

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Namespace is a scope for names.
var Namespace = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Namespace"),
	Resource:         "namespaces",
	Short:            []string{"ns"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "STATUS", State: true},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &corev1.Namespace{} },
}, readNamespace, namespaceDetails)

func readNamespace(n *corev1.Namespace, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(namespacePhase(n)),
		AgeCell(r.Created),
	}
	r.Status = namespaceStatus(n)
}

// namespacePhase is Active until the server says otherwise
// (SetDefaults_NamespaceStatus in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func namespacePhase(n *corev1.Namespace) string {
	return string(cmp.Or(n.Status.Phase, corev1.NamespaceActive))
}

// namespaceStatus says what a namespace that cannot end waits for.
func namespaceStatus(n *corev1.Namespace) Status {
	if n.Status.Phase != corev1.NamespaceTerminating {
		return Status{Level: OK}
	}
	worst := Status{Level: Waiting, Reason: "Terminating"}
	if n.DeletionTimestamp != nil {
		worst.Since = n.DeletionTimestamp.Time
	}
	var reasons []string
	for _, c := range n.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		reasons = append(reasons, because(string(c.Type), c.Message))
		worst.Level = max(worst.Level, conditionLevel(string(c.Type), string(c.Status), c.Reason))
	}
	if len(reasons) > 0 {
		worst.Reason = Clean("Terminating: " + strings.Join(reasons, "; "))
	}
	return worst
}

func namespaceDetails(n *corev1.Namespace) Details {
	var f facts
	f.add("Phase", namespacePhase(n))
	finalizers := make([]string, len(n.Spec.Finalizers))
	for i, name := range n.Spec.Finalizers {
		finalizers[i] = string(name)
	}
	f.add("Spec finalizers", strings.Join(finalizers, ", "))
	return Details{Facts: f, Conditions: conditionsOf(n.Status.Conditions, readNamespaceCondition)}
}

func readNamespaceCondition(c corev1.NamespaceCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
