package main

import (
	"strings"
	"time"
)

const (
	second = time.Second
	minute = time.Minute
)

// down is what a Deployment takes with it when none of its pods serves.
const down = "Pod app=web, Service web, Ingress web"

// web is the row of the app's Deployment when none of its pods serves.
func web(reason string) []Root {
	return []Root{{Is: "Deployment web", Reason: reason, Folds: down}}
}

var containers = []Scenario{
	{
		Name: "crash loop with an exit code", Short: true,
		Inject: container(`args: [--exit-after=200ms, --exit-code=3, "--last-line=panic: no such table: orders"]`),
		Sign:   state("app=web", `^Error 3`), Roots: web(`\b3\b`),
	},
	{
		Name: "out of memory", Short: true,
		Inject: container(`args: [--serve=:8080, --eat=64, --eat-every=1ms], resources: {limits: {memory: 24Mi}}`),
		Sign:   state("app=web", `^OOMKilled`), Roots: web(`OOMKilled`),
	},
	{
		Name: "image not found", Base: app + registry("404"), Inject: container(`image: "localhost:5404/shop/web:2.0.1"`),
		Sign: state("app=web", `^(ErrImagePull|ImagePullBackOff).*not found`), Roots: web(`(?i)not found`),
	},
	{
		Name: "image pull unauthorized", Base: app + registry("401"),
		Inject: container(`image: "localhost:5401/shop/web:2.0.1"`),
		Sign:   state("app=web", `(?i)^(ErrImagePull|ImagePullBackOff).*(401|authoriz|denied)`),
		Roots:  web(`(?i)authoriz|denied`),
	},
	{
		Name: "registry refuses the rate", Base: app + registry("429"),
		Inject: container(`image: "localhost:5429/shop/web:2.0.1"`),
		Sign:   state("app=web", `(?i)^(ErrImagePull|ImagePullBackOff).*(429|too ?many)`), Roots: web(`(?i)429|too ?many`),
	},
	{
		Name: "registry refuses connections", Inject: container(`image: "localhost:5999/shop/web:2.0.1"`),
		Sign: state("app=web", `^(ErrImagePull|ImagePullBackOff).*connection refused`), Roots: web(`connection refused`),
	},
	{
		Name: "registry's host unknown", Inject: container(`image: "registry.nowhere.test/shop/web:2.0.1"`),
		Sign:  state("app=web", `^(ErrImagePull|ImagePullBackOff): .*registry.nowhere.test`),
		Roots: web(`(?i)no such host|dial tcp|lookup registry.nowhere.test|i/o timeout`), Limit: 3 * minute,
	},
	{
		Name: "image name invalid", Short: true,
		Inject: container(`image: "Shop/Web Server:2"`),
		Sign:   state("app=web", `^InvalidImageName`), Roots: web(`InvalidImageName|(?i)invalid reference`),
	},
	{
		Name:   "ConfigMap missing",
		Inject: container(`envFrom: [{configMapRef: {name: web-settings}}]`),
		Sign:   state("app=web", `^CreateContainerConfigError`), Roots: web(`configmap "web-settings" not found`),
	},
	{
		Name: "Secret deleted, then a restart", Base: withSecret, Inject: steps(remove("Secret db"),
			restart("Deployment web")),
		Sign: state("app=web", `^CreateContainerConfigError`), Roots: web(`secret "db" not found`),
	},
	{
		Name: "key missing in a Secret",
		Base: withSecret, Inject: steps(patch("Secret db", `{data: {password: null}}`), restart("Deployment web")),
		Sign: state("app=web", `^CreateContainerConfigError`), Roots: web(`(?i)key "?password"?.*secret`),
	},
	{
		Name: "Secret of a volume missing", Inject: template(`volumes: [{name: tls, secret: {secretName: web-tls}}], containers: [{name: app,
				volumeMounts: [{name: tls, mountPath: /tls}]}]`),
		Sign: event(`FailedMount: .*secret "web-tls" not found`), Roots: web(`secret "web-tls" not found`),
	},
	{
		Name: "command not found", Short: true,
		Inject: container(`command: [/bin/serve]`),
		Sign:   state("app=web", `^(RunContainerError|StartError)`),
		Roots:  web(`/bin/serve.*no such file|no such file.*/bin/serve`),
	},
	{
		Name: "init container fails", Inject: template(`initContainers: [{name: migrate, image: "fathom.test/workload:1", args: [--exit-after=100ms,
				--exit-code=4, "--last-line=migration 0042 failed"]}]`),
		Sign: state("app=web", `^Error 4`), Roots: web(`(?i)migrate.*\b4\b`),
	},
	{
		Name: "init container hangs", Grace: 2 * minute, Limit: minute,
		Inject: template(`initContainers: [{name: wait-for-db, image: "fathom.test/workload:1"}]`),
		Sign:   pod("app=web", "Initialized", "False", `wait-for-db`), Roots: web(`wait-for-db`),
	},
	{
		Name:   "readiness probe gets a 503",
		Inject: container(`args: [--serve=:8080, --ready-after=-1s]`),
		Sign:   event(`Unhealthy: Readiness probe failed.*503`), Roots: web(`(?i)readiness.*503`), Grace: 10 * second,
	},
	{
		Name:   "readiness probe asks a port where nothing listens",
		Inject: container(`readinessProbe: {httpGet: {path: /readyz, port: 8081}}`),
		Sign:   event(`Unhealthy: Readiness probe failed.*:8081/.*connection refused`), Roots: web(`(?i)8081.*connection refused`),
		Grace: 10 * second,
	},
	{
		Name: "liveness probe kills", Inject: container(`args: [--serve=:8080, --unhealthy-after=1s],
				livenessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 1, failureThreshold: 2}`),
		Sign: event(`Unhealthy: Liveness probe failed`), Roots: []Root{{Is: "Deployment web", Reason: `(?i)liveness.*503`,
			MayFold: down}},
	},
	{
		Name: "startup probe never passes", Inject: container(`args: [--serve=:8080, --ready-after=-1s],
				startupProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1, failureThreshold: 3}`),
		Sign: event(`Unhealthy: Startup probe failed`), Roots: web(`(?i)startup`), Grace: 10 * second,
	},
	{
		Name: "sidecar down", Base: strings.Replace(app, "      containers:\n", `      containers:
      - {name: proxy, image: "fathom.test/workload:1", args: [--serve=:15001]}
`, 1),
		Inject: template(`containers: [{name: proxy, args: [--exit-after=200ms, --exit-code=5]}]`),
		Sign:   state("app=web", `^Error 5`), Roots: web(`(?i)proxy.*\b5\b`),
	},
}

// registry is a pod that answers every pull with the same status, on a port of the node.
func registry(status string) string {
	return strings.NewReplacer("STATUS", status).Replace(`
---
apiVersion: v1
kind: Pod
metadata: {name: registry-STATUS}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers:
  - {name: registry, image: "fathom.test/workload:1", args: ["--serve=127.0.0.1:5STATUS", --answer=STATUS]}
`)
}

var withSecret = `
apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: not-a-real-password, user: shop}
---` + appWithSecret

var appWithSecret = strings.Replace(app, "        ports:", `        env:
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
        ports:`, 1)
