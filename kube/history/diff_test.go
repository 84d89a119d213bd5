package history

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

// kindOf reads the kind of an object in a test.
func kindOf(object map[string]any) schema.GroupKind {
	gv, _ := schema.ParseGroupVersion(text(object["apiVersion"]))
	return schema.GroupKind{Group: gv.Group, Kind: text(object["kind"])}
}

// restartedTwice is a Deployment's template that kubectl restarted last.
const restartedTwice = `
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    metadata: {labels: {app: web}, annotations: {kubectl.kubernetes.io/restartedAt: "2026-05-01T14:00:00+02:00"}}
`

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, resourceVersion: "1", labels: {team: a}}
spec:
  replicas: 3
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec:
      containers:
      - name: app
        image: registry.example.com/shop/checkout:v41
        command: [serve]
        env:
        - {name: DB, value: db-1}
        - {name: LEVEL, value: info}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
        ports:
        - {containerPort: 8080}
        - {containerPort: 53, protocol: UDP}
        readinessProbe: {httpGet: {path: /, port: 8080}}
        volumeMounts:
        - {name: config, mountPath: /etc/app}
      - name: proxy
        image: envoy
status:
  replicas: 3
  readyReplicas: 3
  conditions:
  - {type: Available, status: "True", reason: MinimumReplicasAvailable, lastTransitionTime: "2026-01-01T00:00:00Z"}
