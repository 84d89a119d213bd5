package triage

import (
	"strings"
	"testing"
)

func TestWorkloads(t *testing.T) {
	rolling := strings.Replace(strings.Replace(deployment("web", 3, 2), "updatedReplicas: 3", "updatedReplicas: 1", 1),
		`status: "True", reason: NewReplicaSetAvailable`, `status: "True", reason: ReplicaSetUpdated`, 1)
	stuck := strings.Replace(rolling, `status: "True", reason: ReplicaSetUpdated`,
		`status: "False", reason: ProgressDeadlineExceeded, lastTransitionTime: @-8m`, 1)
	failed := condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit", "@-4m")
	late := condition("Failed", "True", "DeadlineExceeded", "Job was active longer than specified deadline", "@-4m")
	done := condition("Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods", "@-4m")
	cron := func(more string) string {
		return `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop, creationTimestamp: @-24h}
spec: {schedule: "*/5 * * * *", ` + more + `jobTemplate: {spec: {template: {spec: {containers: [{name: app, image: a}]}}}}}
status: {lastScheduleTime: @-2m, lastSuccessfulTime: @-24h}
`
	}
	checkAll(t, []situation{
		{"a rolling update", []string{rolling}, ``},
		{"a rollout past its deadline", []string{stuck}, `
			degraded deployment shop/web: ProgressDeadlineExceeded: 2/3 ready (since -8m0s)`},
		{"paused with a change", []string{strings.Replace(rolling, "replicas: 3\n", "replicas: 3\n  paused: true\n", 1)}, `
			waiting deployment shop/web: paused: its template has changed, and 1 of 3 pods are updated (since ?)`},
		{"paused without one", []string{strings.Replace(deployment("web", 3, 3), "replicas: 3\n",
			"replicas: 3\n  paused: true\n", 1)}, ``},
		{"scaled to zero", []string{deployment("web", 0, 0), service("web"), slice("web")}, ``},
		{"scaled to zero behind a route", []string{deployment("web", 0, 0), service("web"), slice("web"),
			ingress("web", 80)}, `
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since ?)
			  ingress shop/shop
			  service shop/web`},
		{"a Job that failed", []string{job("report", "", failed)}, `
			failing job shop/report: BackoffLimitExceeded: Job has reached the specified backoff limit (since -4m0s)`},
		{"a Job past its deadline", []string{job("report", "", late)}, `
			failing job shop/report: DeadlineExceeded: Job was active longer than specified deadline (since -4m0s)`},
		{"a Job that is done", []string{job("report", "", done)}, ``},
		{"a Job that is done after a failure", []string{job("report", "", done),
			pod("report-a", "Job/report", `{phase: Failed, containerStatuses: [{name: app, restartCount: 0, ready: false,
      state: {terminated: {exitCode: 1, reason: Error}}}]}`)}, ``},
		{"a CronJob whose Jobs fail", []string{cron(""), job("report-1", "report", failed),
			job("report-2", "report", late)}, `
			failing cronjob shop/report: BackoffLimitExceeded: Job has reached the specified backoff limit (since -4m0s)
			  job shop/report-1
			  job shop/report-2`},
		{"a CronJob between runs", []string{cron(""), job("report-1", "report", done)}, ``},
		{"a CronJob that missed its time", []string{strings.Replace(cron(""), "lastScheduleTime: @-2m",
			"lastScheduleTime: @-20m", 1)}, `
			degraded cronjob shop/report: missed its time: it should have run at 2026-11-30T11:45:00Z (since -15m0s)`},
		{"a CronJob whose last run is not over", []string{strings.Replace(cron("concurrencyPolicy: Forbid, "),
			"lastScheduleTime: @-2m", "active: [{name: report-1}], lastScheduleTime: @-20m", 1)}, `
			waiting cronjob shop/report: missed its time: it should have run at 2026-11-30T11:45:00Z; job report-1 still runs (concurrencyPolicy Forbid) (since -15m0s)`},
		{"a CronJob whose time never comes", []string{strings.Replace(cron(""), "*/5 * * * *", "0 0 31 2 *", 1)}, `
			notice cronjob shop/report: its schedule 0 0 31 2 * never comes (since ?)`},
		{"a CronJob that is suspended", []string{cron("suspend: true, ")}, `
			notice cronjob shop/report: suspended: it starts no Jobs (since ?)`},
		{"refused by a LimitRange", []string{deployment("web", 2, 0, condition("ReplicaFailure", "True", "FailedCreate",
			`pods "web-1-x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi`, "@-3m"))}, `
			failing deployment shop/web: 0/2 ready: FailedCreate: pods are forbidden: maximum memory usage per Container ` +
			`is 1Gi, but limit is 2Gi (since -3m0s)`},
		{"a StatefulSet whose pods are refused", []string{database(2, 0, 0),
			warns("StatefulSet db", "FailedCreate",
				`create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: error looking up service account `+
					`shop/db: serviceaccount "db" not found`)}, `
			failing statefulset shop/db: 0/2 ready: FailedCreate: create Pod db-0 in StatefulSet db failed error: pods "db-0" ` +
			`is forbidden: error looking up service account shop/db: serviceaccount "db" not found (at least 3m0s)`},
	})
}

