package triage

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// fixture is what one rule says: a scene that it is for, one of which all is well, and one that is
// nearly like the first, of which it must say nothing.
type fixture struct {
	bad, well, near []string
	after           time.Duration // that is waited before it is judged
	set             func(s *scene, how string)
}

// TestEveryRule holds that each rule has a scene that it is for, one of which all is well, and one
// that is nearly the first; and that it finds the first, and nothing in the others.
func TestEveryRule(t *testing.T) {
	for name := range Rules {
		f, ok := fixtures[name]
		if !ok {
			t.Errorf("rule %q has no fixture", name)
			continue
		}
		for _, c := range []struct {
			how     string
			objects []string
		}{{"bad", f.bad}, {"well", f.well}, {"near", f.near}} {
			if len(c.objects) == 0 && f.set == nil {
				t.Errorf("rule %q has no fixture that is %s", name, c.how)
				continue
			}
			s := newScene(t).put(c.objects...)
			if f.set != nil {
				f.set(s, c.how)
			}
			s.state.Judge(s.now)
			v := s.wait(f.after).state.Judge(s.now)
			found := slices.ContainsFunc(v.Findings, func(f *Finding) bool { return f.Rule == name })
			for _, r := range s.state.rows {
				// What is folded under something else counts against a rule, too.
				found = found || c.how != "bad" && slices.ContainsFunc(r.problems, func(p problem) bool { return p.rule == name })
			}
			if found != (c.how == "bad") {
				t.Errorf("rule %q, %s: it says\n%s", name, c.how, s.says())
			}
		}
	}
}

// changed is an object with texts replaced.
func changed(object string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(object)
}

// webWith is a Deployment, its ReplicaSet and its pod in a state.
func webWith(status string, more ...string) []string {
	web := []string{deployment("web", 1, 0), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", status)}
	return append(web, more...)
}

// webWell is a Deployment that is well, with its Service.
func webWell(more ...string) []string {
	return append([]string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well),
		service("web"), slice("web", "web-1-a ready")}, more...)
}

func notScheduled(object string) string { return strings.Replace(object, ", nodeName: n1", "", 1) }

func cart(condition string) string {
	return `
apiVersion: shop.test/v1
kind: Cart
metadata: {name: main, namespace: shop, creationTimestamp: @-1h}
status: {conditions: [` + condition + `]}
`
}

func volumeIn(phase, policy string) string {
	return `
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {persistentVolumeReclaimPolicy: ` + policy + `, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce]}
status: {phase: ` + phase + `, message: no such path, lastPhaseTransitionTime: @-5m}
`
}

func signing(made, status string) string {
	return `
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: csr-1, creationTimestamp: ` + made + `}
spec: {request: "", signerName: kubernetes.io/kubelet-serving, usages: [server auth]}
status: {` + status + `}
`
}

func nightly(spec, last string) string {
	return `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop, creationTimestamp: @-24h}
spec: {schedule: "*/5 * * * *", ` + spec + `jobTemplate: {spec: {template: {spec: {containers: [{name: app, image: a}]}}}}}
status: {lastScheduleTime: ` + last + `, lastSuccessfulTime: ` + last + `}
`
}

func namespaceOf(name, more, status string) string {
	return `
apiVersion: v1
kind: Namespace
metadata: {name: ` + name + `, creationTimestamp: @-24h` + more + `}
spec: {finalizers: [kubernetes]}
status: {` + status + `}
`
}

func aliasFor(host string) string {
	return "\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop, creationTimestamp: @-24h}\n" +
		"spec: {type: ExternalName, externalName: " + host + "}\n"
}

const remains = "Some content in the namespace has finalizers remaining: shop.test/hold in 1 resource instances"

// ran is the status of a container that runs again after so many restarts.
func ran(restarts, since, last string) string {
	return `{name: app, ready: true, started: true, restartCount: ` + restarts +
		`, state: {running: {startedAt: ` + since + `}}, lastState: {terminated: ` + last + `}}`
}

// unreadySince is the status of a container that runs without being ready.
func unreadySince(at string) string {
	return `{name: app, ready: false, started: true, restartCount: 0, state: {running: {startedAt: ` + at + `}}}`
}

var (
	killed  = crashes(5, `{exitCode: 137, reason: Error, startedAt: @-30s, finishedAt: @-20s}`)
	refused = condition("ReplicaFailure", "True", "FailedCreate", `pods "web-1-x" is forbidden: no`, "@-3m")
	tracks  = changed(deployment("web2", 1, 1), "app: web2}", "app: web, track: b}")
)