`

// edits change the deployment as a text.
var edits = map[string]struct {
	object, from, to string
	want             string // with its rank
}{
	"nothing":     {deployment, "", "", ""},
	"a heartbeat": {deployment, `resourceVersion: "1"`, `resourceVersion: "2"`, ""},
	"a tag":       {deployment, ":v41", ":v42", "image: image checkout:v41 → :v42"},
	"a digest": {
		deployment, ":v41", "@sha256:0123456789abcdef0123", "image: image checkout:v41 → @sha256:0123456789ab",
	},
	"another registry": {
		deployment, "registry.example.com/shop/checkout:v41", "ghcr.io/shop/checkout:v41",
		"image: image registry.example.com/shop/checkout:v41 → ghcr.io/shop/checkout:v41",
	},
	"another image": {deployment, "image: envoy", "image: nginx:1", "image: image envoy → nginx:1"},
	"no tag any more": {
		deployment, "checkout:v41", "checkout", "image: image checkout:v41 → without a tag",
	},
	"a port is not a tag": {
		deployment, "registry.example.com/shop/checkout:v41", "localhost:5000/checkout",
		"image: image registry.example.com/shop/checkout:v41 → localhost:5000/checkout",
	},
	"replicas": {
		deployment, "replicas: 3\n  selector", "replicas: 5\n  selector", "replicas: replicas 3 → 5",
	},
	"a variable":          {deployment, "value: db-1", "value: db-2", "env: env DB db-1 → db-2"},
	"a variable, emptied": {deployment, "value: db-1", `value: ""`, `env: env DB db-1 → ""`},
	"a variable goes":     {deployment, "        - {name: DB, value: db-1}\n", "", "env: env DB removed"},
	"a variable comes": {
		deployment, "        env:\n", "        env:\n        - {name: NEW, value: x}\n",
		"env: env NEW added: x",
	},
	"variables change order": {
		deployment, "- {name: DB, value: db-1}\n        - {name: LEVEL, value: info}",
		"- {name: LEVEL, value: info}\n        - {name: DB, value: db-1}",
		"env: env [DB LEVEL PASSWORD] → [LEVEL DB PASSWORD]",
	},
	"where a variable is": {
		deployment, "key: password", "key: pass",
		"env: env PASSWORD valueFrom.secretKeyRef.key password → pass",
	},
	"a command": {deployment, "[serve]", "[serve, -v]", "command: command [serve] → [serve -v]"},
	"a port": {
		deployment, "containerPort: 8080", "containerPort: 9090",
		"ports: port 8080 removed, port 9090 added: 9090",
	},
	"only a protocol": {
		deployment, "protocol: UDP", "protocol: TCP", "ports: port 53/UDP removed, port 53/TCP added: 53",
	},
	"a selector": {
		deployment, "matchLabels: {app: checkout}", "matchLabels: {app: web}",
		"selector: selector.app checkout → web",
	},
	"a template's label": {
		deployment, "labels: {app: checkout}", "labels: {app: web}",
		"selector: template label app checkout → web",
	},
	"a label": {deployment, "team: a", "team: b", "labels: label team a → b"},
	"a probe": {
		deployment, "path: /,", "path: /healthz,", "spec: app: readinessProbe.httpGet.path / → /healthz",
	},
	"a mount": {
		deployment, "/etc/app", "/etc/other", "spec: app: volumeMounts[config].mountPath /etc/app → /etc/other",
	},
	"a sidecar goes": {
		deployment, "      - name: proxy\n        image: envoy\n", "", "image: container proxy removed",
	},
	"a restart by kubectl": {
		deployment, "metadata: {labels: {app: checkout}}",
		"metadata: {labels: {app: checkout}, annotations: {kubectl.kubernetes.io/restartedAt: x}}",
		"spec: restarted",
	},
	"a rollback to before a restart": {
		restartedTwice, "2026-05-01T14:00:00+02:00", "2026-05-01T11:00:00Z", "spec: back to before a restart",
	},
	"a rollback to before the first restart": {
		restartedTwice, ", annotations: {kubectl.kubernetes.io/restartedAt: \"2026-05-01T14:00:00+02:00\"}", "",
		"spec: back to before a restart",
	},
	"a restart in another time zone": {
		restartedTwice, "2026-05-01T14:00:00+02:00", "2026-05-01T12:30:00Z", "spec: restarted",
	},
	"a deletion that begins": {
		"kind: Pod\nmetadata: {name: web}\n", "{name: web}",
		"{name: web, deletionTimestamp: \"2026-05-01T12:00:30Z\"}", "deleted: deletion began",
	},
	"a deletion that ends": {
		"kind: Pod\nmetadata: {name: web, deletionTimestamp: \"2026-05-01T12:00:30Z\"}\n", "12:00:30", "12:00:02", "",
	},
	"a condition": {
		deployment, `status: "True", reason: MinimumReplicasAvailable`,
		`status: "False", reason: MinimumReplicasUnavailable`,
		"status: Available True → False: MinimumReplicasUnavailable",
	},
	"only its time":   {deployment, "2026-01-01", "2026-02-01", ""},
	"fewer are ready": {deployment, "readyReplicas: 3", "readyReplicas: 2", "status: ready 3 → 2"},
	"none is ready":   {deployment, "  readyReplicas: 3\n", "", "status: ready 3 → 0"},
	"several": {
		deployment, ":v41\n        command: [serve]", ":v42\n        command: [run]",
		"image: image checkout:v41 → :v42, command [serve] → [run]",
	},
	"a name with controls": {deployment, "value: db-1", `value: "\e[2J"`, "env: env DB db-1 → ␛[2J"},
	"a value of lines":     {deployment, "value: db-1", `value: "a\nb"`, "env: env DB db-1 → a…"},
	"an item without its key": {deployment, "- {name: config, mountPath: /etc/app}", "- {mountPath: /etc/app}",
		"spec: app: volumeMounts[/etc/app].name removed"},
}

func TestWhatChangedInWords(t *testing.T) {
	for name, c := range edits {
		t.Run(name, func(t *testing.T) {
			if c.from != "" && !strings.Contains(c.object, c.from) {
				t.Fatalf("the object has no %q", c.from)
			}
			older, newer := parsed(t, c.object), parsed(t, strings.Replace(c.object, c.from, c.to, 1))
			parts := Describe(kindOf(older), Compare(older, newer, false))
			got := ""
			if len(parts) > 0 {
				got = parts[0].Rank.String() + ": " + Join(parts)
			}
			if got != c.want {
				t.Errorf("it says %q\n    wanted %q", got, c.want)
			}
		})
	}
}

// pairs are versions of other kinds.
var pairs = map[string]struct{ older, newer, want string }{
	"a value of a ConfigMap": {
		"{apiVersion: v1, kind: ConfigMap, data: {LEVEL: info, same: x}}",
		"{apiVersion: v1, kind: ConfigMap, data: {LEVEL: debug, same: x}}", "data LEVEL info → debug",
	},
	"a file in a ConfigMap": {
		"{apiVersion: v1, kind: ConfigMap, data: {app.conf: \"a\\nb\\nc\\n\"}}",
		"{apiVersion: v1, kind: ConfigMap, data: {app.conf: \"a\\nB\\nc\\nd\\n\"}}", "data app.conf: 2 lines added, 1 removed",
	},
	"a key comes and all data": {
		"{apiVersion: v1, kind: ConfigMap}", "{apiVersion: v1, kind: ConfigMap, data: {a: x}}", "data a added: x",
	},
	"data goes": {
		"{apiVersion: v1, kind: ConfigMap, data: {a: x}}", "{apiVersion: v1, kind: ConfigMap}", "data a removed",
	},
	"a value of a Secret": {
		"{apiVersion: v1, kind: Secret, data: {password: aHVudGVyMg==}}",
		"{apiVersion: v1, kind: Secret, data: {password: aHVudGVyMw==}}", "data password changed",
	},
	"a new key of a Secret": {
		"{apiVersion: v1, kind: Secret, data: {}}", "{apiVersion: v1, kind: Secret, data: {token: aHVudGVyMw==}}", "data token added",
	},
	"a Secret's copy in an annotation": {
		"{apiVersion: v1, kind: Secret, metadata: {annotations: {old: hunter2}}, data: {password: aHVudGVyMg==}}",
		"{apiVersion: v1, kind: Secret, metadata: {annotations: {old: hunter3}}, data: {password: aHVudGVyMw==}}",
		"data password changed, annotation old changed",
	},
	"a Service's port": {
		"{apiVersion: v1, kind: Service, spec: {selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080}]}}",
		"{apiVersion: v1, kind: Service, spec: {selector: {app: b}, ports: [{name: http, port: 80, targetPort: web}]}}",
		"selector.app a → b, port http targetPort 8080 → web",
	},
	"a node is cordoned": {
		"{apiVersion: v1, kind: Node, spec: {}}",
		"{apiVersion: v1, kind: Node, spec: {unschedulable: true, taints: [{key: x, effect: NoSchedule}]}}",
		"taints[x/NoSchedule] added, cordoned",
	},
	"a node is gone": {
		`{apiVersion: v1, kind: Node, status: {conditions: [{type: Ready, status: "True", reason: KubeletReady, lastHeartbeatTime: a}]}}`,
		`{apiVersion: v1, kind: Node, status: {conditions: [{type: Ready, status: Unknown, reason: NodeStatusUnknown, lastHeartbeatTime: b}]}}`,
		"Ready True → Unknown: NodeStatusUnknown",
	},
	"what the kubelet made of a pod's resources": {
		`{apiVersion: v1, kind: Pod, status: {resources: {requests: {cpu: 10m}}}}`,
		`{apiVersion: v1, kind: Pod, status: {allocatedResources: {cpu: 10m},
			  resources: {requests: {cpu: 10m}, limits: {memory: 9007199254740988Ki}}}}`, "",
	},
	"the first resources of a pod": {
		`{apiVersion: v1, kind: Pod}`, `{apiVersion: v1, kind: Pod, status: {resources: {limits: {memory: 1Ki}}}}`, "",
	},
	"a claim grows": {
		`{apiVersion: v1, kind: PersistentVolumeClaim, status: {capacity: {storage: 1Gi}}}`,
		`{apiVersion: v1, kind: PersistentVolumeClaim, status: {capacity: {storage: 2Gi}}}`,
		"status.capacity.storage 1Gi → 2Gi",
	},
	"a custom resource with resources": {
		"{apiVersion: x/v1, kind: Pod, status: {phase: A}}",
		"{apiVersion: x/v1, kind: Pod, status: {phase: B, resources: {limits: {memory: 1Ki}}}}",
		"phase A → B, status.resources added",
	},
	"a container crashes": {
		`{apiVersion: v1, kind: Pod, status: {containerStatuses: [{name: app, ready: true, restartCount: 3, state: {running: {}}}]}}`,
		`{apiVersion: v1, kind: Pod, status: {containerStatuses: [{name: app, ready: false, restartCount: 4,
			  state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 3, reason: Error}}}]}}`,
		"app running → waiting: CrashLoopBackOff, restart 4 after exit 3 (Error)",
	},
	"a quota": {
		`{apiVersion: v1, kind: ResourceQuota, spec: {hard: {pods: "10"}}}`,
		`{apiVersion: v1, kind: ResourceQuota, spec: {hard: {pods: "5"}}}`, "hard.pods 10 → 5",
	},
	"a custom resource with lists without keys": {
		"{apiVersion: x/v1, kind: X, spec: {hosts: [a, b], rules: [{a: 1}, {a: 2}]}}",
		"{apiVersion: x/v1, kind: X, spec: {hosts: [a, c], rules: [{a: 1}, {a: 3}]}}",
		"hosts [a b] → [a c], rules changed",
	},
	"a role": {
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: [{verbs: [get]}]}",
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: [{verbs: [list]}]}", "rules changed",
	},
	"a type where it was another": {
		"{apiVersion: x/v1, kind: X, spec: {a: {b: 1}}}", "{apiVersion: x/v1, kind: X, spec: {a: [1]}}", "a changed",
	},
	"a rollout goes on": {
		`{apiVersion: apps/v1, kind: Deployment, status: {conditions: [
		  {type: Progressing, status: "True", reason: NewReplicaSetCreated}]}}`,
		`{apiVersion: apps/v1, kind: Deployment, status: {conditions: [
		  {type: Progressing, status: "True", reason: ReplicaSetUpdated}]}}`,
		"",
	},
	"a rollout stops": {
		`{apiVersion: apps/v1, kind: Deployment, status: {conditions: [
		  {type: Progressing, status: "True", reason: ReplicaSetUpdated}]}}`,
		`{apiVersion: apps/v1, kind: Deployment, status: {conditions: [
		  {type: Progressing, status: "False", reason: ProgressDeadlineExceeded}]}}`,
		"Progressing True → False: ProgressDeadlineExceeded",
	},
	"a pod finds its node": {
		"{apiVersion: v1, kind: Pod, spec: {}}", "{apiVersion: v1, kind: Pod, spec: {nodeName: worker-1}}",
		"scheduled to worker-1",
	},
	"a container waits for something else": {
		"{apiVersion: v1, kind: Pod, status: {containerStatuses: [{name: app, state: {waiting: {reason: A}}}]}}",
		"{apiVersion: v1, kind: Pod, status: {containerStatuses: [{name: app, state: {waiting: {reason: B}}}]}}",
		"app waiting: A → B",
	},
	"nothing at all": {"{}", "{}", ""},
	"a spec where none was": {
		"{apiVersion: x/v1, kind: X}", "{apiVersion: x/v1, kind: X, spec: {a: 1}}", "a added: 1",
	},
}

func TestWhatChangedInOtherKinds(t *testing.T) {
	for name, c := range pairs {
		t.Run(name, func(t *testing.T) {
			older, newer := parsed(t, c.older), parsed(t, c.newer)
			kind := kindOf(newer)
			got := Join(Describe(kind, Compare(older, newer, kind.Kind == "Secret")))
			if got != c.want {
				t.Errorf("it says %q\n    wanted %q", got, c.want)
			}
			if strings.Contains(got, "hunter") || strings.Contains(got, "aHVu") {
				t.Error("a value of a Secret is shown")
			}
		})
	}
}
