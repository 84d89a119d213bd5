package kube

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/signal"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// beats watches the pulse of a cluster.
func beats(t *testing.T, c *Cluster) testSource {
	t.Helper()
	p := c.WatchHealth()
	b := &boundWatch{changes: make(chan struct{}, 1)}
	go func() {
		for {
			if _, err := p.Next(t.Context()); err != nil {
				return
			}
			signal.Wake(b.changes)
		}
	}()
	return b
}

func TestHealth(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	pulse := beats(t, c)
	in := func(p Phase) func() bool { return func() bool { return c.Health(time.Now()).State == p } }
	until(t, pulse, "the version", func() bool { return c.Version() == "v1.36.3" && in(Live)() })

	s.Intercept(failing("/", http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized"))
	c.Refresh()
	until(t, pulse, "signed out", in(SignedOut))
	if h := c.Health(time.Now()); !strings.Contains(h.Err, "log in again") || h.Since.IsZero() {
		t.Errorf("signed out: %+v", h)
	}
	s.Intercept(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	c.Refresh()
	until(t, pulse, "stale", in(Stale))
	s.Intercept(failing("/", http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable, ""))
	c.Refresh()
	until(t, pulse, "a reason of its own", func() bool { return strings.Contains(c.Health(time.Now()).Err, "503") })
	s.Intercept(nil)
	c.Refresh()
	until(t, pulse, "live again", in(Live))
}

func TestHealthOfAClusterThatNeverAnswered(t *testing.T) {
	s := newServer(t)
	s.http.Close()
	c := s.open(t)
	until(t, beats(t, c), "unreachable", func() bool { return c.Health(time.Now()).State == Unreachable })
	h := c.Health(time.Now())
	if !strings.Contains(h.Err, "connection refused") || strings.Contains(h.Err, "http://") || !h.Since.IsZero() {
		t.Errorf("unreachable: %+v", h)
	}
	if err := c.WaitResources(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("WaitResources: %v", err)
	}
}
