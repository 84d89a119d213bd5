package kinds

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// parse makes an object of a kind from YAML.
func parse(t *testing.T, k *Kind, text string) runtime.Object {
	t.Helper()
	obj := newObject(k)
	if err := readYAML([]byte(text), obj); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return obj
}

// readYAML reads an object as the cluster sends it.
func readYAML(text []byte, obj runtime.Object) error {
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return yaml.UnmarshalStrict(text, obj)
	}
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	return utiljson.Unmarshal(asJSON, &u.Object)
}

// situation is an object as the cluster may have it, and what is to be seen.
type situation struct {
	name   string
	object string
	want   want
}

func checkSituations(t *testing.T, k *Kind, all []situation) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) { s.want.check(t, k, parse(t, k, s.object)) })
	}
}

func pod(ready, status, restarts string) map[string]string {
	return map[string]string{"READY": ready, "STATUS": status, "RESTARTS": restarts}
}

func TestPod(t *testing.T) {
	checkSituations(t, Pod, []situation{
		{"nothing at all", `{}`, want{pod("0/0", "Pending", "0"), Waiting, "Pending"}},
		{"no status yet", `{spec: {containers: [{name: app}]}}`, want{pod("0/1", "Pending", "0"), Waiting, "Pending"}},
		{"a long and wide name", `{metadata: {name: ` + strings.Repeat("日本", 150) + `}, status: {phase: Succeeded}}`,
			want{map[string]string{"NAME": strings.Repeat("日本", 150)}, Quiet, ""}},
		{"running", `
spec: {nodeName: worker-1, containers: [{name: app}]}
status:
  phase: Running
  podIP: 10.0.0.7
  podIPs: [{ip: 10.0.0.7}, {ip: "fd00::7"}]
  conditions: [{type: Ready, status: "True"}]
  containerStatuses: [{name: app, ready: true, restartCount: 0, state: {running: {}}}]`,
			want{map[string]string{"READY": "1/1", "STATUS": "Running", "RESTARTS": "0", "IP": "10.0.0.7", "NODE": "worker-1",
				"NOMINATED NODE": "<none>", "READINESS GATES": "<none>", "AGE": "<unknown>"}, OK, ""}},
	})
}

