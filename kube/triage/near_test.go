package triage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestNear holds where the change is looked for that may have caused a finding.
func TestNear(t *testing.T) {
	volume := changed(volumeIn("Bound", "Retain"), "spec: {", "spec: {storageClassName: fast, ")
	crashing := []string{configured(""), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
		status("False", "@-4m", crashes(5, exit3)), "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"),
		bound(), volume, storageClass("fast", "Immediate"), service("web"), slice("web", "web-1-a not"), ingress("web", 80),
		policy("deny", "podSelector: {}"), quota(1), webhook("guard", "Fail"), service("guard"),
		slice("guard", "guard-1 ready"),
		service("other"), deployment("other", 1, 1)}
	refused := []string{deployment("web", 2, 0, condition("ReplicaFailure", "True", "FailedCreate",
		`admission webhook "guard.shop.test" denied the request: no owner`, "@-3m")),
		webhook("guard", "Fail"), service("guard"), slice("guard", "guard-1 ready")}
	checkNear(t, []nearby{
		{"a crash", crashing, []string{"deployment shop/web 0", "configmap shop/settings 1", "pod shop/web-1-a 1",
			"service shop/web 1", "ingress shop/shop 1", "node n1 2", "persistentvolumeclaim shop/data 2",
			"networkpolicy shop/deny 2", "resourcequota shop/pods 2", "namespace shop 2"},
			[]string{"service shop/other", "deployment shop/other", "validatingwebhookconfiguration guard"}},
		{"a pod that is refused", refused, []string{"deployment shop/web 0", "validatingwebhookconfiguration guard -1"}, nil},
		{"a pod that cordoned nodes keep waiting", []string{node("n1", nodeWell, "unschedulable: true"), node("n2", nodeWell),
			deployment("web", 1, 0), replicas("web", 1), unscheduledPod("web-1-a", "ReplicaSet/web-1",
				"0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.")},
			[]string{"deployment shop/web 0", "node n1 1"}, []string{"node n2"}},
		{"a pod that waits for room", []string{node("n1", nodeWell, "unschedulable: true"), deployment("web", 1, 0),
			replicas("web", 1), unscheduledPod("web-1-a", "ReplicaSet/web-1", "0/1 nodes are available: 1 Insufficient cpu.")},
			[]string{"deployment shop/web 0"}, []string{"node n1"}},
		{"a claim", []string{claim("data", "fast", "Lost"), storageClass("fast", "Immediate")},
			[]string{"persistentvolumeclaim shop/data 0", "storageclass fast 1"}, nil},
	})
}

