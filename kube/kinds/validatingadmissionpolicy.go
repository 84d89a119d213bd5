package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ValidatingAdmissionPolicy says in expressions what may not be written.
var ValidatingAdmissionPolicy = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("ValidatingAdmissionPolicy"),
	Resource:         "validatingadmissionpolicies",
	Columns:          policyColumns("VALIDATIONS"),
	LinksTo:          "Namespace",
	New:              func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicy{} },
}, readValidatingPolicy, validatingPolicyDetails)

func readValidatingPolicy(p *admissionv1.ValidatingAdmissionPolicy, r *Record) {
	readPolicy(len(p.Spec.Validations), p.Spec.ParamKind, p.Spec.MatchConstraints, r)
	if c := p.Status.TypeChecking; c != nil && len(c.ExpressionWarnings) > 0 {
		w := &c.ExpressionWarnings[0]
		reason := plural(len(c.ExpressionWarnings), "expression warning") + ": " + because(w.FieldRef, oneLine(w.Warning))
		r.Status = Status{Level: Degraded, Reason: Clean(reason)}
	}
}

func validatingPolicyDetails(p *admissionv1.ValidatingAdmissionPolicy) Details {
	var f facts
	for i := range p.Spec.Validations {
		v := &p.Spec.Validations[i]
		f.add("Requires", oneLine(v.Expression))
		f.add("Else", join(": ", string(valueOr(v.Reason, "")), firstOf(v.Message, oneLine(v.MessageExpression))))
	}
	f.addMatch(p.Spec.MatchConstraints)
	f.addPolicy(p.Spec.ParamKind, p.Spec.FailurePolicy, p.Spec.MatchConditions, p.Spec.Variables)
	for i := range p.Spec.AuditAnnotations {
		a := &p.Spec.AuditAnnotations[i]
		f.add("Audit annotation "+a.Key, oneLine(a.ValueExpression))
	}
	if c := p.Status.TypeChecking; c != nil {
		for i := range c.ExpressionWarnings {
			w := &c.ExpressionWarnings[i]
			f.addLevel("Warning", because(w.FieldRef, oneLine(w.Warning)), Degraded)
		}
	}
	return Details{Facts: f, Conditions: conditionsOf(p.Status.Conditions, standardCondition)}
}