func TestPodsThatFail(t *testing.T) {
	checkSituations(t, Pod, []situation{
		{"crash loop", `
spec: {containers: [{name: app}]}
status:
  phase: Running
  conditions: [{type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: "2026-11-23T11:50:00Z"}]
  containerStatuses:
  - name: app
    restartCount: 14
    state: {waiting: {reason: CrashLoopBackOff, message: "back-off 5m0s restarting failed container"}}
    lastState: {terminated: {reason: Error, exitCode: 3, finishedAt: "2026-11-23T11:55:00Z"}}`,
			want{pod("0/1", "CrashLoopBackOff", "14 (5m ago)"), Failing, "app CrashLoopBackOff, exit 3, 14 restarts"}},
		{"killed for its memory again and again", `
spec: {containers: [{name: app}]}
status:
  phase: Running
  containerStatuses:
  - name: app
    restartCount: 1
    state: {waiting: {reason: CrashLoopBackOff}}
    lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-11-23T11:59:59Z"}}`,
			want{pod("0/1", "CrashLoopBackOff", "1 (1s ago)"), Failing, "app CrashLoopBackOff, OOMKilled, exit 137, 1 restart"}},
		{"image that does not exist", `
spec: {containers: [{name: app}]}
status:
  phase: Pending
  containerStatuses: [{name: app, state: {waiting: {reason: ImagePullBackOff,
      message: "Back-off pulling image \"x\""}}}]`,
			want{pod("0/1", "ImagePullBackOff", "0"), Failing, `app ImagePullBackOff: Back-off pulling image "x"`}},
		{"missing configmap", `
spec: {containers: [{name: app}]}
status:
  phase: Pending
  containerStatuses: [{name: app, state: {waiting: {reason: CreateContainerConfigError,
      message: configmap "x" not found}}}]`,
			want{pod("0/1", "CreateContainerConfigError", "0"), Failing,
				`app CreateContainerConfigError: configmap "x" not found`}},
		{"container being created", `
spec: {containers: [{name: app}]}
status: {phase: Pending, containerStatuses: [{name: app, state: {waiting: {reason: ContainerCreating}}}]}`,
			want{pod("0/1", "ContainerCreating", "0"), Waiting, "app ContainerCreating"}},
		{"unschedulable", `
spec: {containers: [{name: app}]}
status:
  phase: Pending
  conditions: [{type: PodScheduled, status: "False", reason: Unschedulable,
      message: "0/3 nodes are available: 3 Insufficient cpu."}]`,
			want{pod("0/1", "Pending", "0"), Failing, "Unschedulable: 0/3 nodes are available: 3 Insufficient cpu"}},
		{"scheduling gated", `
spec: {containers: [{name: app}], schedulingGates: [{name: quota}]}
status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated}]}`,
			want{pod("0/1", "SchedulingGated", "0"), Waiting, "SchedulingGated"}},
		{"evicted", `
spec: {containers: [{name: app}]}
status: {phase: Failed, reason: Evicted, message: "The node was low on resource: memory. "}`,
			want{pod("0/1", "Evicted", "0"), Failing, "Evicted: The node was low on resource: memory."}},
		{"failed for good", `
spec: {containers: [{name: app}]}
status: {phase: Failed, containerStatuses: [{name: app, state: {terminated: {reason: Error, exitCode: 2}}}]}`,
			want{pod("0/1", "Error", "0"), Failing, "app Error, exit 2"}},
		{"ended by a signal without a reason", `
spec: {containers: [{name: app}]}
status: {phase: Failed, containerStatuses: [{name: app, state: {terminated: {signal: 9, exitCode: 137}}}]}`,
			want{pod("0/1", "Signal:9", "0"), Failing, "app Signal:9, exit 137"}},
	})
}

func TestPodsThatEnd(t *testing.T) {
	checkSituations(t, Pod, []situation{
		{"completed", `
spec: {containers: [{name: app}]}
status: {phase: Succeeded, containerStatuses: [{name: app, state: {terminated: {reason: Completed, exitCode: 0}}}]}`,
			want{pod("0/1", "Completed", "0"), Quiet, ""}},
		{"one completed, one running and ready", `
spec: {containers: [{name: a}, {name: b}]}
status:
  phase: Running
  conditions: [{type: Ready, status: "True"}]
  containerStatuses:
  - {name: a, state: {terminated: {reason: Completed, exitCode: 0}}}
  - {name: b, ready: true, state: {running: {}}}`,
			want{pod("1/2", "Running", "0"), OK, ""}},
		{"one completed, one running and not ready", `
spec: {containers: [{name: a}, {name: b}]}
status:
  phase: Running
  conditions: [{type: Ready, status: "False"}]
  containerStatuses:
  - {name: a, state: {terminated: {reason: Completed, exitCode: 0}}}
  - {name: b, ready: true, state: {running: {}}}`,
			want{pod("1/2", "NotReady", "0"), Degraded, "1/2 ready"}},
		{"terminating", `
metadata: {deletionTimestamp: "2026-11-23T12:00:30Z", deletionGracePeriodSeconds: 30}
spec: {containers: [{name: app}]}
status: {phase: Running, containerStatuses: [{name: app, ready: true, state: {running: {}}}]}`,
			want{pod("1/1", "Terminating", "0"), Waiting, "Terminating"}},
		{"on a node that went away", `
metadata: {deletionTimestamp: "2026-11-23T12:00:00Z"}
spec: {containers: [{name: app}]}
status: {phase: Running, reason: NodeLost}`,
			want{pod("0/1", "Unknown", "0"), Failing, "Unknown: its node is unreachable"}},
	})
}

