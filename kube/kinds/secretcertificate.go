package kinds

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// certificatesMax bounds how many certificates of a bundle are facts.
const certificatesMax = 8

// addCertificates says what the certificates of a Secret are. They are sent to whoever
// connects; the key beside them is not looked at.
func addCertificates(f *facts, s *corev1.Secret) {
	for i, c := range readCertificates(f, s, corev1.TLSCertKey) {
		if i > 0 {
			addIssuing(f, "Chain", c)
			continue
		}
		f.add("Certificate", firstOf(c.Subject.String(), "no subject"))
		f.add("Names", strings.Join(certificateNames(c), ", "))
		issuer := c.Issuer.String()
		if issuer == c.Subject.String() {
			issuer = "itself"
		}
		f.add("Issuer", firstOf(issuer, "no name"))
		f.add("Public key", publicKey(c))
		f.period(c)
	}
	for _, c := range readCertificates(f, s, corev1.ServiceAccountRootCAKey) {
		addIssuing(f, "CA", c)
	}
}

// addIssuing adds a certificate that others are issued by.
func addIssuing(f *facts, name string, c *x509.Certificate) {
	*f = append(*f, Fact{Name: name, Value: Clean(firstOf(c.Subject.String(), "no subject")), Ends: c.NotAfter})
}

// period adds from when to when a certificate is valid.
func (f *facts) period(c *x509.Certificate) {
	*f = append(*f, Fact{Name: "Valid from", Begins: c.NotBefore}, Fact{Name: "Expires", Ends: c.NotAfter})
}

// readCertificates reads the certificates under a key. What cannot be read is a fact.
func readCertificates(f *facts, s *corev1.Secret, key string) []*x509.Certificate {
	text := s.Data[key]
	if own, ok := s.StringData[key]; ok {
		text = []byte(own)
	}
	var out []*x509.Certificate
	damaged := false
	for rest := text; len(out) < certificatesMax; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			damaged = true
			continue
		}
		out = append(out, c)
	}
	switch {
	case damaged:
		f.addLevel("Certificate", key+" has a certificate that is damaged", Degraded)
	case len(out) == 0 && len(text) > 0:
		f.addLevel("Certificate", key+" has no certificate in PEM", Waiting)
	}
	return out
}

func certificateNames(c *x509.Certificate) []string {
	names := append(append([]string{}, c.DNSNames...), c.EmailAddresses...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	for _, uri := range c.URIs {
		names = append(names, uri.String())
	}
	return names
}

// publicKey is "RSA 2048" or "ECDSA P-256".
func publicKey(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA " + strconv.Itoa(key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Params().Name
	}
	return c.PublicKeyAlgorithm.String()
}
