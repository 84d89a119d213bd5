package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// denies makes a webhook that answers, and refuses every pod of the namespace.
func denies(ctx context.Context, s *scene) error {
	authority, key, err := keyPair(s.host, time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(authority, key)
	if err != nil {
		return err
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(deny))
	if err := server.Listener.Close(); err != nil {
		return err
	}
	if server.Listener, err = net.Listen("tcp", net.JoinHostPort(s.host, "0")); err != nil {
		return err
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	s.strikes = append(s.strikes, func(context.Context) error { server.Close(); return nil })
	bundle := base64.StdEncoding.EncodeToString(authority)
	config := "clientConfig: {url: " + server.URL + "/check, caBundle: " + bundle + "}"
	text := webhook("Fail")
	from := strings.Index(text, "clientConfig:")
	to := from + strings.IndexByte(text[from:], '\n')
	return s.apply(ctx, hand, text[:from]+config+text[to:])
}

func deny(w http.ResponseWriter, r *http.Request) {
	var review struct {
		Request struct {
			UID string `json:"uid"`
		} `json:"request"`
	}
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]any{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"response": map[string]any{"uid": review.Request.UID, "allowed": false,
			"status": map[string]any{"code": http.StatusForbidden, "message": "pods need an owner"}},
	}
	_ = json.NewEncoder(w).Encode(answer) // The API server says what it did not get.
}

// signingRequest asks for a certificate that nobody signs.
func signingRequest(ctx context.Context, s *scene) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: s.namespace}}
	request, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})
	return s.apply(ctx, hand, `
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: "{ns}"}
spec: {signerName: fathom.test/nobody, usages: [client auth], request: `+base64.StdEncoding.EncodeToString(text)+`}
`)
}

// notReady is the sign that the API server fails one of its checks of itself.
func notReady(check string) Sign {
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		ctx, end := context.WithTimeout(ctx, 20*second) // It asks etcd several times.

		defer end()
		text, err := s.client.RESTClient().Get().AbsPath("/readyz").Param("verbose", "").DoRaw(ctx)
		failed := strings.Contains(string(text), "[-]"+check)
		if err != nil && !failed {
			return time.Time{}, false, err
		}
		return time.Time{}, failed, nil
	}}
}
