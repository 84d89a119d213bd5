package memapi

import (
	"cmp"
	"slices"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/duration"
)

func init() {
	const binding = "Name, Role, Age, +Users, +Groups, +ServiceAccounts"
	prints(binding, func(o *rbacv1.RoleBinding) []any {
		return append([]any{o.Name, o.RoleRef.Kind + "/" + o.RoleRef.Name, o.CreationTimestamp}, subjects(o.Subjects)...)
	})
	prints(binding, func(o *rbacv1.ClusterRoleBinding) []any {
		return append([]any{o.Name, o.RoleRef.Kind + "/" + o.RoleRef.Name, o.CreationTimestamp}, subjects(o.Subjects)...)
	})
	prints("Name, Age, SignerName, Requestor, RequestedDuration, Condition", signingRequestCells)
	prints("Name, SignerName", func(o *certificatesv1.ClusterTrustBundle) []any {
		return []any{o.Name, cmp.Or(o.Spec.SignerName, "<none>")}
	})
	prints("Name, PodName, ServiceAccountName, NodeName, SignerName, State, UnverifiedUserAnnotations",
		podCertificateCells)
}

// subjects returns the names of users, groups and service accounts, in three cells.
func subjects(all []rbacv1.Subject) []any {
	by := map[string][]string{}
	for _, s := range all {
		name := s.Name
		if s.Kind == rbacv1.ServiceAccountKind {
			name = s.Namespace + "/" + name
		}
		by[s.Kind] = append(by[s.Kind], name)
	}
	var cells []any
	for _, kind := range []string{rbacv1.UserKind, rbacv1.GroupKind, rbacv1.ServiceAccountKind} {
		cells = append(cells, strings.Join(by[kind], ", "))
	}
	return cells
}

func signingRequestCells(o *certificatesv1.CertificateSigningRequest) []any {
	lasts := "<none>"
	if s := o.Spec.ExpirationSeconds; s != nil {
		lasts = duration.HumanDuration(time.Duration(*s) * time.Second)
	}
	signer := cmp.Or(o.Spec.SignerName, "<none>")
	return []any{o.Name, o.CreationTimestamp, signer, o.Spec.Username, lasts, signingState(o)}
}

func signingState(o *certificatesv1.CertificateSigningRequest) string {
	has := func(kind certificatesv1.RequestConditionType) bool {
		return slices.ContainsFunc(o.Status.Conditions, func(c certificatesv1.CertificateSigningRequestCondition) bool {
			return c.Type == kind
		})
	}
	state := "Pending"
	if has(certificatesv1.CertificateDenied) {
		state = "Denied"
	} else if has(certificatesv1.CertificateApproved) {
		state = "Approved"
	}
	if has(certificatesv1.CertificateFailed) {
		state += ",Failed"
	}
	if len(o.Status.Certificate) > 0 {
		state += ",Issued"
	}
	return state
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