// TestNearPolicies holds that of the policies of a namespace only those are near that guard the pods
// which a finding is about.
func TestNearPolicies(t *testing.T) {
	const (
		everybody = "networkpolicy shop/deny 2"
		ours      = "networkpolicy shop/ours 2"
		either    = "networkpolicy shop/either 2"
		bare      = "networkpolicy shop/bare 2"
		theirs    = "networkpolicy shop/theirs"
	)
	policies := []string{policy("deny", "podSelector: {}"), policy("ours", "podSelector: {matchLabels: {app: web}}"),
		policy("either", "podSelector: {matchExpressions: [{key: app, operator: In, values: [other, web]}]}"),
		policy("bare", "podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}"),
		policy("theirs", "podSelector: {matchLabels: {app: other}}"), deployment("other", 1, 1),
		strings.Replace(policy("theirs", "podSelector: {matchLabels: {app: web}}"), "namespace: shop", "namespace: b", 1)}
	with := func(more ...string) []string { return append(slices.Clip(policies), more...) }
	crash := status("False", "@-4m", crashes(5, exit3))
	failed := strings.Replace(job("web", "", condition("Failed", "True", "BackoffLimitExceeded", "", "@-4m")),
		"template: {spec:", "template: {metadata: {labels: {app: web}}, spec:", 1)
	all := []string{everybody, ours, either}
	notOurs := []string{theirs, "networkpolicy shop/ours", "networkpolicy shop/either"}
	checkNear(t, []nearby{
		{"a Deployment", with(deployment("web", 1, 0), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", crash)),
			all, []string{theirs, "networkpolicy shop/bare", "networkpolicy b/"}},
		{"a pod without an owner", with(pod("web", "", crash)), all, []string{theirs, "networkpolicy shop/bare"}},
		{"a pod without labels", with(strings.Replace(pod("web", "", crash), ", labels: {app: web}", "", 1)),
			[]string{everybody, bare}, notOurs},
		{"a Job", with(failed), all, []string{theirs, "networkpolicy shop/bare"}},
		{"a Service whose port nothing has", with(deployment("web", 1, 1),
			strings.Replace(service("web"), "8080", "http", 1),
			strings.Replace(slice("web", "web-1-a ready"), "ports: [{name: http, port: 8080}]", "ports: []", 1)),
			all, []string{theirs, "networkpolicy shop/bare"}},
		{"a Service that selects nothing", with(service("web", "selector: {app: wbe}"), slice("web")),
			nil, []string{"networkpolicy"}},
		{"an Ingress before them", with(deployment("web", 1, 1), service("web"), slice("web", "web-1-a ready"),
			ingress("web", 81)),
			all, []string{theirs, "networkpolicy shop/bare"}},
		{"an autoscaler", with(deployment("web", 1, 1), hpa(condition("ScalingActive", "False",
			"FailedGetResourceMetric", "no metrics", "@-20m"))), nil, []string{"networkpolicy"}},
		{"a claim", with(claim("data", "", "Lost")), nil, []string{"networkpolicy"}},
		{"a node", with(node("n1", condition("Ready", "False", "KubeletNotReady", "runtime is down", "@-6m"))),
			nil, []string{"networkpolicy"}},
	})
}

// TestNearHooks holds that of the webhooks only those are near that are asked about pods of the namespace
// or about what the finding is about.
func TestNearHooks(t *testing.T) {
	const hook = "validatingwebhookconfiguration guard"
	asks := func(resource, more string) string {
		return strings.Replace(webhook("guard", "Fail"), "webhooks: [{", "webhooks: [{rules: [{operations: [CREATE], "+
			"apiGroups: ['*'], apiVersions: ['*'], resources: ["+resource+"]}], "+more, 1)
	}
	shop := namespaceOf("shop", ", labels: {team: a}", "phase: Active")
	limits := "\napiVersion: v1\nkind: LimitRange\nmetadata: {name: small, namespace: shop}\n"
	refused := deployment("web", 2, 0, condition("ReplicaFailure", "True", "FailedCreate",
		`pods "web-1-x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi`, "@-3m"))
	only := func(key, value string) string {
		return "namespaceSelector: {matchLabels: {" + key + ": " + value + "}}, "
	}
	near, far := []string{hook + " 2", "limitrange shop/small -1"}, []string{"limitrange shop/small -1"}
	for name, row := range map[string]struct {
		hook, namespace string
		near            bool
	}{
		"everything":                  {asks("pods", ""), "", true},
		"any resource":                {asks("'*'", ""), "", true},
		"the object's kind":           {asks("deployments", ""), "", true},
		"another kind":                {asks("secrets", ""), "", false},
		"a part of a pod":             {asks("pods/exec", ""), "", false},
		"only when pods go":           {strings.Replace(asks("pods", ""), "CREATE", "DELETE", 1), "", false},
		"this namespace":              {asks("pods", only("kubernetes.io/metadata.name", "shop")), "", true},
		"another namespace":           {asks("pods", only("kubernetes.io/metadata.name", "other")), "", false},
		"namespaces with its label":   {asks("pods", only("team", "a")), shop, true},
		"namespaces with another":     {asks("pods", only("team", "b")), shop, false},
		"labels that are not known":   {asks("pods", only("team", "b")), "", true},
		"nothing, as it has no rules": {webhook("guard", "Fail"), "", false},
	} {
		want, never := near, []string(nil)
		if !row.near {
			want, never = far, []string{hook}
		}
		checkNear(t, []nearby{{name, []string{refused, limits, row.hook, row.namespace, service("guard"),
			slice("guard", "guard-1 ready")}, want, never}})
	}
}

// nearby is a row of a table: what is there, and what is near its first finding.
type nearby struct {
	name        string
	objects     []string
	near, never []string
}

func checkNear(t *testing.T, rows []nearby) {
	t.Helper()
	for _, c := range rows {
		s := newScene(t).put(c.objects...)
		var all []string
		for ref, away := range s.state.Near(s.state.Judge(s.now).Findings[0]) {
			all = append(all, fmt.Sprint(ref, " ", away))
		}
		slices.Sort(all)
		for _, want := range c.near {
			if !slices.Contains(all, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, strings.Join(all, "\n"))
			}
		}
		for _, other := range c.never {
			if strings.Contains(strings.Join(all, "\n"), other) {
				t.Errorf("%s: %q is in\n%s", c.name, other, strings.Join(all, "\n"))
			}
		}
	}
}
