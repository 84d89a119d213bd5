package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// Heartbeat is the outermost transport, around credential plugins too. It learns how
// the connection is doing from what passes by.
type Heartbeat struct {
	Next http.RoundTripper
	// Changed is called after the health's state changed, Suspect after a stream broke,
	// which may or may not mean more.
	Changed, Suspect func()

	streams  atomic.Int32 // watches over HTTP/2, whose link is tested by pings
	lastGood atomic.Int64 // Unix nanoseconds
	failing  atomic.Bool

	mu        sync.Mutex
	failure   string
	signedOut bool
}

// RoundTrip implements http.RoundTripper.
func (h *Heartbeat) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := h.Next.RoundTrip(req)
	if err != nil {
		if !errors.Is(err, ErrReadOnly) && !errors.Is(err, ErrPending) &&
			!errors.Is(req.Context().Err(), context.Canceled) {
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
	heartbeat *Heartbeat
	request   *http.Request
	stream    bool
	closed    atomic.Bool
}

func (b *reportingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		// A 401 or 503 has a body too, and is not good news.
		if n > 0 && !b.heartbeat.failing.Load() {
			b.heartbeat.lastGood.Store(time.Now().UnixNano())
		}
	case b.closed.Load() || errors.Is(b.request.Context().Err(), context.Canceled) || errors.Is(err, ErrTooLarge):
	case b.stream:
		b.heartbeat.recordError(err)
		b.heartbeat.Suspect()
	default:
		b.heartbeat.Suspect()
	}
	return n, err
}

func (b *reportingBody) Close() error {
	if b.closed.CompareAndSwap(false, true) && b.stream {
		b.heartbeat.streams.Add(-1)
	}
	return b.ReadCloser.Close()
}

// recordSuccess notes an answer that shows that the API server is alive.
func (h *Heartbeat) recordSuccess() {
	first := h.lastGood.Swap(time.Now().UnixNano()) == 0
	if !first && !h.failing.Load() {
		return
	}
	h.mu.Lock()
	h.failing.Store(false)
	h.failure, h.signedOut = "", false
	h.mu.Unlock()
	h.Changed()
}

// recordError notes an error of the transport: a network that does not answer, or a
// credential plugin that does not help.
func (h *Heartbeat) recordError(err error) {
	h.setFailure(plain.Error("", err).Error(), errors.Is(err, ErrSignedOut))
}

func (h *Heartbeat) setFailure(text string, signedOut bool) {
	h.mu.Lock()
	before := h.failing.Swap(true)
	same := before && h.signedOut == signedOut && h.failure == text
	h.failure, h.signedOut = text, signedOut
	h.mu.Unlock()
	if !same {
		h.Changed()
	}
}

// Status is how the connection is doing, judging by what has passed so far.
type Status struct {
	LastGood  time.Time // when the API server last gave a good answer; zero if never
	Failing   bool
	SignedOut bool   // it fails because the credentials are not accepted
	Failure   string // why it fails; clean
	Streams   int    // open watches over HTTP/2, whose link is tested by pings
}

// Status returns how the connection is doing.
func (h *Heartbeat) Status() Status {
	s := Status{Streams: int(h.streams.Load())}
	if at := h.lastGood.Load(); at != 0 {
		s.LastGood = time.Unix(0, at)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failing.Load() {
		s.Failing, s.SignedOut, s.Failure = true, h.signedOut, h.failure
	}
	return s
}
