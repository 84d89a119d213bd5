package credential

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/transport"
)

// client returns a client whose requests go through a plugin.
func client(t *testing.T, p *Plugin, change ...func(*transport.Config)) *http.Client {
	t.Helper()
	config := &transport.Config{TLS: transport.TLSConfig{Insecure: true}}
	for _, c := range change {
		c(config)
	}
	p.Apply(config)
	next, err := transport.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: next}
}

// get sends a request and returns the answer's status.
func get(t *testing.T, c *http.Client, url string, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestTokens has a server that accepts only the second token of a plugin.
func TestTokens(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	p := newPlugin(t, fmt.Sprintf("echo >>%s\nn=$(wc -l <%s)\n", ran, ran)+
		`printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%d"}}' $n`)
	accepted := "Bearer t2"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != accepted {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	c := client(t, p)
	for i, want := range []int{http.StatusUnauthorized, http.StatusOK, http.StatusOK} {
		if got := get(t, c, server.URL); got != want {
			t.Errorf("request %d: %d, want %d", i, got, want)
		}
	}
	accepted = "Bearer none"
	for range 5 {
		get(t, c, server.URL)
	}
	if n := linesOf(ran); n != 2 {
		t.Errorf("the plugin ran %d times: what is refused twice in a row is not requested at once", n)
	}
	accepted = "Bearer mine"
	if got := get(t, c, server.URL, "Authorization", accepted); got != http.StatusOK {
		t.Errorf("a request with credentials of its own: %d", got)
	}
}

// TestOtherCredentialsComeFirst has a kubeconfig that names a token, a password or a
// certificate beside a plugin.
func TestOtherCredentialsComeFirst(t *testing.T) {
	cert, key := certificate(t, "file")
	for name, change := range map[string]func(*transport.Config){
		"token":       func(c *transport.Config) { c.BearerToken = "t" },
		"password":    func(c *transport.Config) { c.Username, c.Password = "u", "p" },
		"certificate": func(c *transport.Config) { c.TLS.CertData, c.TLS.KeyData = cert, key },
	} {
		t.Run(name, func(t *testing.T) {
			ran := filepath.Join(t.TempDir(), "ran")
			p := newPlugin(t, ": >"+ran)
			server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			defer server.Close()
			get(t, client(t, p, change), server.URL)
			if _, err := os.Stat(ran); err == nil {
				t.Error("the plugin ran")
			}
		})
	}
}

// TestCertificatesRotate has a plugin that returns another certificate each time: the
// connection that was opened with the first must not be used any more.
func TestCertificatesRotate(t *testing.T) {
	folder := t.TempDir()
	past := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	for i := range 2 {
		cert, key := certificate(t, fmt.Sprintf("user-%d", i+1))
		status := map[string]string{
			"clientCertificateData": string(cert), "clientKeyData": string(key), "expirationTimestamp": past,
		}
		answer := map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status,
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprint(i+1)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := newPlugin(t, fmt.Sprintf("cd %s; echo >>ran; cat $(wc -l <ran)", folder))
	var names []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		names = append(names, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	c := client(t, p)
	get(t, c, server.URL)
	get(t, c, server.URL)
	if len(names) != 2 || names[0] == names[1] {
		t.Errorf("the server saw %q", names)
	}
}

// certificate makes a client certificate and its key, in PEM.
func certificate(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}
