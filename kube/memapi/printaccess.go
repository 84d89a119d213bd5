package memapi

import (
	"cmp"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func init() {
	prints("Name, SignerName", func(o *certificatesv1.ClusterTrustBundle) []any {
		return []any{o.Name, cmp.Or(o.Spec.SignerName, "<none>")}
	})
	prints("Name, PodName, ServiceAccountName, NodeName, SignerName, State, UnverifiedUserAnnotations",
		podCertificateCells)
}

func podCertificateCells(o *certificatesv1.PodCertificateRequest) []any {
	state := "Pending"
	for _, c := range o.Status.Conditions {
		switch c.Type {
		case certificatesv1.PodCertificateRequestConditionTypeIssued,
			certificatesv1.PodCertificateRequestConditionTypeDenied,
			certificatesv1.PodCertificateRequestConditionTypeFailed:
			state = c.Type
		}
	}
	return []any{
		o.Name, o.Spec.PodName, o.Spec.ServiceAccountName, string(o.Spec.NodeName), o.Spec.SignerName, state,
		labels.FormatLabels(o.Spec.UnverifiedUserAnnotations),
	}
}
