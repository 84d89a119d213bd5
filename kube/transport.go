package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ErrReadOnly is why a request was not sent: it could change the cluster, and
// the program was started without --write.
var ErrReadOnly = errors.New("read-only: start fathom with --write to change the cluster")

// guard is the innermost transport: nothing below it but the network. It
// refuses every request that is not a read, unless write is set, and counts
// what passes.
type guard struct {
	next     http.RoundTripper
	prefix   string // the path of the API server's address, as Rancher has one
	write    bool
	traffic  *traffic
	inFlight *inFlight
}

// traffic counts what went over the wire, as the transport sees it: bytes of
// bodies after decompression.
type traffic struct {
	requests, received atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.write && !isRead(req, g.prefix) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s %s: %w", kinds.Clean(req.Method), kinds.Clean(req.URL.Path), ErrReadOnly)
	}
	g.traffic.requests.Add(1)
	end := func() {}
	if !req.URL.Query().Has("watch") {
		end = g.inFlight.start()
	}
	res, err := g.next.RoundTrip(req)
	if err == nil && res.Body != nil {
		res.Body = &countedBody{res.Body, g.traffic, end}
	} else {
		end()
	}
	return res, err
}

// WrappedRoundTripper lets client-go find the transport below.
func (g *guard) WrappedRoundTripper() http.RoundTripper { return g.next }

type countedBody struct {
	io.ReadCloser
	traffic *traffic
	done    func() // of the wait for it
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.traffic.received.Add(int64(n))
	return n, err
}

func (b *countedBody) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

// selfReviews are the resources whose POST only asks who one is and what one may
// do; the API server stores nothing.
var selfReviews = map[string][]string{
	"authentication.k8s.io": {"selfsubjectreviews"},
	"authorization.k8s.io":  {"selfsubjectaccessreviews", "selfsubjectrulesreviews"},
}

// connecting are the subresources where a GET opens a connection into the cluster.
var connecting = []string{"exec", "attach", "portforward", "proxy"}

// isRead says whether a request only reads. What it does not recognise is not a
// read.
func isRead(req *http.Request, prefix string) bool {
	for _, name := range []string{"Upgrade", "X-Http-Method-Override"} {
		if req.Header.Get(name) != "" {
			return false
		}
	}
	path, ok := apiPath(req.URL, prefix)
	if !ok {
		return false
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, "":
		return !opensConnection(path)
	case http.MethodPost:
		return len(path) == 4 && path[0] == "apis" && slices.Contains(selfReviews[path[1]], path[3])
	}
	return false
}

// apiPath is the request's path below the API server's address, in segments. A
// path that a server could read in two ways has none.
func apiPath(u *url.URL, prefix string) ([]string, bool) {
	rest, ok := strings.CutPrefix(u.Path, strings.TrimSuffix(prefix, "/"))
	if !ok {
		return nil, false
	}
	path := strings.Split(strings.Trim(rest, "/"), "/")
	for i, segment := range path {
		if segment == "." || segment == ".." || segment == "" && i > 0 {
			return nil, false
		}
	}
	return path, true
}

// opensConnection says whether a path names a subresource that acts, by the shapes
// that paths of the API have (apiserver, pkg/endpoints/request/requestinfo.go).
func opensConnection(path []string) bool {
	switch {
	case len(path) > 2 && path[0] == "api":
		path = path[2:]
	case len(path) > 3 && path[0] == "apis":
		path = path[3:]
	default:
		return false
	}
	switch path[0] {
	case "proxy", "redirect":
		return true
	case "watch":
		path = path[1:]
	}
	if len(path) > 3 && path[0] == "namespaces" {
		path = path[2:]
	}
	return len(path) > 2 && slices.Contains(connecting, path[2])
}

// heartbeat is the outermost transport, around credential plugins too. It knows
// from what passes by how the connection is doing.
type heartbeat struct {
	next http.RoundTripper
	// changed is called after the health's state changed, doubt after a
	// stream broke, which may or may not mean more.
	changed, suspect func()

	streams  atomic.Int32 // watches over HTTP/2, whose link is tested by pings
	lastGood atomic.Int64 // Unix nanoseconds
	failing  atomic.Bool

	mu        sync.Mutex
	failure   string
	signedOut bool
}

// RoundTrip implements http.RoundTripper.
func (h *heartbeat) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := h.next.RoundTrip(req)
	if err != nil {
		if !errors.Is(err, ErrReadOnly) && !errors.Is(req.Context().Err(), context.Canceled) {
			h.recordError(err)
		}
		return res, err
	}
	probe := strings.HasSuffix(req.URL.Path, "/version")
	switch res.StatusCode {
	case http.StatusUnauthorized:
		h.setFailure("the API server does not accept the credentials; log in again", true)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		// An aggregated API that is down says this too; only the probe's
		// answer is the API server's own.
		if probe {
			h.setFailure("the API server answers "+kinds.Clean(res.Status), false)
		}
	default:
		h.recordSuccess()
	}
	stream := req.URL.Query().Has("watch") && res.ProtoMajor == 2
	if stream {
		h.streams.Add(1)
	}
	res.Body = &reportingBody{ReadCloser: res.Body, heartbeat: h, request: req, stream: stream}
	return res, nil
}

// reportingBody tells the heartbeat what reading a body comes to.
type reportingBody struct {
	io.ReadCloser
	heartbeat *heartbeat
	request   *http.Request
	stream    bool
	closed    atomic.Bool
}

func (b *reportingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		// A 401 or 503 has a body too, and is no good news.
		if n > 0 && !b.heartbeat.failing.Load() {
			b.heartbeat.lastGood.Store(time.Now().UnixNano())
		}
	case b.closed.Load() || errors.Is(b.request.Context().Err(), context.Canceled):
	case b.stream:
		b.heartbeat.recordError(err)
		b.heartbeat.suspect()
	default:
		b.heartbeat.suspect()
	}
	return n, err
}

func (b *reportingBody) Close() error {
	if b.closed.CompareAndSwap(false, true) && b.stream {
		b.heartbeat.streams.Add(-1)
	}
	return b.ReadCloser.Close()
}

// recordSuccess takes an answer that shows the API server alive.
func (h *heartbeat) recordSuccess() {
	first := h.lastGood.Swap(time.Now().UnixNano()) == 0
	if !first && !h.failing.Load() {
		return
	}
	h.mu.Lock()
	h.failing.Store(false)
	h.failure, h.signedOut = "", false
	h.mu.Unlock()
	h.changed()
}

// recordError takes an error of the transport: a network that does not answer, or a
// credential plugin that does not help.
func (h *heartbeat) recordError(err error) {
	text := clearly("", err).Error()
	h.setFailure(text, strings.Contains(text, "getting credentials") || strings.Contains(text, "exec: executable"))
}

func (h *heartbeat) setFailure(text string, signedOut bool) {
	h.mu.Lock()
	before := h.failing.Swap(true)
	same := before && h.signedOut == signedOut && h.failure == text
	h.failure, h.signedOut = text, signedOut
	h.mu.Unlock()
	if !same {
		h.changed()
	}
}

func (h *heartbeat) health() Health {
	health := Health{State: Connecting}
	if at := h.lastGood.Load(); at != 0 {
		health.State, health.Since = Live, time.Unix(0, at)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.failing.Load() {
		return health
	}
	health.Err = h.failure
	switch {
	case h.signedOut:
		health.State = SignedOut
	case health.Since.IsZero():
		health.State = Unreachable
	default:
		health.State = Stale
	}
	return health
}
