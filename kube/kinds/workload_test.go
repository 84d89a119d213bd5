package kinds

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/duration"
)

func TestDeployment(t *testing.T) {
	checkSituations(t, Deployment, []situation{
		{"nothing at all", `{}`, want{map[string]string{"READY": "0/1", "UP-TO-DATE": "0", "AVAILABLE": "0",
			"AGE":        "<unknown>",
			"CONTAINERS": "", "IMAGES": "", "SELECTOR": ""}, Waiting, "0/1 ready, rolling out"}},
		{"scaled to nothing", `{spec: {replicas: 0}}`, want{map[string]string{"READY": "0/0"}, Quiet, "scaled to 0"}},
		{"well", `
spec: {replicas: 2, selector: {matchLabels: {app: web, tier: front}}, template: {spec: {containers: [{name: a,
    image: a:1}, {name: b, image: b:1}]}}}
status: {replicas: 2, readyReplicas: 2, updatedReplicas: 2, availableReplicas: 2}`,
			want{map[string]string{"READY": "2/2", "UP-TO-DATE": "2", "AVAILABLE": "2", "CONTAINERS": "a,b",
				"IMAGES": "a:1,b:1", "SELECTOR": "app=web,tier=front"}, OK, ""}},
		{"a selector that no server takes", `{spec: {replicas: 0, selector: {matchExpressions: [{key: a, operator: Like}]}}}`,
			want{map[string]string{"SELECTOR": "<invalid>"}, Quiet, "scaled to 0"}},
		{"rolling out", `
metadata: {generation: 2}
spec: {replicas: 3}
status: {observedGeneration: 2, replicas: 4, readyReplicas: 3, updatedReplicas: 1, conditions: [{type: Progressing,
    status: "True", reason: ReplicaSetUpdated}]}`,
			want{map[string]string{"READY": "3/3"}, Waiting, "3/3 ready, rolling out"}},
		{"its rollout is stuck", `
spec: {replicas: 3}
status: {replicas: 4, readyReplicas: 1, updatedReplicas: 1, conditions: [{type: Progressing, status: "False",
    reason: ProgressDeadlineExceeded, message: timed out}]}`,
			want{map[string]string{"READY": "1/3"}, Failing, "ProgressDeadlineExceeded: 1 of 3 updated, 1/3 ready"}},
		{"its rollout is stuck, and the old pods serve", `
spec: {replicas: 3}
status: {replicas: 4, readyReplicas: 3, updatedReplicas: 1, conditions: [{type: Progressing, status: "False",
    reason: ProgressDeadlineExceeded, message: timed out}]}`,
			want{map[string]string{"READY": "3/3"}, Degraded, "ProgressDeadlineExceeded: 1 of 3 updated, 3/3 ready"}},
		{"its pods are refused", `
spec: {replicas: 1}
status: {conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate,
    message: 'pods "x" is forbidden: exceeded quota'}]}`,
			want{nil, Failing, `FailedCreate: pods "x" is forbidden: exceeded quota`}},
		{"some pods went away after the rollout", `
spec: {replicas: 3}
status: {replicas: 3, readyReplicas: 2, updatedReplicas: 3, conditions: [{type: Progressing, status: "True",
    reason: NewReplicaSetAvailable}]}`,
			want{nil, Degraded, "2/3 ready"}},
		{"all pods went away after the rollout", `
spec: {replicas: 3}
status: {replicas: 3, updatedReplicas: 3, conditions: [{type: Progressing, status: "True",
    reason: NewReplicaSetAvailable}]}`,
			want{nil, Failing, "0/3 ready"}},
		{"paused and well", `{spec: {replicas: 1, paused: true}, status: {replicas: 1, readyReplicas: 1,
  updatedReplicas: 1}}`, want{nil, OK, "paused"}},
		{"its controller sleeps", `{metadata: {generation: 3}, spec: {replicas: 1}, status: {observedGeneration: 2,
  readyReplicas: 1}}`,
			want{nil, Waiting, "1/1 ready, change not seen yet by its controller"}},
	})
}

