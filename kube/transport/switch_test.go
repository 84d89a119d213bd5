package transport

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
)

// TestSwitchOfTheGuard lets writes pass only while its switch is on, and counts what arrives.
func TestSwitchOfTheGuard(t *testing.T) {
	var arrived atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var write atomic.Bool
	g := &Guard{
		Next: http.DefaultTransport, Server: address, Write: &write, Traffic: new(Traffic), InFlight: new(InFlight),
	}
	for _, step := range []struct {
		on   bool
		want int32
	}{{false, 0}, {true, 1}, {false, 1}, {true, 2}} {
		write.Store(step.on)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch,
			server.URL+"/apis/apps/v1/namespaces/shop/deployments/web/scale?dryRun=All", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := g.RoundTrip(req)
		if step.on {
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		} else if !errors.Is(err, ErrReadOnly) {
			t.Errorf("while it is off: %v", err)
		}
		if got := arrived.Load(); got != step.want {
			t.Errorf("%d requests arrived, want %d", got, step.want)
		}
	}
}
