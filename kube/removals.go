package kube

import (
	admissionregistrationv1alpha1 "k8s.io/api/admissionregistration/v1alpha1"
	admissionregistrationv1beta1 "k8s.io/api/admissionregistration/v1beta1"
	appsv1beta1 "k8s.io/api/apps/v1beta1"
	appsv1beta2 "k8s.io/api/apps/v1beta2"
	authenticationv1alpha1 "k8s.io/api/authentication/v1alpha1"
	authenticationv1beta1 "k8s.io/api/authentication/v1beta1"
	authorizationv1beta1 "k8s.io/api/authorization/v1beta1"
	batchv1beta1 "k8s.io/api/batch/v1beta1"
	certificatesv1alpha1 "k8s.io/api/certificates/v1alpha1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	coordinationv1alpha2 "k8s.io/api/coordination/v1alpha2"
	coordinationv1beta1 "k8s.io/api/coordination/v1beta1"
	discoveryv1beta1 "k8s.io/api/discovery/v1beta1"
	eventsv1beta1 "k8s.io/api/events/v1beta1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	flowcontrolv1beta1 "k8s.io/api/flowcontrol/v1beta1"
	flowcontrolv1beta2 "k8s.io/api/flowcontrol/v1beta2"
	flowcontrolv1beta3 "k8s.io/api/flowcontrol/v1beta3"
	lifecyclev1alpha1 "k8s.io/api/lifecycle/v1alpha1"
	networkingv1beta1 "k8s.io/api/networking/v1beta1"
	nodev1beta1 "k8s.io/api/node/v1beta1"
	policyv1beta1 "k8s.io/api/policy/v1beta1"
	rbacv1beta1 "k8s.io/api/rbac/v1beta1"
	resourcev1alpha3 "k8s.io/api/resource/v1alpha3"
	resourcev1beta1 "k8s.io/api/resource/v1beta1"
	resourcev1beta2 "k8s.io/api/resource/v1beta2"
	schedulingv1beta1 "k8s.io/api/scheduling/v1beta1"
	storagev1alpha1 "k8s.io/api/storage/v1alpha1"
	storagev1beta1 "k8s.io/api/storage/v1beta1"
	storagemigrationv1beta1 "k8s.io/api/storagemigration/v1beta1"
)

