package kube

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// bare are manifests as people write them, with only the fields that their kind requires,
// and what kubectl says of the objects that an API server makes of them.
var bare = []struct {
	name, kind, object string
	says               []string
}{
	{"a pod that leaves", "Pod", `{metadata: {deletionTimestamp: "2026-01-02T03:00:00Z"},
  spec: {nodeName: n1, containers: [{name: a, image: nginx}]}, status: {phase: Running}}`,
		[]string{"Status: Terminating (lasts 5m", "Termination Grace Period: 30s"}},
	{"a pod that leaves, with a grace period", "Pod", `{metadata: {deletionTimestamp: "2026-01-02T03:00:00Z"},
  spec: {nodeName: n1, terminationGracePeriodSeconds: 7, containers: [{name: a, image: nginx}]}}`,
		[]string{"Termination Grace Period: 7s"}},
	{"a pod that leaves and is nowhere", "Pod", `{metadata: {deletionTimestamp: "2026-01-02T03:00:00Z"},
  spec: {containers: [{name: a, image: nginx}]}}`, []string{"Termination Grace Period: 0s"}},
	{"a gRPC probe", "Pod", `{spec: {containers: [{name: a, image: nginx, livenessProbe: {grpc: {port: 80}}}]}}`,
		[]string{"Status: Pending", "Liveness: grpc <pod>:80  delay=0s timeout=1s period=10s successThreshold=1 failureThreshold=3"}},
	{"an HTTP probe", "Pod", `{spec: {initContainers: [{name: a, startupProbe: {httpGet: {port: 80}}}],
  containers: [{name: b, ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]}}`,
		[]string{"Startup: http-get http://:80/ delay=0s timeout=1s", "Port: 80/TCP", "Limits: cpu: 1 Requests: cpu: 1"}},
	{"volumes", "Pod", `{spec: {containers: [{name: a}], volumes: [{name: tmp}, {name: host, hostPath: {path: /}},
  {name: disk, azureDisk: {diskName: d, diskURI: u}}, {name: token, projected: {sources: [{serviceAccountToken: {}}]}}]}}`,
		[]string{"tmp: Type: EmptyDir", "Kind: Shared FSType: ext4 CachingMode: ReadWrite ReadOnly: false",
			"TokenExpirationSeconds: 3600"}},
	{"a deployment", "Deployment", `{spec: {selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: c,
  livenessProbe: {grpc: {port: 1}}}]}}}}`,
		[]string{"Replicas: 1 desired | 0 updated", "StrategyType: RollingUpdate", "25% max unavailable, 25% max surge"}},
	{"a replica set", "ReplicaSet", `{spec: {selector: {matchLabels: {app: web}}}}`,
		[]string{"Replicas: 0 current / 1 desired"}},
	{"a stateful set", "StatefulSet", `{spec: {selector: {matchLabels: {app: db}}, updateStrategy: {rollingUpdate: {}}}}`,
		[]string{"Replicas: 1 desired | 0 total", "Update Strategy: RollingUpdate Partition: 0"}},
	{"a controller", "ReplicationController", `{spec: {template: {metadata: {labels: {app: web}}, spec: {}}}}`,
		[]string{"Selector: app=web", "Replicas: 0 current / 1 desired"}},
	{"a job", "Job", `{spec: {template: {spec: {}}}}`,
		[]string{"Parallelism: 1 Completions: 1 Completion Mode: NonIndexed Suspend: false Backoff Limit: 6"}},
	{"a work queue", "Job", `{spec: {parallelism: 3}}`, []string{"Parallelism: 3 Completions: <unset>"}},
	{"a cron job", "CronJob", `{spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {containers: [{name: c,
  readinessProbe: {grpc: {port: 1}}}]}}}}}}`,
		[]string{"Concurrency Policy: Allow Suspend: False",
			"Successful Job History Limit: 3 Failed Job History Limit: 1", "Readiness: grpc <pod>:1 delay=0s timeout=1s"}},
	{"an autoscaler", "HorizontalPodAutoscaler", `{spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: a}}}`,
		[]string{"resource cpu on pods (as a percentage of request): <unknown> / 80%", "Min replicas: 1"}},
	{"a service", "Service", `{spec: {ports: [{port: 80}]}}`,
		[]string{"Type: ClusterIP", "Port: <unset> 80/TCP TargetPort: 80/TCP", "Session Affinity: None",
			"Internal Traffic Policy: Cluster"}},
	{"a service of a named port", "Service", `{spec: {type: NodePort, ports: [{port: 80, targetPort: http}]}}`,
		[]string{"TargetPort: http/TCP", "External Traffic Policy: Cluster"}},
	{"an endpoint slice", "EndpointSlice", `{addressType: IPv4, ports: [{port: 80}, {}], endpoints: [{addresses: [a]}]}`,
		[]string{"<unset> 80 TCP", "<unset> <unset> TCP"}},
	{"a claim", "PersistentVolumeClaim", `{spec: {}}`, []string{"Status: Pending", "VolumeMode: Filesystem"}},
	{"a volume", "PersistentVolume", `{spec: {hostPath: {path: /data}}}`,
		[]string{"Status: Pending", "Reclaim Policy: Retain", "VolumeMode: Filesystem"}},
	{"a storage class", "StorageClass", `{provisioner: a}`,
		[]string{"ReclaimPolicy: Delete", "VolumeBindingMode: Immediate"}},
	{"a priority class", "PriorityClass", `{value: 7}`, []string{"PreemptionPolicy: PreemptLowerPriority"}},
	{"a network policy", "NetworkPolicy", `{spec: {podSelector: {}, ingress: [{ports: [{port: 80}, {port: 1, endPort: 9}]}],
  egress: [{}]}}`, []string{"To Port: 80/TCP", "Policy Types: Ingress, Egress"}},
	{"a namespace", "Namespace", `{}`, []string{"Status: Active"}},
	{"a secret", "Secret", `{stringData: {a: b}}`, []string{"Type: Opaque"}},
	{"a node", "Node", `{status: {capacity: {cpu: 4}}}`, []string{"Allocatable: cpu: 4"}},
}

