package kubetest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTables holds that the server writes the cells of kinds with a file, as
// `kubectl get` asks for them.
func TestTables(t *testing.T) {
	s := New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	s.Apply(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, creationTimestamp: "2026-01-02T03:00:00Z"}
spec: {replicas: 3}
status: {readyReplicas: 2}
`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Listen(t).URL+"/apis/apps/v1/deployments", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"cells":["web","2/3",`) {
		t.Errorf("%s", text)
	}
}
