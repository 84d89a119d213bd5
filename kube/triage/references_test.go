package triage

import (
	"strings"
	"testing"
	"time"
)

// TestLastReference loses the only Secret that there was, which says more than that none was saved.
func TestLastReference(t *testing.T) {
	refers := strings.Replace(deployment("web", 1, 1), "image: shop/app:v1}",
		"image: shop/app:v1, envFrom: [{secretRef: {name: db}}]}", 1)
	s := newScene(t).put(refers, replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well))
	s.put("\napiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n")
	s.check(``)
	s.remove("secret shop/db")
	s.check(`
		notice deployment shop/web: secret "db" not found: its pods run, and would not start again (since ?)`)
	s.state.Cover(secretKind, Coverage{Kind: "secrets", Of: -1, Missing: "not saved"})
	s.check(``)
}

// httpRoute leads to a Service.
func httpRoute(service string) string {
	return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop, creationTimestamp: @-5m}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: ` + service + `, port: 80}]}]}
status: {parents: [{parentRef: {name: edge}, conditions: [{type: Accepted, status: "True"}]}]}
`
}

func TestReferences(t *testing.T) {
	refers := func(more string) string {
		return strings.Replace(deployment("web", 1, 1), "image: shop/app:v1}",
			"image: shop/app:v1, envFrom: [{configMapRef: {name: settings"+more+"}}]}", 1)
	}
	settings := "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"
	other := strings.Replace(settings, "name: settings", "name: kube-root-ca.crt", 1)
	web := []string{replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), other}
	with := func(more ...string) []string { return append(web[:3:3], more...) }
	alias := func(name string) string {
		return "\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop, creationTimestamp: @-24h}\n" +
			"spec: {type: ExternalName, externalName: " + name + "}\n"
	}
	checkAll(t, []situation{
		{"a ConfigMap that is gone", with(refers("")), `
			notice deployment shop/web: configmap "settings" not found: its pods run, and would not start again (since ?)`},
		{"a ConfigMap that is there", with(refers(""), settings), ``},
		{"an optional one", with(refers(", optional: true")), ``},
		{"the last ConfigMap that there was", []string{refers(""), web[0], web[1]}, `
			notice deployment shop/web: configmap "settings" not found: its pods run, and would not start again (since ?)`},
		{"a workload that is scaled to zero", []string{strings.Replace(refers(""), "replicas: 1",
			"replicas: 0", 1)}, ``},
		{"a workload whose pods say so themselves", []string{
			strings.Replace(refers(""), "readyReplicas: 1", "readyReplicas: 0", 1),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", starting("", waits("CreateContainerConfigError",
				`configmap "settings" not found`)))}, `
			failing deployment shop/web: 0/1 ready: app CreateContainerConfigError: configmap "settings" not found (since -10m0s)
			  pod shop/web-1-a`},
		{"an alias of a Service that is not there", []string{alias("pg.data.svc.cluster.local")}, `
			failing service shop/db: it stands for service data/pg: service "pg" not found (since ?)`},
		{"an alias of a host elsewhere", []string{alias("db.example.com")}, ``},
		{"an alias of a Service that is there", []string{alias("web.shop.svc"), deployment("web", 1, 1), service("web"),
			slice("web", "web-1-a ready")}, ``},
		{"a route to a Service that is not there", []string{httpRoute("ghost")}, `
			failing httproute shop/shop: routes to service shop/ghost: service "ghost" not found (since -5m0s)`},
		{"a route to a port that is not there", with(strings.Replace(httpRoute("web"), "port: 80", "port: 81", 1),
			deployment("web", 1, 1), service("web"), slice("web", "web-1-a ready")), `
			failing httproute shop/shop: routes to port 81 of service shop/web, which it does not have (since -5m0s)`},
		{"a route to something else", with(strings.Replace(httpRoute("web"), "port: 80",
			"port: 81, kind: Bucket, group: s3.test", 1),
			deployment("web", 1, 1), service("web"), slice("web", "web-1-a ready")), ``},
		{"a route to a Service that is there", with(httpRoute("web"), deployment("web", 1, 1), service("web"),
			slice("web", "web-1-a ready")), ``},
	})
	// It is judged again when what it names comes or goes.
	s := newScene(t).put(with(refers(""), settings)...).watching().check(``)
	s.wait(time.Minute).remove("configmap shop/settings").check(`
			notice deployment shop/web: configmap "settings" not found: its pods run, and would not start again (since -0s, settling)`)
	s.put(settings).check(``)
	newScene(t).put(with(refers(""))...).unknown(configKind).check(``)
}

// TestStrangers holds what is said of a Service in front of several workloads.
func TestStrangers(t *testing.T) {
	second := func(text string) string {
		return strings.NewReplacer("{name: web,", "{name: web2,", "selector: {matchLabels: {app: web}}",
			"selector: {matchLabels: {app: web, track: b}}", "{labels: {app: web}}", "{labels: {app: web, track: b}}").
			Replace(text)
	}
	first := strings.NewReplacer("matchLabels: {app: web}", "matchLabels: {app: web, track: a}",
		"{labels: {app: web}}", "{labels: {app: web, track: a}}").Replace(listening("{containerPort: 8080}"))
	base := []string{first, service("web"), slice("web", "web-1-a ready")}
	with := func(more ...string) []string { return append(base[:3:3], more...) }
	checkAll(t, []situation{
		{"two builds", with(strings.Replace(second(listening("{containerPort: 8080}")), "app:v1", "app:v2", 1)), `
			notice service shop/web: selects the pods of two builds: shop/app:v1 of deployment shop/web, shop/app:v2 of deployment shop/web2 (since ?)`},
		{"the same build twice", with(second(listening("{containerPort: 8080}"))), ``},
		{"another build that is scaled to zero", with(strings.NewReplacer("app:v1", "app:v2", "replicas: 1", "replicas: 0").
			Replace(second(listening("{containerPort: 8080}")))), ``},
		{"one that has no such port", with(second(listening("{containerPort: 9090}"))), `
			degraded service shop/web: also selects the pods of deployment shop/web2, which declare no port 8080/TCP; those of deployment shop/web do (since ?)`},
		{"one whose pods do not have the port's name", []string{
			strings.Replace(first, "{containerPort", "{name: http, containerPort", 1),
			strings.Replace(service("web"), "8080", "http", 1), slice("web", "web-1-a ready"),
			strings.NewReplacer("web-x", "web-y", "ports: [{name: http, port: 8080}]", "ports: []").
				Replace(slice("web", "web2-a ready")),
			second(listening("{name: adm, containerPort: 9090}"))}, `
			degraded service shop/web: also selects the pods of deployment shop/web2, which declare no port http/TCP; those of deployment shop/web do (since ?)`},
		{"one that says nothing of its ports", with(second(deployment("web", 1, 1))), ``},
	})
}

func leaseIn(namespace, name, renewed string) string {
	return `
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec: {holderIdentity: ` + name + `, leaseDurationSeconds: 40, renewTime: @` + renewed + `}
`
}

// TestKubeletLease holds that a lease which nobody renews is said of its node, and not of one
// that is gone, nor while nobody could renew it.
func TestKubeletLease(t *testing.T) {
	stale := []string{node("n1", nodeWell), leaseIn(NodeLeases, "n1", "-70s")}
	says := "degraded node n1: its kubelet has not renewed its lease since 2026-11-30T11:58:50Z (since -1m10s)"
	checkAll(t, []situation{
		{"stale", stale, says},
		{"a little late", []string{node("n1", nodeWell), leaseIn(NodeLeases, "n1", "-50s")}, ``},
		{"of a node that is gone", []string{leaseIn(NodeLeases, "n1", "-70s")}, ``},
		{"of a node that is lost", []string{node("n1", condition("Ready", "Unknown", "NodeStatusUnknown",
			"Kubelet stopped posting node status.", "@-30s")), leaseIn(NodeLeases, "n1", "-70s")}, `
			failing node n1: NotReady: Kubelet stopped posting node status. (since -30s, settling)`},
		{"of somebody else", []string{leaseIn("kube-system", "cilium-operator", "-70s")}, ``},
	})
	s := newScene(t).put(stale...)
	s.state.Answers(false)
	s.check(``)
	s.state.Answers(true)
	s.wait(time.Second).check(``)
	s.wait(20 * time.Second).check(strings.Replace(says, "1m10s", "1m31s", 1))
	s.put(leaseIn(NodeLeases, "n1", "-1s")).check(``)
	s.wait(80 * time.Second).check("degraded node n1: its kubelet has not renewed its lease since 2026-11-30T12:00:20Z (since -1m21s)")
}

// TestCredential holds that a kubeconfig says when its certificate ends.
func TestCredential(t *testing.T) {
	for _, c := range []struct {
		ends time.Duration
		want string
	}{
		{48 * time.Hour, "notice kubeconfig prod: its client certificate expires at 2026-12-02T12:00:00Z (since -120h0m0s)"},
		{-time.Hour, "failing kubeconfig prod: its client certificate expired at 2026-11-30T11:00:00Z (since -1h0m0s)"},
		{30 * 24 * time.Hour, ""},
	} {
		s := newScene(t)
		s.state.SetCredential("prod", "client certificate", noon.Add(-300*24*time.Hour), noon.Add(c.ends))
		s.check(c.want)
	}
	s := newScene(t)
	s.state.SetCredential("prod", "token", time.Time{}, time.Time{})
	s.check(``)
	// One of two hours has been about to end since it was made.
	s.state.SetCredential("prod", "token", noon.Add(-20*time.Minute), noon.Add(100*time.Minute))
	s.check(`notice kubeconfig prod: its token expires at 2026-11-30T13:40:00Z (since -20m0s)`)
	s.state.SetCredential("dev", "token", time.Time{}, noon.Add(99*time.Minute))
	s.check(`notice kubeconfig dev: its token expires at 2026-11-30T13:39:00Z (since ?)`)
	f := s.state.Judge(noon).Findings[0]
	for left, want := range map[time.Duration]string{99 * time.Minute: "in 1h39m, at", 59 * time.Minute: "in 59m, at",
		26 * time.Hour: "in 26h0m, at", 6 * 24 * time.Hour: "in 6d, at", -time.Minute: "at", 0: "at"} {
		if got := f.ReasonAt(f.Until.Add(-left)); got != "its token expires "+want+" 2026-11-30T13:39:00Z" {
			t.Error(got)
		}
	}
}

// TestFree holds that the nodes which a pod could go to are said to have so much left.
func TestFree(t *testing.T) {
	big := `containers: [{name: app, image: a, resources: {requests: {cpu: "2"}}}]`
	first := pod("other", "", well, big)
	s := newScene(t).put(node("n1", nodeWell), node("n2", nodeWell, "taints: [{key: gpu, effect: NoSchedule}]"), first,
		pod("done", "", `{phase: Succeeded}`, big),
		unscheduledPod("web", "", "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).",
			`containers: [{name: app, image: a, resources: {requests: {cpu: "3"}}}]`))
	s.says()
	wanted := s.state.Wanted()
	if len(wanted) != 1 || wanted[0].Name != "other" {
		t.Fatalf("it wants %v", wanted)
	}
	_, obj := readObject(t, moment.ReplaceAllString(first, `"2026-11-30T10:00:00Z"`))
	s.state.SetWhole(wanted[0], obj)
	want := "node n1 has 2 of 4 cpu free, and it asks for 3"
	evidence := s.state.Judge(s.now).Findings[0].Evidence
	if last := evidence[len(evidence)-1]; last.Text != want {
		t.Errorf("%q, not %q", last.Text, want)
	}
	if wanted := s.state.Wanted(); len(wanted) != 0 {
		t.Errorf("it still wants %v", wanted)
	}
	// What the pods of other namespaces have asked for is not known, so neither is what is free.
	s.state.Cover(podKind, Coverage{Kind: "pods", Of: -1, Namespace: "shop"})
	s.now = s.now.Add(time.Hour)
	for _, e := range s.state.Judge(s.now).Findings[0].Evidence {
		if strings.Contains(e.Text, "free") {
			t.Errorf("of one namespace: %q", e.Text)
		}
	}
}
