package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// MutatingAdmissionPolicy says in expressions how to change what is written.
var MutatingAdmissionPolicy = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("MutatingAdmissionPolicy"),
	Resource:         "mutatingadmissionpolicies",
	Quiet:            true,
	Columns:          policyColumns("MUTATIONS"),
	LinksTo:          "Namespace",
	New:              func() runtime.Object { return &admissionv1.MutatingAdmissionPolicy{} },
}, func(p *admissionv1.MutatingAdmissionPolicy, r *Record) {
	readPolicy(len(p.Spec.Mutations), p.Spec.ParamKind, p.Spec.MatchConstraints, r)
}, mutatingPolicyDetails)

func mutatingPolicyDetails(p *admissionv1.MutatingAdmissionPolicy) Details {
	var f facts
	for i := range p.Spec.Mutations {
		m := &p.Spec.Mutations[i]
		switch {
		case m.ApplyConfiguration != nil:
			f.add("Applies", oneLine(m.ApplyConfiguration.Expression))
		case m.JSONPatch != nil:
			f.add("Patches", oneLine(m.JSONPatch.Expression))
		default:
			f.add("Mutation", string(m.PatchType))
		}
	}
	f.addMatch(p.Spec.MatchConstraints)
	f.addPolicy(p.Spec.ParamKind, p.Spec.FailurePolicy, p.Spec.MatchConditions, p.Spec.Variables)
	f.add("Reinvocation", string(p.Spec.ReinvocationPolicy))
	return Details{Facts: f}
}