// TestRefusedJobs holds that a CronJob is blamed whose Jobs can make no pods: its template is what
// somebody mends.
func TestRefusedJobs(t *testing.T) {
	begun := func(name, status string) string {
		return strings.Replace(job(name, "report"), "status: {", "status: {startTime: @-7m, "+status, 1)
	}
	refused := func(name string) string {
		return warns("Job "+name, "FailedCreate", `Error creating: pods "`+name+`-" is forbidden: error looking up `+
			`service account shop/gone: serviceaccount "gone" not found`)
	}
	const says = "FailedCreate: pods are forbidden: error looking up service account shop/gone: " +
		`serviceaccount "gone" not found`
	checkAll(t, []situation{
		{"of a CronJob", []string{nightly("", "@-2m"), begun("report-1", ""), begun("report-2", ""), refused("report-1"),
			refused("report-2")}, `
			degraded cronjob shop/report: ` + says + ` (since -7m0s)
			  job shop/report-1
			  job shop/report-2`},
		{"of a CronJob that waits for the first", []string{strings.Replace(nightly(
			"concurrencyPolicy: Forbid, ", "@-7m"), "status: {", "status: {active: [{name: report-1}], ", 1),
			begun("report-1", ""), refused("report-1")}, `
			degraded cronjob shop/report: ` + says + ` (since -7m0s)
			  job shop/report-1`},
		{"of nobody", []string{begun("report-1", ""), refused("report-1")}, `
			degraded job shop/report-1: ` + says + ` (since -7m0s)`},
		{"after a pod", []string{nightly("", "@-2m"), begun("report-1", "failed: 1, "), refused("report-1")}, `
			degraded cronjob shop/report: ` + says + ` (at least 3m0s)
			  job shop/report-1`},
		{"not refused", []string{nightly("", "@-2m"), begun("report-1", "")}, ``},
	})
}

