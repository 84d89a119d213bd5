package triage

import (
	"bytes"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleCertificate = rule("certificate", atOnce, "a certificate does not become valid again by itself",
		"An Ingress whose TLS Secret does not exist, has no certificate, or one that has expired or is about to.")
	ruleSigning = rule("signing request pending", soon, "an approver needs some seconds",
		"A CertificateSigningRequest that nobody approves or signs.")

	secretKind  = groupKind("", "Secret")
	signingKind = groupKind("certificates.k8s.io", "CertificateSigningRequest")

	_ = judging(secretKind, isTLS, judgeSecret)
	_ = judging(signingKind, recordIsEnough, func(runtime.Object, *entry) {})
	_ = deriving(signingKind, signingProblems)

	secretType       = kinds.Secret.Column("TYPE")
	signingCondition = kinds.CertificateSigningRequest.Column("CONDITION")
)

const (
	// expiring is how long before its end a certificate is worth a notice. cert-manager
	// renews at two thirds of its time, which is 30 days before the end of the usual ones.
	expiring = 7 * 24 * time.Hour
	// unsigned is how long a request may wait.
	unsigned = 10 * time.Second
)

// fieldTLS is where an Ingress names its Secrets.
const fieldTLS = "spec.tls"

func isTLS(r *kinds.Record) bool { return text(r.Cells[secretType]) == string(corev1.SecretTypeTLS) }

// secretFacts is what the certificate of a Secret says to whoever connects. Nothing else of
// a Secret is kept.
type secretFacts struct {
	begins, ends time.Time
	damaged      bool
}

func judgeSecret(s *corev1.Secret, e *entry) {
	if value := s.Data[corev1.TLSCertKey]; len(value) > 0 && !bytes.Contains(value, []byte("-----BEGIN")) {
		return // A tape or a dump hides the value.
	}
	f := &secretFacts{damaged: true}
	for _, fact := range kinds.Secret.Details(s).Facts {
		switch fact.Name {
		case "Valid from":
			f.begins = fact.Begins
		case "Expires":
			f.ends, f.damaged = fact.Ends, false
		}
	}
	e.facts = f
}

// certificateProblems judges the Secrets that an Ingress names for TLS.
func (s *State) certificateProblems(e *entry, f *ingressFacts) []problem {
	if !s.complete(secretKind) {
		return nil
	}
	var out []problem
	for _, name := range f.secrets {
		ref := refTo("", "Secret", e.record.Namespace, name)
		p := problem{rule: ruleCertificate, part: name, severity: Degraded, weight: weightPending, object: e.record.Ref(),
			since: f.written, refers: true}
		secret := s.entry(ref)
		if name == "" {
			continue // The controller's default certificate.
		}
		if secret == nil {
			p.severity, p.reason = Failing, "TLS "+ref.String()+" does not exist"
			out = append(out, p)
			continue
		}
		c, ok := secret.facts.(*secretFacts)
		switch {
		case !ok && !isTLS(secret.record), ok && c.damaged:
			p.reason = "TLS " + ref.String() + " has no certificate"
			out = append(out, p)
		case ok:
			out = append(out, p.validity(ref, c, later(secret.record.Created, e.record.Created))...)
		}
	}
	for i := range out {
		out[i].evidence = e.field(fieldTLS, out[i].reason)
	}
	return out
}

// validity are the problems that a certificate has in its time.
func (p problem) validity(ref kinds.Ref, c *secretFacts, made time.Time) []problem {
	p.since, p.refers = time.Time{}, false
	over, late, early := p, p, p
	when := c.ends.UTC().Format(time.RFC3339)
	over.severity, over.since, over.from = Failing, c.ends, c.ends
	if made.After(c.ends) {
		over.since = made // It had expired before anybody used it.
	}
	over.reason = "the certificate in TLS " + ref.String() + " expired at " + when
	late.part += " expires"
	late.severity, late.from, late.until = Notice, c.ends.Add(-expiring), c.ends
	late.since = expiringSince(c.begins, c.ends)
	late.reason = "the certificate in TLS " + ref.String() + " expires at " + when
	early.part += " begins"
	early.severity, early.until = Failing, c.begins
	early.reason = "the certificate in TLS " + ref.String() + " is not valid before " + c.begins.UTC().Format(time.RFC3339)
	return []problem{over, late, early}
}

// expiringSince is since when something is about to end: one that is made for less has been all
// the time. It is not known where nothing says when that began.
func expiringSince(begins, ends time.Time) time.Time {
	if begins.IsZero() {
		return begins
	}
	return later(begins, ends.Add(-expiring))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func signingProblems(_ *State, e *entry) []problem {
	status := e.record.Status
	if status.Level != kinds.Waiting {
		return nil
	}
	return []problem{{rule: ruleSigning, severity: Waiting, weight: weightCount, object: e.record.Ref(),
		since: status.Since, from: status.Since.Add(unsigned),
		reason:   because(text(e.record.Cells[signingCondition]), status.Reason),
		evidence: e.field("status.conditions", status.Reason)}}
}

// secretsOf are the Secrets that an Ingress names for TLS.
func (f *ingressFacts) secretsOf(namespace string) []kinds.Ref {
	var out []kinds.Ref
	for _, name := range f.secrets {
		if ref := refTo("", "Secret", namespace, name); name != "" && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}
