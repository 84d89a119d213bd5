package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// MutatingAdmissionPolicyBinding says where a policy holds.
var MutatingAdmissionPolicyBinding = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("MutatingAdmissionPolicyBinding"),
	Resource:         "mutatingadmissionpolicybindings",
	Quiet:            true,
	Columns:          policyBindingColumns,
	LinksTo:          "Namespace MutatingAdmissionPolicy.admissionregistration.k8s.io",
	New:              func() runtime.Object { return &admissionv1.MutatingAdmissionPolicyBinding{} },
}, func(b *admissionv1.MutatingAdmissionPolicyBinding, r *Record) {
	policy := admissionPolicy("MutatingAdmissionPolicy", b.Spec.PolicyName)
	readPolicyBinding(policy, b.Spec.ParamRef, b.Spec.MatchResources, r)
}, func(b *admissionv1.MutatingAdmissionPolicyBinding) Details {
	policy := admissionPolicy("MutatingAdmissionPolicy", b.Spec.PolicyName)
	return policyBindingDetails(policy, b.Spec.ParamRef, b.Spec.MatchResources)
})