// removals are the built-in versions that end, each with what a type of it says. Kinds
// that end at another time than the rest of their version come before it. The types are
// asked one by one: through an interface, the linker would keep these methods of all of
// them, which is ten times as much.
var removals = []struct {
	groupVersion, kind string // "" is all other kinds
	minor              int    // of Kubernetes v1
}{
	{
		"admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy",
		minor((&admissionregistrationv1alpha1.ValidatingAdmissionPolicy{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicyBinding",
		minor((&admissionregistrationv1alpha1.ValidatingAdmissionPolicyBinding{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1alpha1", "",
		minor((&admissionregistrationv1alpha1.MutatingAdmissionPolicy{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration",
		minor((&admissionregistrationv1beta1.MutatingWebhookConfiguration{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration",
		minor((&admissionregistrationv1beta1.ValidatingWebhookConfiguration{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy",
		minor((&admissionregistrationv1beta1.ValidatingAdmissionPolicy{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicyBinding",
		minor((&admissionregistrationv1beta1.ValidatingAdmissionPolicyBinding{}).APILifecycleRemoved()),
	},
	{
		"admissionregistration.k8s.io/v1beta1", "",
		minor((&admissionregistrationv1beta1.MutatingAdmissionPolicy{}).APILifecycleRemoved()),
	},
	{"apps/v1beta1", "", minor((&appsv1beta1.Deployment{}).APILifecycleRemoved())},
	{"apps/v1beta2", "", minor((&appsv1beta2.Deployment{}).APILifecycleRemoved())},
	{
		"authentication.k8s.io/v1alpha1", "",
		minor((&authenticationv1alpha1.SelfSubjectReview{}).APILifecycleRemoved()),
	},
	{
		"authentication.k8s.io/v1beta1", "TokenReview",
		minor((&authenticationv1beta1.TokenReview{}).APILifecycleRemoved()),
	},
	{
		"authentication.k8s.io/v1beta1", "",
		minor((&authenticationv1beta1.SelfSubjectReview{}).APILifecycleRemoved()),
	},
	{
		"authorization.k8s.io/v1beta1", "",
		minor((&authorizationv1beta1.SubjectAccessReview{}).APILifecycleRemoved()),
	},
	{"batch/v1beta1", "", minor((&batchv1beta1.CronJob{}).APILifecycleRemoved())},
	{
		"certificates.k8s.io/v1alpha1", "",
		minor((&certificatesv1alpha1.ClusterTrustBundle{}).APILifecycleRemoved()),
	},
	{
		"certificates.k8s.io/v1beta1", "CertificateSigningRequest",
		minor((&certificatesv1beta1.CertificateSigningRequest{}).APILifecycleRemoved()),
	},
	{"certificates.k8s.io/v1beta1", "", minor((&certificatesv1beta1.ClusterTrustBundle{}).APILifecycleRemoved())},
	{"coordination.k8s.io/v1alpha2", "", minor((&coordinationv1alpha2.LeaseCandidate{}).APILifecycleRemoved())},
	{"coordination.k8s.io/v1beta1", "Lease", minor((&coordinationv1beta1.Lease{}).APILifecycleRemoved())},
	{"coordination.k8s.io/v1beta1", "", minor((&coordinationv1beta1.LeaseCandidate{}).APILifecycleRemoved())},
	{"discovery.k8s.io/v1beta1", "", minor((&discoveryv1beta1.EndpointSlice{}).APILifecycleRemoved())},
	{"events.k8s.io/v1beta1", "", minor((&eventsv1beta1.Event{}).APILifecycleRemoved())},
	{"extensions/v1beta1", "Ingress", minor((&extensionsv1beta1.Ingress{}).APILifecycleRemoved())},
	{"extensions/v1beta1", "", minor((&extensionsv1beta1.Deployment{}).APILifecycleRemoved())},
	{"flowcontrol.apiserver.k8s.io/v1beta1", "", minor((&flowcontrolv1beta1.FlowSchema{}).APILifecycleRemoved())},
	{"flowcontrol.apiserver.k8s.io/v1beta2", "", minor((&flowcontrolv1beta2.FlowSchema{}).APILifecycleRemoved())},
	{"flowcontrol.apiserver.k8s.io/v1beta3", "", minor((&flowcontrolv1beta3.FlowSchema{}).APILifecycleRemoved())},
	{"lifecycle.k8s.io/v1alpha1", "", minor((&lifecyclev1alpha1.Eviction{}).APILifecycleRemoved())},
	{"networking.k8s.io/v1beta1", "Ingress", minor((&networkingv1beta1.Ingress{}).APILifecycleRemoved())},
	{
		"networking.k8s.io/v1beta1", "IngressClass",
		minor((&networkingv1beta1.IngressClass{}).APILifecycleRemoved()),
	},
	{"networking.k8s.io/v1beta1", "", minor((&networkingv1beta1.IPAddress{}).APILifecycleRemoved())},
	{"node.k8s.io/v1beta1", "", minor((&nodev1beta1.RuntimeClass{}).APILifecycleRemoved())},
	{"policy/v1beta1", "", minor((&policyv1beta1.PodDisruptionBudget{}).APILifecycleRemoved())},
	{"rbac.authorization.k8s.io/v1beta1", "", minor((&rbacv1beta1.Role{}).APILifecycleRemoved())},
	{
		"resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest",
		minor((&resourcev1alpha3.ResourcePoolStatusRequest{}).APILifecycleRemoved()),
	},
	{"resource.k8s.io/v1alpha3", "", minor((&resourcev1alpha3.DeviceTaintRule{}).APILifecycleRemoved())},
	{"resource.k8s.io/v1beta1", "", minor((&resourcev1beta1.DeviceClass{}).APILifecycleRemoved())},
	{
		"resource.k8s.io/v1beta2", "DeviceTaintRule",
		minor((&resourcev1beta2.DeviceTaintRule{}).APILifecycleRemoved()),
	},
	{"resource.k8s.io/v1beta2", "", minor((&resourcev1beta2.DeviceClass{}).APILifecycleRemoved())},
	{
		"scheduling.k8s.io/v1beta1", "PriorityClass",
		minor((&schedulingv1beta1.PriorityClass{}).APILifecycleRemoved()),
	},
	{"scheduling.k8s.io/v1beta1", "", minor((&schedulingv1beta1.Workload{}).APILifecycleRemoved())},
	{
		"storage.k8s.io/v1alpha1", "VolumeAttributesClass",
		minor((&storagev1alpha1.VolumeAttributesClass{}).APILifecycleRemoved()),
	},
	{"storage.k8s.io/v1alpha1", "", minor((&storagev1alpha1.VolumeAttachment{}).APILifecycleRemoved())},
	{
		"storage.k8s.io/v1beta1", "CSIStorageCapacity",
		minor((&storagev1beta1.CSIStorageCapacity{}).APILifecycleRemoved()),
	},
	{
		"storage.k8s.io/v1beta1", "VolumeAttributesClass",
		minor((&storagev1beta1.VolumeAttributesClass{}).APILifecycleRemoved()),
	},
	{"storage.k8s.io/v1beta1", "", minor((&storagev1beta1.CSIDriver{}).APILifecycleRemoved())},
	{
		"storagemigration.k8s.io/v1beta1", "",
		minor((&storagemigrationv1beta1.StorageVersionMigration{}).APILifecycleRemoved()),
	},
}

func minor(_, minor int) int { return minor }
