package memapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const tableMedia = "application/json;as=Table;v=v1;g=meta.k8s.io"

// tableOf returns the header and the rows of a resource's table, wide columns in
// parentheses.
func tableOf(t *testing.T, a *API, url string) []string {
	t.Helper()
	text, code := fetch(t, a, tableMedia, url)
	if code != http.StatusOK {
		t.Fatalf("%s: %d %s", url, code, text)
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

// newerTables are kinds of which a server of 1.36 prints more than name and age.
// Each object is called x, was made a day ago, and says what follows.
var newerTables = []struct{ name, path, kind, says, header, row string }{
	{
		"a trust bundle without a signer",
		"certificates.k8s.io/v1beta1/clustertrustbundles", "ClusterTrustBundle",
		`spec: {trustBundle: t}`,
		"Name | SignerName", "x | <none>",
	},
	{
		"a pod's certificate that was denied",
		"certificates.k8s.io/v1beta1/podcertificaterequests", "PodCertificateRequest",
		`spec: {podName: p, serviceAccountName: sa, nodeName: n1, signerName: s, unverifiedUserAnnotations: {a: b}},
status: {conditions: [{type: Denied, status: "True"}]}`,
		"Name | PodName | ServiceAccountName | NodeName | SignerName | State | UnverifiedUserAnnotations",
		"x | p | sa | n1 | s | Denied | a=b",
	},
	{
		"a candidate for a lease", "coordination.k8s.io/v1alpha2/leasecandidates", "LeaseCandidate",
		`spec: {leaseName: scheduler, binaryVersion: 1.36.0, emulationVersion: 1.35.0}`,
		"Name | LeaseName | BinaryVersion | EmulationVersion | Age", "x | scheduler | 1.36.0 | 1.35.0 | 24h",
	},
	{
		"a migration of stored versions",
		"storagemigration.k8s.io/v1beta1/storageversionmigrations", "StorageVersionMigration",
		`spec: {resource: {group: apps, resource: deployments}},
status: {conditions: [{type: Running, status: "False"}, {type: Succeeded, status: "True"}]}`,
		"Name | Resource | Status", "x | deployments.apps | Succeeded",
	},
	{
		"the versions that servers store", "internal.apiserver.k8s.io/v1alpha1/storageversions", "StorageVersion",
		`status: {storageVersions: [{apiServerID: a, encodingVersion: v1}, {apiServerID: b, encodingVersion: v1},
{apiServerID: c, encodingVersion: v1}, {apiServerID: d, encodingVersion: v2}]}`,
		"Name | CommonEncodingVersion | StorageVersions | Age", "x | <unset> | a=v1,b=v1,c=v1 + 1 more... | 24h",
	},
	{
		"a taint of devices", "resource.k8s.io/v1alpha3/devicetaintrules", "DeviceTaintRule",
		`spec: {taint: {key: heat, value: high, effect: NoExecute, timeAdded: "2026-01-02T03:00:05Z"}}`,
		"Name | Key | Value | Effect | TimeAdded | Age", "x | heat | high | NoExecute | 4m | 24h",
	},
	{
		"a part of the pools of a driver",
		"resource.k8s.io/v1alpha3/resourcepoolstatusrequests", "ResourcePoolStatusRequest",
		`spec: {driver: gpu}, status: {poolCount: 3,
conditions: [{type: Complete, status: "True", lastTransitionTime: "2026-01-02T03:00:05Z"}],
pools: [{totalDevices: 4, availableDevices: 1, allocatedDevices: 3, unavailableDevices: 0}, {validationError: e}]}`,
		"Name | Driver | Total | Available | Allocated | Unavailable | Errors | Pools | Status | Completed",
		"x | gpu | 4 | 1 | 3 | 0 | 1 | 3 | Complete (2/3 pools) | 4m",
	},
	{
		"a request that nobody has answered",
		"resource.k8s.io/v1alpha3/resourcepoolstatusrequests", "ResourcePoolStatusRequest",
		`spec: {driver: gpu}`,
		"Name | Driver | Total | Available | Allocated | Unavailable | Errors | Pools | Status | Completed",
		"x | gpu | - | - | - | - | - | 0 | Pending | <none>",
	},
	{
		"a group of pods that does not fit", "scheduling.k8s.io/v1alpha2/podgroups", "PodGroup",
		`spec: {schedulingPolicy: {gang: {minCount: 2}}, podGroupTemplateRef: {workload: {workloadName: train}}},
status: {conditions: [{type: PodGroupScheduled, status: "False"}]}`,
		"Name | Policy | Workload | Status | Age", "x | Gang | train | Unschedulable | 24h",
	},
}

func TestColumnsOfNewerServers(t *testing.T) {
	namespaced := map[string]bool{
		"PodCertificateRequest": true, "LeaseCandidate": true, "PodGroup": true,
	}
	for _, c := range newerTables {
		t.Run(c.name, func(t *testing.T) {
			a := emptyAPI(t)
			metadata := `name: x, creationTimestamp: "2026-01-01T03:04:05Z"`
			if namespaced[c.kind] {
				metadata += ", namespace: shop"
			}
			yaml := fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {%s}, %s}", path.Dir(c.path), c.kind, metadata, c.says)
			if err := a.ApplyYAML(yaml); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.header, c.row}, tableOf(t, a, "/apis/"+c.path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAComponentOfWhichNothingIsKnownIsUnhealthy(t *testing.T) {
	a := emptyAPI(t)
	err := a.ApplyYAML(`{apiVersion: v1, kind: ComponentStatus, metadata: {name: etcd-0},
conditions: [{type: Healthy, status: Unknown, message: m}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Name | Status | Message | Error", "etcd-0 | Unhealthy | m | "}
	if diff := cmp.Diff(want, tableOf(t, a, "/api/v1/componentstatuses")); diff != "" {
		t.Error(diff)
	}
}

// leastReplicas prints autoscalers, and panics for those that do not say their least.
func leastReplicas(gvk schema.GroupVersionKind) ([]metav1.TableColumnDefinition, Cells) {
	if gvk != autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler") {
		return nil, nil
	}
	columns := []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name"}, {Name: "Least"}}
	return columns, func(o runtime.Object, _ time.Time) ([]any, error) {
		h := o.(*autoscalingv2.HorizontalPodAutoscaler)
		return []any{h.Name, *h.Spec.MinReplicas}, nil
	}
}

// TestABrokenObjectLosesItsCellsOnly lists an object whose printer panics, and one that
// is not of its type.
func TestABrokenObjectLosesItsCellsOnly(t *testing.T) {
	a, err := New(Options{Clock: NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Print: leastReplicas})
	if err != nil {
		t.Fatal(err)
	}
	broken := func(version, kind, metadata, spec string) {
		t.Helper()
		yaml := fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {%s}, spec: {%s}}", version, kind, metadata, spec)
		if err := a.ApplyYAML(yaml); err != nil {
			t.Fatal(err)
		}
	}
	broken("autoscaling/v2", "HorizontalPodAutoscaler", "name: a, namespace: shop", "maxReplicas: 2")
	broken("autoscaling/v2", "HorizontalPodAutoscaler", "name: b, namespace: shop", "minReplicas: REDACTED")
	broken("autoscaling/v2", "HorizontalPodAutoscaler", "name: c, namespace: shop", "minReplicas: 2")
	broken("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "name: d", "signerName: {}")
	broken("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "name: e", "signerName: s")
	for path, want := range map[string][]string{
		"/apis/autoscaling/v2/horizontalpodautoscalers":         {"a | <invalid>", "b | <invalid>", "c | 2"},
		"/apis/certificates.k8s.io/v1beta1/clustertrustbundles": {"d | <invalid>", "e | s"},
	} {
		if diff := cmp.Diff(want, tableOf(t, a, path)[1:]); diff != "" {
			t.Error(diff)
		}
	}
}