func TestPodsWithInitContainers(t *testing.T) {
	checkSituations(t, Pod, []situation{
		{"init container failing", `
spec: {initContainers: [{name: migrate}, {name: second}], containers: [{name: app}]}
status:
  phase: Pending
  initContainerStatuses:
  - {name: migrate, restartCount: 2, state: {terminated: {reason: Error, exitCode: 1}}}
  - {name: second, state: {waiting: {reason: PodInitializing}}}
  containerStatuses: [{name: app, state: {waiting: {reason: PodInitializing}}}]`,
			want{pod("0/1", "Init:Error", "2"), Failing, "migrate Error, exit 1, 2 restarts"}},
		{"init container waiting its turn", `
spec: {initContainers: [{name: a}, {name: b}], containers: [{name: app}]}
status:
  phase: Pending
  initContainerStatuses:
  - {name: a, state: {terminated: {reason: Completed, exitCode: 0}}}
  - {name: b, state: {running: {}}}`,
			want{pod("0/1", "Init:1/2", "0"), Waiting, "Init:1/2"}},
		{"sidecar counts and its restarts stay", `
spec: {initContainers: [{name: proxy, restartPolicy: Always}, {name: once}], containers: [{name: app}]}
status:
  phase: Running
  conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}]
  initContainerStatuses:
  - {name: proxy, ready: true, started: true, restartCount: 3, state: {running: {}},
      lastState: {terminated: {finishedAt: "2026-11-23T11:00:00Z"}}}
  - {name: once, restartCount: 5, state: {terminated: {reason: Completed, exitCode: 0}}}
  containerStatuses: [{name: app, ready: true, state: {running: {}}}]`,
			want{pod("2/2", "Running", "3 (60m ago)"), OK, ""}},
		{"sidecar not ready", `
spec: {initContainers: [{name: proxy, restartPolicy: Always}], containers: [{name: app}]}
status:
  phase: Running
  conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "False"}]
  initContainerStatuses: [{name: proxy, started: true, state: {running: {}}}]
  containerStatuses: [{name: app, ready: true, state: {running: {}}}]`,
			want{pod("1/2", "Running", "0"), Degraded, "proxy is not ready"}},
	})
}

func TestPodsThatAreNotReady(t *testing.T) {
	checkSituations(t, Pod, []situation{
		{"starting", `
spec: {containers: [{name: app}]}
status: {phase: Running, containerStatuses: [{name: app, started: false, restartCount: 1, state: {running: {}}}]}`,
			want{pod("0/1", "Running", "1"), Waiting, "app is starting, 1 restart"}},
		{"a readiness gate is not met", `
spec: {containers: [{name: app}], readinessGates: [{conditionType: lb}, {conditionType: dns}]}
status:
  phase: Running
  conditions:
  - {type: Ready, status: "False", reason: ReadinessGatesNotReady,
      message: the status of pod readiness gate "lb" is not "True"}
  - {type: dns, status: "True"}
  containerStatuses: [{name: app, ready: true, state: {running: {}}}]`,
			want{map[string]string{"READY": "1/1", "READINESS GATES": "1/2"}, Degraded,
				`ReadinessGatesNotReady: the status of pod readiness gate "lb" is not "True"`}},
		{"escape sequences in a message", `
spec: {containers: [{name: app}]}
status: {phase: Failed, message: "bad \e]0;title\a"}`,
			want{pod("0/1", "Failed", "0"), Failing, "Failed: bad ␛]0;title␇"}},
	})
}

