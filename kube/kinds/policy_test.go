package kinds

import "testing"

func TestResourceQuota(t *testing.T) {
	checkSituations(t, ResourceQuota, []situation{
		{"nothing at all", `{}`, want{map[string]string{"REQUEST": "", "LIMIT": ""}, OK, ""}},
		{"not counted yet", `{spec: {hard: {pods: "3"}}}`, want{map[string]string{"REQUEST": ""}, Waiting,
			"not counted yet"}},
		{"some left", `{status: {hard: {pods: "10", limits.cpu: "2", count/x: "0"}, used: {pods: "8", count/x: "0"}}}`,
			want{map[string]string{"REQUEST": "count/x: 0/0, pods: 8/10", "LIMIT": "limits.cpu: 0/2"}, OK, ""}},
		{"nearly full", `{status: {hard: {cpu: "2"}, used: {cpu: 1900m}}}`,
			want{map[string]string{"REQUEST": "cpu: 1900m/2"}, Degraded, "cpu 95% used"}},
		{"less than one left", `{status: {hard: {memory: 1Gi}, used: {memory: 1023Mi}}}`,
			want{nil, Degraded, "memory 99% used"}},
		{"full, and more than full", `{status: {hard: {pods: "3", cpu: "1"}, used: {pods: "3", cpu: "2"}}}`,
			want{nil, Degraded, "cpu 2/1 used, pods 3/3 used"}},
		{"something of which nothing may be", `{status: {hard: {pods: "0"}, used: {pods: "1"}}}`,
			want{nil, Degraded, "pods 1/0 used"}},
	})
}

func TestLimitRange(t *testing.T) {
	checkSituations(t, LimitRange, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CREATED AT": "0001-01-01T00:00:00Z"}, Quiet, ""}},
		{"an empty limit", `{metadata: {creationTimestamp: "2026-11-23T11:00:00Z"}, spec: {limits: [{}]}}`,
			want{map[string]string{"CREATED AT": "2026-11-23T11:00:00Z"}, Quiet, ""}},
	})
}

func TestNetworkPolicy(t *testing.T) {
	checkSituations(t, NetworkPolicy, []situation{
		{"nothing at all", `{}`, want{map[string]string{"POD-SELECTOR": "<none>"}, Quiet, ""}},
		{"expressions", `{spec: {podSelector: {matchLabels: {b: "2"}, matchExpressions: [{key: a, operator: Exists}]}}}`,
			want{map[string]string{"POD-SELECTOR": "a,b=2"}, Quiet, ""}},
		{"an operator that is none", `{spec: {podSelector: {matchExpressions: [{key: a, operator: Like}]}}}`,
			want{map[string]string{"POD-SELECTOR": "<error>"}, Quiet, ""}},
		{"empty parts", `{spec: {ingress: [{}, {from: [{}], ports: [{}]}], egress: [{to: [{ipBlock: {}}]}]}}`,
			want{nil, Quiet, ""}},
	})
}

func TestNetworkPolicyInWords(t *testing.T) {
	facts := factsOf(NetworkPolicy, parse(t, NetworkPolicy, `
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - {podSelector: {matchLabels: {app: web}}}
    - {namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: job}}}
    - {namespaceSelector: {}}
    ports: [{port: 5432}, {port: 8000, endPort: 8010, protocol: UDP}, {protocol: SCTP}]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}, {ipBlock: {cidr: "::/0"}}]
  - {}`))
	for name, want := range map[string]string{
		"Guards": "pods app=db",
		"May come from": "pods app=web, pods app=job in namespaces team=shop, all pods in all namespaces;" +
			" 5432/TCP, 8000-8010/UDP, all ports/SCTP",
		"May go to": "10.0.0.0/8 except 10.1.0.0/16 and 10.2.0.0/16, ::/0 anywhere",
	} {
		if facts[name] != want {
			t.Errorf("%s: got %q, want %q", name, facts[name], want)
		}
	}
}

