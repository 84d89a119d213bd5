package suite

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// published is a kind of custom resource with the printer columns that its project publishes, as
// "name type jsonPath", and one object of it.
type published struct {
	group, version, plural, kind string
	cluster                      bool // it has no namespaces
	columns                      []string
	object                       string // spec and status
	level                        kinds.Level
	reason                       string
	link                         string // one of its links: "Service web"
}

const conditionColumn = `.status.conditions[?(@.type=="Ready")].status`

var publishedKinds = []published{
	{
		group: "gateway.networking.k8s.io", version: "v1", plural: "gatewayclasses", kind: "GatewayClass", cluster: true,
		columns: []string{"Controller string .spec.controllerName",
			`Accepted string .status.conditions[?(@.type=="Accepted")].status`, "Age date .metadata.creationTimestamp"},
		object: `{spec: {controllerName: example.com/gateway}, status: {conditions: [{type: Accepted, status: Unknown,
  reason: Pending, message: Waiting for controller}]}}`,
		level: kinds.Waiting, reason: "Accepted=Unknown: Pending: Waiting for controller",
	},
	{
		group: "gateway.networking.k8s.io", version: "v1", plural: "gateways", kind: "Gateway",
		columns: []string{"Class string .spec.gatewayClassName", "Address string .status.addresses[*].value",
			`Programmed string .status.conditions[?(@.type=="Programmed")].status`, "Age date .metadata.creationTimestamp"},
		object: `{spec: {gatewayClassName: public}, status: {addresses: [{value: 10.0.0.1}, {value: 10.0.0.2}], conditions: [
  {type: Programmed, status: "True", observedGeneration: 1}], listeners: [{name: http, conditions: [{type: Programmed,
  status: "True"}]}, {name: https, conditions: [{type: ResolvedRefs, status: "False", reason: InvalidCertificateRef}]}]}}`,
		level: kinds.Degraded, reason: "listener https: ResolvedRefs=False: InvalidCertificateRef",
		link: "GatewayClass.gateway.networking.k8s.io public",
	},
	{
		group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes", kind: "HTTPRoute",
		columns: []string{"Hostnames string .spec.hostnames", "Age date .metadata.creationTimestamp"},
		object: `{spec: {hostnames: [a.example, b.example], parentRefs: [{name: public}], rules: [{backendRefs: [{name: web,
  port: 80}]}]}, status: {parents: [{parentRef: {name: public}, conditions: [{type: Accepted, status: "False",
  reason: NotAllowedByListeners, observedGeneration: 1}]}]}}`,
		level: kinds.Failing, reason: "parent public: Accepted=False: NotAllowedByListeners", link: "Service web",
	},
	{
		group: "gateway.networking.k8s.io", version: "v1", plural: "grpcroutes", kind: "GRPCRoute",
		columns: []string{"Hostnames string .spec.hostnames", "Age date .metadata.creationTimestamp"},
		object:  `{spec: {parentRefs: [{name: public}]}, status: {}}`,
		level:   kinds.Waiting, reason: "parent public: no controller has answered",
		link: "Gateway.gateway.networking.k8s.io public",
	},
	{
		group: "gateway.networking.k8s.io", version: "v1beta1", plural: "referencegrants", kind: "ReferenceGrant",
		columns: []string{"Age date .metadata.creationTimestamp"},
		object:  `{spec: {from: [{kind: HTTPRoute, namespace: a}], to: [{group: "", kind: Secret, name: tls}]}}`,
		link:    "Secret tls",
	},
	{
		group: "snapshot.storage.k8s.io", version: "v1", plural: "volumesnapshots", kind: "VolumeSnapshot",
		columns: []string{"ReadyToUse boolean .status.readyToUse", "SourcePVC string .spec.source.persistentVolumeClaimName",
			"RestoreSize string .status.restoreSize", "SnapshotClass string .spec.volumeSnapshotClassName",
			"CreationTime date .status.creationTime", "Age date .metadata.creationTimestamp"},
		object: `{spec: {source: {persistentVolumeClaimName: data}, volumeSnapshotClassName: csi}, status: {readyToUse: false,
  creationTime: "2026-11-01T10:00:00Z", restoreSize: 1Gi, error: {message: quota exceeded}}}`,
		level: kinds.Failing, reason: "error: quota exceeded", link: "PersistentVolumeClaim data",
	},
	{
		group: "snapshot.storage.k8s.io", version: "v1", plural: "volumesnapshotcontents", kind: "VolumeSnapshotContent",
		cluster: true,
		columns: []string{"ReadyToUse boolean .status.readyToUse", "RestoreSize integer .status.restoreSize",
			"DeletionPolicy string .spec.deletionPolicy", "Driver string .spec.driver", "Age date .metadata.creationTimestamp"},
		object: `{spec: {driver: csi.example.com, deletionPolicy: Retain, volumeSnapshotRef: {name: x, namespace: default}},
  status: {readyToUse: true, restoreSize: 1073741824}}`,
		level: kinds.OK, link: "CSIDriver.storage.k8s.io csi.example.com",
	},
	{
		group: "cert-manager.io", version: "v1", plural: "certificates", kind: "Certificate",
		columns: []string{"Ready string " + conditionColumn, "Secret string .spec.secretName",
			"Age date .metadata.creationTimestamp"},
		object: `{spec: {secretName: tls, issuerRef: {name: le, kind: ClusterIssuer}}, status: {notAfter: "2027-01-01T00:00:00Z",
  conditions: [{type: Ready, status: "False", reason: DoesNotExist}, {type: Issuing, status: "True", message: Issuing}]}}`,
		level: kinds.Waiting, reason: "issuing: Issuing", link: "ClusterIssuer.cert-manager.io le",
	},
	{
		group: "argoproj.io", version: "v1alpha1", plural: "applications", kind: "Application",
		columns: []string{"Sync_Status string .status.sync.status", "Health_Status string .status.health.status"},
		object: `{spec: {project: shop, destination: {name: in-cluster}}, status: {sync: {status: OutOfSync},
  health: {status: Degraded, message: 1 pod crashes}, resources: [{group: apps, kind: Deployment, name: web}]}}`,
		level: kinds.Failing, reason: "Degraded: 1 pod crashes", link: "AppProject.argoproj.io shop",
	},
	{
		group: "kustomize.toolkit.fluxcd.io", version: "v1", plural: "kustomizations", kind: "Kustomization",
		columns: []string{"Age date .metadata.creationTimestamp", "Ready string " + conditionColumn,
			`Status string .status.conditions[?(@.type=="Ready")].message`},
		object: `{spec: {suspend: true, sourceRef: {kind: GitRepository, name: repo}}, status: {conditions: [{type: Ready,
  status: "True", message: "Applied revision: main"}]}}`,
		reason: "suspended", link: "GitRepository.source.toolkit.fluxcd.io repo",
	},
	{
		group: "helm.toolkit.fluxcd.io", version: "v2", plural: "helmreleases", kind: "HelmRelease",
		columns: []string{"Age date .metadata.creationTimestamp", "Ready string " + conditionColumn,
			`Status string .status.conditions[?(@.type=="Ready")].message`},
		object: `{spec: {chart: {spec: {sourceRef: {kind: HelmRepository, name: charts}}}}, status: {observedGeneration: -1,
  conditions: [{type: Ready, status: "False", reason: InstallFailed, message: timed out, observedGeneration: 1}]}}`,
		level: kinds.Failing, reason: "Ready=False: InstallFailed: timed out",
		link: "HelmRepository.source.toolkit.fluxcd.io charts",
	},
	{
		group: "autoscaling.k8s.io", version: "v1", plural: "verticalpodautoscalers", kind: "VerticalPodAutoscaler",
		columns: []string{"Mode string .spec.updatePolicy.updateMode",
			"CPU string .status.recommendation.containerRecommendations[0].target.cpu",
			`Provided string .status.conditions[?(@.type=="RecommendationProvided")].status`,
			"Age date .metadata.creationTimestamp"},
		object: `{spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, updatePolicy: {updateMode: Auto}},
  status: {recommendation: {containerRecommendations: [{target: {cpu: 25m}}]}, conditions: [{type: RecommendationProvided,
  status: "True"}]}}`,
		level: kinds.OK, link: "Deployment.apps web",
	},
}

