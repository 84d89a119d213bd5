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
	{"a role", Role, `{rules: []}`, nil, map[string]string{"Rules": "none: it allows nothing"}},
	{"a cluster role", ClusterRole, `{}`, nil, map[string]string{"Rules": "none: it allows nothing"}},
	{"a role binding", RoleBinding, `{metadata: {namespace: shop}, roleRef: {kind: Role, name: r}}`, map[string]string{"ROLE": "Role/r"},
		map[string]string{"Role": "r", "Subjects": "none: it grants nothing to anybody"}},
	{"a cluster role binding", ClusterRoleBinding, `{roleRef: {kind: ClusterRole, name: r}}`,
		map[string]string{"ROLE": "ClusterRole/r"}, map[string]string{"ClusterRole": "r"}},
	{"an attachment", VolumeAttachment, `{spec: {attacher: d, nodeName: n1, source: {persistentVolumeName: v}}}`,
		map[string]string{"ATTACHED": "false"}, map[string]string{"Attacher": "d", "Volume": "v", "Node": "n1",
			"Attached": "no"}},
	{"a driver", CSIDriver, `{spec: {}}`, map[string]string{"ATTACHREQUIRED": "true", "MODES": "Persistent"},
		map[string]string{"Attach required": "yes", "FS group policy": "ReadWriteOnceWithFSType", "SELinux mount": "no"}},
	{"a node's drivers", CSINode, `{spec: {drivers: [{name: d, nodeID: i-1}]}}`, map[string]string{"DRIVERS": "1"},
		map[string]string{"d": "node ID i-1"}},
	{"a capacity", CSIStorageCapacity, `{storageClassName: fast}`, nil,
		map[string]string{"Storage class": "fast", "Capacity": "not known", "Nodes": "none"}},
	{"a class of attributes", VolumeAttributesClass, `{driverName: d, parameters: {iops: "1"}}`,
		map[string]string{"DRIVERNAME": "d"}, map[string]string{"Driver": "d", "Parameter iops": "1"}},
	{"a signing request", CertificateSigningRequest, `{spec: {request: AAAA, signerName: s, usages: [client auth]}}`,
		map[string]string{"SIGNERNAME": "s", "CONDITION": "Pending"},
		map[string]string{"Signer": "s", "Usages": "client auth", "Subject": ""}},
	{"a validating webhook", ValidatingWebhookConfiguration, `{webhooks: [{name: w, sideEffects: None,
  clientConfig: {service: {namespace: shop, name: hook}}, admissionReviewVersions: [v1]}]}`,
		map[string]string{"WEBHOOKS": "1"}, map[string]string{"Calls": "service shop/hook:443", "Timeout": "10s",
			"Failure policy": "Fail: requests are refused when the webhook does not answer", "Namespaces": "all",
			"Objects": "", "Match policy": "", "Reinvocation": "", "Side effects": "None"}},
	{"a mutating webhook", MutatingWebhookConfiguration, `{webhooks: [{name: w, sideEffects: None, clientConfig: {},
  admissionReviewVersions: [v1]}]}`, map[string]string{"WEBHOOKS": "1"},
		map[string]string{"Timeout": "10s", "Reinvocation": "Never", "Calls": ""}},
	{"a validating policy", ValidatingAdmissionPolicy, `{spec: {validations: [{expression: "false"}]}}`,
		map[string]string{"VALIDATIONS": "1", "PARAMKIND": "<unset>"}, map[string]string{"Requires": "false",
			"Failure policy": "Fail: requests are refused when an expression fails", "Namespaces": ""}},
	{"a mutating policy", MutatingAdmissionPolicy, `{spec: {mutations: [{patchType: JSONPatch}]}}`,
		map[string]string{"MUTATIONS": "1"}, map[string]string{"Mutation": "JSONPatch", "Reinvocation": ""}},
	{"a binding of a validating policy", ValidatingAdmissionPolicyBinding, `{spec: {policyName: p,
  validationActions: [Deny, Audit]}}`, map[string]string{"POLICYNAME": "p"},
		map[string]string{"Policy": "p", "Actions": "Deny, Audit", "Matches": "what the policy matches"}},
	{"a binding of a mutating policy", MutatingAdmissionPolicyBinding, `{spec: {policyName: p, matchResources: {}}}`,
		map[string]string{"POLICYNAME": "p"}, map[string]string{"Matches": "", "Namespaces": "all"}},
	{"a definition", CustomResourceDefinition, `{spec: {group: g, scope: Namespaced, names: {kind: K, plural: ks},
  versions: [{name: v1, served: true, storage: true}]}}`, nil,
		map[string]string{"Group": "g", "Kind": "K", "Version v1": "served, stored", "Conversion": "None"}},
	{"an API service", APIService, `{spec: {version: v1, groupPriorityMinimum: 5, versionPriority: 7}}`,
		map[string]string{"SERVICE": "Local"}, map[string]string{"Group": "core", "Group priority": "5",
			"Served by": "the API server itself"}},
	{"a flow schema", FlowSchema, `{spec: {priorityLevelConfiguration: {name: l}}}`,
		map[string]string{"MATCHINGPRECEDENCE": "1000"}, map[string]string{"Priority level": "l"}},
	{"a priority level", PriorityLevelConfiguration, `{spec: {type: Limited, limited: {limitResponse: {type: Queue,
  queuing: {}}}}}`, map[string]string{"NOMINALCONCURRENCYSHARES": "30", "QUEUES": "64", "HANDSIZE": "8",
		"QUEUELENGTHLIMIT": "50"}, map[string]string{"Lends": "0%", "Queues": "64 of 50 requests, 8 for each flow"}},
	{"a namespace", Namespace, `{metadata: {name: shop}}`, map[string]string{"STATUS": "Active"},
		map[string]string{"Phase": "Active"}},
	{"a node that keeps nothing for itself", Node, `{status: {capacity: {cpu: "4"}}}`,
		map[string]string{"STATUS": "Unknown", "ROLES": "<none>"}, map[string]string{"Allocatable": "cpu 4"}},
	{"a secret with texts", Secret, `{data: {a: AAAA, b: AAAA}, stringData: {b: hunter2!, c: x}}`,
		map[string]string{"TYPE": "Opaque", "DATA": "3"},
		map[string]string{"Type": "Opaque"}},
	{"a config map", ConfigMap, `{}`, map[string]string{"DATA": "0"}, nil},
	{"an event", Event, `{involvedObject: {}}`, map[string]string{"COUNT": "1", "LAST SEEN": "<unknown>"},
		map[string]string{"Count": "1"}},
	{"an event of the newer group", EventsEvent, `{eventTime: "2026-11-23T11:00:00.000000Z"}`,
		map[string]string{"COUNT": "1", "LAST SEEN": "60m", "FIRST SEEN": "60m"}, map[string]string{"Count": "1"}},
	{"endpoints", Endpoints, `{metadata: {name: web}, subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]}`,
		map[string]string{"ENDPOINTS": "10.0.0.1:80"}, map[string]string{"Port": "80/TCP", "10.0.0.1": "(ready)"}},
	{"a service account", ServiceAccount, `{metadata: {name: web}}`, map[string]string{"NAME": "web"},
		map[string]string{"Mounts its token": "yes"}},
	{"a quota", ResourceQuota, `{spec: {hard: {pods: "3"}}}`, map[string]string{"REQUEST": "", "LIMIT": ""},
		map[string]string{"pods": "not counted yet, limit 3"}},
	{"a limit of containers", LimitRange, `{spec: {limits: [{type: Container, max: {cpu: "1"}, min: {memory: 1Mi}}]}}`,
		nil, map[string]string{"Container cpu": "max 1, default 1, default request 1",
			"Container memory": "min 1Mi, default request 1Mi"}},
	{"a limit of claims", LimitRange, `{spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 1Gi}}]}}`,
		nil, map[string]string{"PersistentVolumeClaim storage": "max 1Gi"}},
	{"a replication controller", ReplicationController, `{spec: {template: {metadata: {labels: {app: web}},
  spec: {containers: [{name: c, image: i}]}}}}`,
		map[string]string{"DESIRED": "1", "CURRENT": "0", "CONTAINERS": "c", "SELECTOR": "app=web"},
		map[string]string{"Replicas": "0/1 ready", "Selector": "app=web"}},
	{"a pod template", PodTemplate, `{template: {spec: {containers: [{name: c, image: i}]}}}`,
		map[string]string{"CONTAINERS": "c", "IMAGES": "i", "POD LABELS": "<none>"},
		map[string]string{"Container c": "i", "Pod labels": ""}},
	{"a revision", ControllerRevision, `{revision: 1}`, map[string]string{"CONTROLLER": "<none>", "REVISION": "1"},
		map[string]string{"Revision": "1"}},
	{"a network policy", NetworkPolicy, `{spec: {podSelector: {}, egress: [{ports: [{port: 53}]}]}}`,
		map[string]string{"POD-SELECTOR": "<none>"},
		map[string]string{"Guards": "all pods", "May come from": "nowhere", "May go to": "anywhere; 53/TCP"}},
	{"a disruption budget", PodDisruptionBudget, `{spec: {}}`,
		map[string]string{"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "N/A", "ALLOWED DISRUPTIONS": "0"},
		map[string]string{"Guards": "no pods: it has no selector", "Unhealthy pods are evicted": "IfHealthyBudget"}},
	{"an autoscaler", HorizontalPodAutoscaler, `{spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}}`,
		map[string]string{"REFERENCE": "Deployment/web", "TARGETS": "<none>", "MINPODS": "<unset>", "MAXPODS": "3"},
		map[string]string{"Scales": "Deployment/web", "Between": "1 and 3"}},
	{"a lease", Lease, `{}`, map[string]string{"HOLDER": ""}, map[string]string{"Holder": "nobody"}},
	{"a priority class", PriorityClass, `{value: 5}`,
		map[string]string{"VALUE": "5", "GLOBAL-DEFAULT": "false", "PREEMPTIONPOLICY": "PreemptLowerPriority"},
		map[string]string{"Default": "", "Preemption": "PreemptLowerPriority"}},
	{"a runtime class", RuntimeClass, `{handler: runc}`, map[string]string{"HANDLER": "runc"},
		map[string]string{"Handler": "runc", "Overhead": ""}},
	{"an address", IPAddress, `{spec: {parentRef: {resource: services, name: web, namespace: shop}}}`,
		map[string]string{"PARENTREF": "services/shop/web"}, map[string]string{"Taken by": "services/shop/web"}},
	{"a range of addresses", ServiceCIDR, `{spec: {cidrs: [10.0.0.0/24, "fd00::/64"]}}`,
		map[string]string{"CIDRS": "10.0.0.0/24,fd00::/64"}, map[string]string{"CIDRs": "10.0.0.0/24, fd00::/64"}},
	{"a device class", DeviceClass, `{metadata: {name: gpu}, spec: {}}`, map[string]string{"NAME": "gpu"}, nil},
	{"a claim for a device", ResourceClaim, `{spec: {devices: {requests: [{name: a, exactly: {deviceClassName: gpu}}]}}}`,
		map[string]string{"STATE": "pending"}, map[string]string{"Request a": "1 of gpu", "State": "pending"}},
	{"a template of claims", ResourceClaimTemplate, `{spec: {spec: {devices: {requests: [{name: a,
  firstAvailable: [{name: b, deviceClassName: gpu}]}]}}}}`,
		nil, map[string]string{"Request a/b": "1 of gpu"}},
	{"a slice of devices", ResourceSlice, `{spec: {driver: d, pool: {name: p, generation: 1, resourceSliceCount: 1}}}`,
		map[string]string{"NODE": "", "DRIVER": "d", "POOL": "p"},
		map[string]string{"Pool": "p, generation 1, 1 slice", "Devices": "0"}},
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
