package plugins

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// bodyMax bounds what a program may send: the only bodies that pass are reviews.
const bodyMax = 1 << 20

// proxy passes the requests of one program on to the API server, if they only read. It listens on
// the loopback, and answers nobody who does not have its token. Clients send a token over TLS only,
// so it has a certificate of its own.
type proxy struct {
	token     string
	authority []byte // the certificate, in PEM
	address   string
	server    *url.URL
	next      http.RoundTripper
	http      *http.Server
}

// startProxy begins to listen.
func startProxy(c *kube.Cluster) (*proxy, error) {
	server, next, err := c.Raw().Reads()
	if err != nil {
		return nil, err
	}
	p := &proxy{token: rand.Text(), server: server, next: next}
	certificate, err := p.certify()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.address = "https://" + listener.Addr().String()
	p.http = &http.Server{
		Handler: p, ReadHeaderTimeout: 10 * time.Second, // What it logs is a message.
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		// Upgrades exist in HTTP/1 only, and are refused in words.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	c.Raw().Messages.Start("proxy of a plugin", func() {
		_ = p.http.ServeTLS(listener, "", "") // Ends with close.
	})
	return p, nil
}

// close ends the proxy with all that it has open.
func (p *proxy) close() { _ = p.http.Close() }

// certify makes a key and a certificate for this one proxy.
func (p *proxy) certify() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	as := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, as, as, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	p.authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// hops are headers about one connection, and those that would be taken for the user's.
var hops = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Authorization", "Cookie",
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(token), []byte(p.token)) != 1 {
		refuse(w, http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "this proxy is another program's")
		return
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "Impersonate-") {
			refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, "fathom: a plugin reads as nobody else than you")
			return
		}
	}
	res, err := p.next.RoundTrip(p.outgoing(w, r))
	if err != nil {
		what := kinds.Clean(cmp.Or(r.Method, http.MethodGet) + " " + r.URL.Path)
		if errors.Is(err, kube.ErrReadOnly) {
			refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden,
				what+" was not sent: fathom lets a plugin with reads: true only read")
			return
		}
		refuse(w, http.StatusBadGateway, metav1.StatusReasonServiceUnavailable, plain.Error("fathom: "+what, err).Error())
		return
	}
	defer func() { _ = res.Body.Close() }()
	for _, name := range hops {
		res.Header.Del(name)
	}
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	control := http.NewResponseController(w)
	_ = control.Flush() // The first event may come much later.
	if _, err := io.Copy(flushing{w, control}, res.Body); err != nil {
		panic(http.ErrAbortHandler) // An answer that was cut off must not look whole.
	}
}

// outgoing is a request as it goes to the API server.
func (p *proxy) outgoing(w http.ResponseWriter, r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	out.RequestURI, out.Host, out.Close = "", "", false
	out.URL.Scheme, out.URL.Host, out.URL.User = p.server.Scheme, p.server.Host, nil
	prefix := strings.TrimSuffix(p.server.Path, "/")
	if out.URL.Path = prefix + r.URL.Path; r.URL.RawPath != "" {
		out.URL.RawPath = prefix + r.URL.RawPath
	}
	for _, name := range hops {
		out.Header.Del(name)
	}
	out.Body = http.MaxBytesReader(w, r.Body, bodyMax)
	if r.ContentLength == 0 {
		out.Body = http.NoBody
	}
	return out
}

// flushing passes on what comes as it comes: a watch and a log have no end.
type flushing struct {
	io.Writer
	control *http.ResponseController
}

// Write implements io.Writer.
func (f flushing) Write(b []byte) (int, error) {
	n, err := f.Writer.Write(b)
	if err != nil {
		return n, err
	}
	return n, f.control.Flush()
}

// refuse answers as an API server does.
func refuse(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Reason: reason, Code: int32(code), Message: message,
	})
}