func TestScheduling(t *testing.T) {
	web := []string{deployment("web", 1, 0), replicas("web", 1)}
	with := func(more ...string) []string { return append(web[:2:2], more...) }
	checkAll(t, []situation{
		{"no room", with(node("n1", nodeWell), unscheduledPod("web-1-a", "ReplicaSet/web-1",
			"0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found.")), `
			failing deployment shop/web: 0/1 ready: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu (since -4m0s)
			  pod shop/web-1-a`},
		{"gated", []string{strings.Replace(pod("a", "", `{phase: Pending, conditions: [{type: PodScheduled, status: "False",
    reason: SchedulingGated, message: Scheduling is blocked due to non-empty scheduling gates}]}`), ", nodeName: n1", "", 1)}, `
			notice pod shop/a: SchedulingGated: Scheduling is blocked due to non-empty scheduling gates (since -1h0m0s)`},
		{"no scheduler", []string{strings.Replace(pod("a", "", `{phase: Pending}`), ", nodeName: n1", "", 1)}, `
			waiting pod shop/a: Pending: no scheduler has looked at it (since -1h0m0s)`},
		{"cordoned, and nobody waits", []string{node("n1", nodeWell, "unschedulable: true")}, ``},
		{"cordoned, and a pod waits", with(node("n1", nodeWell, "unschedulable: true"),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/1 nodes are available: 1 node(s) were unschedulable. "+
				"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")), `
			failing node n1: SchedulingDisabled: it is cordoned, and pod shop/web-1-a waits for a node (since ?)
			  deployment shop/web
			  pod shop/web-1-a`},
		{"no room but on a cordoned node", with(node("n1", nodeWell, "unschedulable: true"), node("n2", nodeWell),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/2 nodes are available: 1 Insufficient cpu, "+
				"1 node(s) were unschedulable.")), `
			failing deployment shop/web: 0/1 ready: Unschedulable: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable (since -4m0s)
			  pod shop/web-1-a
			waiting node n1: SchedulingDisabled: it is cordoned, and pod shop/web-1-a waits for a node (since ?)`},
		{"the only node for it is down", with(node("n1", condition("Ready", "Unknown", "NodeStatusUnknown",
			"Kubelet stopped posting node status.", "@-6m"), "taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]"),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/1 nodes are available: 1 node(s) had untolerated taint(s).")), `
			failing node n1: NotReady: Kubelet stopped posting node status. (since -6m0s)
			  deployment shop/web
			  pod shop/web-1-a`},
		{"back from a drain", []string{node("n1", nodeWell)}, ``},
		{"under pressure", []string{node("n1", nodeWell+", "+condition("DiskPressure", "True", "KubeletHasDiskPressure",
			"kubelet has disk pressure", "@-2m"))}, `
			degraded node n1: DiskPressure: kubelet has disk pressure (since -2m0s)`},
	})
}

// TestSilence holds that what is on its way, or as somebody wants it, is nobody's trouble.
func TestSilence(t *testing.T) {
	checkAll(t, []situation{
		{"nothing at all", nil, ``},
		{"all is well", []string{node("n1", nodeWell), deployment("web", 1, 1), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", well), service("web"), slice("web", "web-1-a ready"),
			ingress("web", 80)}, ``},
		{"a pod in its first seconds", []string{deployment("web", 1, 0), replicas("web", 1),
			strings.ReplaceAll(strings.ReplaceAll(pod("web-1-a", "ReplicaSet/web-1", starting("", appWait)), "@-1h", "@-2s"),
				"@-10m", "@-2s")}, ``},
		{"a pod that only a finalizer keeps", []string{strings.Replace(pod("a", "", "{phase: Succeeded}"), "namespace: shop,",
			"namespace: shop, finalizers: [shop.test/hold], deletionTimestamp: @-20s, deletionGracePeriodSeconds: 0,", 1)}, `
			waiting pod shop/a: Terminating: finalizer shop.test/hold (since -20s, settling)`},
		{"a pod that a finalizer keeps for a moment", []string{strings.Replace(pod("a", "", "{phase: Succeeded}"),
			"namespace: shop,", "namespace: shop, finalizers: [batch.kubernetes.io/job-tracking], "+
				"deletionTimestamp: @-2s, deletionGracePeriodSeconds: 0,", 1)}, ``},
		{"a pod that ends in time", []string{strings.Replace(pod("a", "", well), "namespace: shop,",
			"namespace: shop, deletionTimestamp: @+20s, deletionGracePeriodSeconds: 30,", 1)}, ``},
		{"an autoscaler at its minimum", []string{deployment("web", 2, 2), hpa(condition("ScalingLimited", "True",
			"TooFewReplicas", "the desired replica count is less than the minimum replica count", "@-3h"))}, ``},
		{"an autoscaler of what is scaled to zero", []string{deployment("web", 0, 0), hpa(condition("ScalingActive",
			"False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero", "@-3h"))}, ``},
		{"a volume that was released", []string{`
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {persistentVolumeReclaimPolicy: Retain, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}
status: {phase: Released}
`}, ``},
		{"a claim that waits for its first pod", []string{claim("data", "late", "Pending"),
			storageClass("late", "WaitForFirstConsumer")}, ``},
		{"a claim of a second ago", []string{strings.ReplaceAll(claim("data", "fast", "Pending"), "@-5m", "@-1s"),
			storageClass("fast", "Immediate")}, ``},
		{"a Service without a selector", []string{service("web", "selector: null")}, ``},
		{"a Service of an external name", []string{service("web", "selector: {}", "type: ExternalName",
			"externalName: db.test")}, ``},
	})
}

// TestPausedWithoutAChange says of a pause no more than is known: nothing has changed.
func TestPausedWithoutAChange(t *testing.T) {
	short := strings.NewReplacer("replicas: 3\n", "replicas: 3\n  paused: true\n", "updatedReplicas: 3",
		"updatedReplicas: 2", " replicas: 3,", " replicas: 2,").Replace(deployment("web", 3, 2))
	checkAll(t, []situation{
		{"paused since it was created", []string{`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, creationTimestamp: @-5m, generation: 1}
spec: {replicas: 1, paused: true, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},
  spec: {containers: [{name: app, image: a}]}}}
