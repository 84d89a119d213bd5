package triage

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// lingers judges an object of any kind that is being deleted, where no rule of its own does. What
// is deleted with its namespace is the namespace's affair.
func (e *entry) lingers(obj runtime.Object) {
	r := e.record
	switch kind := r.Kind.GroupKind(); {
	case r.Deleting.IsZero() || kind == podKind || kind == claimKind || kind == namespaceKind:
		return
	}
	reason := "Terminating"
	if m, ok := obj.(metav1.Object); ok && len(m.GetFinalizers()) > 0 {
		reason += ": finalizer " + strings.Join(m.GetFinalizers(), ", ")
	} else if strings.HasPrefix(r.Status.Reason, reason) {
		reason = r.Status.Reason
	}
	e.add(problem{rule: ruleTerminating, severity: Waiting, weight: weightUnready, reason: reason, since: r.Deleting,
		from: r.Deleting.Add(ending), evidence: e.field("metadata.finalizers", strings.TrimPrefix(reason, "Terminating: ")),
		because: []cause{{refTo("", "Namespace", "", r.Namespace), "is deleted with"}}})
}
