package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestFolding holds what stands under what: symptoms, and nothing else.
func TestFolding(t *testing.T) {
	crashing := status("False", "@-4m", crashes(5, exit3))
	checkAll(t, []situation{
		{"a Service and its Ingress under the workload behind them", []string{
			deployment("web", 2, 0), replicas("web", 2),
			pod("web-1-a", "ReplicaSet/web-1", crashing), pod("web-1-b", "ReplicaSet/web-1", crashing),
			service("web"), slice("web", "web-1-a not", "web-1-b not"), ingress("web", 80)}, `
			failing deployment shop/web: 0/2 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  ingress shop/shop
			  pod shop/web-1-a
			  pod shop/web-1-b
			  service shop/web`},
		{"a Service beside another workload's trouble", []string{
			deployment("web", 1, 0), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", crashing),
			deployment("db", 1, 1), replicas("db", 1), pod("db-1-a", "ReplicaSet/db-1", well),
			service("db"), slice("db", "db-1-a ready")}, `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a`},
		{"an autoscaler under a metrics API that is down", []string{
			deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well),
			hpa(condition("ScalingActive", "False", "FailedGetResourceMetric",
				"unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: "+
					"the server is currently unable to handle the request (get pods.metrics.k8s.io)", "@-3m")),
			metricsAPIService("metrics", condition("Available", "False", "MissingEndpoints",
				"endpoints for service/metrics in \"shop\" have no addresses", "@-4m"))}, `
			failing apiservice v1beta1.metrics.k8s.io: MissingEndpoints: endpoints for service/metrics in "shop" have no addresses (since -4m0s)
			  horizontalpodautoscaler shop/web`},
		{"the metrics API under the Deployment that serves it", []string{
			deployment("metrics", 1, 0), replicas("metrics", 1), pod("metrics-1-a", "ReplicaSet/metrics-1", crashing),
			service("metrics"), slice("metrics", "metrics-1-a not"),
			metricsAPIService("metrics", condition("Available", "False", "MissingEndpoints",
				"endpoints for service/metrics in \"shop\" have no addresses", "@-4m"))}, `
			failing deployment shop/metrics: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  apiservice v1beta1.metrics.k8s.io
			  pod shop/metrics-1-a
			  service shop/metrics`},
		{"refused pods of two workloads under one webhook", []string{
			webhook("guard", "Fail"),
			deployment("web", 2, 0, condition("ReplicaFailure", "True", "FailedCreate", dead, "@-3m")),
			deployment("db", 2, 0, condition("ReplicaFailure", "True", "FailedCreate", dead, "@-2m"))}, `
			failing validatingwebhookconfiguration guard: failed calling webhook "guard.shop.test": service "guard" not found: ` +
			`requests are refused (failurePolicy Fail) (at least 3m0s)
			  deployment shop/db
			  deployment shop/web`},
		{"a webhook that nobody needs", []string{webhook("guard", "Ignore")}, `
			notice validatingwebhookconfiguration guard: failed calling webhook "guard.shop.test": service "guard" not found: ` +
			`it is passed over (failurePolicy Ignore) (since ?)`},
		{"refused pods under a quota", []string{quota(4),
			deployment("web", 2, 1, condition("ReplicaFailure", "True", "FailedCreate", full, "@-3m")),
			deployment("db", 2, 1, condition("ReplicaFailure", "True", "FailedCreate", full, "@-2m"))}, `
			degraded resourcequota shop/pods: quota exceeded: pods 4/4 used, requested pods=1 (since -3m0s)
			  deployment shop/db
			  deployment shop/web`},
		{"a claim that pends holds a StatefulSet up", []string{
			database(2, 2, 1), pod("db-0", "StatefulSet/db", well),
			unscheduledPod("db-1", "StatefulSet/db", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. "+
				"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
				"volumes: [{name: data, persistentVolumeClaim: {claimName: data-db-1}}]"),
			claim("data-db-1", "fast", "Pending")}, `
			failing persistentvolumeclaim shop/data-db-1: Pending: storageclass.storage.k8s.io "fast" not found (since -5m0s)
			  pod shop/db-1
			  statefulset shop/db`},
	})
}

const (
	dead = `Internal error occurred: failed calling webhook "guard.shop.test": failed to call webhook: ` +
		`Post "https://guard.shop.svc:443/?timeout=10s": service "guard" not found`
	full = `pods "web-1-abcde" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4`
)

// TestWithdrawn has an Ingress that follows from a Service, which itself counts only if its
// pods are in trouble, and they have just begun.
func TestWithdrawn(t *testing.T) {
	s := newScene(t).put(deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well),
		service("web"), slice("web", "web-1-a ready"), ingress("web", 80)).watching()
	for range 4 {
		s.wait(100*time.Millisecond).put(pod("web-1-a", "ReplicaSet/web-1", status("False", "@0", appRuns)),
			slice("web", "web-1-a not")).check("")
	}
}