func TestPodDetails(t *testing.T) {
	d := Pod.Details(parse(t, Pod, `
metadata: {name: web-1, namespace: shop}
spec:
  nodeName: worker-1
  initContainers: [{name: init, image: i:1}, {name: proxy, image: p:1, restartPolicy: Always}]
  containers:
  - name: app
    image: app:1
    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
    ports: [{name: http, containerPort: 80, protocol: TCP}, {containerPort: 53, hostPort: 5353, protocol: UDP}]
  ephemeralContainers: [{name: debug, image: busybox}]
  volumes: [{name: conf, configMap: {name: conf}}, {name: tmp, emptyDir: {medium: Memory}}]
status:
  phase: Running
  conditions: [{type: Ready, status: "False"}, {type: PodScheduled, status: "True"}, {type: DisruptionTarget,
      status: "True"}]
  initContainerStatuses: [{name: init, state: {terminated: {reason: Completed, exitCode: 0}}}]
  containerStatuses:
  - name: app
    restartCount: 2
    state: {waiting: {reason: CrashLoopBackOff, message: back-off}}
    lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-11-23T11:00:00Z"}}`))
	var got []string
	for _, c := range d.Containers {
		got = append(got, strings.Join([]string{c.Name, c.Type, c.State, c.Last, c.Resources, c.Ports, c.Level.String()},
			"|"))
	}
	want := []string{
		"init|init|Terminated: Completed (exit 0)||||",
		"proxy|sidecar|Waiting||||waiting",
		"app||Waiting: CrashLoopBackOff|OOMKilled (exit 137)|cpu 100m/-, memory 64Mi/128Mi|http 80/TCP, 5353:53/UDP|failing",
		"debug|ephemeral|Waiting||||waiting",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("containers:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	levels := map[string]Level{}
	for _, c := range d.Conditions {
		levels[c.Type] = c.Level
	}
	if levels["Ready"] != Failing || levels["PodScheduled"] != OK || levels["DisruptionTarget"] != Degraded {
		t.Errorf("condition levels: %v", levels)
	}
	if d.Facts[0].Name != "Node" || d.Facts[0].Link == nil || *d.Facts[0].Link != (Ref{schema.GroupKind{Kind: "Node"}, "",
		"worker-1"}) {
		t.Errorf("first fact: %+v", d.Facts[0])
	}
}

// TestAnEndedPodWaitsForNothing has the condition that its sandbox is gone.
func TestAnEndedPodWaitsForNothing(t *testing.T) {
	for phase, want := range map[string]Level{
		"Pending": Waiting, "Running": Waiting, "Succeeded": Quiet, "Failed": Quiet,
	} {
		d := Pod.Details(parse(t, Pod, `{status: {phase: `+phase+`,
  conditions: [{type: PodReadyToStartContainers, status: "False"}, {type: Ready, status: "False"}]}}`))
		if got := d.Conditions[0].Level; got != want {
			t.Errorf("%s: %v, want %v", phase, got, want)
		}
		if got := d.Conditions[1].Level; got != Failing {
			t.Errorf("%s and not ready: %v", phase, got)
		}
	}
}

func TestRecordKeepsNothingOfItsObject(t *testing.T) {
	obj := parse(t, Pod, `{metadata: {name: web, labels: {a: b}}, status: {phase: Running}}`).(*corev1.Pod)
	r, _ := row(t, Pod, obj)
	obj.Labels["a"], obj.Labels["c"] = "x", "y"
	if len(r.Labels) != 1 || r.Labels[0] != (Label{"a", "b"}) {
		t.Errorf("labels changed with the object: %v", r.Labels)
	}
}

// TestShortSchedule holds that of a scheduler's message its reasons are left, and that nothing else
// is cut.
func TestShortSchedule(t *testing.T) {
	for text, want := range map[string]string{
		"0/1 nodes are available: 1 Insufficient cpu.": "0/1 nodes are available: 1 Insufficient cpu",
		"0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, " +
			"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.": "0/1 nodes are available: " +
			"1 node(s) didn't match Pod's node affinity/selector",
		"0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims " +
			"found for incoming pod.": "0/1 nodes are available: 1 Insufficient memory",
		"0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found": "0/3 nodes are available: " +
			"pod has unbound immediate PersistentVolumeClaims",
		`0/3 nodes are available: persistentvolumeclaim "data" not found`: `0/3 nodes are available: ` +
			`persistentvolumeclaim "data" not found`,
		`0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes are available: 3 ` +
			`Preemption is not helpful for scheduling.`: `0/3 nodes are available: persistentvolumeclaim "data" not found`,
		`configmap "preemption: x" not found.`: `configmap "preemption: x" not found.`,
		"no nodes available to schedule pods":  "no nodes available to schedule pods",
		"":                                     "",
	} {
		if got := ShortSchedule(text); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