func TestReplicaSet(t *testing.T) {
	checkSituations(t, ReplicaSet, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DESIRED": "1", "CURRENT": "0", "READY": "0", "SELECTOR": "<none>"},
			Waiting, "0/1 ready"}},
		{"an old revision", `{spec: {replicas: 0}}`, want{map[string]string{"DESIRED": "0"}, Quiet, ""}},
		{"well", `{spec: {replicas: 2}, status: {replicas: 2, readyReplicas: 2}}`,
			want{map[string]string{"READY": "2"}, OK, ""}},
		{"pods that are not ready", `{spec: {replicas: 2}, status: {replicas: 2}}`, want{nil, Degraded, "0/2 ready"}},
		{"over its quota", `{status: {conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate}]}}`,
			want{nil, Failing, "FailedCreate"}},
	})
}

func TestStatefulSet(t *testing.T) {
	checkSituations(t, StatefulSet, []situation{
		{"nothing at all", `{}`, want{map[string]string{"READY": "0/1", "CONTAINERS": ""}, Failing, "0/1 ready"}},
		{"scaled to nothing", `{spec: {replicas: 0}}`, want{map[string]string{"READY": "0/0"}, Quiet, "scaled to 0"}},
		{"well", `{spec: {replicas: 3}, status: {replicas: 3, readyReplicas: 3}}`,
			want{map[string]string{"READY": "3/3"}, OK, ""}},
		{"one is missing", `{spec: {replicas: 3}, status: {replicas: 3, readyReplicas: 2}}`,
			want{nil, Degraded, "2/3 ready"}},
		{"rolling out", `{spec: {replicas: 3}, status: {replicas: 3, readyReplicas: 2, currentRevision: a,
  updateRevision: b}}`, want{nil, Waiting, "2/3 ready, rolling out"}},
		{"scaling down", `{spec: {replicas: 1}, status: {replicas: 3, readyReplicas: 3}}`,
			want{nil, Waiting, "3/1 ready, scaling down"}},
	})
}

func TestDaemonSet(t *testing.T) {
	checkSituations(t, DaemonSet, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DESIRED": "0", "NODE SELECTOR": "<none>", "SELECTOR": "<none>"},
			Quiet, "no node fits"}},
		{"well", `
spec: {selector: {matchLabels: {a: b}}, template: {spec: {nodeSelector: {os: linux, arch: arm64}}}}
status: {desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 2,
    numberAvailable: 2}`,
			want{map[string]string{"DESIRED": "2", "CURRENT": "2", "READY": "2", "UP-TO-DATE": "2", "AVAILABLE": "2",
				"NODE SELECTOR": "arch=arm64,os=linux", "SELECTOR": "a=b"}, OK, ""}},
		{"one node without", `{status: {desiredNumberScheduled: 2, numberReady: 1, updatedNumberScheduled: 2}}`,
			want{nil, Degraded, "1/2 ready"}},
		{"none", `{status: {desiredNumberScheduled: 2, updatedNumberScheduled: 2}}`, want{nil, Failing, "0/2 ready"}},
		{"rolling out", `{status: {desiredNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 1}}`,
			want{nil, Waiting, "2/2 ready, rolling out"}},
		{"old pods may stay", `{spec: {updateStrategy: {type: OnDelete}}, status: {desiredNumberScheduled: 2, numberReady: 2,
  updatedNumberScheduled: 1}}`, want{nil, OK, ""}},
	})
}

