package kinds

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestNode(t *testing.T) {
	checkSituations(t, Node, []situation{
		{"nothing at all", `{}`, want{map[string]string{"STATUS": "Unknown", "ROLES": "<none>", "VERSION": "",
			"INTERNAL-IP": "<none>", "EXTERNAL-IP": "<none>",
			"OS-IMAGE": "<unknown>", "KERNEL-VERSION": "<unknown>", "CONTAINER-RUNTIME": "<unknown>"}, Failing,
			"its kubelet has not reported yet"}},
		{"ready", `
metadata: {labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/control-plane: "",
    kubernetes.io/role: edge, node-role.kubernetes.io/: ""}}
status:
  conditions: [{type: Ready, status: "True"}, {type: MemoryPressure, status: "False"}]
  addresses: [{type: Hostname, address: w}, {type: InternalIP, address: 10.0.0.1}, {type: InternalIP,
      address: "fd00::1"}, {type: ExternalIP, address: 1.2.3.4}]
  nodeInfo: {kubeletVersion: v1.36.3, kernelVersion: "6.1", architecture: arm64, osImage: Debian,
      containerRuntimeVersion: "containerd://2.4"}`,
			want{map[string]string{"STATUS": "Ready", "ROLES": "control-plane,edge,worker", "VERSION": "v1.36.3",
				"INTERNAL-IP": "10.0.0.1", "EXTERNAL-IP": "1.2.3.4",
				"OS-IMAGE": "Debian", "KERNEL-VERSION": "6.1 (arm64)", "CONTAINER-RUNTIME": "containerd://2.4"}, OK, ""}},
		{"gone", `{status: {conditions: [{type: Ready, status: Unknown, reason: NodeStatusUnknown,
  message: Kubelet stopped posting node status.}]}}`,
			want{map[string]string{"STATUS": "NotReady"}, Failing, "NotReady: Kubelet stopped posting node status."}},
		{"under pressure", `{status: {conditions: [{type: Ready, status: "True"}, {type: DiskPressure, status: "True",
  message: kubelet has disk pressure}]}}`,
			want{map[string]string{"STATUS": "Ready"}, Degraded, "DiskPressure: kubelet has disk pressure"}},
		{"cordoned", `
spec: {unschedulable: true, taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule,
    timeAdded: "2026-11-23T11:00:00Z"}]}
status: {conditions: [{type: Ready, status: "True"}]}`,
			want{map[string]string{"STATUS": "Ready,SchedulingDisabled"}, Degraded, "SchedulingDisabled"}},
	})
}

