package main

import "strings"

// seldom is what breaks seldom, or hurts little.
var seldom = []Scenario{
	{
		Name:   "an init container's image is not there",
		Inject: template(`initContainers: [{name: migrate, image: "localhost:5999/shop/migrate:9"}]`),
		Sign:   state("app=web", `^(ErrImagePull|ImagePullBackOff).*connection refused`),
		Roots:  web(`migrate.*connection refused`),
	},
	{
		Name: "a command that may not be run", Inject: container(`command: [/]`),
		Sign: state("app=web", `^(RunContainerError|StartError)`), Roots: web(`(?i)permission denied|is a directory`),
	},
	{
		Name: "a container that ends well, again and again", Inject: container(`args: [--exit-after=200ms]`),
		Sign: state("app=web", `^(Completed|CrashLoopBackOff)`), Roots: web(`(?i)completed`),
	},
	{
		Name: "a ConfigMap of a volume missing", Inject: template(`volumes: [{name: conf, configMap: {name: web-conf}}], containers: [
				{name: app, volumeMounts: [{name: conf, mountPath: /conf}]}]`),
		Sign: event(`FailedMount: .*configmap "web-conf" not found`), Roots: web(`configmap "web-conf" not found`),
	},
	{
		Name: "a host path that is not a directory", Inject: template(`volumes: [{name: disk, hostPath: {path: /etc/hostname,
				type: Directory}}], containers: [{name: app, volumeMounts: [{name: disk, mountPath: /disk}]}]`),
		Sign: event(`FailedMount: .*hostPath type check failed`), Roots: web(`hostPath type check failed`),
	},
	{
		Name: "pods want to be beside others that are not there", Inject: template(`affinity: {podAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname,
				labelSelector: {matchLabels: {app: ghost}}}]}}`),
		Sign: pod("app=web", "PodScheduled", "False", `pod affinity`), Roots: web(`pod affinity`),
	},
	{
		Name: "a runtime class that is not there", Inject: template(`runtimeClassName: gvisor`),
		Sign:  condition("Deployment web", "ReplicaFailure", "True", `RuntimeClass "gvisor" not found`),
		Roots: refused(`RuntimeClass "gvisor" not found`),
	},
	{
		Name: "a quota wants limits that pods do not have", Inject: steps(add(`
apiVersion: v1
kind: ResourceQuota
metadata: {name: limits}
spec: {hard: {limits.cpu: "4"}}
`), pause(second), restart("Deployment web")),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `must specify limits.cpu`),
		Roots: []Root{{Is: "ResourceQuota limits, Deployment web", Reason: `must specify limits.cpu`,
			Folds: "Service web, Ingress web", MayFold: "Deployment web"}},
		Why: "the pods could have limits, or the quota ask for none",
	},
	{
		Name: "a webhook denies", Inject: steps(denies, pause(second), restart("Deployment web")),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `denied the request`),
		Roots: []Root{{Is: "Deployment web, ValidatingWebhookConfiguration {ns}",
			Reason: `denied the request: pods need an owner`, Folds: "Service web, Ingress web", MayFold: "Deployment web"}},
		Why: "the webhook does what it is for: the pods or the webhook may be changed",
	},
	{
		Name: "a webhook that may fail is dead", Inject: add(webhook("Ignore")), Sign: atOnce,
		Roots: []Root{{Is: "ValidatingWebhookConfiguration {ns}", Reason: `service "guard" not found`, Severity: "notice"}},
	},
	{
		Name: "nobody approves a signing request", Inject: signingRequest, Sign: atOnce, Grace: 15 * second,
		Roots: []Root{{Is: "CertificateSigningRequest {ns}", Reason: `(?i)pending|approve`}},
	},
	{
		Name: "a readiness gate that nobody opens", Inject: template(`readinessGates: [{conditionType: fathom.test/open}]`),
		Sign: pod("app=web", "Ready", "False", `ReadinessGatesNotReady`), Grace: 15 * second,
		Roots: web(`ReadinessGatesNotReady|fathom.test/open`),
	},
	{
		Name: "a scheduling gate", Inject: template(`schedulingGates: [{name: fathom.test/wait}]`),
		Sign:  pod("app=web", "PodScheduled", "False", `SchedulingGated`),
		Roots: []Root{{Is: "Deployment web", Reason: `(?i)gate`, MayFold: down, Severity: "notice"}},
	},
	{
		Name: "a Secret is deleted, and the pods run on", Base: withSecret, Inject: remove("Secret db"), Sign: atOnce,
		Roots: []Root{{Is: "Deployment web", Reason: `secret "db" not found`, Severity: "notice"}},
	},
	{
		Name: "the Deployment behind a Service is deleted", Inject: steps(remove("Deployment web"), killPods("app=web")),
		Sign:  noEndpoints("web"),
		Roots: []Root{{Is: "Service web", Reason: `(?i)no pod matches`, Folds: "Ingress web"}},
	},
	{
		Name: "an alias of a Service that is not there", Inject: add(`
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {type: ExternalName, externalName: "pg.{ns}.svc.cluster.local"}
`), Sign: atOnce,
		Roots: []Root{{Is: "Service db", Reason: `service "pg" not found`}},
	},
	{
		Name: "a Service also selects pods without its port", Inject: add(strings.NewReplacer(
			"matchLabels: {app: admin}", "matchLabels: {app: web, part: admin}", "{labels: {app: admin}}",
			"{labels: {app: web, part: admin}}",
			"name: http", "name: adm", "port: http", "port: adm").Replace(another("admin"))),
		Sign:  field("Deployment admin", "1", "status", "availableReplicas"),
		Roots: []Root{{Is: "Service web", Reason: `deployment (incident[^/]*/)?admin`}},
		Also:  "Deployment admin, Deployment web",
	},
	{
		Name:   "a StatefulSet without its Service",
		Inject: add(strings.Split(strings.Replace(database, "replicas: 3", "replicas: 1", 1), "---")[0]),
		Sign:   field("StatefulSet db", "1", "status", "readyReplicas"),
		Roots: []Root{{Is: "StatefulSet db", Reason: `service (incident[^/]*/)?db.*does not exist|not found`,
			Severity: "notice"}},
	},
	{
		Name: "a drain that a budget blocks", Prepare: node("lost-6"), Base: far + budget,
		Inject: patch("Node lost-6", `{spec: {unschedulable: true}}`), Sign: atOnce, Grace: 5 * second,
		Roots: []Root{{Is: "PodDisruptionBudget web, Node lost-6", Reason: `(?i)disruption`}},
		Why:   "the budget may be changed or the node put back",
	},
	{
		Name: "a Job whose pods are refused", Base: app + quota("2"), Inject: add(job("--exit-after=1s")),
		Sign:  event(`FailedCreate: .*exceeded quota`),
		Roots: []Root{{Is: "Job report, ResourceQuota pods", Reason: `exceeded quota|quota exceeded`, MayFold: "Job report"}},
		Why:   "the Job or the quota may be changed",
	},
	{
		Name: "a quota that is nearly used up", Base: app, Inject: add(quota("2")),
		Sign:  field("ResourceQuota pods", "2", "status", "used", "pods"),
		Roots: []Root{{Is: "ResourceQuota pods", Reason: `pods.*2/2|pods`, Severity: "notice"}},
	},
	{
		Name: "etcd is stopped", Whole: true, Inject: stop("etcd"), Sign: notReady("etcd"), Grace: 20 * second,
		Roots:  []Root{{Is: "* kube-apiserver", Reason: `etcd`, MayFold: "*"}},
		Repair: steps(put, pause(10*second)),
	},
}

const budget = `
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
`
