package kube

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// webToken is a JSON web token with claims.
func webToken(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2VjcmV0"
}

func certificate(t *testing.T, from, to time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kubernetes-ca"}, NotBefore: from, NotAfter: to,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestSignedInBy(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	end := now.Add(30 * 24 * time.Hour)
	file := filepath.Join(t.TempDir(), "token")
	inFile := webToken(`{"sub":"system:serviceaccount:a:b","exp":1777680000}`) + "\n"
	if err := os.WriteFile(file, []byte(inFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		config  rest.Config
		want    string
		expires time.Time
		issuer  string
	}{
		"nothing":    {want: "no credentials"},
		"a password": {config: rest.Config{Username: "u", Password: "p"}, want: "user name and password"},
		"an opaque":  {config: rest.Config{BearerToken: "abc"}, want: "bearer token"},
		"not base64": {config: rest.Config{BearerToken: "a.!.c"}, want: "bearer token"},
		"not JSON":   {config: rest.Config{BearerToken: webToken("[]")}, want: "bearer token"},
		"no time":    {config: rest.Config{BearerToken: webToken(`{"exp":"x"}`)}, want: "bearer token"},
		"huge time":  {config: rest.Config{BearerToken: webToken(`{"exp":1e300}`)}, want: "bearer token"},
		"an OIDC one": {
			rest.Config{BearerToken: webToken(`{"iss":"https://i","exp":1777680000}`)}, "bearer token",
			time.Unix(1777680000, 0), "https://i",
		},
		"a file": {
			config: rest.Config{BearerTokenFile: file}, want: "service account token", expires: time.Unix(1777680000, 0),
		},
		"no file": {config: rest.Config{BearerTokenFile: file + "x"}, want: "bearer token"},
		"a certificate": {
			rest.Config{TLSClientConfig: rest.TLSClientConfig{CertData: certificate(t, now, end)}},
			"client certificate", end, "CN=kubernetes-ca",
		},
		"an early one": {
			rest.Config{TLSClientConfig: rest.TLSClientConfig{CertData: certificate(t, now.Add(time.Hour), end)}},
			"client certificate that is not valid yet", end, "CN=kubernetes-ca",
		},
		"a broken one": {
			config: rest.Config{TLSClientConfig: rest.TLSClientConfig{CertData: []byte("x")}}, want: "client certificate",
		},
		"acting": {
			config: rest.Config{BearerToken: "x", Impersonate: rest.ImpersonationConfig{UserName: "eve"}},
			want:   "bearer token, acting as eve",
		},
	} {
		c := &Cluster{}
		c.config.Store(&test.config)
		got := c.signedInBy(now)
		if got.By != test.want || !got.Expires.Equal(test.expires) || got.Issuer != test.issuer {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	c := &Cluster{}
	c.config.Store(&rest.Config{BearerToken: webToken(`{"iat":1777672800,"exp":1777680000}`)})
	if i := c.signedInBy(now); !i.Begins.Equal(time.Unix(1777672800, 0)) {
		t.Errorf("issued: got %+v", i)
	}
	c.config.Store(&rest.Config{TLSClientConfig: rest.TLSClientConfig{CertData: certificate(t, now, end)}})
	if i := c.signedInBy(now); !i.Begins.Equal(now) {
		t.Errorf("a certificate: got %+v", i)
	}
}

func TestIdentityIsAskedOnce(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	c := onServer(t, server)
	source := c.WatchIdentity("shop")
	msg, err := source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := msg.(Identified)
	if got.Identity.User != "fathom" || got.Identity.Err != nil || got.Rights.Err != nil ||
		len(got.Rights.Resources) == 0 || got.Rights.Namespace != "shop" {
		t.Errorf("got %+v", got)
	}
	if _, err := source.Next(t.Context()); err == nil {
		t.Error("it is asked again")
	}
	if asked := server.Requests("POST"); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
}

// TestDigestFollows reads objects when they come, change and go.
func TestDigestFollows(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	for _, name := range []string{"b", "a"} {
		server.Apply(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+", namespace: shop}, data: {k: old}}")
	}
	c := onServer(t, server)
	scope := Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}}
	d := c.Digest(scope, func(obj runtime.Object) any { return obj.(*corev1.ConfigMap).Data["k"] })
	until := func(want string) {
		t.Helper()
		for {
			var said []string
			for _, e := range d.Entries() {
				said = append(said, e.Record.Name+"="+e.Value.(string))
			}
			if strings.Join(said, " ") == want {
				return
			}
			if _, err := d.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	until("a=old b=old")
	kind := schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	server.Patch(t, kind, "shop", "a", `{"data":{"k":"new"}}`)
	until("a=new b=old")
	server.Delete(t, kind, "shop", "b")
	until("a=new")
	if c.Held(scope) == nil || c.Held(Scope{}) != nil {
		t.Error("what is held is not known")
	}
}
