package main

import "strings"

// two is the app, and a Deployment that has nothing to do with it.
var two = app + another("api")

// api changes the container of the other Deployment.
func api(fields string) Step {
	return patch("Deployment api", "{spec: {template: {spec: {containers: [{name: app, "+fields+"}]}}}}")
}

// pairs are two faults at the same time that have nothing to do with each other: both have to be on top.
var pairs = []Scenario{
	{
		Name: "a crash loop, and a missing ConfigMap", Base: two, Short: true,
		Inject: steps(container(`args: [--exit-after=200ms, --exit-code=3]`), api(`envFrom: [{configMapRef: {name: api}}]`)),
		Sign:   both(state("app=web", `^Error 3`), state("app=api", `^CreateContainerConfigError`)),
		Roots: []Root{web(`\b3\b`)[0], {Is: "Deployment api", Reason: `configmap "api" not found`,
			Folds: "Pod app=api", MayFold: "Pod app=api"}},
	},
	{
		Name: "a wrong selector, and a pod without memory", Base: two,
		Inject: steps(patch("Service web", `{spec: {selector: {app: webb}}}`),
			api(`args: [--serve=:8080, --eat=64, --eat-every=1ms], resources: {limits: {memory: 24Mi}}`)),
		Sign: both(noEndpoints("web"), state("app=api", `^OOMKilled`)),
		Roots: []Root{{Is: "Service web", Reason: `(?i)select|no pod`, Folds: "Ingress web"},
			{Is: "Deployment api", Reason: `OOMKilled`, Folds: "Pod app=api"}},
	},
	{
		Name: "a missing storage class, and a missing image", Base: app,
		Inject: steps(add(claim("fast")+claimant), container(`image: "localhost:5999/shop/web:2.0.1"`)),
		Sign: both(event(`storageclass.storage.k8s.io "fast" not found`), state("app=web",
			`^(ErrImagePull|ImagePullBackOff)`)),
		Roots: []Root{web(`connection refused|(?i)pull`)[0], {Is: "PersistentVolumeClaim data",
			Reason: `storageclass.storage.k8s.io "fast" not found`, Folds: "Deployment store, Pod app=store"}},
	},
	{
		Name: "a used up quota, and a failed Job", Base: app + quota("3"),
		Inject: steps(add(job("--exit-after=100ms, --exit-code=2")),
			showing(condition("Job report", "Failed", "True", ``)), scale("Deployment web", 6)),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `exceeded quota`),
		Roots: []Root{{Is: "Deployment web, ResourceQuota pods", Reason: `(?i)exceeded quota|pods`,
			MayFold: "Deployment web"},
			{Is: "Job report", Reason: `BackoffLimitExceeded|\b2\b`, MayFold: "Pod app=report"}},
		Why: "one workload wants more than the quota has: either may be changed",
	},
	{
		Name: "a lost node, and a release that does not fit", Prepare: node("lost-5"), Limit: 2 * minute,
		Base:   strings.ReplaceAll(far, "web", "edge") + "---" + app,
		Inject: steps(container(`resources: {requests: {cpu: "400"}}`), kill("lost-5")),
		Sign: both(pod("app=web", "PodScheduled", "False", `Insufficient cpu`),
			condition("Node lost-5", "Ready", "Unknown", ``)), Hold: 3 * second,
		Roots: []Root{web(`Insufficient cpu`)[0], {Is: "Node lost-5", Reason: `Kubelet stopped posting|NodeStatusUnknown`,
			Folds: "Deployment edge, Pod app=edge, Service edge, Ingress edge"}},
	},
	{
		Name: "a stopped metrics API, and a crash loop", Whole: true, Base: app, Limit: 2 * minute,
		Inject: steps(stop("metrics-server"), container(`args: [--exit-after=200ms, --exit-code=3]`)),
		Sign:   both(condition("APIService v1beta1.metrics.k8s.io", "Available", "False", ``), state("app=web", `^Error 3`)),
		Roots: []Root{web(`\b3\b`)[0], {Is: "APIService v1beta1.metrics.k8s.io", Reason: `(?i)fail|missing|not available`,
			MayFold: "HorizontalPodAutoscaler payments/gateway, Service kube-system/metrics-server"}},
	},
	{
		Name: "two faults in one Deployment's way", Base: app,
		Inject: steps(patch("Service web", `{spec: {selector: {app: webb}}}`),
			container(`envFrom: [{configMapRef: {name: web-settings}}]`)),
		Sign: both(noEndpoints("web"), state("app=web", `^CreateContainerConfigError`)),
		Roots: []Root{{Is: "Service web", Reason: `(?i)select|no pod`, MayFold: "Ingress web"},
			{Is: "Deployment web", Reason: `configmap "web-settings" not found`, Folds: "Pod app=web", MayFold: "Ingress web"}},
	},
}
