package kinds

import "testing"

func TestResourceClaim(t *testing.T) {
	checkSituations(t, ResourceClaim, []situation{
		{"nothing at all", `{}`, want{map[string]string{"STATE": "pending"}, Waiting,
			"pending: nothing is allocated yet"}},
		{"an empty request", `{spec: {devices: {requests: [{}]}}, status: {devices: [{}]}}`,
			want{map[string]string{"STATE": "pending"}, Waiting, "pending: nothing is allocated yet"}},
		{"allocated", `{status: {allocation: {}}}`, want{map[string]string{"STATE": "allocated"}, OK, ""}},
		{"in use", `{status: {allocation: {nodeSelector: {}}, reservedFor: [{resource: pods, name: train}]}}`,
			want{map[string]string{"STATE": "allocated,reserved"}, OK, ""}},
		{"deleted in use", `
metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}
status: {allocation: {}, reservedFor: [{resource: pods, name: train}]}`,
			want{map[string]string{"STATE": "deleted,allocated,reserved"}, Waiting, "Terminating"}},
		{"deleted before it was allocated", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}}`,
			want{map[string]string{"STATE": "deleted"}, Waiting, "Terminating"}},
		{"its device is not ready", `{status: {allocation: {}, devices: [{device: gpu-0,
  conditions: [{type: Ready, status: "False", reason: Overheated}]}]}}`,
			want{nil, Degraded, "device gpu-0: Ready=False: Overheated"}},
	})
}

func TestResourceClaimTemplate(t *testing.T) {
	checkSituations(t, ResourceClaimTemplate, []situation{
		{"nothing at all", `{}`, want{map[string]string{"AGE": "<unknown>"}, Quiet, ""}},
		{"empty requests", `{spec: {spec: {devices: {requests: [{}, {exactly: {}}, {firstAvailable: [{}]}]}}}}`,
			want{nil, Quiet, ""}},
	})
}

func TestDeviceClass(t *testing.T) {
	checkSituations(t, DeviceClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"AGE": "<unknown>"}, Quiet, ""}},
		{"empty parts", `{spec: {selectors: [{}], config: [{}]}}`, want{nil, Quiet, ""}},
	})
}

func TestResourceSlice(t *testing.T) {
	checkSituations(t, ResourceSlice, []situation{
		{"nothing at all", `{}`, want{map[string]string{"NODE": "", "DRIVER": "", "POOL": ""}, Quiet, ""}},
		{"of all nodes, with a taint", `{spec: {allNodes: true, driver: d, devices: [{name: a, taints: [{key: k}]}]}}`,
			want{map[string]string{"NODE": "", "DRIVER": "d"}, Quiet, ""}},
	})
}

// The links of requests for devices.
var deviceLinks = []linked{
	{"a claim of a device", ResourceClaim, `
metadata: {namespace: shop, name: web}
spec:
  devices:
    requests:
    - {name: one, exactly: {deviceClassName: gpu}}
    - {name: two, firstAvailable: [{name: big, deviceClassName: gpu}, {name: small, deviceClassName: tpu}]}
    - {}
status:
  allocation:
    nodeSelector: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [worker-1]}]}]}
  reservedFor: [{resource: pods, name: train}]`, []string{
		"uses deviceclass gpu (one)", "uses deviceclass gpu (two/big)", "uses deviceclass tpu (two/small)",
		"runs on node worker-1",
	}},
	{"devices of several nodes", ResourceClaim, `
metadata: {namespace: shop, name: web}
status: {allocation: {nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}],
    matchFields: [{key: metadata.name, operator: NotIn}]}]}}}`,
		nil},
	{"a template of claims", ResourceClaimTemplate, `
metadata: {namespace: shop, name: web}
spec: {spec: {devices: {requests: [{name: one, exactly: {deviceClassName: gpu}}]}}}`,
		[]string{"uses deviceclass gpu (one)"}},
	{"the devices of a node", ResourceSlice, `{metadata: {name: web}, spec: {nodeName: worker-1}}`,
		[]string{"runs on node worker-1"}},
	{"devices of no node", ResourceSlice, `{metadata: {name: web}, spec: {allNodes: true}}`, nil},
}
