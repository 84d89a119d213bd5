package plugins

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"maps"
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
// the loopback, without TLS: only root reads what goes over it. Clients send no token that way, so
// what shows that they are the program is a path before all others, which only its kubeconfig names.
type proxy struct {
	secret  string
	host    string
	address string // with the secret
	server  *url.URL
	next    http.RoundTripper
	http    *http.Server
}

// startProxy begins to listen.
func startProxy(c *kube.Cluster) (*proxy, error) {
	server, next, err := c.Raw().Reads()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{secret: rand.Text(), host: listener.Addr().String(), server: server, next: next}
	p.address = "http://" + p.host + "/" + p.secret
	p.http = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second} // What it logs is a message.
	c.Raw().Messages.Start("proxy of a plugin", func() {
		_ = p.http.Serve(listener) // Ends with close.
	})
	return p, nil
}

// close ends the proxy with all that it has open.
func (p *proxy) close() { _ = p.http.Close() }

// fromPage reports whether a browser sends a request for a page: from another origin, or by a name
// that was made to lead here.
func (p *proxy) fromPage(r *http.Request) bool {
	return r.Host != p.host || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// admitted is a request without the secret in its path; ok is false for one that does not have it.
func (p *proxy) admitted(r *http.Request) (_ *http.Request, ok bool) {
	given, _, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if subtle.ConstantTimeCompare([]byte(given), []byte(p.secret)) != 1 {
		return nil, false
	}
	out := r.Clone(r.Context())
	out.URL.Path = cmp.Or(strings.TrimPrefix(r.URL.Path, "/"+p.secret), "/")
	out.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/"+p.secret)
	return out, true
}

// hops are headers about one connection, and those that would be taken for the user's.
var hops = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Authorization", "Cookie",
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.fromPage(r) {
		refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, "fathom: a plugin is not a web page")
		return
	}
	r, ok := p.admitted(r)
	if !ok {
		refuse(w, http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "this proxy is another program's")
		return
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "Impersonate-") {
			refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, "fathom: a plugin reads as nobody else than you")
			return
		}
	}
	what := kinds.Clean(cmp.Or(r.Method, http.MethodGet) + " " + r.URL.Path)
	res, err := p.next.RoundTrip(p.outgoing(w, r))
	if err != nil {
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

// outgoing makes an admitted request one that goes to the API server.
func (p *proxy) outgoing(w http.ResponseWriter, out *http.Request) *http.Request {
	out.RequestURI, out.Host, out.Close = "", "", false
	out.URL.Scheme, out.URL.Host, out.URL.User = p.server.Scheme, p.server.Host, nil
	prefix := strings.TrimSuffix(p.server.Path, "/")
	if out.URL.Path = prefix + out.URL.Path; out.URL.RawPath != "" {
		out.URL.RawPath = prefix + out.URL.RawPath
	}
	for _, name := range hops {
		out.Header.Del(name)
	}
	out.Body = http.MaxBytesReader(w, out.Body, bodyMax)
	if out.ContentLength == 0 {
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
