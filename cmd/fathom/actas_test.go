package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// TestActAs opens a context as somebody else, twice, and goes back; and as somebody whom we may not
// act as.
func TestActAs(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Impersonate-User") != "root" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,` +
			`"message":"users \"root\" is forbidden: User \"me\" cannot impersonate resource \"users\" in API group \"\""}`))
		return true
	})
	path := filepath.Join(t.TempDir(), "config")
	text := strings.ReplaceAll(oneContext, "SERVER", listenTLS(t, server))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", path)
	a := newApp()
	a.flags.write = true
	a.rules = contextRules{{pattern: "*", Write: writeAlways}}
	a.places = newPlaces(t.TempDir())
	t.Cleanup(a.close)
	own, _, err := a.connect("")
	if err != nil || !own.Cluster.Writable() || own.ActAs == nil {
		t.Fatalf("%+v, %v", own, err)
	}
	alice := &kube.Impersonated{User: "alice", Groups: []string{"ops"}}
	other, err := own.ActAs(t.Context(), own.Cluster, alice)
	if err != nil || other.Cluster.ActsAs() != "alice" || other.Cluster.Writable() || other.Cluster.Name() != "a" {
		t.Fatalf("%+v, %v", other, err)
	}
	if other.Remember != nil || other.Cluster == own.Cluster {
		t.Error("it is the own place")
	}
	again, err := other.ActAs(t.Context(), other.Cluster, &kube.Impersonated{User: "alice", Groups: []string{"ops"}})
	if err != nil || again.Cluster != other.Cluster {
		t.Errorf("the second time: %v", err)
	}
	back, err := other.ActAs(t.Context(), other.Cluster, nil)
	if err != nil || back.Cluster != own.Cluster || back.Remember == nil {
		t.Errorf("back: %v", err)
	}
	_, err = own.ActAs(t.Context(), own.Cluster, &kube.Impersonated{User: "root"})
	if err == nil || !strings.HasPrefix(err.Error(), "you may not act as root: users") {
		t.Errorf("root: %v", err)
	}
	if open := a.openClusters(); len(open) != 2 {
		t.Errorf("%d clusters are open, want those of alice and of oneself", len(open))
	}
	if connected, _, err := other.Connect("a"); err != nil || connected.Cluster != own.Cluster {
		t.Errorf("another context of that name: %v", err)
	}
}
