package badserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Token is what the kubeconfig logs in with.
const Token = "token-of-the-test"

// object is an object as JSON has it.
type object = map[string]any

// Server is a running API server, and a second one to which no credentials may go. Any
// goroutine may use it.
type Server struct {
	// Kubeconfig is the path of a file that leads to the first.
	Kubeconfig string

	scenario Scenario
	other    *httptest.Server

	mu        sync.Mutex
	requests  []time.Time
	paths     []string
	elsewhere []string
}

// Start starts both until the test ends.
func Start(t *testing.T, scenario Scenario) *Server {
	t.Helper()
	s := &Server{scenario: scenario}
	s.other = httptest.NewTLSServer(http.HandlerFunc(s.serveElsewhere))
	t.Cleanup(s.other.Close)
	api := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	api.EnableHTTP2 = true
	api.StartTLS()
	t.Cleanup(func() {
		api.CloseClientConnections() // an answer may have no end
		api.Close()
	})
	s.Kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	text, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "bad",
		"clusters": []any{object{"name": "c", "cluster": object{"server": api.URL, "insecure-skip-tls-verify": true}}},
		"users":    []any{object{"name": "u", "user": object{"token": Token}}},
		"contexts": []any{object{"name": "bad", "context": object{"cluster": "c", "user": "u", "namespace": "shop"}}},
	})
	if err == nil {
		err = os.WriteFile(s.Kubeconfig, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Busiest returns the most requests that came within any period of a length, and their
// paths.
func (s *Server) Busiest(period time.Duration) (paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 0
	for to := range s.requests {
		for s.requests[to].Sub(s.requests[from]) > period {
			from++
		}
		if to-from+1 > len(paths) {
			paths = s.paths[from : to+1]
		}
	}
	return paths
}

// Lasted returns the time since the first request.
func (s *Server) Lasted() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == 0 {
		return 0
	}
	return time.Since(s.requests[0])
}

// Elsewhere returns the requests that came to the other server, with their credentials.
func (s *Server) Elsewhere() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.elsewhere
}

func (s *Server) serveElsewhere(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.elsewhere = append(s.elsewhere, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("Authorization")))
	s.mu.Unlock()
	http.NotFound(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests, s.paths = append(s.requests, time.Now()), append(s.paths, r.URL.RequestURI())
	s.mu.Unlock()
	if s.scenario.answer == nil || !s.scenario.answer(&answer{w, r, s}) {
		serveWell(w, r)
	}
}

// serveWell answers as an API server with one pod does.
func serveWell(w http.ResponseWriter, r *http.Request) {
	watch := r.URL.Query().Has("watch")
	switch path := r.URL.Path; {
	case path == "/version":
		writeJSON(w, object{"gitVersion": "v1.36.3", "major": "1", "minor": "36"})
	case path == "/api":
		writeJSON(w, object{"kind": "APIVersions", "versions": []string{"v1"}})
	case path == "/apis":
		writeJSON(w, object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}})
	case path == "/api/v1":
		writeJSON(w, object{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{
			object{"name": "pods", "kind": "Pod", "namespaced": true, "verbs": []string{"get", "list", "watch"}},
		}})
	case watch && (strings.HasSuffix(path, "/pods") || strings.HasSuffix(path, "definitions")):
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case strings.HasSuffix(path, "/pods"):
		writeJSON(w, podList("", pod(0)))
	case strings.HasSuffix(path, "/pods/p0"):
		writeJSON(w, pod(0))
	case strings.HasSuffix(path, "/customresourcedefinitions"):
		writeJSON(w, object{"kind": "List", "apiVersion": "v1", "metadata": object{"resourceVersion": "1"}, "items": []any{}})
	default:
		w.WriteHeader(http.StatusNotFound)
		writeJSON(w, status(http.StatusNotFound, "NotFound", "there is no "+path))
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_ = json.NewEncoder(w).Encode(v)
}

func status(code int, reason, message string) object {
	return object{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
	}
}

func pod(n int) object {
	name := fmt.Sprint("p", n)
	return object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": name, "namespace": "shop", "uid": name, "resourceVersion": "5"},
		"spec":     object{"containers": []any{object{"name": "c", "image": "i"}}},
		"status":   object{"phase": "Running"},
	}
}

// podList is a page of pods; token leads to the next.
func podList(token string, pods ...any) object {
	return object{
		"kind": "PodList", "apiVersion": "v1",
		"metadata": object{"resourceVersion": "1", "continue": token}, "items": pods,
	}
}
