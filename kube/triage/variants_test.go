package triage

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestVariants holds forms of trouble that a rule finds besides its usual one, and what is near.
func TestVariants(t *testing.T) {
	used := func(used, hard string) string {
		return changed(quota(4), `"4"`, `"`+hard+`"`, `used: {pods: "`, `used: {pods: "`+used+`", x: "`)
	}
	web := []string{deployment("web", 1, 0), replicas("web", 1)}
	local := `
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], nodeAffinity: {required: {nodeSelectorTerms: [
  {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n1]}]}]}}}
status: {phase: Bound}
`
	mounts := "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"
	stopped := condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", "@-6m")
	conflict := "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity."
	metrics := metricsAPIService("metrics", condition("Available", "False", "MissingEndpoints", "none", "@-4m"))
	asks := condition("NamespaceDeletionDiscoveryFailure", "True", "DiscoveryFailed", "Discovery failed for some groups, "+
		"1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery", "@-4m")
	checkAll(t, []situation{
		{"a quota that is used to nine tenths", []string{used("9", "10")}, `
			notice resourcequota shop/pods: pods 90% used (since ?)`},
		{"a quota that is used to a little less", []string{used("89", "100")}, ``},
		{"a claim that is not there", append(web[:2:2], unscheduledPod("web-1-a", "ReplicaSet/web-1",
			`0/1 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/1 nodes are available: 1 Preemption.`,
			mounts)), `
			failing deployment shop/web: 0/1 ready: Unschedulable: 0/1 nodes are available: persistentvolumeclaim "data" not found (since -4m0s)
			  pod shop/web-1-a`},
		{"a volume on a node that is down", append(web[:2:2], node("n1", stopped), local, bound(),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", conflict, mounts)), `
			failing node n1: NotReady: Kubelet stopped posting node status. (since -6m0s)
			  deployment shop/web
			  pod shop/web-1-a`},
		{"a volume on a node where the pod may not go", append(web[:2:2], node("n1", nodeWell), local, bound(),
			unscheduledPod("web-1-a", "ReplicaSet/web-1", conflict, mounts)), `
			failing deployment shop/web: 0/1 ready: Unschedulable: ` + strings.TrimSuffix(conflict, ".") + ` (since -4m0s)
			  pod shop/web-1-a`},
		{"a namespace whose API cannot be asked", []string{metrics,
			namespaceOf("old", ", deletionTimestamp: @-5m", "phase: Terminating, conditions: ["+asks+"]")}, `
			failing apiservice v1beta1.metrics.k8s.io: MissingEndpoints: none (since -4m0s)
			  namespace old`},
		{"a webhook whose pods are not ready", append(webWell()[:3:3], webhook("web", "Fail"), service("web"),
			slice("web", "web-1-a not")), `
			failing validatingwebhookconfiguration guard: failed calling webhook "guard.shop.test": no endpoints available for ` +
			`service "web": requests are refused (failurePolicy Fail) (since ?)`},
		{"a schedule that nobody can read", []string{nightly("", "@-2m"), warns("CronJob report", "InvalidSchedule",
			"invalid schedule: */5 * * *")}, `
			degraded cronjob shop/report: InvalidSchedule: invalid schedule: */5 * * * (at least 3m0s)`},
		{"a time that was missed before the last run", []string{nightly("", "@-2m"),
			changed(warns("CronJob report", "MissSchedule", "missed starting a job"), "@-1m", "@-10m")}, ``},
		{"pods of a Job that are refused", []string{
			changed(job("report", ""), "status: {conditions: []}", "status: {active: 0}"),
			warns("Job report", "FailedCreate", `Error creating: pods "report-x" is forbidden: no`)}, `
			degraded job shop/report: FailedCreate: pods are forbidden: no (at least 3m0s)`},
		{"pods that were refused half an hour ago", []string{database(2, 1, 1), service("db", "clusterIP: None"),
			changed(warns("StatefulSet db", "FailedCreate", "is forbidden"), "@-1m", "@-30m")}, ``},
		{"pods that were refused before the last was made", []string{database(2, 1, 1), service("db", "clusterIP: None"),
			changed(warns("StatefulSet db", "FailedCreate", "is forbidden"), "@-1m", "@-5m"),
			changed(pod("db-0", "StatefulSet/db", well), "@-1h", "@-4m")}, ``},
	})
}

func bound() string {
	return changed(claim("data", "fast", "Bound"), "storageClassName", "volumeName: disk-1, storageClassName")
}

// TestOneNamespace holds that nothing is said to be missing in a namespace that nobody looked at.
func TestOneNamespace(t *testing.T) {
	elsewhere := func(object string) string {
		return changed(object, "namespace: shop, name:", "namespace: infra, name:")
	}
	all := append(webWell(configured(""), policy("deny", `podSelector: {}, ingress: [{from: [{namespaceSelector:
    {matchLabels: {team: front}}, podSelector: {matchLabels: {app: front}}}]}]`)), elsewhere(webhook("guard", "Fail")),
		elsewhere(definition(condition("Established", "True", "", "", "@-1h"), "conversion: {strategy: Webhook, webhook: "+
			"{clientConfig: {service: {namespace: shop, name: convert}}}}")), aliasFor("pg.data.svc.cluster.local"),
		changed(httpRoute("api"), "{name: api,", "{name: api, namespace: infra,"),
		namespaceOf("front", ", labels: {team: front}", "phase: Active"), listening("{containerPort: 8080}"))
	whole := newScene(t).put(all...)
	for _, want := range []string{"guard: failed calling", "carts.shop.test: conversion webhook", "db: it stands for",
		"shop: routes to", "lets nobody reach"} {
		if got := whole.says(); !strings.Contains(got, want) {
			t.Errorf("of the whole cluster it does not say %q:\n%s", want, got)
		}
	}
	s := newScene(t)
	for kind, c := range s.state.coverage {
		c.Namespace = map[bool]string{true: "shop"}[namespaced(kind)]
		s.state.Cover(kind, c)
	}
	s.put(all...).check(``)
	s.put(ingress("ghost", 80)).check(`
			failing ingress shop/shop: routes shop.test/ to service ghost, which does not exist (since ?)`)
}

func namespaced(kind schema.GroupKind) bool {
	k, ok := kinds.For(kind)
	return ok && k.Namespaced
}
