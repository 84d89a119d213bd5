package kinds

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
)

// CertificateSigningRequest asks a signer for a certificate.
var CertificateSigningRequest = register(Kind{
	GroupVersionKind: certificatesv1.SchemeGroupVersion.WithKind("CertificateSigningRequest"),
	Resource:         "certificatesigningrequests",
	Short:            []string{"csr"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "AGE"},
		{Name: "SIGNERNAME"},
		{Name: "REQUESTOR"},
		{Name: "REQUESTEDDURATION"},
		{Name: "CONDITION", State: true},
	},
	New: func() runtime.Object { return &certificatesv1.CertificateSigningRequest{} },
}, readSigningRequest, signingRequestDetails)

func readSigningRequest(c *certificatesv1.CertificateSigningRequest, r *Record) {
	asked := TextCell("<none>")
	if c.Spec.ExpirationSeconds != nil {
		asked = LastedCell(askedDuration(c))
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		AgeCell(r.Created),
		TextCell(firstOf(c.Spec.SignerName, "<none>")),
		TextCell(c.Spec.Username),
		asked,
		TextCell(signingState(c)),
	}
	r.Status = signingStatus(c)
}

func askedDuration(c *certificatesv1.CertificateSigningRequest) time.Duration {
	return time.Duration(valueOr(c.Spec.ExpirationSeconds, 0)) * time.Second
}

// signingCondition finds the condition of a type, which means it whatever its status; nil
// when there is none.
func signingCondition(
	c *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType,
) *certificatesv1.CertificateSigningRequestCondition {
	for i := range c.Status.Conditions {
		if c.Status.Conditions[i].Type == kind {
			return &c.Status.Conditions[i]
		}
	}
	return nil
}

// signingState is the CONDITION column.
func signingState(c *certificatesv1.CertificateSigningRequest) string {
	state := "Pending"
	if signingCondition(c, certificatesv1.CertificateDenied) != nil {
		state = "Denied"
	} else if signingCondition(c, certificatesv1.CertificateApproved) != nil {
		state = "Approved"
	}
	if signingCondition(c, certificatesv1.CertificateFailed) != nil {
		state += ",Failed"
	}
	if len(c.Status.Certificate) > 0 {
		state += ",Issued"
	}
	return state
}

func signingStatus(c *certificatesv1.CertificateSigningRequest) Status {
	if failed := signingCondition(c, certificatesv1.CertificateFailed); failed != nil {
		return signingProblem(Failing, failed)
	}
	if denied := signingCondition(c, certificatesv1.CertificateDenied); denied != nil {
		return signingProblem(Degraded, denied)
	}
	switch approved := signingCondition(c, certificatesv1.CertificateApproved); {
	case approved == nil:
		return Status{Waiting, "waits for approval", c.CreationTimestamp.Time}
	case len(c.Status.Certificate) == 0:
		return Status{Waiting, "approved, not issued yet", approved.LastUpdateTime.Time}
	}
	return Status{}
}

func signingProblem(level Level, c *certificatesv1.CertificateSigningRequestCondition) Status {
	reason := because(string(c.Type), because(c.Reason, c.Message))
	return Status{level, Clean(reason), c.LastUpdateTime.Time}
}

func signingRequestDetails(c *certificatesv1.CertificateSigningRequest) Details {
	var f facts
	f.add("Signer", c.Spec.SignerName)
	f.add("Requestor", c.Spec.Username)
	f.add("Groups", strings.Join(c.Spec.Groups, ", "))
	usages := make([]string, len(c.Spec.Usages))
	for i, u := range c.Spec.Usages {
		usages[i] = string(u)
	}
	f.add("Usages", strings.Join(usages, ", "))
	if c.Spec.ExpirationSeconds != nil {
		f.add("Requested duration", duration.HumanDuration(askedDuration(c)))
	}
	if block, _ := pem.Decode(c.Spec.Request); block != nil {
		if asked, err := x509.ParseCertificateRequest(block.Bytes); err == nil {
			f.add("Subject", asked.Subject.String())
			f.add("DNS names", strings.Join(asked.DNSNames, ", "))
			for _, ip := range asked.IPAddresses {
				f.add("IP address", ip.String())
			}
		}
	}
	if n := len(c.Status.Certificate); n > 0 {
		f.add("Certificate", bytesText(n))
	}
	return Details{Facts: f, Conditions: conditionsOf(c.Status.Conditions, readSigningCondition)}
}

func readSigningCondition(c certificatesv1.CertificateSigningRequestCondition) Condition {
	out := condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
	switch c.Type {
	case certificatesv1.CertificateApproved:
		out.Level = OK
	case certificatesv1.CertificateDenied:
		out.Level = Degraded
	case certificatesv1.CertificateFailed:
	}
	return out
}