status: {observedGeneration: 1}
`}, `
			waiting deployment shop/web: paused since it was created: no pod has been started (since ?)`},
		{"paused, and short for another reason", []string{short}, `
			waiting deployment shop/web: paused, and 2 of 3 pods are there (since ?)`},
	})
}

// TestFailedJobs holds that a Job which has failed too often says how its last pod ended, and its CronJob the
// same of the last of its Jobs.
func TestFailedJobs(t *testing.T) {
	failed := func(reason string) string { return condition("Failed", "True", reason, "Job has failed", "@-4m") }
	ended := func(name, of, container, code, at string) string {
		return pod(name, "Job/"+of, `{phase: Failed, `+container+`: [{name: app, restartCount: 0, ready: false,
      state: {terminated: {exitCode: `+code+`, reason: Error, startedAt: @-9m, finishedAt: `+at+`}}}]}`,
			"initContainers: [{name: app, image: a}]")
	}
	app := func(name, of, code, at string) string { return ended(name, of, "containerStatuses", code, at) }
	cron := `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop, creationTimestamp: @-24h}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {containers: [{name: app, image: a}]}}}}}
status: {lastScheduleTime: @-9h}
`
	const own = "\n\t\t\tfailing job shop/import: %s (since -4m0s)"
	say := func(text string, pods ...string) string {
		text = strings.Replace(own, "%s", text, 1)
		for _, p := range pods {
			text += "\n\t\t\t  pod shop/" + p
		}
		return text
	}
	checkAll(t, []situation{
		{"one pod", []string{job("import", "", failed("BackoffLimitExceeded")), app("import-a", "import", "7", "@-5m")},
			say("app Error, exit 7 (BackoffLimitExceeded)", "import-a")},
		{"the last of several pods", []string{job("import", "", failed("BackoffLimitExceeded")),
			app("import-a", "import", "7", "@-5m"), app("import-b", "import", "1", "@-6m"),
			app("import-c", "import", "2", "@-7m")},
			say("app Error, exit 7 (BackoffLimitExceeded)", "import-a", "import-b", "import-c")},
		{"an init container", []string{job("import", "", failed("BackoffLimitExceeded")),
			ended("import-a", "import", "initContainerStatuses", "7", "@-5m")},
			say("init container app Error, exit 7 (BackoffLimitExceeded)", "import-a")},
		{"its indexes", []string{job("import", "", failed("FailedIndexes")), app("import-a", "import", "7", "@-5m")},
			say("app Error, exit 7 (FailedIndexes)", "import-a")},
		{"the pods are gone", []string{job("import", "", failed("BackoffLimitExceeded"))},
			say("BackoffLimitExceeded: Job has failed")},
		{"the deadline ended the pod", []string{job("import", "", failed("DeadlineExceeded")),
			app("import-a", "import", "143", "@-4m")}, say("DeadlineExceeded: Job has failed", "import-a")},
		{"a pod that ended well", []string{job("import", "", failed("BackoffLimitExceeded")),
			app("import-a", "import", "0", "@-5m")}, say("BackoffLimitExceeded: Job has failed")},
		{"a pod of another Job", []string{job("import", "", failed("BackoffLimitExceeded")), job("export", ""),
			app("export-a", "export", "7", "@-5m")}, say("BackoffLimitExceeded: Job has failed")},
		{"the last Job of a CronJob", []string{cron,
			job("n-1", "nightly", changed(failed("BackoffLimitExceeded"), "@-4m", "@-34m")), app("n-1-a", "n-1", "1", "@-35m"),
			job("n-2", "nightly", failed("BackoffLimitExceeded")), app("n-2-a", "n-2", "7", "@-5m")}, `
			failing cronjob shop/nightly: app Error, exit 7 (BackoffLimitExceeded) (since -34m0s)
			  job shop/n-1
			  job shop/n-2
			  pod shop/n-1-a
			  pod shop/n-2-a`},
		{"a CronJob of whose Jobs one runs", []string{cron, job("n-2", "nightly"), app("n-2-a", "n-2", "7", "@-5m")}, ``},
	})
}
