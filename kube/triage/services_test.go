package triage

import (
	"strings"
	"testing"
)

// listening is a Deployment whose container declares ports.
func listening(ports string) string {
	return strings.Replace(deployment("web", 1, 1), "image: shop/app:v1}", "image: shop/app:v1, ports: ["+ports+"]}", 1)
}

func policy(name, spec string) string {
	return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ` + name + `, namespace: shop, creationTimestamp: @-1h}
spec: {` + spec + `}
`
}

func TestServices(t *testing.T) {
	web := []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well)}
	with := func(more ...string) []string { return append(web[:3:3], more...) }
	unnamed := func(ports string) []string {
		return []string{listening(ports), web[1], web[2], strings.Replace(service("web"), "8080", "http", 1),
			strings.Replace(slice("web", "web-1-a ready"), "ports: [{name: http, port: 8080}]", "ports: []", 1)}
	}
	missing := func(they string) string {
		return "failing service shop/web: no container of its pods has a port named http" + they + " (since ?)"
	}
	checkAll(t, []situation{
		{"a selector that matches nothing", with(service("web", "selector: {app: wbe}"), slice("web")), `
			failing service shop/web: no pod matches its selector app=wbe; the nearest pods have app=web (since ?)`},
		{"a port by a name that no container has", with(strings.Replace(service("web"), "8080", "http", 1),
			strings.Replace(slice("web", "web-1-a ready"), "ports: [{name: http, port: 8080}]", "ports: []", 1)), `
			failing service shop/web: no container of its pods has a port named http (since ?)`},
		{"a port by a name, and the containers' have none", unnamed("{containerPort: 8080}"), missing(
			"; web has 8080/TCP without a name")},
		{"a port by a name, and the containers' have others", unnamed("{name: web, containerPort: 8080}"), missing(
			"; web has web 8080/TCP")},
		{"a port by a name, and one of the containers' has another", unnamed(
			"{name: web, containerPort: 8080}, {containerPort: 9090}, {containerPort: 53, protocol: UDP}"), missing(
			"; web has 9090/TCP, 53/UDP without a name, and web 8080/TCP")},
		{"a port by a number that no container declares", []string{listening("{name: http, containerPort: 9090}"),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), service("web"), slice("web", "web-1-a ready")}, `
			degraded service shop/web: sends traffic to port 8080/TCP, which no container of deployment shop/web declares; they declare http 9090/TCP (since ?)`},
		{"the wrong protocol", []string{listening("{containerPort: 8080, protocol: UDP}"),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), service("web"), slice("web", "web-1-a ready")}, `
			degraded service shop/web: sends traffic to port 8080/TCP, which no container of deployment shop/web declares; they declare 8080/UDP (since ?)`},
		{"a port that a container declares", []string{listening("{containerPort: 8080}"),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), service("web"), slice("web", "web-1-a ready")}, ``},
		{"a port that nobody says anything of", with(service("web"), slice("web", "web-1-a ready")), ``},
		{"a route to a Service that is not there", with(ingress("wbe", 80)), `
			failing ingress shop/shop: routes shop.test/ to service wbe, which does not exist (since ?)`},
		{"a route to a port that is not there", with(service("web"), slice("web", "web-1-a ready"),
			ingress("web", 81)), `
			failing ingress shop/shop: routes shop.test/ to port 81 of service web, which it does not have (since ?)`},
		{"a class that is not there", with(service("web"), slice("web", "web-1-a ready"),
			ingress("web", 80, "ingressClassName: nginx")), `
			failing ingress shop/shop: ingressclass nginx does not exist: nothing serves this Ingress (since ?)`},
		{"a load balancer that nobody makes", with(service("web", "type: LoadBalancer"), slice("web", "web-1-a ready")), `
			waiting service shop/web: EXTERNAL-IP <pending>: nothing has given it a load balancer (since -24h0m0s)`},
		{"no selector, and nobody writes endpoints", []string{service("db", "selector: {}"), ingress("db", 80)}, `
			failing service shop/db: no endpoints: it has no selector, and 0 of the 0 endpoints that somebody wrote for it are ready (since ?)
			  ingress shop/shop`},
		{"no selector, and somebody writes endpoints", []string{service("db", "selector: {}"), ingress("db", 80),
			slice("db", "elsewhere ready")}, ``},
		{"no selector, and nobody routes there", []string{service("db", "selector: {}")}, ``},
		{"all endpoints are ending", []string{deployment("web", 1, 0), replicas("web", 1),
			strings.Replace(pod("web-1-a", "ReplicaSet/web-1", well), "namespace: shop,",
				"namespace: shop, deletionTimestamp: @-1m, deletionGracePeriodSeconds: 0,", 1),
			service("web"), slice("web", "web-1-a terminating")}, `
			failing deployment shop/web: 0/1 ready: Terminating (since -1m0s)
			  pod shop/web-1-a
			  service shop/web`},
	})
}

func TestPolicies(t *testing.T) {
	web := []string{listening("{name: http, containerPort: 8080}"), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", well), service("web"), slice("web", "web-1-a ready")}
	with := func(more ...string) []string { return append(web[:5:5], more...) }
	shut := `
			failing networkpolicy shop/deny: lets nobody reach the pods of service shop/web (since -1h0m0s)
			  service shop/web`
	closed := strings.Replace(shut, "lets nobody reach", "lets nothing in: nobody reaches", 1)
	noticed := strings.Replace(strings.Replace(closed, "failing", "notice", 1), "since -1h0m0s", "since ?", 1)
	early := func(name, spec string) string { return changed(policy(name, spec), "@-1h", "@-24h") }
	const ours = "podSelector: {matchLabels: {app: web}}, "
	checkAll(t, []situation{
		{"nobody", with(policy("deny", "podSelector: {}, policyTypes: [Ingress]")), closed},
		{"nobody, by their labels", with(policy("deny", ours+"policyTypes: [Ingress]")), closed},
		{"nobody, since the Service was made", with(early("deny", ours+"policyTypes: [Ingress]")), noticed},
		{"nobody, since the Service was made, and the namespace is closed", with(early("deny", ours+"policyTypes: [Ingress]"),
			early("all", "podSelector: {}")), noticed},
		{"nobody, since the Service was made, and an Ingress routes there", with(ingress("web", 80),
			early("deny", ours+"policyTypes: [Ingress]")), strings.Replace(noticed, "notice", "failing", 1)},
		{"another policy lets somebody in since then", with(early("deny", ours+"policyTypes: [Ingress]"),
			early("allow", ours+"ingress: [{}]")), ``},
		{"another policy lets in who is not there yet", with(early("deny", ours+"policyTypes: [Ingress]"),
			early("allow", ours+"ingress: [{from: [{podSelector: {matchLabels: {app: later}}}]}]")), ``},
		{"the namespace is closed since then", with(early("deny", "podSelector: {}, policyTypes: [Ingress]")), ``},
		{"other pods since then", with(early("deny", "podSelector: {matchLabels: {app: db}}")), ``},
		{"nobody, and another policy lets somebody in", with(policy("deny", "podSelector: {}, policyTypes: [Ingress]"),
			policy("allow", "podSelector: {matchLabels: {app: web}}, ingress: [{}]")), ``},
		{"pods that are not there", with(policy("deny", "podSelector: {matchLabels: {app: web}}, ingress: [{from: "+
			"[{podSelector: {matchLabels: {app: nobody}}}]}]")), shut},
		{"pods that are there", with(deployment("front", 0, 0), policy("deny", "podSelector: {matchLabels: {app: web}}, "+
			"ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]")), ``},
		{"another port", with(policy("deny", "podSelector: {}, ingress: [{ports: [{port: 9090}]}]")), shut},
		{"the port by its name", with(policy("deny", "podSelector: {}, ingress: [{ports: [{port: http}]}]")), ``},
		{"a range with the port", with(policy("deny", "podSelector: {}, ingress: [{ports: [{port: 8000, endPort: 9000}]}]")), ``},
		{"a namespace that was closed from the start", with(strings.Replace(policy("deny", "podSelector: {}, policyTypes: "+
			"[Ingress]"), "@-1h", "@-48h", 1)), ``},
		{"other pods", with(policy("deny", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]")), ``},
		{"traffic from them", with(policy("deny", "podSelector: {}, policyTypes: [Egress]")), ``},
		{"addresses", with(policy("deny", "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]")), ``},
	})
}

func TestSharing(t *testing.T) {
	checkAll(t, []situation{
		{"two Deployments with one selector", []string{deployment("web", 1, 1),
			strings.Replace(strings.ReplaceAll(deployment("web", 1, 1), "@-24h", "@-1h"), "{name: web,", "{name: web2,", 1)}, `
			notice deployment shop/web2: its selector app=web also selects the pods of deployment shop/web (since -1h0m0s)`},
		{"two Deployments with their own", []string{deployment("web", 1, 1), deployment("web2", 1, 1)}, ``},
		{"a governing Service that is not there", []string{database(1, 1, 1)}, `
			degraded statefulset shop/db: service shop/db, which it names, does not exist: its pods have no names in DNS (since ?)`},
		{"a budget that keeps a pod on a cordoned node", []string{node("n1", nodeWell, "unschedulable: true"),
			deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well), budget(1)}, `
			waiting poddisruptionbudget shop/web: allows no disruption: pod shop/web-1-a cannot be evicted from node n1, which is cordoned (since ?)`},
		{"a budget that nobody runs into", []string{node("n1", nodeWell), deployment("web", 1, 1), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", well), budget(1)}, ``},
		{"a budget of pods that are not well", []string{deployment("web", 1, 0), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3))), budget(0)}, `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a
			  poddisruptionbudget shop/web`},
	})
}
