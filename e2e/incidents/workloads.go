package main

import "strings"

// rolling is the app with a rollout that keeps the old pods until the new ones are ready.
var rolling = strings.Replace(app, "  strategy: {type: Recreate}\n",
	"  progressDeadlineSeconds: 5\n  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n", 1)

var workloads = []Scenario{
	{
		Name: "rollout stuck while the old pods serve", Short: true, Base: rolling,
		Inject: container(`image: "localhost:5999/shop/web:2.0.1"`),
		Sign:   condition("Deployment web", "Progressing", "False", `ProgressDeadlineExceeded`),
		Roots: []Root{{Is: "Deployment web", Reason: `(?i)ProgressDeadlineExceeded|pull`, Folds: "Pod app=web",
			Severity: "degraded"}},
	},
	{
		Name: "new pods crash while the old ones serve", Base: rolling,
		Inject: container(`args: [--exit-after=200ms, --exit-code=3]`),
		Sign:   state("app=web", `^Error 3`),
		Roots:  []Root{{Is: "Deployment web", Reason: `\b3\b`, Folds: "Pod app=web", Severity: "degraded"}},
	},
	{
		Name: "StatefulSet blocked by its first pod", Base: database,
		Inject: steps(patch("StatefulSet db", `{spec: {template: {spec: {containers: [{name: db,
				args: [--serve=:5432, --ready-after=-1s]}]}}}}`), killPods("app=db")),
		Repair: steps(put, killPods("app=db")),
		Sign:   pod("app=db", "Ready", "False", `containers with unready status`), Grace: 10 * second,
		Roots: []Root{{Is: "StatefulSet db", Reason: `(?i)db-\d|readiness|not ready|\d/3`, Folds: "Pod app=db",
			MayFold: "Service db"}},
	},
	{
		Name: "Job gave up", Inject: add(job("--exit-after=100ms, --exit-code=2")),
		Sign:  condition("Job report", "Failed", "True", `BackoffLimitExceeded`),
		Roots: []Root{{Is: "Job report", Reason: `BackoffLimitExceeded|\b2\b`, MayFold: "Pod app=report"}},
	},
	{
		Name: "Job past its deadline", Inject: add(strings.Replace(job("--serve=:8080"), "backoffLimit: 0",
			"activeDeadlineSeconds: 2", 1)),
		Sign:  condition("Job report", "Failed", "True", `DeadlineExceeded`),
		Roots: []Root{{Is: "Job report", Reason: `DeadlineExceeded`, MayFold: "Pod app=report"}},
	},
	{
		Name: "CronJob that always fails", Limit: 90 * second,
		Inject: add(cronJob("nightly", "* * * * *", "--exit-after=100ms, --exit-code=2")),
		Sign:   event(`BackoffLimitExceeded`),
		Roots: []Root{{Is: "CronJob nightly", Reason: `BackoffLimitExceeded|\b2\b|(?i)fail`,
			MayFold: "Pod app=nightly, Job *"}},
	},
	{
		Name: "HPA without a target", Inject: add(hpa("ghost")),
		Sign:  condition("HorizontalPodAutoscaler ghost", "AbleToScale", "False", `FailedGetScale`),
		Roots: []Root{{Is: "HorizontalPodAutoscaler ghost", Reason: `"ghost" not found|FailedGetScale`}},
	},
	{
		Name: "HPA that can read no metrics", Inject: steps(patch("Deployment web",
			`{spec: {template: {spec: {containers: [{name: app,
				resources: {$patch: replace, limits: {memory: 64Mi}}}]}}}}`), add(hpa("web"))),
		Sign:  condition("HorizontalPodAutoscaler web", "ScalingActive", "False", `FailedGetResourceMetric`),
		Roots: []Root{{Is: "HorizontalPodAutoscaler web", Reason: `FailedGetResourceMetric|missing request for cpu`}},
	},
	{
		Name: "paused with a change waiting", Inject: patch("Deployment web", `{spec: {paused: true, template: {metadata: {annotations: {v: "2"}}}}}`),
		Sign:  condition("Deployment web", "Progressing", "Unknown", `DeploymentPaused`),
		Roots: []Root{{Is: "Deployment web", Reason: `(?i)paused`, Severity: "notice"}},
	},
	{
		Name: "scaled to 0 behind an Ingress", Inject: scale("Deployment web", 0),
		Sign:  noEndpoints("web"),
		Roots: []Root{{Is: "Deployment web", Reason: `(?i)\b0\b|zero|no replicas`, Folds: "Service web, Ingress web"}},
	},
	{
		Name: "DaemonSet whose pod crashes", Inject: add(`
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers: [{name: agent, image: "fathom.test/workload:1", args: [--exit-after=100ms, --exit-code=9]}]
`),
		Sign:  state("app=agent", `^Error 9`),
		Roots: []Root{{Is: "DaemonSet agent", Reason: `\b9\b`, Folds: "Pod app=agent"}},
	},
	{
		Name: "two workloads select the same pods", Inject: add(strings.NewReplacer("name: web2, labels: {app: web2}",
			"name: web2").Replace(
			strings.Replace(strings.ReplaceAll(another("web2"), "{app: web2}", "{app: web}"), "replicas: 1", "replicas: 1", 1))),
		Sign:  field("Deployment web2", "1", "status", "availableReplicas"),
		Roots: []Root{{Is: "Deployment web2, Deployment web", Reason: `(?i)select`, Severity: "notice"}},
		Why:   "the selectors overlap: neither is the one to change",
	},
}

const database = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: db
        image: fathom.test/workload:1
        args: [--serve=:5432]
        ports: [{name: sql, containerPort: 5432}]
        readinessProbe: {httpGet: {path: /readyz, port: sql}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432, targetPort: sql}]}
`

// job is the Job report, without a second chance.
func job(args string) string {
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: report}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {app: report}}
    spec:
      restartPolicy: Never
      containers: [{name: app, image: "fathom.test/workload:1", args: [` + args + `]}]
`
}

func cronJob(name, schedule, args string) string {
	return `
apiVersion: batch/v1
kind: CronJob
metadata: {name: ` + name + `}
spec:
  schedule: "` + schedule + `"
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        metadata: {labels: {app: ` + name + `}}
        spec:
          restartPolicy: Never
          containers: [{name: app, image: "fathom.test/workload:1", args: [` + args + `]}]
`
}

// hpa scales the Deployment of its name.
func hpa(name string) string {
	return `
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ` + name + `}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ` + name + `}
  minReplicas: 2
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 95}}}]
`
}
