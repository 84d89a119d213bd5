package triage

import (
	"strings"
	"testing"
)

// TestLogsNameWhatIsNotKnown holds that a Service is not empty because its endpoints are hidden.
func TestLogsNameWhatIsNotKnown(t *testing.T) {
	s := newScene(t).unknown(sliceKind).put(deployment("web", 1, 0), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3))),
		deployment("redis", 1, 1), service("redis", "clusterIPs: [10.96.0.7]"), ingress("redis", 80))
	s.state.Judge(s.now)
	for _, wanted := range s.state.LogsWanted() {
		s.state.SetLog(wanted, []string{"dial tcp: connect to redis:6379: connection refused"})
	}
	s.check(`
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a`)
}

// TestLogs holds what the last lines of a crashing container lead to.
func TestLogs(t *testing.T) {
	web := []string{deployment("web", 1, 0), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3)))}
	redis := []string{deployment("redis", 0, 0), service("redis", "clusterIPs: [10.96.0.7]"), slice("redis")}
	own := `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a`
	under := `
			failing service shop/redis: no endpoints: deployment shop/redis is scaled to 0, and deployment shop/web needs it: its log names it (since ?)
			  deployment shop/web
			  pod shop/web-1-a`
	for _, c := range []struct{ name, line, want string }{
		{"nothing of use", "starting\nbye", own},
		{"a Service by its name and port", "dial tcp: connect to redis:6379: connection refused", under},
		{"by its whole name", "cannot reach redis.shop.svc.cluster.local", under},
		{"by its address", "dial tcp 10.96.0.7:6379: connect: connection refused", under},
		{"by a URL", "GET http://redis/ping: EOF", under},
		{"a word that is the name of a Service", "the redis client has no configuration", own},
		{"a Service that is not there", "dial tcp: lookup cache on 10.96.0.10:53: no such host", `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts: service shop/cache does not exist (since -4m0s)
			  pod shop/web-1-a`},
		{"a host of somebody else", "dial tcp: lookup api.example.com on 10.96.0.10:53: no such host", own},
		{"a refusal", `pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource "pods" in API group "" ` +
			`in the namespace "shop"`, `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts: serviceaccount shop/web lacks a rule: apiGroups [""], resources [pods], verbs [list] in namespace shop (since -4m0s)
			  pod shop/web-1-a`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(web...).put(redis...).check(own)
			wanted := s.state.LogsWanted()
			if len(wanted) != 1 || wanted[0].Container != "app" || wanted[0].Restarts != 5 {
				t.Fatalf("it wants %v", wanted)
			}
			s.state.SetLog(wanted[0], strings.Split(c.line, "\n"))
			if wanted := s.state.LogsWanted(); len(wanted) != 0 {
				t.Errorf("it still wants %v before the next verdict", wanted)
			}
			s.check(c.want)
			if wanted := s.state.LogsWanted(); len(wanted) != 0 {
				t.Errorf("it still wants %v", wanted)
			}
		})
	}
}