func TestDescribersSeeDefaults(t *testing.T) {
	for _, tt := range bare {
		t.Run(tt.name, func(t *testing.T) {
			c, api := fromTape(t)
			resource := resourceOf(t, c, tt.kind)
			head := "apiVersion: " + resource.GroupVersion().String() + "\nkind: " + tt.kind +
				"\nmetadata: {name: a, namespace: shop}\n"
			if err := api.ApplyYAML(head); err != nil {
				t.Fatal(err)
			}
			gvk := resource.GroupVersion().WithKind(tt.kind)
			namespace := ""
			if resource.Namespaced {
				namespace = "shop"
			}
			if err := api.Patch(gvk, namespace, "a", yamlAsJSON(t, tt.object)); err != nil {
				t.Fatal(err)
			}
			msg, err := c.Describe(resource, namespace, "a").Next(patient(t))
			if err != nil {
				t.Fatal(err)
			}
			got := msg.(Described)
			text := strings.Join(strings.Fields(got.Text), " ")
			for _, want := range tt.says {
				if want = strings.Join(strings.Fields(want), " "); got.Err != nil || !strings.Contains(text, want) {
					t.Errorf("%v, not %q in\n%s", got.Err, want, got.Text)
				}
			}
		})
	}
}

// TestALiveClusterIsDescribedAsItIs holds that nothing is filled in there.
func TestALiveClusterIsDescribedAsItIs(t *testing.T) {
	s := newServer(t)
	s.put(newObject("v1", "Secret", "shop", "bare", object{}))
	c := s.open(t)
	msg, err := c.Describe(resourceOf(t, c, "Secret"), "shop", "bare").Next(patient(t))
	if err != nil || msg.(Described).Err != nil || strings.Contains(msg.(Described).Text, "Opaque") {
		t.Errorf("%+v, %v", msg, err)
	}
}

func yamlAsJSON(t *testing.T, text string) []byte {
	t.Helper()
	out, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