func TestJob(t *testing.T) {
	checkSituations(t, Job, []situation{
		{"nothing at all", `{}`, want{map[string]string{"STATUS": "Running", "COMPLETIONS": "0/1", "DURATION": "",
			"SELECTOR": "<none>"}, OK, ""}},
		{"running", `{spec: {completions: 3}, status: {startTime: "2026-11-23T11:58:30Z", succeeded: 1}}`,
			want{map[string]string{"STATUS": "Running", "COMPLETIONS": "1/3", "DURATION": "90s"}, OK, ""}},
		{"a work queue", `{spec: {parallelism: 4}}`, want{map[string]string{"COMPLETIONS": "0/1 of 4"}, OK, ""}},
		{"complete", `
spec: {completions: 1}
status: {startTime: "2026-11-23T11:00:00Z", completionTime: "2026-11-23T11:05:03Z", succeeded: 1,
    conditions: [{type: SuccessCriteriaMet, status: "True"}, {type: Complete, status: "True"}]}`,
			want{map[string]string{"STATUS": "Complete", "COMPLETIONS": "1/1", "DURATION": "5m3s"}, Quiet, ""}},
		{"failed", `
status: {startTime: "2026-11-23T11:00:00Z", failed: 7, conditions: [{type: FailureTarget, status: "True"},
    {type: Failed, status: "True", reason: BackoffLimitExceeded,
        message: Job has reached the specified backoff limit}]}`,
			want{map[string]string{"STATUS": "Failed", "DURATION": "60m"}, Failing,
				"BackoffLimitExceeded: Job has reached the specified backoff limit"}},
		{"trying again", `{status: {failed: 2}}`, want{map[string]string{"STATUS": "Running"}, Degraded, "2 failed pods"}},
		{"suspended", `{status: {conditions: [{type: Suspended, status: "True"}]}}`,
			want{map[string]string{"STATUS": "Suspended"}, Quiet, "Suspended"}},
		{"no longer suspended", `{status: {conditions: [{type: Suspended, status: "False"}]}}`,
			want{map[string]string{"STATUS": "Running"}, OK, ""}},
		{"terminating", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}}`,
			want{map[string]string{"STATUS": "Terminating"}, Waiting, "Terminating"}},
	})
}

func TestCronJob(t *testing.T) {
	checkSituations(t, CronJob, []situation{
		{"nothing at all", `{}`, want{map[string]string{"SCHEDULE": "", "TIMEZONE": "<none>", "SUSPEND": "False",
			"ACTIVE": "0", "LAST SCHEDULE": "<none>", "SELECTOR": "<none>"}, OK, ""}},
		{"well", `
spec: {schedule: "*/5 * * * *", timeZone: Europe/Berlin, suspend: false}
status: {lastScheduleTime: "2026-11-23T11:55:00Z", lastSuccessfulTime: "2026-11-23T11:55:10Z"}`,
			want{map[string]string{"SCHEDULE": "*/5 * * * *", "TIMEZONE": "Europe/Berlin", "SUSPEND": "False",
				"LAST SCHEDULE": "5m"}, OK, ""}},
		{"running", `{status: {active: [{name: a}], lastScheduleTime: "2026-11-23T11:55:00Z"}}`,
			want{map[string]string{"ACTIVE": "1"}, OK, ""}},
		{"the last run failed", `{status: {lastScheduleTime: "2026-11-23T11:55:00Z",
  lastSuccessfulTime: "2026-11-22T11:55:10Z"}}`, want{nil, Degraded, "last run did not succeed"}},
		{"suspended", `{spec: {suspend: true}, status: {lastScheduleTime: "2026-11-23T11:55:00Z"}}`,
			want{map[string]string{"SUSPEND": "True"}, Quiet, "suspended"}},
	})
}

func TestChildren(t *testing.T) {
	for _, c := range []struct {
		kind   *Kind
		object string
		want   []Child
	}{
		{Deployment, `{spec: {selector: {matchLabels: {app: web}}}}`,
			[]Child{{replicaSets, true, "app=web", ""}, {pods, true, "app=web", ""}}},
		{ReplicaSet, `{spec: {selector: {matchLabels: {app: web}}}}`, []Child{{pods, true, "app=web", ""}}},
		{StatefulSet, `{spec: {selector: {matchLabels: {app: web}}}}`, []Child{{pods, true, "app=web", ""}}},
		{DaemonSet, `{spec: {selector: {matchExpressions: [{key: app, operator: Exists}]}}}`,
			[]Child{{pods, true, "app", ""}}},
		{Job, `{spec: {selector: {matchLabels: {uid: x}}}}`, []Child{{pods, true, "uid=x", ""}}},
		{CronJob, `{}`, []Child{{jobs, true, "", ""}, {pods, true, "", ""}}},
		{Service, `{metadata: {name: web}, spec: {selector: {b: "2", a: "1"}}}`,
			[]Child{{endpointSlices, false, "kubernetes.io/service-name=web", ""}, {pods, false, "a=1,b=2", ""}}},
		{Service, `{metadata: {name: web}}`, []Child{{endpointSlices, false, "kubernetes.io/service-name=web", ""}}},
		{Node, `{metadata: {name: worker-1}}`, []Child{{pods, false, "", "spec.nodeName=worker-1"}}},
		{Namespace, `{metadata: {name: shop}}`, nil},
		{Pod, `{metadata: {name: web}}`, nil},
	} {
		got := c.kind.Details(parse(t, c.kind, c.object)).Children
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.kind.Kind, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", c.kind.Kind, got[i], c.want[i])
			}
		}
	}
}

func TestDurationsSort(t *testing.T) {
	running, _ := row(t, Job, parse(t, Job, `{status: {startTime: "2026-11-23T11:58:30Z"}}`))
	ended, _ := row(t, Job, parse(t, Job, `{status: {startTime: "2026-11-23T11:00:00Z",
  completionTime: "2026-11-23T11:10:00Z"}}`))
	waiting, _ := row(t, Job, parse(t, Job, `{}`))
	at := Job.Column("DURATION")
	if ended.Cells[at].Compare(running.Cells[at]) >= 0 || running.Cells[at].Compare(waiting.Cells[at]) >= 0 {
		t.Error("durations do not sort as ended, growing, none")
	}
	if got := ended.Cells[at].Format(now, duration.HumanDuration); got != "10m" {
		t.Errorf("got %q", got)
	}
}

func TestReplicationController(t *testing.T) {
	checkSituations(t, ReplicationController, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DESIRED": "1", "CURRENT": "0", "READY": "0", "CONTAINERS": "",
			"SELECTOR": "<none>"}, Waiting, "0/1 ready"}},
		{"switched off", `{spec: {replicas: 0}}`, want{map[string]string{"DESIRED": "0"}, Quiet, ""}},
		{"not all ready", `{spec: {replicas: 2, selector: {a: b}}, status: {replicas: 2, readyReplicas: 1}}`,
			want{map[string]string{"CURRENT": "2", "READY": "1", "SELECTOR": "a=b"}, Degraded, "1/2 ready"}},
		{"cannot make pods", `{status: {conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate,
  message: exceeded quota}]}}`, want{nil, Failing, "FailedCreate: exceeded quota"}},
	})
}

func TestPodTemplate(t *testing.T) {
	checkSituations(t, PodTemplate, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CONTAINERS": "", "IMAGES": "", "POD LABELS": "<none>"}, Quiet, ""}},
		{"of two containers", `{template: {metadata: {labels: {b: "2", a: "1"}},
  spec: {containers: [{name: app, image: i}, {name: log, image: j}]}}}`,
			want{map[string]string{"CONTAINERS": "app,log", "IMAGES": "i,j", "POD LABELS": "a=1,b=2"}, Quiet, ""}},
	})
}

func TestControllerRevision(t *testing.T) {
	checkSituations(t, ControllerRevision, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CONTROLLER": "<none>", "REVISION": "0"}, Quiet, ""}},
		{"an owner that is not its controller", `{metadata: {ownerReferences: [{kind: StatefulSet, name: db}]}}`,
			want{map[string]string{"CONTROLLER": "<none>"}, Quiet, ""}},
		{"its controller", `{revision: 2, metadata: {ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db,
  controller: true}]}}`, want{map[string]string{"CONTROLLER": "statefulset.apps/db", "REVISION": "2"}, Quiet, ""}},
	})
}
