package kinds

import (
	"testing"
)

// filledIn is an object that lacks what the API server fills in, and what is to be seen.
type filledIn struct {
	name   string
	kind   *Kind
	object string
	cells  map[string]string
	facts  map[string]string
}

// manifests are objects as manifests and old backups hold them: with only the fields that their kind requires.
var manifests = []filledIn{
	{"a service of one port", Service, `{spec: {ports: [{port: 80}]}}`,
		map[string]string{"TYPE": "ClusterIP", "CLUSTER-IP": "<none>", "EXTERNAL-IP": "<none>", "PORT(S)": "80/TCP"},
		map[string]string{"Type": "ClusterIP", "Port": "80/TCP to 80", "Selector": "none: its endpoints are made by hand"}},
	{"a service from before there were several addresses", Service,
		`{spec: {type: ClusterIP, clusterIP: 10.96.12.34, ports: [{port: 80, protocol: TCP, targetPort: 8080}]}}`,
		map[string]string{"CLUSTER-IP": "10.96.12.34", "PORT(S)": "80/TCP"},
		map[string]string{"Cluster IPs": "10.96.12.34", "Port": "80/TCP to 8080"}},
	{"a headless service from then", Service, `{spec: {clusterIP: None, ports: [{port: 5432, protocol: UDP}]}}`,
		map[string]string{"CLUSTER-IP": "None", "PORT(S)": "5432/UDP"}, map[string]string{"Cluster IPs": "None"}},
	{"a service with both addresses", Service, `{spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, "fd00::1"]}}`,
		map[string]string{"CLUSTER-IP": "10.0.0.1"}, map[string]string{"Cluster IPs": "10.0.0.1, fd00::1"}},
	{"a service with a named target", Service, `{spec: {ports: [{name: web, port: 80, targetPort: http}]}}`,
		nil, map[string]string{"Port web": "80/TCP to http", "External traffic": ""}},
	{"a service with an address outside", Service, `{spec: {externalIPs: [1.2.3.4]}}`,
		map[string]string{"EXTERNAL-IP": "1.2.3.4"}, map[string]string{"External traffic": "Cluster"}},
	{"a node port", Service, `{spec: {type: NodePort, ports: [{port: 80}]}}`,
		map[string]string{"EXTERNAL-IP": "<none>"}, map[string]string{"External traffic": "Cluster"}},
	{"a cron job", CronJob, `{spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {containers: [{name: c,
  image: i}]}}}}}}`,
		map[string]string{"SUSPEND": "False", "TIMEZONE": "<none>", "LAST SCHEDULE": "<none>", "ACTIVE": "0"},
		map[string]string{"Concurrency policy": "Allow", "Successful jobs kept": "3", "Failed jobs kept": "1",
			"Suspended": ""}},
	{"a job", Job, `{spec: {template: {spec: {containers: [{name: c, image: i}]}}}}`,
		map[string]string{"COMPLETIONS": "0/1", "STATUS": "Running", "DURATION": ""},
		map[string]string{"Completions": "1", "Parallelism": "1", "Completion mode": "NonIndexed", "Backoff limit": "6"}},
	{"a work queue", Job, `{spec: {parallelism: 3}}`, map[string]string{"COMPLETIONS": "0/1 of 3"},
		map[string]string{"Completions": "", "Parallelism": "3"}},
	{"a job that counts failures for each index", Job, `{spec: {completions: 2, backoffLimitPerIndex: 1}}`,
		map[string]string{"COMPLETIONS": "0/2"}, map[string]string{"Parallelism": "1", "Backoff limit": "2147483647"}},
	{"a deployment", Deployment, `{spec: {selector: {matchLabels: {app: web}}, template: {spec: {containers: [{name: c,
  image: i}]}}}}`,
		map[string]string{"READY": "0/1", "UP-TO-DATE": "0", "AVAILABLE": "0"},
		map[string]string{"Strategy": "RollingUpdate: max unavailable 25%, max surge 25%"}},
	{"a deployment with one limit", Deployment, `{spec: {strategy: {rollingUpdate: {maxSurge: 2}}}}`, nil,
		map[string]string{"Strategy": "RollingUpdate: max unavailable 25%, max surge 2"}},
	{"a deployment that recreates", Deployment, `{spec: {strategy: {type: Recreate}}}`, nil,
		map[string]string{"Strategy": "Recreate"}},
	{"a replica set", ReplicaSet, `{spec: {selector: {matchLabels: {app: web}}}}`, map[string]string{"DESIRED": "1"},
		map[string]string{"Replicas": "0/1 ready"}},
	{"a stateful set", StatefulSet, `{spec: {selector: {matchLabels: {app: db}}, serviceName: db,
  volumeClaimTemplates: [{metadata: {name: data}}]}}`,
		map[string]string{"READY": "0/1"},
		map[string]string{"Update strategy": "RollingUpdate", "Pod management": "OrderedReady", "Volume claim data": "0"}},
	{"a daemon set", DaemonSet, `{spec: {selector: {matchLabels: {app: agent}}}}`,
		map[string]string{"DESIRED": "0", "NODE SELECTOR": "<none>"},
		map[string]string{"Update strategy": "RollingUpdate"}},
	{"a claim", PersistentVolumeClaim, `{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`,
		map[string]string{"STATUS": "Pending", "VOLUMEMODE": "Filesystem", "STORAGECLASS": "", "CAPACITY": ""},
		map[string]string{"Volume mode": "Filesystem", "Requested": "1Gi"}},
	{"a volume", PersistentVolume, `{spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce],
  hostPath: {path: /data}}}`,
		map[string]string{"STATUS": "Pending", "RECLAIM POLICY": "Retain", "VOLUMEMODE": "Filesystem", "CLAIM": ""},
		map[string]string{"Reclaim policy": "Retain", "Volume mode": "Filesystem"}},
	{"an ingress", Ingress, `{spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}`,
		map[string]string{"CLASS": "<none>", "HOSTS": "*", "PORTS": "80", "ADDRESS": ""},
		map[string]string{"Default backend": "service web:80"}},
	{"an endpoint slice", EndpointSlice, `{addressType: IPv4, ports: [{port: 80}, {}], endpoints: [{addresses: [a]}]}`,
		map[string]string{"PORTS": "80,", "ENDPOINTS": "a"}, map[string]string{"Port": "80/TCP */TCP"}},
	{"a storage class", StorageClass, `{metadata: {name: slow}, provisioner: csi.example.com}`,
		map[string]string{"NAME": "slow", "RECLAIMPOLICY": "Delete", "VOLUMEBINDINGMODE": "Immediate",
			"ALLOWVOLUMEEXPANSION": "false"},
		map[string]string{"Default": "", "Reclaim policy": "Delete", "Volume binding mode": "Immediate",
			"Allow volume expansion": "no"}},
	{"an ingress class", IngressClass, `{metadata: {name: inner}, spec: {controller: example.com/ingress}}`,
		map[string]string{"NAME": "inner", "CONTROLLER": "example.com/ingress", "PARAMETERS": "<none>"},
		map[string]string{"Default": ""}},
	{"a namespace", Namespace, `{metadata: {name: shop}}`, map[string]string{"STATUS": "Active"},
		map[string]string{"Phase": "Active"}},
	{"a node that keeps nothing for itself", Node, `{status: {capacity: {cpu: "4"}}}`,
		map[string]string{"STATUS": "Unknown", "ROLES": "<none>"}, map[string]string{"Allocatable": "cpu 4"}},
	{"a secret with texts", Secret, `{data: {a: AAAA, b: AAAA}, stringData: {b: hunter2!, c: x}}`,
		map[string]string{"TYPE": "Opaque", "DATA": "3"},
		map[string]string{"Type": "Opaque", "Key a": "3 B", "Key b": "8 B", "Key c": "1 B"}},
	{"a config map", ConfigMap, `{}`, map[string]string{"DATA": "0"}, nil},
	{"an event", Event, `{involvedObject: {}}`, map[string]string{"COUNT": "1", "LAST SEEN": "<unknown>"},
		map[string]string{"Count": "1"}},
	{"a pod", Pod, `{spec: {containers: [{name: c, image: i}], volumes: [{name: tmp}]}}`,
		map[string]string{"READY": "0/1", "STATUS": "Pending", "IP": "<none>", "NODE": "<none>"},
		map[string]string{"Volume tmp": "emptyDir", "Restart policy": ""}},
}

// TestWhatTheServerFillsIn compares cells and overview with those of the object that the API server would make.
func TestWhatTheServerFillsIn(t *testing.T) {
	for _, c := range manifests {
		t.Run(c.name, func(t *testing.T) {
			obj := parse(t, c.kind, c.object)
			_, cells := row(t, c.kind, obj)
			for name, want := range c.cells {
				if got, ok := cells[name]; !ok || got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			checkDetails(t, c.kind.Details(obj))
			facts := factsOf(c.kind, obj)
			for name, want := range c.facts {
				if facts[name] != want {
					t.Errorf("%s: got %q, want %q", name, facts[name], want)
				}
			}
		})
	}
}

func TestPodAsksForWhatIsLimited(t *testing.T) {
	d := Pod.Details(parse(t, Pod, `{spec: {containers: [{name: app, ports: [{containerPort: 80}],
  resources: {requests: {cpu: 100m}, limits: {cpu: "1", memory: 1Gi}}}]}}`))
	if c := d.Containers[0]; c.Resources != "cpu 100m/1, memory 1Gi/1Gi" || c.Ports != "80/TCP" {
		t.Errorf("got %q and %q", c.Resources, c.Ports)
	}
}
