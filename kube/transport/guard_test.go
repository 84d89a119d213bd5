package transport

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// requests are those that pass, and those that do not.
var requests = []struct {
	request string
	prefix  string
	header  string
	want    bool
}{
	{request: "GET /api/v1/pods", want: true},
	{request: "HEAD /api/v1/pods", want: true},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/log?follow=true", want: true},
	{request: "GET /version", want: true},
	{request: "GET /", want: true},
	{request: "GET /apis/", want: true},
	{request: "GET /apis/metrics.k8s.io/v1beta1/namespaces/proxy/pods/exec", want: true},
	{request: "GET /api/v1/namespaces/proxy/pods/exec", want: true},
	{request: "GET /api/v1/namespaces/exec", want: true},
	{request: "GET /api/v1/nodes/proxy", want: true},
	{request: "get /api/v1/pods"},
	{request: "POST /api/v1/namespaces/shop/pods"},
	{request: "PUT /api/v1/namespaces/shop/pods/web-1"},
	{request: "PATCH /api/v1/namespaces/shop/pods/web-1"},
	{request: "DELETE /api/v1/namespaces/shop/pods/web-1"},
	{request: "DELETE /api/v1/namespaces/shop/pods"},
	{request: "CONNECT /api/v1/namespaces/shop/pods/web-1/exec"},
	{request: "OPTIONS /api/v1/pods"},
	{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", want: true},
	{request: "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews", want: true},
	{request: "POST /apis/authentication.k8s.io/v1/selfsubjectreviews", want: true},
	{request: "PUT /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"},
	{request: "POST /apis/authorization.k8s.io/v1/subjectaccessreviews"},
	{request: "POST /apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews"},
	{request: "POST /apis/authentication.k8s.io/v1/tokenreviews"},
	{request: "POST /apis/evil.test/v1/selfsubjectaccessreviews"},
	{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x"},
	{request: "POST /api/v1/namespaces/shop/serviceaccounts/ci/token"},
	{request: "POST /api/v1/namespaces/shop/pods/web-1/eviction"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/exec?command=sh"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/attach"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/portforward"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/proxy"},
	{request: "GET /api/v1/namespaces/shop/services/web:80/proxy/admin/delete"},
	{request: "GET /api/v1/nodes/worker-1/proxy/run/shop/web-1/app"},
	{request: "GET /api/v1/proxy/nodes/worker-1"},
	{request: "GET /api/v1//nodes/worker-1/proxy"},
	{request: "GET /api/v1/x/../nodes/worker-1/proxy"},
	{request: "GET /api/v1/nodes/worker-1%2Fproxy/run"},
	{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/portforward"},
	{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/vnc", header: "Upgrade"},
	{request: "GET /api/v1/pods", header: "X-Http-Method-Override"},
	{request: "GET /k8s/clusters/c-1/api/v1/pods", prefix: "/k8s/clusters/c-1", want: true},
	{request: "GET /k8s/clusters/c-1/api/v1/nodes/n/proxy", prefix: "/k8s/clusters/c-1/"},
	{request: "GET /elsewhere/api/v1/pods", prefix: "/k8s/clusters/c-1"},
	{request: "GET /k8s/clusters/c-10/api/v1/pods", prefix: "/k8s/clusters/c-1"},
	{request: "GET /k8s/clusters/c-1", prefix: "/k8s/clusters/c-1", want: true},
	{request: "GET /api/v1/namespaces/a%2Fpods%2Fb"},
	{request: "GET /api/v1/%2e%2e/%2e%2e/x"},
	{request: "GET /api/v1/watch/namespaces/shop/pods"},
	{request: "GET /apis/apps/v1/namespaces/shop/deployments/web/status", want: true},
	{request: "GET /apis/apps/v1/namespaces/shop/deployments/web/scale", want: true},
	{request: "GET /api/v1/namespaces/shop/status", want: true},
	{request: "GET /api/v1/namespaces/shop/finalize"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/log/more"},
	{request: "GET /api/v1/namespaces/shop/pods/web-1/eviction"},
	{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/console"},
	{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/vsock"},
	{request: "GET /apis/custom.test/v1/things/a/restart"},
	{request: "GET /debug/pprof/profile"},
	{request: "GET /logs/kube-apiserver.log"},
	{request: "GET /openapi/v3/apis/apps/v1", want: true},
	{request: "GET /livez/ping", want: true},
	{request: "GET /readyz?verbose", want: true},
	{request: "GET /metrics", want: true},
	{request: "POST /metrics"},
	{request: "DELETE /metrics"},
	{request: "DELETE /livez"},
	{request: "GET /api/v1/pods", header: "Sec-Websocket-Key"},
	{request: "GET /api/v1/pods", header: "X-Http-Method"},
	{request: "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system:a;b", want: true},
}

func TestIsRead(t *testing.T) {
	for _, c := range requests {
		method, path, _ := strings.Cut(c.request, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, "https://server"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, "websocket")
		}
		segments, ok := APIPath(req.URL, c.prefix)
		if got := ok && isRead(req, segments); got != c.want {
			t.Errorf("isRead(%s) with header %q = %v", c.request, c.header, got)
		}
	}
}

// answers makes a transport that answers every request in one way.
type answers func(*http.Request) *http.Response

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	res := a(req)
	res.Request = req
	return res, nil
}

func guarded(t *testing.T, server string, answer answers) *Guard {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	return &Guard{Next: answer, Server: u, Traffic: &Traffic{}, InFlight: &InFlight{}}
}

func TestRedirectsStayWithTheServer(t *testing.T) {
	for _, c := range []struct {
		location string
		follows  bool
		want     string // in the error
	}{
		{location: "/api/v1/pods/", follows: true},
		{location: "https://server:6443/api/v1/pods/", follows: true},
		{location: "https://SERVER:6443/api/v1/pods/", follows: true},
		{location: "https://server:6443/loop", want: "a redirect with a redirect"},
		{location: "https://server:6444/api/v1/pods", want: "refused redirect to https://server:6444"},
		{location: "https://other:6443/api/v1/pods", want: "refused redirect to https://other:6443"},
		{location: "http://server:6443/api/v1/pods", want: "refused redirect to http://server:6443"},
		{location: "//other/api/v1/pods", want: "refused redirect to https://other"},
		{location: "https://server:6443@other/", want: "refused redirect to https://other"},
		{location: "https://[broken", want: "refused redirect to \"https://[broken\""},
		{location: "https://a\u202eb/", want: "refused redirect to https://a\uFFFDb"},
		{location: "/api/v1/nodes/n/proxy/run", want: "read-only"},
	} {
		var sent []string
		g := guarded(t, "https://server:6443", func(req *http.Request) *http.Response {
			sent = append(sent, req.URL.String())
			status, header := http.StatusFound, http.Header{"Location": {c.location}}
			if len(sent) > 1 && !strings.HasSuffix(req.URL.Path, "loop") {
				status, header = http.StatusOK, http.Header{}
			}
			return &http.Response{StatusCode: status, Header: header, Body: http.NoBody}
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://server:6443/api/v1/pods", nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.location == "https://server:6443/loop" {
			g.Write = on() // else the guard does not know the path
		}
		res, err := (&http.Client{Transport: g}).Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		if c.follows {
			if err != nil || len(sent) != 2 {
				t.Errorf("%s: %v after %q", c.location, err, sent)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.location, err)
		}
		for _, to := range sent {
			if !strings.HasPrefix(to, "https://server:6443/") {
				t.Errorf("%s: sent to %s", c.location, to)
			}
		}
	}
}

func TestNothingGoesElsewhere(t *testing.T) {
	g := guarded(t, "https://server:6443/k8s", func(req *http.Request) *http.Response {
		t.Errorf("sent: %s", req.URL)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	})
	g.Write = on()
	for _, to := range []string{
		"https://other:6443/k8s/api", "http://server:6443/k8s/api", "https://server/k8s/api", "https://server:6443/api",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := g.RoundTrip(req)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s: no error", to)
		}
	}
}

func TestRetriesAreSlow(t *testing.T) {
	for sent, want := range map[string]string{"0": "1", "1": "1", "30": "30", "": ""} {
		h := http.Header{}
		if sent != "" {
			h.Set("Retry-After", sent)
		}
		if slowRetries(h); h.Get("Retry-After") != want {
			t.Errorf("%q became %q", sent, h.Get("Retry-After"))
		}
	}
}

// TestAPIPathHasTheWholePrefix is about requests that may change something, too.
func TestAPIPathHasTheWholePrefix(t *testing.T) {
	for path, want := range map[string]bool{
		"/k8s/c-1": true, "/k8s/c-1/": true, "/k8s/c-1/api": true, "/k8s/c-10/api": false, "/k8s/c-1x": false, "/k8s": false,
	} {
		for _, prefix := range []string{"/k8s/c-1", "/k8s/c-1/"} {
			if _, got := APIPath(&url.URL{Path: path}, prefix); got != want {
				t.Errorf("%s below %s: %v", path, prefix, got)
			}
		}
	}
}

// on is the switch of a guard that lets writes pass.
func on() *atomic.Bool {
	var write atomic.Bool
	write.Store(true)
	return &write
}
