package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
)

// wrote is an object that a manager wrote at a time, after which a controller did.
func wrote(object, manager, at string) string {
	entry := fmt.Sprintf("{manager: %s, operation: Update, apiVersion: v1, time: @%s}", manager, at)
	if !history.IsControlPlane(manager) {
		entry += ", {manager: kube-controller-manager, operation: Update, apiVersion: v1, time: @-1s}"
	}
	return strings.Replace(object, "metadata: {", "metadata: {managedFields: ["+entry+"], ", 1)
}

// TestWritten holds that trouble is as old as the reference that leads nowhere, where nobody
// watched when it began, and that a reference which is old says nothing.
func TestWritten(t *testing.T) {
	web := []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well)}
	with := func(more ...string) []string { return append(web[:3:3], more...) }
	typo := "selector: {app: wbe}"
	selects := "failing service shop/web: no pod matches its selector app=wbe; the nearest pods have app=web "
	checkAll(t, []situation{
		{"a selector, followed by the endpoints", with(wrote(service("web", typo), "kubectl-edit", "-5m"),
			wrote(slice("web"), "kube-controller-manager", "-5m")), selects + "(since -5m0s)"},
		{"a selector, and endpoints that went later", with(wrote(service("web", typo), "kubectl-edit", "-24h"),
			wrote(slice("web"), "kube-controller-manager", "-5m")), selects + "(at least 5m0s)"},
		{"a selector of which nothing says when it was written", with(service("web", typo), slice("web")),
			selects + "(since ?)"},
		{"a port that no container has", with(
			wrote(strings.Replace(service("web"), "8080", "http", 1), "kubectl-edit", "-5m"),
			wrote(strings.Replace(slice("web", "web-1-a ready"), "ports: [{name: http, port: 8080}]", "ports: []", 1),
				"kube-controller-manager", "-5m")),
			"failing service shop/web: no container of its pods has a port named http (since -5m0s)"},
		{"a route", with(wrote(ingress("wbe", 80), "kubectl-edit", "-5m")),
			"failing ingress shop/shop: routes shop.test/ to service wbe, which does not exist (since -5m0s)"},
		{"a route that is old", with(wrote(ingress("wbe", 80), "kubectl-edit", "-5h")),
			"failing ingress shop/shop: routes shop.test/ to service wbe, which does not exist (since ?)"},
		{"a certificate", with(service("web"), slice("web", "web-1-a ready"),
			wrote(ingress("web", 80, "tls: [{secretName: tls}]"), "kubectl-edit", "-5m")),
			"failing ingress shop/shop: TLS secret shop/tls does not exist (since -5m0s)"},
	})
	// A Service that vanishes while somebody looks is missing since then.
	s := newScene(t).put(with(service("web"), slice("web", "web-1-a ready"),
		wrote(ingress("web", 80), "kubectl-edit", "-5m"))...).watching()
	s.wait(time.Minute).remove("service shop/web", "endpointslice shop/web-x").wait(5 * time.Second)
	s.says()
	s.wait(5 * time.Second).check(`
			failing ingress shop/shop: routes shop.test/ to service web, which does not exist (since -5s, settling)`)
}

