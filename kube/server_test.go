package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// patience is how long a test waits for a state that must come.
const patience = 20 * time.Second

// object is an object as JSON has it.
type object = map[string]any

func newObject(apiVersion, kind, namespace, name string, more object) object {
	metadata := object{"name": name, "uid": "uid-" + name, "creationTimestamp": "2026-11-23T00:00:00Z"}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	o := object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	maps.Copy(o, more)
	return o
}

// server is a test's cluster behind connections that can break.
type server struct {
	*kubetest.Server
	t    *testing.T
	http *httptest.Server
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := kubetest.New(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	return &server{s, t, s.Listen(t)}
}

// put adds or changes an object.
func (s *server) put(o object) {
	s.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Apply(s.t, string(text))
}

// remove removes an object of the namespace shop.
func (s *server) remove(kind, name string) {
	s.t.Helper()
	s.Delete(s.t, schema.GroupVersionKind{Version: "v1", Kind: kind}, "shop", name)
}

// drop breaks every connection.
func (s *server) drop() { s.http.CloseClientConnections() }

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func status(code int32, reason metav1.StatusReason, message string) metav1.Status {
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   "Failure",
		Code:     code,
		Reason:   reason,
		Message:  message,
	}
}

func fail(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status(int32(code), reason, message))
}

// failing returns a hook that refuses the requests that contain part.
func failing(
	part string,
	code int,
	reason metav1.StatusReason,
	message string,
) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.String(), part) {
			return false
		}
		fail(w, code, reason, message)
		return true
	}
}

// flagsTo are the flags of a user whose kubeconfig names one server.
func flagsTo(t *testing.T, server string) *genericclioptions.ConfigFlags {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "config")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "test",
"clusters": [{"name": "c", "cluster": {"server": %q}}],
"users": [{"name": "u", "user": {"token": "t"}}],
"contexts": [{"name": "test", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
{"name": "other", "context": {"cluster": "c", "user": "u"}}]}`, server)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(dir, "cache")
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.CacheDir = &path, &cache
	return flags
}

// open opens the server as a context of a kubeconfig.
func (s *server) open(t *testing.T, change ...func(*Options)) *Cluster {
	t.Helper()
	o := Options{Flags: flagsTo(t, s.http.URL), Messages: NewMessages()}
	for _, c := range change {
		c(&o)
	}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testSource is what tests wait on.
type testSource interface {
	Next(context.Context) (any, error)
}

// until waits until a source has reported a state.
func until(t *testing.T, s testSource, what string, reached func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !reached() {
		if _, err := s.Next(ctx); err != nil {
			t.Fatalf("waited in vain for %s: %v", what, err)
		}
	}
}