func TestPodDisruptionBudget(t *testing.T) {
	checkSituations(t, PodDisruptionBudget, []situation{
		{"nothing at all", `{}`, want{map[string]string{"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "N/A",
			"ALLOWED DISRUPTIONS": "0"}, Quiet, "no pods"}},
		{"new", `{metadata: {generation: 1}}`, want{nil, Waiting, "change not seen yet by its controller"}},
		{"room for one", `
spec: {maxUnavailable: 25%}
status: {expectedPods: 4, currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 1}`,
			want{map[string]string{"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "25%", "ALLOWED DISRUPTIONS": "1"}, OK, ""}},
		{"none may go, as it is meant", `
spec: {minAvailable: 2}
status: {expectedPods: 2, currentHealthy: 2, desiredHealthy: 2,
  conditions: [{type: DisruptionAllowed, status: "False", reason: InsufficientPods}]}`,
			want{map[string]string{"MIN AVAILABLE": "2", "ALLOWED DISRUPTIONS": "0"}, OK,
				"lets no node drain: min available is 2 of 2 pods"}},
		{"none may ever go", `
spec: {maxUnavailable: 0}
status: {expectedPods: 2, currentHealthy: 2, desiredHealthy: 2}`,
			want{map[string]string{"MAX UNAVAILABLE": "0"}, OK, "never lets a node drain: max unavailable is 0"}},
		{"none of a share may ever go, and one is not well", `
spec: {maxUnavailable: "0%"}
status: {expectedPods: 2, currentHealthy: 1, desiredHealthy: 2}`,
			want{nil, Degraded,
				"1/2 needed pods healthy, no disruption allowed, never lets a node drain: max unavailable is 0%"}},
		{"all have to stay", `
spec: {minAvailable: "100%"}
status: {expectedPods: 3, currentHealthy: 3, desiredHealthy: 3}`,
			want{nil, OK, "lets no node drain: min available is 100% of 3 pods"}},
		{"too few", `{status: {expectedPods: 3, currentHealthy: 1, desiredHealthy: 2}}`,
			want{nil, Degraded, "1/2 needed pods healthy, no disruption allowed"}},
		{"pods that nothing scales", `{status: {conditions: [{type: DisruptionAllowed, status: "False",
  reason: SyncFailed, message: found no controllers for pod "web"}]}}`,
			want{nil, Degraded, `SyncFailed: found no controllers for pod "web"`}},
	})
	// What is meant is not coloured as if it were bad.
	d := PodDisruptionBudget.Details(parse(t, PodDisruptionBudget, `{status: {currentHealthy: 1, desiredHealthy: 1,
  conditions: [{type: DisruptionAllowed, status: "False", reason: InsufficientPods}]}}`))
	if len(d.Conditions) != 1 || d.Conditions[0].Level != OK {
		t.Errorf("conditions: %+v", d.Conditions)
	}
}

func TestHorizontalPodAutoscaler(t *testing.T) {
	const active = `{type: ScalingActive, status: "True"}`
	checkSituations(t, HorizontalPodAutoscaler, []situation{
		{"nothing at all", `{}`, want{map[string]string{"REFERENCE": "/", "TARGETS": "<none>", "MINPODS": "<unset>",
			"MAXPODS": "0", "REPLICAS": "0"}, Waiting, "change not seen yet by its controller"}},
		{"metrics of each type, none measured", `
spec:
  metrics:
  - {type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}
  - {type: Pods, pods: {target: {averageValue: "5"}}}
  - {type: Object, object: {target: {value: "7"}}}
  - {type: Other}`,
			want{map[string]string{"TARGETS": "cpu: <unknown>/80%, <unknown>/5 + 2 more..."}, Waiting,
				"change not seen yet by its controller"}},
		{"measured", `
spec:
  minReplicas: 2
  maxReplicas: 5
  metrics:
  - {type: External, external: {target: {averageValue: "30"}}}
  - {type: ContainerResource, containerResource: {name: memory, target: {averageValue: 1Gi}}}
status:
  currentReplicas: 3
  currentMetrics:
  - {type: External, external: {current: {averageValue: "12"}}}
  - {type: ContainerResource, containerResource: {current: {averageValue: 512Mi}}}
  conditions: [` + active + `]`,
			want{map[string]string{"TARGETS": "12/30 (avg), memory: 512Mi/1Gi", "MINPODS": "2", "MAXPODS": "5",
				"REPLICAS": "3"}, OK, ""}},
		{"objects and pods, measured", `
spec:
  metrics:
  - {type: Object, object: {target: {value: "7"}}}
  - {type: Pods, pods: {target: {averageValue: "5"}}}
status:
  currentMetrics: [{type: Object, object: {current: {value: "6"}}}, {type: Pods, pods: {current: {averageValue: "4"}}}]
  conditions: [` + active + `]`,
			want{map[string]string{"TARGETS": "6/7, 4/5"}, OK, ""}},
		{"the metrics stand at other places", `
spec: {metrics: [{type: Resource, resource: {name: cpu, target: {}}}, {type: External, external: {target: {}}}]}
status: {currentMetrics: [{type: Pods, pods: {}}, {}], conditions: [` + active + `]}`,
			want{map[string]string{"TARGETS": "cpu: <unknown>/<auto>, <unknown>/<unknown>"}, OK, ""}},
		{"no metrics", `{status: {conditions: [{type: AbleToScale, status: "True"},
  {type: ScalingActive, status: "False", reason: FailedGetResourceMetric, message: no metrics returned}]}}`,
			want{nil, Degraded, "FailedGetResourceMetric: no metrics returned"}},
		{"no target", `{status: {conditions: [{type: AbleToScale, status: "False", reason: FailedGetScale}]}}`,
			want{nil, Degraded, "FailedGetScale"}},
		{"its target is switched off", `{status: {conditions: [{type: ScalingActive, status: "False",
  reason: ScalingDisabled, message: x}]}}`,
			want{nil, Quiet, "scaling is disabled: its target has 0 replicas"}},
		{"wants more", `{spec: {maxReplicas: 5}, status: {conditions: [` + active + `,
  {type: ScalingLimited, status: "True", reason: TooManyReplicas}]}}`,
			want{nil, Degraded, "at its maximum of 5"}},
		{"at its minimum", `{status: {conditions: [` + active + `,
  {type: ScalingLimited, status: "True", reason: TooFewReplicas}]}}`, want{nil, OK, ""}},
	})
}

func TestPriorityClass(t *testing.T) {
	checkSituations(t, PriorityClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"VALUE": "0", "GLOBAL-DEFAULT": "false"}, Quiet, ""}},
		{"the default, below all", `{value: -5, globalDefault: true, preemptionPolicy: Never}`,
			want{map[string]string{"VALUE": "-5", "GLOBAL-DEFAULT": "true", "PREEMPTIONPOLICY": "Never"}, Quiet, ""}},
	})
}

