package main

// refused is the row of the app's Deployment when its pods are refused: they never appear, and there
// is nothing but what is in front of them to fold.
func refused(reason string) []Root {
	return []Root{{Is: "Deployment web", Reason: reason, Folds: "Service web, Ingress web"}}
}

var pods = []Scenario{
	{
		Name:   "no node has enough CPU",
		Inject: container(`resources: {requests: {cpu: "400"}}`),
		Sign:   pod("app=web", "PodScheduled", "False", `Insufficient cpu`), Roots: web(`Insufficient cpu`),
	},
	{
		Name: "no node has enough memory", Inject: container(`resources: {requests: {memory: 4Ti}, limits: {memory: 4Ti}}`),
		Sign: pod("app=web", "PodScheduled", "False", `Insufficient memory`), Roots: web(`Insufficient memory`),
	},
	{
		Name: "no node has the label", Inject: template(`nodeSelector: {disktype: ssd}`),
		Sign: pod("app=web", "PodScheduled", "False", `node affinity/selector`), Roots: web(`(?i)affinity/selector|disktype`),
	},
	{
		Name: "a taint keeps pods away", Whole: true,
		Inject: steps(
			patch("Node {node}", `{spec: {taints: [{key: maintenance, value: "true", effect: NoSchedule}]}}`),
			restart("Deployment web"),
		),
		Sign: pod("app=web", "PodScheduled", "False", `untolerated taint`), Roots: web(`(?i)taint`),
	},
	{
		Name: "two pods want the same host port", Inject: container(`ports: [{name: http, containerPort: 8080, hostPort: 18081}]`),
		Sign:  pod("app=web", "PodScheduled", "False", `free ports`),
		Roots: []Root{{Is: "Deployment web", Reason: `(?i)ports`, MayFold: "Pod app=web"}},
	},
	{
		Name: "a finalizer keeps a pod", Base: app + `
---
apiVersion: v1
kind: Pod
metadata: {name: batch, labels: {app: batch}, finalizers: [fathom.test/backup]}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: "fathom.test/workload:1", args: [--serve=:8080]}]
`,
		Inject: steps(showing(pod("app=batch", "Ready", "True", ``)), begin("Pod batch")), Repair: finish("Pod batch"),
		Sign: deleting("Pod batch"), Grace: 30 * second,
		Roots: []Root{{Is: "Pod batch", Reason: `fathom\.test/backup`}},
	},
	{
		Name: "quota used up", Short: true,
		Base: app + quota("2"), Inject: scale("Deployment web", 4),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `exceeded quota`),
		Roots: []Root{{Is: "Deployment web, ResourceQuota pods", Reason: `(?i)exceeded quota|pods.*2/2|2 of 2`,
			MayFold: "Deployment web"}},
		Why: "one workload wants more than the quota has: either may be changed",
	},
	{
		Name: "quota used up, for several workloads", Base: app + quota("2"), Inject: add(another("api") + another("worker")),
		Sign: both(condition("Deployment api", "ReplicaFailure", "True", `exceeded quota`),
			condition("Deployment worker", "ReplicaFailure", "True", `exceeded quota`)),
		Roots: []Root{{Is: "ResourceQuota pods", Reason: `(?i)exceeded quota|pods`,
			Folds: "Deployment api, Deployment worker"}},
	},
	{
		Name: "above the LimitRange", Base: app + `
---
apiVersion: v1
kind: LimitRange
metadata: {name: containers}
spec: {limits: [{type: Container, max: {memory: 128Mi}}]}
`,
		Inject: container(`resources: {limits: {memory: 1Gi}}`),
		Sign:   condition("Deployment web", "ReplicaFailure", "True", `maximum memory usage`),
		Roots:  refused(`maximum memory usage per Container is 128Mi`),
	},
	{
		Name: "PodSecurity refuses", Inject: steps(patch("Namespace {ns}", `{metadata: {labels: {pod-security.kubernetes.io/enforce: restricted}}}`),
			restart("Deployment web")),
		Sign:  condition("Deployment web", "ReplicaFailure", "True", `violates PodSecurity`),
		Roots: refused(`violates PodSecurity "restricted`),
	},
	{
		Name:   "ServiceAccount missing",
		Inject: template(`serviceAccountName: web`),
		Sign:   condition("Deployment web", "ReplicaFailure", "True", `serviceaccount "web" not found`),
		Roots:  refused(`serviceaccount "web" not found`),
	},
	{
		Name: "PriorityClass missing", Inject: template(`priorityClassName: urgent`),
		Sign:  condition("Deployment web", "ReplicaFailure", "True", `no PriorityClass with name urgent`),
		Roots: refused(`no PriorityClass with name urgent`),
	},
	{
		Name: "a dead webhook refuses every pod", Inject: steps(add(webhook("Fail")), restart("Deployment web")),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `failed calling webhook`),
		Roots: []Root{{Is: "ValidatingWebhookConfiguration {ns}",
			Reason: `(?i)failed calling webhook|service "guard" not found`,
			Folds:  "Deployment web, Service web, Ingress web"}},
	},
	{
		Name: "an admission policy refuses", Inject: steps(add(policy), pause(second), restart("Deployment web")),
		Sign: condition("Deployment web", "ReplicaFailure", "True", `denied request`),
		Roots: []Root{{Is: "Deployment web, ValidatingAdmissionPolicy {ns}, ValidatingAdmissionPolicyBinding {ns}",
			Reason: `denied request: pods need an owner|pods need an owner`, Folds: "Service web, Ingress web",
			MayFold: "Deployment web"}},
		Why: "the policy does what it is for: the pods or the policy may be changed",
	},
	{
		Name: "a pod that nobody owns fails", Inject: add(`
apiVersion: v1
kind: Pod
metadata: {name: import, labels: {app: import}}
spec:
  restartPolicy: Never
  containers: [{name: app, image: "fathom.test/workload:1", args: [--exit-after=100ms, --exit-code=7]}]
`),
		Sign:  state("app=import", `^Error 7`),
		Roots: []Root{{Is: "Pod import", Reason: `\b7\b`}},
	},
}

func quota(pods string) string {
	return `
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: pods}
spec: {hard: {pods: "` + pods + `"}}
`
}

// another is a Deployment that nobody routes to.
func another(name string) string {
	return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ` + name + `, labels: {app: ` + name + `}}
spec:
  replicas: 1
  selector: {matchLabels: {app: ` + name + `}}
  template:
    metadata: {labels: {app: ` + name + `}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--serve=:8080]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1}
        resources: {requests: {cpu: 5m, memory: 16Mi}, limits: {memory: 64Mi}}
`
}

// webhook asks a Service that is not there about every pod of the namespace.
func webhook(failurePolicy string) string {
	return `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: "{ns}"}
webhooks:
- name: guard.fathom.test
  clientConfig: {service: {namespace: "{ns}", name: guard, path: /check, port: 443}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "{ns}"}}
  failurePolicy: ` + failurePolicy + `
  sideEffects: None
  timeoutSeconds: 2
  admissionReviewVersions: [v1]
`
}

const policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: "{ns}"}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "{ns}"}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "has(object.metadata.annotations) && 'owner' in object.metadata.annotations", message: pods need an owner}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: "{ns}"}
spec: {policyName: "{ns}", validationActions: [Deny]}
`
