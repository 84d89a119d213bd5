package memapi

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOldAutoscalersAreServedAsNew holds that discovery names no version in which
// not every object can be had.
func TestOldAutoscalersAreServedAsNew(t *testing.T) {
	api, err := New(Options{Clock: NewClock(time.Now())})
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]string{"old": "v1", "new": "v2"} {
		if err := api.ApplyYAML("apiVersion: autoscaling/" + version + "\nkind: HorizontalPodAutoscaler\nmetadata: {name: " + name + ", namespace: shop}\nspec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}"); err != nil {
			t.Fatal(err)
		}
	}
	get := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://tape"+path, nil)
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
	if got := get("/apis/autoscaling"); strings.Contains(got, "autoscaling/v1\"") || !strings.Contains(got, "autoscaling/v2") {
		t.Error(got)
	}
	if got := get("/apis/autoscaling/v2/horizontalpodautoscalers"); !strings.Contains(got, `"name":"old"`) || !strings.Contains(got, `"name":"new"`) {
		t.Error(got)
	}
}
