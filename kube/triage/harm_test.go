package triage

import (
	"fmt"
	"strings"
	"testing"
)

// TestAffects holds that only what has nothing ready left is taken down.
func TestAffects(t *testing.T) {
	pods := []string{"web-1-a not", "web-1-b not", "web-1-c not"}
	all := []string{"web-1-a ready", "web-1-b ready", "web-1-c ready"}
	for _, tt := range []struct {
		name      string
		ready     int
		endpoints []string
		hidden    bool // nothing is known of the slices
		want      string
	}{
		{"nothing is left", 0, pods, false, "takes down ingress shop/shop: 0 of 3 endpoints ready\n" +
			"takes down service shop/web: 0 of 3 endpoints ready\n"},
		{"some are left", 1, append(pods[:2:2], all[2]), false, "degrades ingress shop/shop: 1 of 3 endpoints ready\n" +
			"degrades service shop/web: 1 of 3 endpoints ready\n"},
		{"all are left", 1, all, false, "still up ingress shop/shop: 3 of 3 endpoints ready\n" +
			"still up service shop/web: 3 of 3 endpoints ready\n"},
		{"hidden slices", 1, nil, true, "degrades ingress shop/shop: 1/3 ready\ndegrades service shop/web: 1/3 ready\n"},
		{"hidden slices, nothing is left", 0, nil, true, "takes down ingress shop/shop: 0/3 ready\n" +
			"takes down service shop/web: 0/3 ready\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t).put(deployment("web", 3, tt.ready), replicas("web", 3), service("web"), ingress("web", 80),
				pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3))))
			if tt.hidden {
				s.unknown(sliceKind)
			} else {
				s.put(slice("web", tt.endpoints...))
			}
			var got strings.Builder
			for _, f := range s.state.Judge(s.now).Findings {
				if f.Object.Kind != "Deployment" {
					continue
				}
				for _, a := range f.Affects {
					fmt.Fprintf(&got, "%s %s: %s\n", a.Effect, a.Object, a.Reason)
				}
			}
			if got.String() != tt.want {
				t.Errorf("got\n%swant\n%s%s", got.String(), tt.want, s.says())
			}
		})
	}
}

// TestSurgeDegradesNothing holds that what comes on top of all the pods that are wanted is not missed, and
// that pods which are missing are.
func TestSurgeDegradesNothing(t *testing.T) {
	failing := pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3)))
	for _, tt := range []struct {
		name   string
		ready  int
		slices []string // nil where they are not known
		want   string
	}{
		{"all serve", 2, []string{"a ready", "b ready", "web-1-a not"}, "still up: 2 of 2 wanted endpoints ready"},
		{"all serve, as it seems", 2, nil, "still up: 2/2 ready"},
		{"one is missing", 1, []string{"a ready", "b not", "web-1-a not"}, "degrades: 1 of 3 endpoints ready"},
		{"one is missing, as it seems", 1, nil, "degrades: 1/2 ready"},
		{"the endpoints are behind", 2, []string{"a ready", "b not", "web-1-a not"}, "degrades: 1 of 3 endpoints ready"},
	} {
		s := newScene(t).put(rolls(2, tt.ready, 3, 1, "ReplicaSetUpdated", `ReplicaSet "web-1" is progressing.`),
			revisionOf(0, 1, "24h", "v1", 2), revisionOf(1, 2, "5m", "v2", 1), failing, service("web"))
		if tt.slices == nil {
			s.unknown(sliceKind)
		} else {
			s.put(slice("web", tt.slices...))
		}
		a := s.state.Judge(s.now).Findings[0].Affects[0]
		if got := a.Effect.String() + ": " + a.Reason; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestAffectedTwice holds that an Ingress that reaches two Services is not down while one of them serves.
func TestAffectedTwice(t *testing.T) {
	s := newScene(t).put(deployment("web", 3, 1), replicas("web", 3), ingress("web", 80), service("web"),
		slice("web", "web-1-a ready", "web-1-b not"), service("by", "selector: {app: web}"), slice("by", "web-1-b not"),
		`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, creationTimestamp: @-24h}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}},
  {path: /by, pathType: Prefix, backend: {service: {name: by, port: {number: 80}}}}]}}]}
`, pod("web-1-b", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3))))
	for _, f := range s.state.Judge(s.now).Findings {
		down, less := f.With(TakesDown), f.With(Degrades)
		if f.Object.Kind == "Deployment" && (len(down) != 1 || down[0].Object.Name != "by" || len(less) != 2 ||
			less[0].Reason != "1 of 2 services serve; by: 0 of 1 endpoints ready") {
			t.Errorf("takes down %v, degrades %v", down, less)
		}
	}
}