// definition is the CustomResourceDefinition, with the fields that matter here.
func (p published) definition() string {
	var columns strings.Builder
	for _, c := range p.columns {
		field := strings.SplitN(c, " ", 3)
		fmt.Fprintf(&columns, "    - {name: %s, type: %s, jsonPath: '%s'}\n",
			strings.ReplaceAll(field[0], "_", " "), field[1], field[2])
	}
	scope := "Namespaced"
	if p.cluster {
		scope = "Cluster"
	}
	return fmt.Sprintf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[1]s.%[2]s, annotations: {api-approved.kubernetes.io: "unapproved, of a test"}}
spec:
  group: %[2]s
  scope: %[5]s
  names: {plural: %[1]s, kind: %[4]s}
  versions:
  - name: %[3]s
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    subresources: {status: {}}
    additionalPrinterColumns:
%[6]s`, p.plural, p.group, p.version, p.kind, scope, columns.String())
}

// create makes the object, and then its status, as a controller does.
func (p published) create(t *testing.T, namespace string) {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(p.object), &u.Object); err != nil {
		t.Fatal(err)
	}
	u.SetAPIVersion(p.group + "/" + p.version)
	u.SetKind(p.kind)
	u.SetName(namespace)
	var resource dynamic.ResourceInterface = world.dynamic.Resource(p.resource())
	if !p.cluster {
		resource = world.dynamic.Resource(p.resource()).Namespace(namespace)
	}
	status := u.Object["status"]
	created, err := resource.Create(t.Context(), u, metav1.CreateOptions{})
	if err == nil && status != nil {
		created.Object["status"] = status
		_, err = resource.UpdateStatus(t.Context(), created, metav1.UpdateOptions{})
	}
	if err != nil {
		t.Fatal(p.kind, err)
	}
}

func (p published) resource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: p.group, Version: p.version, Resource: p.plural}
}

// TestCustomResourcesOfOthers installs kinds that many clusters have. Their cells are those of the API server's own
// table, and their status and links say what their fields mean.
func TestCustomResourcesOfOthers(t *testing.T) {
	namespace := sandbox(t)
	for _, p := range publishedKinds {
		t.Cleanup(define(t, p.definition()))
	}
	for _, p := range publishedKinds {
		kubectl(t, "wait", "--for=condition=Established", "--timeout=60s", "crd/"+p.plural+"."+p.group)
		p.create(t, namespace)
	}
	cluster := openCluster(t)
	for _, p := range publishedKinds {
		t.Run(p.kind, func(t *testing.T) {
			resource := kube.Resource{GroupVersionResource: p.resource(), Kind: p.kind, Namespaced: !p.cluster}
			if compareCells(t, cluster, resource) == 0 {
				t.Error("no object to compare")
			}
			in := namespace
			if p.cluster {
				in = ""
			}
			p.judge(t, cluster.Listing(kube.Scope{GroupVersionResource: p.resource()}).Get(in, namespace))
		})
	}
}

func (p published) judge(t *testing.T, r *kinds.Record) {
	t.Helper()
	if r == nil {
		t.Fatal("it is not there")
	}
	if r.Status.Level != p.level || r.Status.Reason != p.reason {
		t.Errorf("status: got %s %q, want %s %q", r.Status.Level, r.Status.Reason, p.level, p.reason)
	}
	var links []string
	for _, l := range r.Links {
		if links = append(links, l.To.GroupKind.String()+" "+l.To.Name); links[len(links)-1] == p.link {
			return
		}
	}
	if p.link != "" {
		t.Errorf("links: got %q, want %q", links, p.link)
	}
}

// TestHelmReleases makes the Secrets that Helm would make, and reads what `helm list` and `helm history` print of them.
func TestHelmReleases(t *testing.T) {
	namespace := sandbox(t)
	for before, status := range []string{"superseded", "deployed"} {
		revision := before + 1
		text := fmt.Sprintf(`{"name":"web","info":{"first_deployed":"2026-11-01T10:00:00Z",
"last_deployed":"2026-11-0%[1]dT10:00:00Z","deleted":"","description":"Upgrade complete","status":%[2]q},
"chart":{"metadata":{"name":"shop","version":"1.%[1]d.0","appVersion":"v4%[1]d"},"templates":[]},
"config":{"image":{"tag":"v4%[1]d"},"password":"horse-%[1]d"},"manifest":"---\nkind: Service\nmetadata:\n  name: web\n",
"hooks":[],"version":%[1]d,"namespace":%[3]q}`, revision, status, namespace)
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write([]byte(text))
		_ = zip.Close()
		path := filepath.Join(t.TempDir(), "release")
		write(t, path, base64.StdEncoding.EncodeToString(packed.Bytes()))
		name := fmt.Sprintf("sh.helm.release.v1.web.v%d", revision)
		kubectl(t, "-n", namespace, "create", "secret", "generic", name, "--type=helm.sh/release.v1",
			"--from-file=release="+path)
		kubectl(t, "-n", namespace, "label", "secret", name, "owner=helm", "name=web", "status="+status,
			fmt.Sprintf("version=%d", revision))
	}
	f := open(t, "-n", namespace, "helm")
	shown := f.WaitFor("shop-1.2.0", limit).String()
	wanted := []string{"NAME", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "web", "deployed", "v42"}
	for _, want := range wanted {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not on the screen:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "superseded") {
		t.Errorf("an older revision is in the table:\n%s", shown)
	}
	f.Keys("enter")
	f.WaitFor("shop-1.2.0, was shop-1.1.0", limit)
	if text := f.WaitFor("password", limit).String(); strings.Contains(text, "horse-") {
		t.Errorf("a value is on the screen:\n%s", text)
	}
	f.Keys("x")
	f.WaitFor(`"horse-2", was "horse-1"`, limit)
}
