package kinds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

var (
	certificateFrom = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	certificateTo   = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
)

// issue returns a certificate in PEM. Without an issuer it is self-signed.
func issue(
	t *testing.T, key crypto.Signer, issuer *x509.Certificate, own x509.Certificate,
) (string, *x509.Certificate) {
	t.Helper()
	own.SerialNumber, own.NotBefore, own.NotAfter = big.NewInt(1), certificateFrom, certificateTo
	if issuer == nil {
		issuer = &own
	}
	der, err := x509.CreateCertificate(rand.Reader, &own, issuer, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), parsed
}

func TestCertificates(t *testing.T) {
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	authority, ca := issue(t, ecKey, nil, x509.Certificate{Subject: pkix.Name{CommonName: "Shop \x1b[31mCA"}})
	web, _ := issue(t, ecKey, ca, x509.Certificate{
		Subject: pkix.Name{CommonName: "web"}, DNSNames: []string{"web.shop", "*.shop.example"},
		IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("fd00::1")}, EmailAddresses: []string{"ops@shop.example"},
	})
	bare, _ := issue(t, rsaKey, nil, x509.Certificate{})
	const key = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"
	const damaged = "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n"
	const valid = "Valid from: [2026-01-01\nExpires: 2026-04-01]"
	for name, c := range map[string]struct {
		secret corev1.Secret
		want   string
	}{
		"a chain": {corev1.Secret{Data: map[string][]byte{"tls.crt": []byte(web + key + authority)}},
			"Certificate: CN=web\nNames: web.shop, *.shop.example, ops@shop.example, 10.0.0.1, fd00::1\n" +
				"Issuer: CN=Shop ␛[31mCA\nPublic key: ECDSA P-256\n" + valid + "\nChain: CN=Shop ␛[31mCA 2026-04-01]"},
		"RSA, signed by itself, without a name": {corev1.Secret{Data: map[string][]byte{"tls.crt": []byte(bare)}},
			"Certificate: no subject\nIssuer: itself\nPublic key: RSA 2048\n" + valid},
		"an authority alone": {corev1.Secret{Data: map[string][]byte{"ca.crt": []byte(authority), "tls.crt": nil}},
			"CA: CN=Shop ␛[31mCA 2026-04-01]"},
		"of a manifest": {corev1.Secret{
			Data: map[string][]byte{"ca.crt": []byte(damaged)}, StringData: map[string]string{"ca.crt": authority}},
			"CA: CN=Shop ␛[31mCA 2026-04-01]"},
		"redacted": {corev1.Secret{Data: map[string][]byte{"tls.crt": []byte("REDACTED")}},
			"Certificate: tls.crt has no certificate in PEM (waiting)"},
		"a key in its place": {corev1.Secret{Data: map[string][]byte{"tls.crt": []byte(key)}},
			"Certificate: tls.crt has no certificate in PEM (waiting)"},
		"damaged": {corev1.Secret{Data: map[string][]byte{"tls.crt": []byte(damaged + authority)}},
			"Certificate: tls.crt has a certificate that is damaged (degraded)\nCertificate: CN=Shop ␛[31mCA\n" +
				"Issuer: itself\nPublic key: ECDSA P-256\n" + valid},
		"other keys": {corev1.Secret{Data: map[string][]byte{"tls.key": []byte(key), "cert.pem": []byte(web)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, fact := range Secret.Details(&c.secret).Facts {
				if fact.Name == "Type" {
					continue
				}
				line := fact.Name + ": " + fact.Value
				if !fact.Begins.IsZero() {
					line += "[" + fact.Begins.Format(time.DateOnly)
				}
				if !fact.Ends.IsZero() {
					line = strings.TrimSpace(line) + " " + fact.Ends.Format(time.DateOnly) + "]"
				}
				if fact.Level != Quiet {
					line += " (" + fact.Level.String() + ")"
				}
				got = append(got, line)
			}
			if text := strings.Join(got, "\n"); text != c.want {
				t.Errorf("facts:\n%s\nwant:\n%s", text, c.want)
			}
			for _, fact := range Secret.Details(&c.secret).Facts {
				if strings.Contains(fact.Name+fact.Value, "hunter2") || strings.Contains(fact.Value, "aHVudGVyMg") {
					t.Errorf("the key is in %q", fact.Value)
				}
			}
		})
	}
}

// TestManyCertificates holds that a bundle of authorities stays a page.
func TestManyCertificates(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := issue(t, key, nil, x509.Certificate{Subject: pkix.Name{CommonName: "a"}})
	s := corev1.Secret{Data: map[string][]byte{"ca.crt": []byte(strings.Repeat(one, 10*certificatesMax))}}
	if n := len(Secret.Details(&s).Facts); n > certificatesMax+2 {
		t.Errorf("%d facts", n)
	}
}
