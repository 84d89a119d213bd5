package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// measured are a quota of many resources, an autoscaler of two metrics and an event, whose
// names are as long as those of a real cluster.
const measured = `apiVersion: v1
kind: ResourceQuota
metadata: {name: team-quota, namespace: payments, uid: q1, creationTimestamp: "2026-04-01T12:00:00Z"}
spec: {hard: {count/configmaps: "9", limits.memory: 2Gi, memory: 1Gi, pods: "12", requests.cpu: "4"}}
status:
  hard: {count/configmaps: "9", limits.memory: 2Gi, memory: 1Gi, pods: "12", requests.cpu: "4"}
  used: {count/configmaps: "6", limits.memory: 1Gi, memory: 96Mi, pods: "4", requests.cpu: "1"}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: checkout-gateway, namespace: payments, uid: h1, creationTimestamp: "2026-04-01T12:00:00Z"}
spec:
  minReplicas: 2
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: checkout-gateway}
  metrics:
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 500M}}}
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
status:
  currentReplicas: 3
  currentMetrics:
  - {type: Resource, resource: {name: memory, current: {averageValue: 300M}}}
  - {type: Resource, resource: {name: cpu, current: {averageUtilization: 45}}}
---
apiVersion: v1
kind: Event
metadata: {name: e1, namespace: payments, uid: e1, creationTimestamp: "2026-05-01T11:00:00Z"}
involvedObject: {kind: Pod, name: node-exporter-78d9fc89-h22kh, namespace: payments}
type: Warning
reason: BackOff
message: Back-off restarting failed container exporter in pod node-exporter-78d9fc89-h22kh
lastTimestamp: "2026-05-01T11:59:00Z"
`

// TestNarrowTablesShortenWhatIsReadAsOne draws tables whose cells have several facts each.
func TestNarrowTablesShortenWhatIsReadAsOne(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, measured)
	for kind, want := range map[string]string{
		"quota": "count/configmaps: 6/9, …",
		"hpa":   "memory: 300M/500M…",
		"ev":    "pod/node-ex…h22kh",
	} {
		s := newSession(t, server, "")
		p := look(t, Objects(s, served(t, s, kind)))
		screen := p.until(80, 24, "● live", want[:4])
		if !strings.Contains(screen, want) {
			t.Errorf("%s: no %q in\n%s", kind, want, screen)
		}
	}
}

// TestFooterWithoutRows holds that a table that is empty or forbidden offers nothing to do with a
// row, and that one with rows does.
func TestFooterWithoutRows(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Refuse("nodes")
	for kind, seen := range map[string]string{"nodes": "forbidden", "secrets": "no secrets", "pods": "db-0"} {
		s := newSession(t, server, "shop")
		p := look(t, Objects(s, served(t, s, kind)))
		p.wait("all has come", func() bool {
			return strings.Contains(p.draw(80, 24), seen) && p.view.(*table).list.settled
		})
		offered := slices.ContainsFunc(p.view.Keys(), func(k ui.Key) bool {
			return k.Footer && (k.Action == actOpen || k.Action == tabWhy.action() || k.Action == actReveal)
		})
		if offered != (kind == "pods") {
			t.Errorf("%s: the footer offers what needs a row: %v", kind, offered)
		}
	}
}