func TestRuntimeClass(t *testing.T) {
	checkSituations(t, RuntimeClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"HANDLER": ""}, Quiet, ""}},
		{"empty parts", `{overhead: {}, scheduling: {tolerations: [{}]}}`, want{nil, Quiet, ""}},
	})
}

func TestLease(t *testing.T) {
	checkSituations(t, Lease, []situation{
		{"nothing at all", `{}`, want{map[string]string{"HOLDER": ""}, Quiet, ""}},
		{"long without an owner", `{spec: {holderIdentity: "a_b", renewTime: "2020-01-01T00:00:00.000000Z"}}`,
			want{map[string]string{"HOLDER": "a_b"}, Quiet, ""}},
	})
}

func TestServiceAccount(t *testing.T) {
	checkSituations(t, ServiceAccount, []situation{
		{"nothing at all", `{}`, want{map[string]string{"AGE": "<unknown>"}, Quiet, ""}},
		{"empty parts", `{secrets: [{}], imagePullSecrets: [{}]}`, want{nil, Quiet, ""}},
	})
}

// The links of accounts, policies and what else binds.
var policyLinks = []linked{
	{"an account", ServiceAccount, `
metadata: {namespace: shop, name: web}
imagePullSecrets: [{name: registry}, {}]
secrets: [{name: web-token}]`,
		[]string{"pulls with secret shop/registry", "mentions secret shop/web-token (secrets)"}},
	{"a quota", ResourceQuota, `{metadata: {namespace: shop, name: web}}`, []string{"guards namespace shop"}},
	{"limits", LimitRange, `{metadata: {namespace: shop, name: web}}`, []string{"guards namespace shop"}},
	{"a policy of all pods", NetworkPolicy, `{metadata: {namespace: shop, name: web}, spec: {podSelector: {}}}`,
		[]string{"guards pod shop where"}},
	{"a policy of some", NetworkPolicy, `
metadata: {namespace: shop, name: web}
spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [b, a]}]}}`,
		[]string{"guards pod shop where app in (a,b)"}},
	{"a budget without a selector", PodDisruptionBudget, `{metadata: {namespace: shop, name: web}}`, nil},
	{"a budget", PodDisruptionBudget, `
metadata: {namespace: shop, name: web}
spec: {selector: {matchLabels: {app: web}}}`, []string{"guards pod shop where app=web"}},
	{"an autoscaler", HorizontalPodAutoscaler, `
metadata: {namespace: shop, name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}`, []string{"scales deployment shop/web"}},
	{"an autoscaler of a StatefulSet", HorizontalPodAutoscaler, `
metadata: {namespace: shop, name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}`, []string{"scales statefulset shop/db"}},
	{"an autoscaler of a ReplicaSet", HorizontalPodAutoscaler, `
metadata: {namespace: shop, name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: ReplicaSet, name: a}}`, []string{"scales replicaset shop/a"}},
	{"an autoscaler of old", HorizontalPodAutoscaler, `
metadata: {namespace: shop, name: web}
spec: {scaleTargetRef: {apiVersion: v1, kind: ReplicationController, name: a}}`,
		[]string{"scales replicationcontroller shop/a"}},
	{"an autoscaler of nothing", HorizontalPodAutoscaler, `{metadata: {namespace: shop, name: web}}`, nil},
	{"a lease", Lease, `{metadata: {namespace: shop, name: web}, spec: {holderIdentity: worker-1}}`, nil},
}