func TestNamespace(t *testing.T) {
	checkSituations(t, Namespace, []situation{
		{"nothing at all", `{}`, want{map[string]string{"STATUS": "Active"}, OK, ""}},
		{"active", `{status: {phase: Active}}`, want{map[string]string{"STATUS": "Active"}, OK, ""}},
		{"ending", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}, status: {phase: Terminating}}`,
			want{map[string]string{"STATUS": "Terminating"}, Waiting, "Terminating"}},
		{"cannot end", `
metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}
status:
  phase: Terminating
  conditions:
  - {type: NamespaceDeletionDiscoveryFailure, status: "True", message: metrics.k8s.io/v1beta1 is stale}
  - {type: NamespaceContentRemaining, status: "False"}`,
			want{nil, Failing, "Terminating: NamespaceDeletionDiscoveryFailure: metrics.k8s.io/v1beta1 is stale"}},
	})
}

func TestEvent(t *testing.T) {
	checkSituations(t, Event, []situation{
		{"nothing at all", `{}`, want{map[string]string{"LAST SEEN": "<unknown>", "TYPE": "", "OBJECT": "", "SOURCE": "",
			"FIRST SEEN": "<unknown>", "COUNT": "1"}, Quiet, ""}},
		{"with a count", `
metadata: {name: web.1}
type: Warning
reason: BackOff
message: " Back-off restarting\n"
count: 7
involvedObject: {kind: Pod, namespace: shop, name: web-1, fieldPath: "spec.containers{app}"}
source: {component: kubelet, host: worker-1}
firstTimestamp: "2026-11-23T11:00:00Z"
lastTimestamp: "2026-11-23T11:58:00Z"`,
			want{map[string]string{"LAST SEEN": "2m", "TYPE": "Warning", "REASON": "BackOff", "OBJECT": "pod/web-1",
				"SUBOBJECT": "spec.containers{app}", "SOURCE": "kubelet, worker-1",
				"MESSAGE": "Back-off restarting", "FIRST SEEN": "60m", "COUNT": "7", "NAME": "web.1"}, Degraded, "BackOff"}},
		{"of the newer sort", `
type: Normal
eventTime: "2026-11-23T11:00:00.500000Z"
series: {count: 3, lastObservedTime: "2026-11-23T11:59:00.250000Z"}
reportingComponent: scheduler
involvedObject: {kind: Node}`,
			want{map[string]string{"LAST SEEN": "59s", "FIRST SEEN": "59m", "COUNT": "3", "OBJECT": "node",
				"SOURCE": "scheduler"}, Quiet, ""}},
		{"said once, by the newer sort", `{eventTime: "2026-11-23T11:00:00.000000Z", reportingInstance: x}`,
			want{map[string]string{"LAST SEEN": "60m", "FIRST SEEN": "60m", "COUNT": "1", "SOURCE": ", x"}, Quiet, ""}},
		{"of many lines", `{message: "a\nb\tc"}`, want{map[string]string{"MESSAGE": "a␊b     c"}, Quiet, ""}},
	})
}

func TestEventsEvent(t *testing.T) {
	checkSituations(t, EventsEvent, []situation{
		{"nothing at all", `{}`, want{map[string]string{"LAST SEEN": "<unknown>", "TYPE": "", "OBJECT": "", "SOURCE": "",
			"FIRST SEEN": "<unknown>", "COUNT": "1"}, Quiet, ""}},
		{"a series", `
metadata: {name: web.1}
type: Warning
reason: BackOff
note: " Back-off restarting\n"
eventTime: "2026-11-23T11:00:00.500000Z"
series: {count: 3, lastObservedTime: "2026-11-23T11:59:00.250000Z"}
regarding: {kind: Pod, namespace: shop, name: web-1, fieldPath: "spec.containers{app}"}
reportingController: kubelet
reportingInstance: worker-1`,
			want{map[string]string{"LAST SEEN": "59s", "TYPE": "Warning", "REASON": "BackOff", "OBJECT": "pod/web-1",
				"SUBOBJECT": "spec.containers{app}", "SOURCE": "kubelet, worker-1", "MESSAGE": "Back-off restarting",
				"FIRST SEEN": "59m", "COUNT": "3", "NAME": "web.1"}, Degraded, "BackOff"}},
		{"with what it had before", `
deprecatedCount: 7
deprecatedSource: {component: kubelet, host: worker-1}
deprecatedFirstTimestamp: "2026-11-23T11:00:00Z"
deprecatedLastTimestamp: "2026-11-23T11:58:00Z"`,
			want{map[string]string{"LAST SEEN": "2m", "FIRST SEEN": "60m", "COUNT": "7", "SOURCE": "kubelet, worker-1"},
				Quiet, ""}},
	})
}

func TestEventLinks(t *testing.T) {
	r, _ := row(t, Event, parse(t, Event, `
involvedObject: {apiVersion: apps/v1, kind: Deployment, namespace: shop, name: web, uid: u}
related: {apiVersion: v1, kind: Node, name: worker-1, uid: worker-1}`))
	checkLink(t, r, 0, Link{
		Relation: About, UID: "u", To: Ref{schema.GroupKind{Group: "apps", Kind: "Deployment"}, "shop", "web"},
	})
	// The name of a node is not its UID.
	checkLink(t, r, 1, Link{Relation: About, To: Ref{schema.GroupKind{Kind: "Node"}, "", "worker-1"}})
}
