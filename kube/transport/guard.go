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
// request that is not a read, unless Write says otherwise when it is sent, and every
// request to somewhere else; it bounds the answers, and counts what passes.
type Guard struct {
	Next     http.RoundTripper
	Server   *url.URL     // the API server's address; its path is the prefix that Rancher has
	Write    *atomic.Bool // shared by all guards of a connection; nil is never
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
	path, err := g.check(req)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	g.Traffic.Requests.Add(1)
	end := func() {}
	if !req.URL.Query().Has("watch") {
		end = g.InFlight.start()
	}
	res, err := g.Next.RoundTrip(req)
	if err == nil {
		err = g.checkRedirect(req, res)
	}
	if err != nil {
		end()
		return nil, err
	}
	slowRetries(res.Header)
	if res.StatusCode == http.StatusSwitchingProtocols {
		// The body is the connection, or empty where a dialer keeps that to itself.
		end()
		return res, nil
	}
	limit, what := limitOf(req, path)
	res.Body = &countedBody{&limitedBody{res.Body, limit, limit, what}, g.Traffic, end}
	return res, nil
}

// check returns the path of a request that may be sent.
func (g *Guard) check(req *http.Request) ([]string, error) {
	if !g.isServer(req.URL) {
		return nil, fmt.Errorf("%w: refused request to %s", ErrElsewhere, originOf(req.URL))
	}
	path, ok := APIPath(req.URL, g.Server.Path)
	if !ok || !g.writes() && !isRead(req, path) {
		return nil, fmt.Errorf("%s %s: %w", kinds.Clean(req.Method), kinds.Clean(req.URL.Path), ErrReadOnly)
	}
	return path, nil
}

// writes reports whether requests that change something may pass at this moment.
func (g *Guard) writes() bool { return g.Write != nil && g.Write.Load() }

// isServer reports whether a URL leads to the host and the scheme that the credentials
// are for.
func (g *Guard) isServer(u *url.URL) bool {
	return u.Scheme == g.Server.Scheme && strings.EqualFold(u.Host, g.Server.Host)
}

// originOf is where a URL leads to, to be shown.
func originOf(u *url.URL) string { return kinds.Clean(u.Scheme + "://" + u.Host) }

// checkRedirect refuses to follow a redirect to where the credentials must not go, and
// the second in a row. It closes the body then.
func (g *Guard) checkRedirect(req *http.Request, res *http.Response) error {
	if res.StatusCode < 300 || res.StatusCode > 399 || res.Header.Get("Location") == "" {
		return nil
	}
	to, err := req.URL.Parse(res.Header.Get("Location"))
	switch {
	case err != nil:
		err = fmt.Errorf("%w: refused redirect to %q", ErrElsewhere, res.Header.Get("Location"))
	case !g.isServer(to):
		err = fmt.Errorf("%w: refused redirect to %s", ErrElsewhere, originOf(to))
	case req.Response != nil:
		err = errRedirects
	default:
		return nil
	}
	_ = res.Body.Close()
	return err
}

// slowRetries keeps client-go, which tries again by itself after an answer with a
// Retry-After, from doing so at once.
func slowRetries(h http.Header) {
	if h.Get("Retry-After") == "0" {
		h.Set("Retry-After", "1")
	}
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

// acting are the headers that make something else of a request than its method says.
var acting = []string{
	"Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Protocol",
	"X-Http-Method-Override", "X-Http-Method", "X-Method-Override",
}

// isRead reports whether a request only reads. What it does not recognise is not a
// read.
func isRead(req *http.Request, path []string) bool {
	for _, name := range acting {
		if req.Header.Get(name) != "" {
			return false
		}
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, "":
		return onlyReads(path)
	case http.MethodPost:
		return len(path) == 4 && path[0] == "apis" && slices.Contains(selfReviews[path[1]], path[3])
	}
	return false
}
