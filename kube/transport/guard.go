package transport

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Guard is the innermost transport: only the network is below it. It refuses every
// request that is not a read, unless write is set, and counts what passes.
type Guard struct {
	Next     http.RoundTripper
	Prefix   string // the path of the API server's address, as Rancher has one
	Write    bool
	Traffic  *Traffic
	InFlight *InFlight
}

// Traffic counts what went over the wire, as the transport sees it: bytes of
// bodies after decompression.
type Traffic struct {
	Requests, Received atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (g *Guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.Write && !isRead(req, g.Prefix) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s %s: %w", kinds.Clean(req.Method), kinds.Clean(req.URL.Path), ErrReadOnly)
	}
	g.Traffic.Requests.Add(1)
	end := func() {}
	if !req.URL.Query().Has("watch") {
		end = g.InFlight.start()
	}
	res, err := g.Next.RoundTrip(req)
	if err == nil && res.Body != nil {
		res.Body = &countedBody{res.Body, g.Traffic, end}
	} else {
		end()
	}
	return res, err
}

// WrappedRoundTripper lets client-go find the transport below.
func (g *Guard) WrappedRoundTripper() http.RoundTripper { return g.Next }

type countedBody struct {
	io.ReadCloser
	traffic *Traffic
	done    func() // of the wait for it
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.traffic.Received.Add(int64(n))
	return n, err
}

func (b *countedBody) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

// selfReviews are the resources whose POST only asks who the user is and what they may
// do; the API server stores nothing.
var selfReviews = map[string][]string{
	"authentication.k8s.io": {"selfsubjectreviews"},
	"authorization.k8s.io":  {"selfsubjectaccessreviews", "selfsubjectrulesreviews"},
}

// connecting are the subresources where a GET opens a connection into the cluster.
var connecting = []string{"exec", "attach", "portforward", "proxy"}

// isRead reports whether a request only reads. What it does not recognise is not a
// read.
func isRead(req *http.Request, prefix string) bool {
	for _, name := range []string{"Upgrade", "X-Http-Method-Override"} {
		if req.Header.Get(name) != "" {
			return false
		}
	}
	path, ok := APIPath(req.URL, prefix)
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

// APIPath is the request's path below the API server's address, in segments. A
// path that a server could read in two ways has none.
func APIPath(u *url.URL, prefix string) ([]string, bool) {
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

// opensConnection reports whether a path names a subresource that acts, by the shapes
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