var fixtures = map[string]fixture{
	ruleAPIService: {
		bad:  []string{metricsAPIService("metrics", condition("Available", "False", "MissingEndpoints", "none", "@-4m"))},
		well: []string{metricsAPIService("metrics", condition("Available", "True", "Passed", "", "@-4m"))},
		// It says itself that it is available, whatever is behind it.
		near: []string{service("metrics"), slice("metrics"),
			metricsAPIService("metrics", condition("Available", "True", "Passed", "", "@-4m"))},
	},
	ruleCheck: {set: func(s *scene, how string) {
		s.state.SetChecks([]Check{{Name: "etcd", Said: "connection refused"}})
		if how != "bad" {
			s.state.SetChecks(nil) // It was so, and is over.
		}
	}},
	ruleAutoscaler: {
		bad:  []string{hpa(condition("AbleToScale", "False", "FailedGetScale", "not found", "@-3m"))},
		well: []string{deployment("web", 5, 5), hpa(condition("AbleToScale", "True", "ReadyForNewScale", "", "@-3m"))},
		near: []string{deployment("web", 0, 0), hpa(condition("ScalingActive", "False", "ScalingDisabled", "is 0", "@-3m"))},
	},
	ruleBudget: {
		bad: []string{node("n1", nodeWell, "unschedulable: true"), deployment("web", 1, 1), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", well), budget(1)},
		well: []string{node("n1", nodeWell, "unschedulable: true"), deployment("web", 1, 1), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", well), changed(budget(1), "disruptionsAllowed: 0", "disruptionsAllowed: 1")},
		// The node that is cordoned has none of its pods.
		near: []string{node("n1", nodeWell), node("n2", nodeWell, "unschedulable: true"), deployment("web", 1, 1),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), budget(1)},
	},
	ruleCertificate: {
		bad:  webWell(ingress("web", 80, "tls: [{secretName: tls}]")),
		well: webWell(ingress("web", 80)),
		near: webWell(ingress("web", 80, "tls: [{hosts: [shop.test]}]")), // the default certificate
	},
	ruleUnseen: {
		after: unseen - time.Second,
		bad:   []string{changed(wrote(deployment("web", 1, 1), "kubectl", "-5s"), "generation: 1", "generation: 2")},
		well:  []string{deployment("web", 1, 1)},
		near:  []string{changed(deployment("web", 1, 1), "generation: 1", "generation: 2")}, // since a moment
	},
	ruleClaim: {
		bad:  []string{claim("data", "fast", "Pending")},
		well: []string{claim("data", "fast", "Bound")},
		near: []string{claim("data", "late", "Pending"), storageClass("late", "WaitForFirstConsumer")},
	},
	ruleCordoned: {
		bad: []string{node("n1", nodeWell, "unschedulable: true"), deployment("web", 1, 0), replicas("web", 1),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/1 nodes are available: 1 node(s) were unschedulable.")},
		well: []string{node("n1", nodeWell)},
		// The pod would not fit there either.
		near: []string{node("n1", nodeWell, "unschedulable: true"), deployment("web", 1, 0), replicas("web", 1),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/1 nodes are available: 1 Insufficient cpu.")},
	},
	ruleCrash: {
		bad:  webWith(status("False", "@-4m", crashes(5, exit3))),
		well: webWith(well),
		near: webWith(status("True", "@-3m", ran("2", "@-3m", `{exitCode: 1, startedAt: @-5m, finishedAt: @-4m}`))),
	},
	ruleCredential: {set: func(s *scene, how string) {
		ends := map[string]time.Duration{"bad": 24 * time.Hour, "well": 365 * 24 * time.Hour, "near": expiring + time.Minute}
		s.state.SetCredential("prod", "client certificate", noon.Add(-300*24*time.Hour), noon.Add(ends[how]))
	}},
	ruleCronJob: {
		bad:  []string{nightly("", "@-20m")},
		well: []string{nightly("", "@-2m")},
		near: []string{nightly("", "@-5m")}, // The next is due now.
	},
	ruleDefinition: {
		bad:  []string{definition(condition("NamesAccepted", "False", "PluralConflict", "in use", "@-3m"))},
		well: []string{definition(condition("Established", "True", "InitialNamesAccepted", "", "@-1h"))},
		near: []string{definition(condition("Established", "False", "Installing", "", "@-1s"))},
	},
	ruleTerminating: {
		bad:  []string{changed(pod("a", "", well), "namespace: shop,", "namespace: shop, deletionTimestamp: @-5m,")},
		well: []string{pod("a", "", well)},
		near: []string{changed(pod("a", "", well), "namespace: shop,",
			"namespace: shop, deletionTimestamp: @+5m, deletionGracePeriodSeconds: 600,")},
	},
	ruleStart: {
		bad:  webWith(starting("", waits("CreateContainerConfigError", `configmap "web" not found`))),
		well: webWith(well),
		near: webWith(starting("", appWait)),
	},
	ruleFailed: {
		bad:  []string{pod("a", "", `{phase: Failed, reason: Evicted, message: low on memory}`)},
		well: []string{pod("a", "", `{phase: Succeeded}`)},
		near: []string{job("report", "", condition("Complete", "True", "", "", "@-4m")),
			pod("report-a", "Job/report", `{phase: Failed}`)},
	},
	ruleFewer: {
		after: shortage + time.Second,
		bad:   []string{deployment("web", 3, 2)},
		well:  []string{deployment("web", 3, 3)},
		near: []string{changed(deployment("web", 3, 2), "updatedReplicas: 3", "updatedReplicas: 1", // a rolling update
			"NewReplicaSetAvailable", "ReplicaSetUpdated")},
	},
	ruleGated: {
		bad: []string{notScheduled(pod("a", "", `{phase: Pending, conditions: [{type: PodScheduled, status: "False",
      reason: SchedulingGated, message: gates}]}`))},
		well: []string{pod("a", "", well)},
		near: []string{unscheduledPod("a", "", "0/1 nodes are available: 1 Insufficient cpu.")},
	},
	rulePull: {
		bad:  webWith(starting("", waits("ImagePullBackOff", "not found"))),
		well: webWith(well),
		near: webWith(starting("", appWait)), // It may be pulled just now.
	},
	ruleTrouble: {
		bad:  []string{cart(condition("Ready", "False", "NoStock", "nothing to sell", "@-4m"))},
		well: []string{cart(condition("Ready", "True", "Filled", "", "@-4m"))},
		near: []string{cart(condition("Stalled", "False", "", "", "@-4m"))}, // False is good.
	},
	ruleInit: {
		bad:  initializingWith("@-9m"),
		well: webWith(well),
		near: initializingWith("@-5s"),
	},
	ruleJob: {
		bad:  []string{job("report", "", condition("Failed", "True", "DeadlineExceeded", "too long", "@-4m"))},
		well: []string{job("report", "", condition("Complete", "True", "", "", "@-4m"))},
		near: []string{job("report", "", condition("Suspended", "True", "JobSuspended", "", "@-4m"))},
	},
	ruleLiveness: {
		bad:  webWith(status("False", "@-4m", killed), warns("Pod web-1-a", "Unhealthy", "Liveness probe failed: 503")),
		well: webWith(well),
		// A readiness probe kills nothing.
		near: webWith(status("False", "@-4m", killed), warns("Pod web-1-a", "Unhealthy", "Readiness probe failed: 503")),
	},
	ruleLeader: {
		bad:  []string{lease("kube-scheduler", "@-60s")},
		well: []string{lease("kube-scheduler", "@-2s")},
		near: []string{lease("kube-scheduler", "@-17s")}, // 15 s, and what its event takes
	},
	ruleLease: {
		bad:  []string{node("n1", nodeWell), leaseIn(NodeLeases, "n1", "-70s")},
		well: []string{node("n1", nodeWell), leaseIn(NodeLeases, "n1", "-5s")},
		near: []string{node("n1", nodeWell), leaseIn(NodeLeases, "n1", "-50s")},
	},
	ruleBalancer: {
		bad:  webWell(service("web", "type: LoadBalancer")),
		well: webWell(service("web", "type: LoadBalancer") + "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"),
		near: webWell(changed(service("web", "type: LoadBalancer"), "@-24h", "@-30s")),
	},
	ruleAlias: {
		bad:  []string{aliasFor("pg.data.svc.cluster.local")},
		well: webWell(aliasFor("web.shop.svc.cluster.local")),
		near: []string{aliasFor("pg.data.example.com")},
	},
	ruleBackend: {
		bad:  webWell(ingress("web", 81)),
		well: webWell(ingress("web", 80)),
		near: webWell(changed(ingress("web", 80), "number: 80", "name: http")), // the same port by its name
	},
	ruleReference: {
		bad:  webWell(configured(""), "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shop}\n"),
		well: webWell(configured(""), "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"),
		near: webWell(configured(", optional: true"),
			"\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shop}\n"),
	},
	ruleRoute: {
		bad:  []string{httpRoute("ghost")},
		well: webWell(httpRoute("web")),
		near: webWell(changed(httpRoute("web"), "port: 80", "port: 81, kind: Bucket, group: s3.test")),
	},
	ruleNamespace: {
		bad: []string{namespaceOf("old", ", deletionTimestamp: @-5m", "phase: Terminating, conditions: ["+
			condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", remains, "@-4m")+"]")},
		well: []string{namespaceOf("old", "", "phase: Active")},
		near: []string{namespaceOf("old", ", deletionTimestamp: @-5s", "phase: Terminating, conditions: ["+
			condition("NamespaceContentRemaining", "True", "SomeResourcesRemain", "pods. has 2 instances", "@-4s")+"]")},
	},
	ruleNoEndpoints: {
		bad:  []string{deployment("web", 1, 1), service("web", "selector: {app: wbe}"), slice("web")},
		well: webWell(),
		// Somebody wants it so, and nobody routes there.
		near: []string{deployment("web", 0, 0), service("web"), slice("web")},
	},
	ruleGoverning: {
		bad:  []string{database(1, 1, 1)},
		well: []string{database(1, 1, 1), service("db", "clusterIP: None"), slice("db", "db-0 ready")},
		near: []string{changed(database(1, 1, 1), "serviceName: db", `serviceName: ""`)},
	},
	ruleNode: {
		bad:  []string{node("n1", condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped", "@-6m"))},
		well: []string{node("n1", nodeWell)},
		near: []string{node("n1", nodeWell, "unschedulable: true")},
	},
	rulePressure: {
		bad:  []string{node("n1", nodeWell+", "+condition("PIDPressure", "True", "KubeletHasInsufficientPID", "", "@-2m"))},
		well: []string{node("n1", nodeWell+", "+condition("PIDPressure", "False", "KubeletHasSufficientPID", "", "@-2m"))},
		// A condition of somebody else's, of which nobody knows which way is good.
		near: []string{node("n1", nodeWell+", "+condition("ConfigApplied", "True", "", "", "@-2m"))},
	},
	ruleCreating: {
		bad:  webWith(starting("", appWait)),
		well: webWith(well),
		near: webWith(changed(starting("", appWait), "@-10m", "@-5s")),
	},
	ruleUnready: {
		bad:  webWith(status("False", "@-4m", unreadySince("@-1h"))),
		well: webWith(well),
		near: webWith(status("False", "@-3s", unreadySince("@-3s"))), // It starts.
	},
	rulePending: {
		bad:  []string{notScheduled(pod("a", "", `{phase: Pending}`))},
		well: []string{pod("a", "", well)},
		near: []string{changed(notScheduled(pod("a", "", `{phase: Pending}`)), "@-1h", "@-2s")},
	},
	rulePaused: {
		bad: []string{changed(deployment("web", 3, 3), "replicas: 3\n", "replicas: 3\n  paused: true\n",
			"updatedReplicas: 3", "updatedReplicas: 1")},
		well: []string{deployment("web", 3, 3)},
		near: []string{changed(deployment("web", 3, 3), "replicas: 3\n", "replicas: 3\n  paused: true\n")},
	},
	ruleCreate: {
		bad:  []string{deployment("web", 2, 0, refused)},
		well: []string{deployment("web", 2, 2)},
		// It was refused a long time ago, and made since.
		near: []string{database(2, 1, 1), changed(warns("StatefulSet db", "FailedCreate", "is forbidden"), "@-1m", "@-30m"),
			changed(pod("db-0", "StatefulSet/db", well), "@-1h", "@-29m")},
	},
	ruleQuota: {
		bad:  []string{quota(4)},
		well: []string{quota(1)},
		near: []string{quota(3)},
	},
	ruleResize: {
		bad:  []string{growing(condition("ControllerResizeError", "True", "", "quota exceeded", "@-3m"))},
		well: []string{claim("data", "fast", "Bound")},
		near: []string{growing(condition("Resizing", "True", "", "", "@-3s"))},
	},
	ruleRestarts: {
		bad: []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", status("True", "@-30m",
			ran("4", "@-30m", `{exitCode: 137, reason: OOMKilled, startedAt: @-59m, finishedAt: @-30m}`)))},
		well: webWell(),
		near: []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", status("True", "@-30m",
			ran("2", "@-30m", `{exitCode: 137, reason: OOMKilled, startedAt: @-59m, finishedAt: @-30m}`)))},
	},
	ruleRollout: {
		bad: []string{changed(deployment("web", 3, 2), "updatedReplicas: 3", "updatedReplicas: 1",
			`"True", reason: NewReplicaSetAvailable`, `"False", reason: ProgressDeadlineExceeded, lastTransitionTime: @-8m`)},
		well: []string{deployment("web", 3, 3)},
		near: []string{changed(deployment("web", 3, 2), "updatedReplicas: 3", "updatedReplicas: 1",
			"NewReplicaSetAvailable", "ReplicaSetUpdated")},
	},
	ruleOverlap: {
		bad: []string{deployment("web", 1, 1),
			changed(deployment("web", 1, 1), "{name: web,", "{name: web2,", "@-24h", "@-1h")},
		well: []string{deployment("web", 1, 1), deployment("web2", 1, 1)},
		// They share a label, and each has another of its own.
		near: []string{changed(deployment("web", 1, 1), "app: web}", "app: web, track: a}"), tracks},
	},
	ruleSigning: {
		bad:  []string{signing("@-5m", "")},
		well: []string{signing("@-5m", `certificate: YQ==, conditions: [{type: Approved, status: "True"}]`)},
		near: []string{signing("@-2s", "")},
	},
	ruleStrangers: {
		bad: []string{changed(deployment("web", 1, 1), "app: web}", "app: web, track: a}"),
			changed(tracks, "app:v1", "app:v2"), service("web"), slice("web", "web-1-a ready")},
		well: webWell(),
		near: []string{changed(deployment("web", 1, 1), "app: web}", "app: web, track: a}"), tracks, service("web"),
			slice("web", "web-1-a ready")},
	},
	ruleSuspended: {
		bad:  []string{nightly("suspend: true, ", "@-24h")},
		well: []string{nightly("", "@-2m")},
		near: []string{nightly("suspend: false, ", "@-2m")},
	},
	ruleShut: {
		bad: append([]string{listening("{containerPort: 8080}")}, webWell(policy("deny",
			"podSelector: {}, policyTypes: [Ingress]"))[1:]...),
		well: webWell(),
		near: append([]string{listening("{containerPort: 8080}")}, webWell(policy("deny",
			"podSelector: {}, policyTypes: [Ingress]"), policy("allow", "podSelector: {}, ingress: [{}]"))[1:]...),
	},
	ruleUnscheduled: {
		bad:  []string{unscheduledPod("a", "", "0/1 nodes are available: 1 Insufficient cpu.")},
		well: []string{pod("a", "", well)},
		near: []string{notScheduled(pod("a", "", `{phase: Pending, conditions: [{type: PodScheduled, status: "False",
      reason: SchedulingGated, message: gates}]}`))},
	},
	ruleSkew: {
		bad:  []string{changed(node("n1", nodeWell), "status:\n", "status:\n  nodeInfo: {kubeletVersion: v1.32.1}\n")},
		well: []string{changed(node("n1", nodeWell), "status:\n", "status:\n  nodeInfo: {kubeletVersion: v1.36.2}\n")},
		near: []string{changed(node("n1", nodeWell), "status:\n", "status:\n  nodeInfo: {kubeletVersion: v1.33.0}\n")},
		set:  func(s *scene, _ string) { s.state.SetVersion("v1.36.3") },
	},
	ruleVolume: {
		bad:  []string{volumeIn("Failed", "Retain")},
		well: []string{volumeIn("Bound", "Delete")},
		near: []string{volumeIn("Released", "Retain")},
	},
	ruleWebhook: {
		bad:  []string{webhook("guard", "Fail")},
		well: []string{webhook("guard", "Fail"), service("guard"), slice("guard", "guard-1 ready")},
		near: []string{changed(webhook("guard", "Fail"), "service: {namespace: shop, name: guard}",
			"url: https://guard.test/")},
	},
}

// initializingWith is a Deployment whose pod has an init container that runs since a time.
func initializingWith(since string) []string {
	return []string{deployment("web", 1, 0), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
		starting(`{name: migrate, ready: false, started: true, restartCount: 0, state: {running: {startedAt: `+since+`}}}`, appWait),
		"initContainers: [{name: migrate, image: shop/app:v1}]")}
}

// configured is a Deployment whose containers name the ConfigMap settings.
func configured(more string) string {
	return changed(deployment("web", 1, 1), "image: shop/app:v1}",
		"image: shop/app:v1, envFrom: [{configMapRef: {name: settings"+more+"}}]}")
}

// growing is a claim with a condition.
func growing(condition string) string {
	return changed(claim("data", "fast", "Bound"), "phase: Bound", "phase: Bound, conditions: ["+condition+"]")
}
