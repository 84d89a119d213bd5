package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ValidatingAdmissionPolicyBinding says where a policy holds, and what becomes of what it
// does not allow.
var ValidatingAdmissionPolicyBinding = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("ValidatingAdmissionPolicyBinding"),
	Resource:         "validatingadmissionpolicybindings",
	Quiet:            true,
	Columns:          policyBindingColumns,
	LinksTo:          "Namespace ValidatingAdmissionPolicy.admissionregistration.k8s.io",
	New:              func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicyBinding{} },
}, func(b *admissionv1.ValidatingAdmissionPolicyBinding, r *Record) {
	policy := admissionPolicy("ValidatingAdmissionPolicy", b.Spec.PolicyName)
	readPolicyBinding(policy, b.Spec.ParamRef, b.Spec.MatchResources, r)
}, func(b *admissionv1.ValidatingAdmissionPolicyBinding) Details {
	actions := make([]string, len(b.Spec.ValidationActions))
	for i, a := range b.Spec.ValidationActions {
		actions[i] = string(a)
	}
	policy := admissionPolicy("ValidatingAdmissionPolicy", b.Spec.PolicyName)
	return policyBindingDetails(policy, b.Spec.ParamRef, b.Spec.MatchResources, actions...)
})