// TestScaledSince holds that a workload has been scaled to 0 since somebody wrote that, and not since an
// image or anything else was written; where only that is known, for at least so long.
func TestScaledSince(t *testing.T) {
	web := deployment("web", 0, 0)
	by := func(object string, entries ...string) string {
		return strings.Replace(object, "metadata: {", "metadata: {managedFields: ["+strings.Join(entries, ", ")+"], ", 1)
	}
	entry := func(manager, at, more string) string {
		return fmt.Sprintf("{manager: %s, operation: Update, apiVersion: v1, time: @%s%s}", manager, at, more)
	}
	image := func(at string) string { return entry("kubectl-set", at, "") }
	scale := func(manager, at string) string { return entry(manager, at, ", subresource: scale") }
	reported := entry("kube-controller-manager", "-1s", ", subresource: status")
	emptied := func(at string) string { return wrote(slice("web"), "kube-controller-manager", at) }
	for _, c := range []struct{ name, workload, slice, want string }{
		{"scaled after an image", by(web, image("-306s"), scale("kubectl", "-5m"), reported), emptied("-299s"),
			"since -5m0s"},
		{"scaled before an undo", by(web, scale("kubectl", "-5m"), entry("kubectl-rollout", "-1m", "")), emptied("-299s"),
			"since -5m0s"},
		{"scaled by an autoscaler", by(web, image("-1h"), scale("kube-controller-manager", "-5m")), emptied("-270s"),
			"since -5m0s"},
		{"scaled when its pods had long failed", by(web, image("-1h"), scale("kubectl", "-5m")), emptied("-1h"),
			"since -5m0s"},
		{"edited after an image", by(web, image("-306s"), entry("kubectl-edit", "-5m", "")), emptied("-299s"),
			"at least 4m59s"},
		{"edited by who set the image", by(web, entry("helm", "-5m", ""), reported), emptied("-298s"), "at least 4m58s"},
		{"edited when its pods had long failed", by(web, entry("helm", "-5m", "")), emptied("-1h"), "at least 5m0s"},
		{"edited before an undo", by(web, entry("kubectl-edit", "-5m", ""), entry("kubectl-rollout", "-1m", "")),
			emptied("-299s"), "at least 1m0s"},
		{"nothing says when", web, slice("web"), "since ?"},
		{"nothing says when it was emptied", by(web, image("-5m")), slice("web"), "since ?"},
	} {
		got := newScene(t).put(c.workload, service("web"), c.slice, ingress("web", 80)).says()
		if !strings.HasPrefix(got, "failing deployment shop/web: scaled to 0: ") || !strings.Contains(got, "("+c.want+")") {
			t.Errorf("%s: no %q in %s", c.name, c.want, got)
		}
	}
	// Its pods failed when it was scaled: that is another trouble.
	crash := pod("web-1-a", "ReplicaSet/web-1", status("False", "@-10s", crashes(5, exit3)))
	for scaled, want := range map[string]string{
		by(web, image("-30s"), scale("kubectl", "-6s")):           "since -6s, settling",
		by(web, image("-30s"), entry("kubectl-patch", "-6s", "")): "at least 5s, settling",
		web: "since -0s, settling",
	} {
		s := newScene(t).put(deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well),
			service("web"), slice("web", "web-1-a ready"), ingress("web", 80)).watching()
		s.wait(time.Minute).put(deployment("web", 1, 0), crash, slice("web", "web-1-a not"))
		if got := s.says(); !strings.HasPrefix(got, "failing deployment shop/web: 0/1 ready: app CrashLoopBackOff") {
			t.Error(got)
		}
		s.wait(20*time.Second).remove("pod shop/web-1-a").put(scaled, replicas("web", 0))
		if strings.Contains(scaled, "managedFields") {
			s.put(emptied("-5s"))
		} else {
			s.put(slice("web"))
		}
		if got := s.says(); !strings.HasPrefix(got, "failing deployment shop/web: scaled to 0: ") ||
			!strings.Contains(got, "("+want+")") {
			t.Errorf("scaled while its pods fail: no %q in %s", want, got)
		}
	}
}

