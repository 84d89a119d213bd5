// Package kubetest makes the clusters of unit tests: an API server inside the process,
// whose objects, clock and faults the test controls. It does not show how fathom and a
// real API server get on; the suite in e2e does.
//
//	Apply, Patch, Delete, Clock ──> memapi.API ──> Server (Refuse, Intercept) ──> the code under test
//
// A test makes a server at a time of its choice, gives it objects, hands it to the
// code under test, and changes it while that code looks:
//
//	s := kubetest.New(t, now)
//	s.Apply(t, "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}")
//	backend := &kube.Backend{Name: "test", Transport: s, Now: s.Clock().Now}
//	cluster, err := kube.Open(kube.Options{Backend: backend})
//	...
//	s.Clock().Set(now.Add(time.Minute)) // ages go on
//	s.Patch(t, podKind, "shop", "a", `{"status": {"phase": "Running"}}`)
//	s.Refuse("nodes")                   // from here on RBAC forbids them
//
// Apply completes objects as a server does: the namespace "default", a UID, a
// resourceVersion, the time of creation. Load reads the YAML of a file. Intercept
// answers single requests in the server's place: with errors, late, or never. Requests
// returns what was asked of the server. Code that is about connections gets the address
// of Listen in place of the transport. Only tests import this package.
package kubetest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// Server is an API server for one test. It is an http.RoundTripper and an
// http.Handler. Its methods may be called from any goroutine.
type Server struct {
	*memapi.API

	mu        sync.Mutex
	refused   map[string]bool
	intercept func(http.ResponseWriter, *http.Request) bool
	requests  []string
}

// New returns a server without objects whose clock stands at now and whose version is
// v1.36.3.
func New(t testing.TB, now time.Time) *Server {
	t.Helper()
	api, err := memapi.New(memapi.Options{Clock: memapi.NewClock(now), Version: "v1.36.3", Print: kinds.Print})
	if err != nil {
		t.Fatal(err)
	}
	return &Server{API: api, refused: map[string]bool{}}
}

// Load applies the objects of a YAML file.
func (s *Server) Load(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(t, string(text))
}

// Apply adds or replaces the objects of a YAML text.
func (s *Server) Apply(t testing.TB, yaml string) {
	t.Helper()
	if err := s.ApplyYAML(yaml); err != nil {
		t.Fatal(err)
	}
}

// Patch merges a JSON patch into an object.
func (s *Server) Patch(t testing.TB, kind schema.GroupVersionKind, namespace, name, patch string) {
	t.Helper()
	if err := s.API.Patch(kind, namespace, name, []byte(patch)); err != nil {
		t.Fatal(err)
	}
}

// Delete removes an object.
func (s *Server) Delete(t testing.TB, kind schema.GroupVersionKind, namespace, name string) {
	t.Helper()
	if err := s.API.Delete(kind, namespace, name); err != nil {
		t.Fatal(err)
	}
}

// Refuse makes the user one who may not see a resource, such as "nodes".
func (s *Server) Refuse(resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[resource] = true
}

// Intercept sets a function that may answer a request in the server's place: it
// returns true when it did.
func (s *Server) Intercept(answer func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = answer
}

// Requests returns, in order, the requests so far whose text
// ("GET /api/v1/pods?limit=100") contains part.
func (s *Server) Requests(part string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.requests {
		if strings.Contains(r, part) {
			out = append(out, r)
		}
	}
	return out
}

// Listen serves on a port of this machine until the test ends.
func (s *Server) Listen(t testing.TB) *httptest.Server {
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// RoundTrip implements http.RoundTripper.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	intercept, refused := s.intercept, s.refused[resourceOf(r.URL.Path)]
	s.mu.Unlock()
	if intercept != nil {
		answer := httptest.NewRecorder()
		if intercept(answer, r) {
			return answer.Result(), nil
		}
	}
	if refused {
		return forbidden(r), nil
	}
	return s.API.RoundTrip(r)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res, err := s.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	w.(http.Flusher).Flush()
	_, _ = io.Copy(flushing{w}, res.Body)
}

// flushing sends each piece at once, as a watch wants it.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.ResponseWriter.Write(b)
	f.ResponseWriter.(http.Flusher).Flush()
	return n, err
}

// resourceOf returns the resource that a path is about, "" for other paths.
func resourceOf(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		return ""
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	return parts[0]
}
