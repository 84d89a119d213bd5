package memapi

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// torn is an object whose bytes can no longer be read.
type torn struct{}

func (torn) Bytes() ([]byte, error) { panic("the disk is gone") }

func TestARequestThatPanicsIsAnInternalError(t *testing.T) {
	var said []string
	api, err := New(Options{
		Clock:    NewClock(time.Unix(0, 0)),
		Panicked: func(text string) { said = append(said, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	pod := Object{GVK: podKind, Namespace: "shop", Name: "a", Data: torn{}}
	if err := api.Put(pod); err != nil {
		t.Fatal(err)
	}
	ask := func(path, query string) *http.Response {
		t.Helper()
		res, err := api.RoundTrip(&http.Request{
			Method: http.MethodGet, URL: &url.URL{Path: path, RawQuery: query},
		})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	res := ask("/api/v1/pods", "")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 500 || !strings.Contains(string(body), "panic: the disk is gone") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "/api/v1/pods: panic: the disk is gone; in memapi.torn.Bytes") {
		t.Errorf("reported %q", said)
	}
	res = ask("/api/v1/pods", "watch=true")
	if _, err = io.ReadAll(res.Body); err == nil || !strings.Contains(err.Error(), "panic: the disk is gone") {
		t.Errorf("a watch ends with %v", err)
	}
	if body := (&logBody{api: api}); len(said) != 2 {
		t.Errorf("reported %q", said)
	} else if _, err := body.Read(make([]byte, 9)); err == nil || !strings.Contains(err.Error(), "panic: ") {
		t.Errorf("a log ends with %v", err)
	}
	// The rest is answered as before.
	if res := ask("/api/v1/nodes", ""); res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
}