// TestAtOnce holds what counts in the moment in which the API says it, and what does not yet.
func TestAtOnce(t *testing.T) {
	missing := hpa(condition("ScalingActive", "False", "FailedGetResourceMetric",
		"failed to get cpu utilization: missing request for cpu in container app of Pod web-1-a", "@-1s"))
	unready := hpa(condition("ScalingActive", "False", "FailedGetResourceMetric",
		"failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)", "@-1s"))
	ending := func(finalizers string) string {
		return `
apiVersion: v1
kind: Namespace
metadata: {name: old, deletionTimestamp: @-6s, creationTimestamp: @-24h}
spec: {finalizers: [kubernetes]}
status: {phase: Terminating, conditions: [` + condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
			"Some content in the namespace has finalizers remaining: "+finalizers, "@-1s") + `]}
`
	}
	gone := strings.Replace(claim("data", "", "Bound"), "namespace: shop,",
		"namespace: shop, deletionTimestamp: @-3s, finalizers: [kubernetes.io/pvc-protection],", 1)
	uses := "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"
	leaves := strings.Replace(pod("db", "", well, uses), "namespace: shop,",
		"namespace: shop, deletionTimestamp: @+20s, deletionGracePeriodSeconds: 30,", 1)
	young := hpa(condition("ScalingActive", "False", "FailedGetResourceMetric",
		"no metrics returned from resource metrics API", "@-1s"))
	young = strings.Replace(young, "maxReplicas: 5,", "maxReplicas: 5, metrics: [{type: Resource, resource: {name: cpu, "+
		"target: {type: Utilization, averageUtilization: 80}}}],", 1)
	asks := strings.Replace(deployment("web", 1, 1), "image: shop/app:v1}", "image: shop/app:v1, resources: "+
		"{limits: {cpu: 1}}}", 1)
	unseen := strings.Replace(deployment("web", 1, 1), "generation: 1}", "generation: 2}", 1)
	checkAll(t, []situation{
		{"pods without requests", []string{deployment("web", 1, 1), missing}, `
			degraded horizontalpodautoscaler shop/web: FailedGetResourceMetric: failed to get cpu utilization: missing request for cpu in container app of Pod web-1-a (since -1s, settling)`},
		{"pods without metrics, and without requests", []string{deployment("web", 1, 1), young}, `
			degraded horizontalpodautoscaler shop/web: FailedGetResourceMetric: no metrics returned from resource metrics API (since -1s, settling)`},
		{"pods without metrics, whose requests are defaults", []string{deployment("web", 1, 1), young,
			"\napiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: shop}\n"}, ``},
		{"pods without metrics, and with requests", []string{asks, young}, ``},
		{"a metrics API that has just come back", []string{asks, strings.Replace(young, "@-1s", "@-5m", 1),
			metricsAPIService("metrics", condition("Available", "True", "Passed", "", "@-20s"))}, ``},
		{"a metrics API that has been back for long", []string{asks, strings.Replace(young, "@-1s", "@-5m", 1),
			metricsAPIService("metrics", condition("Available", "True", "Passed", "", "@-2m"))}, `
			degraded horizontalpodautoscaler shop/web: FailedGetResourceMetric: no metrics returned from resource metrics API (since -5m0s)`},
		{"pods without metrics yet", []string{deployment("web", 1, 1), unready}, ``},
		{"a finalizer of somebody's", []string{ending("shop.test/hold in 1 resource instances")}, `
			waiting namespace old: Terminating: NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: shop.test/hold in 1 resource instances (since -6s, settling)`},
		{"a finalizer of the cluster's", []string{ending("kubernetes.io/pvc-protection in 1 resource instances")}, ``},
		{"a claim that a pod uses", []string{gone, pod("db", "", well, uses)}, `
			waiting persistentvolumeclaim shop/data: Terminating: finalizer kubernetes.io/pvc-protection, because pod shop/db uses it (since -3s, settling)`},
		{"a claim whose pod leaves", []string{gone, leaves}, ``},
		{"a claim whose pod has ended", []string{gone, pod("db", "", `{phase: Succeeded}`, uses)}, ``},
		{"a change that no controller has seen", []string{wrote(unseen, "kubectl-edit", "-9s")}, `
			waiting deployment shop/web: 1/1 ready, its controller has not seen the last change (since -9s, settling)`},
		{"a change of a moment ago", []string{wrote(unseen, "kubectl-edit", "-5s")}, ``},
	})
	down := condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", "@-1s")
	newScene(t).put(node("n1", down), deployment("web", 1, 0), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-1s", appRuns))).check(`
			failing node n1: NotReady: Kubelet stopped posting node status. (since -1s, settling)
			  deployment shop/web
			  pod shop/web-1-a`)
}

// TestSpare holds that a container which starts slowly is trouble only for a workload that
// lacks it.
func TestSpare(t *testing.T) {
	slow := status("False", "@-1h", `{name: app, ready: false, started: true, restartCount: 0, state: {running: {startedAt: @-1h}}}`)
	slow = strings.ReplaceAll(slow, "@-1h", "@-40s")
	probe := `containers: [{name: app, image: a, readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 10}}]`
	for ready, want := range map[int]string{
		0: `
			failing deployment shop/web: 0/1 ready: app is not ready (since -40s, settling)
			  pod shop/web-1-a`,
		1: ``,
	} {
		newScene(t).put(deployment("web", 1, ready), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", slow, probe)).
			check(want)
	}
	for since, want := range map[string]string{
		"@-100s": "waiting deployment shop/web: 1/1 ready: app is not ready (since -1m40s, settling)",
		"@-121s": "degraded deployment shop/web: 1/1 ready: app is not ready (since -2m1s)",
	} {
		newScene(t).put(deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
			strings.ReplaceAll(slow, "@-40s", since), probe)).check("\n" + want + `
			  pod shop/web-1-a`)
	}
}

// TestChangesHaveTheirOwnTime holds that a controller has as long for each change as for the first,
// though a write to the scale subresource leaves no time behind.
func TestChangesHaveTheirOwnTime(t *testing.T) {
	web := func(generation, observed string) string {
		d := strings.Replace(deployment("web", 1, 1), "generation: 1}", "generation: "+generation+"}", 1)
		d = strings.Replace(d, "observedGeneration: 1", "observedGeneration: "+observed, 1)
		return wrote(d, "kubectl-create", "-20s")
	}
	s := newScene(t).put(web("1", "1")).watching().check(``)
	s.put(web("2", "1")).check(``)
	s.wait(2 * time.Second).put(web("2", "2")).check(``)
	s.wait(7 * time.Second).put(web("3", "2")).check(``)
	s.wait(7 * time.Second).check(``)
	s.wait(2 * time.Second).check(`
			waiting deployment shop/web: 1/1 ready, its controller has not seen the last change (since -9s, settling)`)
}
