package kinds

import (
	"testing"
)

func TestVolumeAttachment(t *testing.T) {
	checkSituations(t, VolumeAttachment, []situation{
		{"nothing at all", `{}`, want{map[string]string{"ATTACHER": "", "PV": "", "NODE": "", "ATTACHED": "false"},
			Waiting, "not attached yet"}},
		{"attached", `{spec: {attacher: d, nodeName: n1, source: {persistentVolumeName: v}}, status: {attached: true}}`,
			want{map[string]string{"ATTACHER": "d", "PV": "v", "NODE": "n1", "ATTACHED": "true"}, OK, ""}},
		{"cannot be attached", `{status: {attachError: {message: "no such\u001b disk", time: "2026-11-23T11:00:00Z"}}}`,
			want{nil, Failing, "attach: no such␛ disk"}},
		{"attached in the end", `{status: {attached: true, attachError: {message: no such disk}}}`, want{nil, OK, ""}},
		{"cannot be detached", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"},
  status: {attached: true, detachError: {message: in use}}}`, want{nil, Failing, "detach: in use"}},
		{"on its way out", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}}`, want{nil, Waiting, "Terminating"}},
		{"an error without a word", `{status: {attachError: {}}}`, want{nil, Failing, "attach"}},
	})
}

func TestDrivers(t *testing.T) {
	checkSituations(t, CSIDriver, []situation{
		{"nothing at all", `{}`, want{map[string]string{"ATTACHREQUIRED": "true", "PODINFOONMOUNT": "false",
			"STORAGECAPACITY": "false", "TOKENREQUESTS": "<unset>", "REQUIRESREPUBLISH": "false",
			"MODES": "Persistent"}, Quiet, ""}},
		{"asks for tokens of nobody", `{spec: {tokenRequests: [], volumeLifecycleModes: [Ephemeral, Persistent]}}`,
			want{map[string]string{"TOKENREQUESTS": "", "MODES": "Ephemeral,Persistent"}, Quiet, ""}},
		{"asks for tokens", `{spec: {tokenRequests: [{audience: a}, {}]}}`,
			want{map[string]string{"TOKENREQUESTS": "a,"}, Quiet, ""}},
	})
	checkSituations(t, CSINode, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DRIVERS": "0"}, Quiet, ""}},
		{"drivers that say little", `{spec: {drivers: [{}, {name: d, allocatable: {}}]}}`,
			want{map[string]string{"DRIVERS": "2"}, Quiet, ""}},
	})
	checkSituations(t, CSIStorageCapacity, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CREATED AT": "0001-01-01T00:00:00Z"}, Quiet, ""}},
		{"on no server's selector", `{nodeTopology: {matchExpressions: [{key: a, operator: Like}]}, capacity: 1Gi}`,
			want{nil, Quiet, ""}},
	})
	checkSituations(t, VolumeAttributesClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DRIVERNAME": "", "AGE": "<unknown>"}, Quiet, ""}},
	})
}

// The links of storage drivers.
var driverLinks = []linked{
	{"an attachment", VolumeAttachment, `
metadata: {name: web}
spec: {attacher: disk.example.com, nodeName: n1, source: {persistentVolumeName: v}}`, []string{
		"attaches persistentvolume v", "attaches node n1", "uses csidriver disk.example.com",
	}},
	{"an attachment of an inline volume", VolumeAttachment, `
metadata: {name: web}
spec: {attacher: disk.example.com, nodeName: n1, source: {inlineVolumeSpec: {}}}`, []string{
		"attaches node n1", "uses csidriver disk.example.com",
	}},
	{"a node's drivers", CSINode, `
metadata: {name: web, ownerReferences: [{apiVersion: v1, kind: Node, name: web, uid: u}]}
spec: {drivers: [{name: a}, {name: b}, {}]}`, []string{
		"owned by node web", "uses csidriver a", "uses csidriver b",
	}},
	{"a node's drivers, without their owner", CSINode, `{metadata: {name: web}}`, []string{"belongs to node web"}},
	{"a capacity", CSIStorageCapacity, `{metadata: {namespace: shop, name: web}, storageClassName: fast}`,
		[]string{"belongs to storageclass fast"}},
	{"a class of attributes", VolumeAttributesClass, `{metadata: {name: web}, driverName: disk.example.com}`,
		[]string{"provisioned by csidriver disk.example.com"}},
}
