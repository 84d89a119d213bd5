package memapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const tableMedia = "application/json;as=Table;v=v1;g=meta.k8s.io"

// tableOf returns the header and the rows of a resource's table, wide columns in
// parentheses.
func tableOf(t *testing.T, a *API, path string) []string {
	t.Helper()
	text, code := fetch(t, a, tableMedia, path)
	if code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, code, text)
	}
	var table metav1.Table
	if err := json.Unmarshal([]byte(text), &table); err != nil {
		t.Fatal(err)
	}
	var header []string
	for _, c := range table.ColumnDefinitions {
		if c.Priority > 0 {
			c.Name = "(" + c.Name + ")"
		}
		header = append(header, c.Name)
	}
	lines := []string{strings.Join(header, " | ")}
	for _, row := range table.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, fmt.Sprint(cell))
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}

func emptyAPI(t *testing.T) *API {
	t.Helper()
	a, err := New(Options{Clock: NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestColumnsOfNewerServers has the kinds of which a server of 1.36 prints more
// than name and age.
func TestColumnsOfNewerServers(t *testing.T) {
	const created = `creationTimestamp: "2026-01-01T03:04:05Z"`
	for _, c := range []struct{ name, yaml, path, header, row string }{
		{
			"a priority class", `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: batch, ` + created +
				`}, value: 5, preemptionPolicy: Never}`, "/apis/scheduling.k8s.io/v1/priorityclasses",
			"Name | Value | Global-Default | Age | PreemptionPolicy", "batch | 5 | false | 24h | Never",
		},
		{
			"a mutating policy without parameters", `{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicy, ` +
				`metadata: {name: label, ` + created + `}, spec: {mutations: [{patchType: JSONPatch}]}}`,
			"/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies",
			"Name | Mutations | ParamKind | Age", "label | 1 | <unset> | 24h",
		},
		{
			"a mutating policy of an older version", `{apiVersion: admissionregistration.k8s.io/v1beta1, kind: MutatingAdmissionPolicy, ` +
				`metadata: {name: label, ` + created + `}, spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}}`,
			"/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies",
			"Name | Mutations | ParamKind | Age", "label | 0 | v1/ConfigMap | 24h",
		},
		{
			"a binding to a parameter of any namespace", `{apiVersion: admissionregistration.k8s.io/v1, ` +
				`kind: MutatingAdmissionPolicyBinding, metadata: {name: all, ` + created + `}, spec: {policyName: label, paramRef: {name: x}}}`,
			"/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
			"Name | PolicyName | ParamRef | Age", "all | label | */x | 24h",
		},
		{
			"a trust bundle without a signer", `{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: ca}, spec: {trustBundle: x}}`,
			"/apis/certificates.k8s.io/v1beta1/clustertrustbundles", "Name | SignerName", "ca | <none>",
		},
		{
			"a pod's certificate that was denied", `{apiVersion: certificates.k8s.io/v1beta1, kind: PodCertificateRequest, metadata: {name: r, namespace: shop}, ` +
				`spec: {podName: p, serviceAccountName: sa, nodeName: n1, signerName: s, unverifiedUserAnnotations: {a: b}}, ` +
				`status: {conditions: [{type: Denied, status: "True"}]}}`,
			"/apis/certificates.k8s.io/v1beta1/podcertificaterequests",
			"Name | PodName | ServiceAccountName | NodeName | SignerName | State | UnverifiedUserAnnotations", "r | p | sa | n1 | s | Denied | a=b",
		},
		{
			"a candidate for a lease", `{apiVersion: coordination.k8s.io/v1alpha2, kind: LeaseCandidate, metadata: {name: c, namespace: kube-system, ` + created +
				`}, spec: {leaseName: scheduler, binaryVersion: 1.36.0, emulationVersion: 1.35.0}}`,
			"/apis/coordination.k8s.io/v1alpha2/leasecandidates",
			"Name | LeaseName | BinaryVersion | EmulationVersion | Age", "c | scheduler | 1.36.0 | 1.35.0 | 24h",
		},
		{
			"a migration of stored versions", `{apiVersion: storagemigration.k8s.io/v1beta1, kind: StorageVersionMigration, metadata: {name: m}, ` +
				`spec: {resource: {group: apps, resource: deployments}}, status: {conditions: [{type: Running, status: "False"}, {type: Succeeded, status: "True"}]}}`,
			"/apis/storagemigration.k8s.io/v1beta1/storageversionmigrations", "Name | Resource | Status", "m | deployments.apps | Succeeded",
		},
		{
			"the versions that servers store", `{apiVersion: internal.apiserver.k8s.io/v1alpha1, kind: StorageVersion, metadata: {name: apps.deployments, ` + created +
				`}, status: {storageVersions: [{apiServerID: a, encodingVersion: v1}, {apiServerID: b, encodingVersion: v1}, ` +
				`{apiServerID: c, encodingVersion: v1}, {apiServerID: d, encodingVersion: v2}]}}`,
			"/apis/internal.apiserver.k8s.io/v1alpha1/storageversions",
			"Name | CommonEncodingVersion | StorageVersions | Age", "apps.deployments | <unset> | a=v1,b=v1,c=v1 + 1 more... | 24h",
		},
		{
			"a taint of devices", `{apiVersion: resource.k8s.io/v1alpha3, kind: DeviceTaintRule, metadata: {name: hot, ` + created +
				`}, spec: {taint: {key: heat, value: high, effect: NoExecute, timeAdded: "2026-01-02T03:00:05Z"}}}`,
			"/apis/resource.k8s.io/v1alpha3/devicetaintrules",
			"Name | Key | Value | Effect | TimeAdded | Age", "hot | heat | high | NoExecute | 4m | 24h",
		},
		{
			"a part of the pools of a driver", `{apiVersion: resource.k8s.io/v1alpha3, kind: ResourcePoolStatusRequest, metadata: {name: q}, spec: {driver: gpu}, status: {poolCount: 3, ` +
				`conditions: [{type: Complete, status: "True", lastTransitionTime: "2026-01-02T03:00:05Z"}], ` +
				`pools: [{totalDevices: 4, availableDevices: 1, allocatedDevices: 3, unavailableDevices: 0}, {validationError: x}]}}`,
			"/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests",
			"Name | Driver | Total | Available | Allocated | Unavailable | Errors | Pools | Status | Completed",
			"q | gpu | 4 | 1 | 3 | 0 | 1 | 3 | Complete (2/3 pools) | 4m",
		},
		{
			"a request that nobody has answered", `{apiVersion: resource.k8s.io/v1alpha3, kind: ResourcePoolStatusRequest, metadata: {name: q}, spec: {driver: gpu}}`,
			"/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests",
			"Name | Driver | Total | Available | Allocated | Unavailable | Errors | Pools | Status | Completed",
			"q | gpu | - | - | - | - | - | 0 | Pending | <none>",
		},
		{
			"a group of pods that does not fit", `{apiVersion: scheduling.k8s.io/v1alpha2, kind: PodGroup, metadata: {name: g, namespace: shop, ` + created +
				`}, spec: {schedulingPolicy: {gang: {minCount: 2}}, podGroupTemplateRef: {workload: {workloadName: train}}}, ` +
				`status: {conditions: [{type: PodGroupScheduled, status: "False"}]}}`,
			"/apis/scheduling.k8s.io/v1alpha2/podgroups", "Name | Policy | Workload | Status | Age", "g | Gang | train | Unschedulable | 24h",
		},
		{
			"a revision", `{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: r, namespace: shop, ` + created + `, ownerReferences: ` +
				`[{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]}, revision: 3}`,
			"/apis/apps/v1/controllerrevisions", "Name | Controller | Revision | Age", "r | daemonset.apps/d | 3 | 24h",
		},
		{
			"a component of which nothing is known", `{apiVersion: v1, kind: ComponentStatus, metadata: {name: etcd-0}, conditions: [{type: Healthy, status: Unknown, message: m}]}`,
			"/api/v1/componentstatuses", "Name | Status | Message | Error", "etcd-0 | Unhealthy | m | ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := emptyAPI(t)
			if err := a.ApplyYAML(c.yaml); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.header, c.row}, tableOf(t, a, c.path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestABrokenObjectLosesItsCellsOnly has an object whose printer panics, and one
// that is not of its type.
func TestABrokenObjectLosesItsCellsOnly(t *testing.T) {
	a := emptyAPI(t)
	err := a.ApplyYAML(`
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a, namespace: shop}, spec: {metrics: [{type: Resource}]}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: b, namespace: shop}, spec: {maxReplicas: REDACTED}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: c, namespace: shop}, spec: {maxReplicas: 2}}
---
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: d}, spec: {matchingPrecedence: REDACTED}}
---
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: e}, spec: {matchingPrecedence: 5}}
`)
	if err != nil {
		t.Fatal(err)
	}
	got := tableOf(t, a, "/apis/autoscaling/v2/horizontalpodautoscalers")[1:]
	want := []string{
		"a" + strings.Repeat(" | <invalid>", 6), "b" + strings.Repeat(" | <invalid>", 6),
		"c | / | <none> | <unset> | 2 | 0 | 0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = tableOf(t, a, "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")[1:]
	if len(got) != 2 || !strings.HasPrefix(got[0], "d | <invalid>") || !strings.HasPrefix(got[1], "e | ") {
		t.Error(got)
	}
}
