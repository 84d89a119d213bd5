package memapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// TestOldAutoscalersArePrintedAsNew asks a server that has only the old version.
func TestOldAutoscalersArePrintedAsNew(t *testing.T) {
	api, err := New(Options{Clock: NewClock(time.Now()), Print: leastReplicas})
	if err != nil {
		t.Fatal(err)
	}
	api.Describe([]*metav1.APIResourceList{{GroupVersion: "autoscaling/v1", APIResources: []metav1.APIResource{
		{Name: "horizontalpodautoscalers", Kind: "HorizontalPodAutoscaler", Namespaced: true, Verbs: verbs},
	}}})
	err = api.ApplyYAML(`{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler,
metadata: {name: old, namespace: shop}, spec: {minReplicas: 2}}`)
	if err != nil {
		t.Fatal(err)
	}
	got := tableOf(t, api, "/apis/autoscaling/v1/horizontalpodautoscalers")
	if diff := cmp.Diff([]string{"Name | Least", "old | 2"}, got); diff != "" {
		t.Error(diff)
	}
}