// TestDeadNode holds that all of a node's pods stand under it, whatever they belong to.
func TestDeadNode(t *testing.T) {
	s := newScene(t).put(node("n2", nodeWell), node("n1", condition("Ready", "Unknown", "NodeStatusUnknown",
		"Kubelet stopped posting node status.", "@-6m")))
	var want []string
	for i := range 19 {
		name := fmt.Sprintf("web%02d", i)
		s.put(deployment(name, 2, 0), replicas(name, 2))
		for _, p := range []string{"-1-a", "-1-b"} {
			s.put(pod(name+p, "ReplicaSet/"+name+"-1", status("False", "@-6m", appRuns)))
			want = append(want, "  pod shop/"+name+p)
		}
		want = append(want, "  deployment shop/"+name)
	}
	s.put(deployment("elsewhere", 1, 1), replicas("elsewhere", 1), pod("elsewhere-1-a", "ReplicaSet/elsewhere-1", well,
		"nodeName: n2"))
	got := strings.Split(strings.TrimSpace(s.says()), "\n")
	first := "failing node n1: NotReady: Kubelet stopped posting node status. (since -6m0s)"
	if got[0] != first || len(got) != 1+len(want) {
		t.Errorf("%d lines, not %d:\n%s", len(got), 1+len(want), strings.Join(got, "\n"))
	}
	for _, line := range want {
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("%s is not there", line)
		}
	}
}

// TestFoldingWithoutAddresses holds that a Service whose pods never got an address stands under
// their workload at once.
func TestFoldingWithoutAddresses(t *testing.T) {
	s := newScene(t).put(deployment("web", 2, 2), replicas("web", 2), pod("web-1-a", "ReplicaSet/web-1", well),
		service("web"), slice("web", "web-1-a ready"), ingress("web", 80)).watching().check(``)
	s.wait(time.Minute).remove("pod shop/web-1-a").put(deployment("web", 2, 0), slice("web"),
		pod("web-1-b", "ReplicaSet/web-1", starting("", waits("CreateContainerConfigError",
			`configmap "web" not found`)))).check(`
			failing deployment shop/web: 0/2 ready: app CreateContainerConfigError: configmap "web" not found (since -10m0s)
			  ingress shop/shop
			  pod shop/web-1-b
			  service shop/web`)
}

// TestLinks holds that what is only likely stays a finding of its own, and is linked with the
// reason for it.
func TestLinks(t *testing.T) {
	crashing := status("False", "@-4m", crashes(5, exit3))
	pressed := node("n1", nodeWell+", "+
		condition("DiskPressure", "True", "KubeletHasDiskPressure", "disk is full", "@-5m"))
	two := []string{node("n1", nodeWell), node("n2", nodeWell), deployment("web", 1, 0), replicas("web", 1),
		deployment("db", 1, 0), replicas("db", 1), pod("web-1-a", "ReplicaSet/web-1", crashing)}
	for _, c := range []struct {
		name    string
		objects []string
		want    string // the links of deployment web
	}{
		{"a node under pressure that does not explain a crash", []string{pressed, deployment("web", 1, 0),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", crashing)}, "node n1: this runs on it"},
		{"a webhook that denies", []string{webhook("guard", "Fail"), service("guard"),
			slice("guard", "guard-1 ready"),
			deployment("web", 2, 0, condition("ReplicaFailure", "True", "FailedCreate",
				`admission webhook "guard.shop.test" denied the request: no owner`, "@-3m"))},
			"validatingwebhookconfiguration guard: this is refused by it"},
		{"two workloads with all their trouble on one node", append(two[:7:7], pod("db-1-a", "ReplicaSet/db-1", crashing)),
			"node n1: runs all its pods that are in trouble, and those of 1 more"},
		{"two workloads with trouble on two nodes", append(two[:7:7], pod("db-1-a", "ReplicaSet/db-1", crashing,
			"nodeName: n2")), ""},
		{"a claim that does not grow", []string{deployment("web", 1, 0), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", crashing, "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"),
			strings.Replace(claim("data", "fast", "Bound"), "phase: Bound", "phase: Bound, conditions: ["+
				condition("ControllerResizeError", "True", "", "quota exceeded", "@-3m")+"]", 1)},
			"persistentvolumeclaim shop/data: this mounts it"},
		{"a claim that is well", []string{deployment("web", 1, 0), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", crashing, "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"),
			claim("data", "fast", "Bound")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(c.objects...)
			var got []string
			for _, f := range s.state.Judge(s.now).Findings {
				if f.Object.Name == "web" {
					for _, l := range f.Links {
						got = append(got, l.To.String()+": "+l.Why)
					}
				}
			}
			if all := strings.Join(got, "\n"); all != c.want {
				t.Errorf("%q, not %q", all, c.want)
			}
		})
	}
}
