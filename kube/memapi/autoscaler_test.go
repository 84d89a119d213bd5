package memapi

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOldAutoscalersAreServedAsNew holds that discovery names only versions in which
// every object can be read.
func TestOldAutoscalersAreServedAsNew(t *testing.T) {
	api, err := New(Options{Clock: NewClock(time.Now())})
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]string{"old": "v1", "new": "v2"} {
		yaml := "{apiVersion: autoscaling/" + version + ", kind: HorizontalPodAutoscaler, metadata: {name: " + name +
			", namespace: shop}, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}}"
		if err := api.ApplyYAML(yaml); err != nil {
			t.Fatal(err)
		}
	}
	get := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := api.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var text strings.Builder
		if err := res.Write(&text); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	got := get("/apis/autoscaling")
	if strings.Contains(got, "autoscaling/v1\"") || !strings.Contains(got, "autoscaling/v2") {
		t.Error(got)
	}
	got = get("/apis/autoscaling/v2/horizontalpodautoscalers")
	if !strings.Contains(got, `"name":"old"`) || !strings.Contains(got, `"name":"new"`) {
		t.Error(got)
	}
}
