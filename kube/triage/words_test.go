package triage

import (
	"strings"
	"testing"
)

// pulls are errors of a pull, and their causes.
func pulls() [][2]string {
	return [][2]string{
		{`failed to resolve reference "a/b:1": a/b:1: not found`,
			"image not found"},
		{`manifest unknown: manifest tagged by "1" is not found`,
			"image not found"},
		{`pull access denied for b, repository does not exist or may require 'docker login'`,
			"image not found, or unauthorized"},
		{`failed to authorize: 401 Unauthorized`,
			"unauthorized"},
		{`403 Forbidden`,
			"unauthorized"},
		{`toomanyrequests: You have reached your pull rate limit`,
			"the registry refuses: rate limit"},
		{`429 Too Many Requests - Server message: denied`,
			"the registry refuses: rate limit"},
		{`dial tcp: lookup registry.test on 10.96.0.10:53: no such host`,
			"no such host"},
		{`dial tcp: lookup registry.test on 10.96.0.10:53: dial udp 10.96.0.10:53: connect: network is unreachable`,
			"DNS: network is unreachable"},
		{`dial tcp: lookup registry.test on 10.96.0.10:53: read udp 10.0.0.1:4->10.96.0.10:53: i/o timeout`,
			"DNS: i/o timeout"},
		{`dial tcp: lookup registry.test on 10.96.0.10:53: read udp 10.0.0.1:4->10.96.0.10:53: read: connection refused`,
			"DNS: connection refused"},
		{`dial tcp: lookup registry.test on 10.96.0.10:53: server misbehaving`,
			"DNS: server misbehaving"},
		{`dial tcp 192.0.2.1:443: i/o timeout`,
			"i/o timeout"},
		{`dial tcp 192.0.2.1:503: connect: connection refused`,
			"connection refused"},
		{`dial tcp 192.0.2.1:443: connect: network is unreachable`,
			"network is unreachable"},
		{`dial tcp 192.0.2.1:443: connect: no route to host`,
			"no route to host"},
		{`Get "https://registry.test/v2/": net/http: TLS handshake timeout`,
			"TLS handshake timeout"},
		{`Get "https://registry.test/v2/": EOF`,
			"EOF"},
		{`failed to fetch oauth token: unexpected status from GET request to https://auth.test/token?a=b: 502 Bad Gateway`,
			"502 Bad Gateway"},
		{`503 Service Unavailable`,
			"503 Service Unavailable"},
		{`failed to resolve reference "certificate.test/x509:401": certificate.test/x509:401: not found`,
			"image not found"},
		{`pull access denied for shop/no-such-host, repository does not exist or may require 'docker login'`,
			"image not found, or unauthorized"},
		{`tls: failed to verify certificate: x509: certificate signed by unknown authority`,
			"the registry's TLS"},
		{`http: server gave HTTP response to HTTPS client`,
			"the registry's TLS"},
		{`no match for platform in manifest: not found`,
			"not built for this platform"},
		{`write /var/lib/containerd/x: no space left on device`,
			"no space left on the node"},
		{`something that nobody has seen`,
			""},
	}
}

// TestPullWords holds that the errors of a pull are named by their cause, in the words of containerd, of
// Docker and of registries.
func TestPullWords(t *testing.T) {
	for _, c := range pulls() {
		message, want := c[0], c[1]
		want = "ErrImagePull" + map[bool]string{true: ": ", false: ", " + want + ": "}[want == ""] + message
		if got := pullText("ErrImagePull", "rpc error: code = Unknown desc = "+message); got != want {
			t.Errorf("%s\nnot %s", got, want)
		}
	}
	for reason, want := range map[string]string{
		"InvalidImageName": "InvalidImageName, invalid name: x", "ErrImageNeverPull": "ErrImageNeverPull, not on the node: x",
	} {
		if got := pullText(reason, "x"); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// worded is a pod, an event about it, and what is said of them.
type worded struct{ name, object, event, want string }

func wordedPods() []worded {
	two := `containers: [{name: app, image: a}, {name: proxy, image: a}]`
	beside := func(other string) string { return status("False", "@-4m", appRuns, other) }
	terminated := func(text string) string {
		return changed(crashes(3, `{`+text+`, startedAt: @-30s, finishedAt: @-20s}`), "name: app", "name: proxy")
	}
	event := func(reason, message string) string { return warns("Pod a", reason, message) }
	return []worded{
		{"one container of two", pod("a", "", beside(terminated("exitCode: 5, reason: Error")), two), "",
			"proxy CrashLoopBackOff, exit 5, 3 restarts"},
		{"a sidecar", pod("a", "", changed(status("False", "@-4m", appRuns), "containerStatuses",
			"initContainerStatuses: ["+terminated("exitCode: 5, reason: Error")+"], containerStatuses"),
			"initContainers: [{name: proxy, image: a, restartPolicy: Always}]"), "",
			"sidecar proxy CrashLoopBackOff, exit 5, 3 restarts"},
		{"a signal", pod("a", "", beside(terminated("exitCode: 139, signal: 11, reason: Error")), two), "",
			"proxy CrashLoopBackOff, exit 139, signal 11, 3 restarts"},
		{"a shell's code", pod("a", "", beside(terminated("exitCode: 127, reason: Error")), two), "",
			"proxy CrashLoopBackOff, exit 127 (command not found), 3 restarts"},
		{"memory", pod("a", "", status("False", "@-4m", crashes(3, "{exitCode: 137, reason: OOMKilled, startedAt: @-30s, "+
			"finishedAt: @-20s}")), "containers: [{name: app, image: a, resources: {limits: {memory: 64Mi}}}]"), "",
			"app CrashLoopBackOff, OOMKilled, exit 137, memory limit 64Mi, 3 restarts"},
		{"a file of another machine", pod("a", "", status("False", "@-4m", crashes(3, `{exitCode: 128, reason: StartError,
      message: 'exec /app: exec format error', startedAt: @-30s, finishedAt: @-20s}`))), "",
			"app CrashLoopBackOff, StartError, exit 128, 3 restarts: exec /app: exec format error"},
		{"a file system that is read only", pod("a", "", starting("", waits("RunContainerError",
			"mkdir /data: read-only file system"))), "", "app RunContainerError: mkdir /data: read-only file system"},
		{"a container that cannot be made", pod("a", "", starting("", waits("CreateContainerError",
			"context deadline exceeded"))), "", "app CreateContainerError: context deadline exceeded"},
		{"a key", pod("a", "", starting("", waits("CreateContainerConfigError",
			"couldn't find key b in Secret shop/db"))), "",
			"app CreateContainerConfigError: couldn't find key b in Secret shop/db"},
		{"no network", pod("a", "", starting("", appWait)), event("FailedCreatePodSandBox",
			"failed to setup network for sandbox: plugin type=calico: no addresses"),
			"FailedCreatePodSandBox: failed to setup network for sandbox: plugin type=calico: no addresses"},
		{"a key of a volume", pod("a", "", starting("", appWait), "volumes: [{name: tls, secret: {secretName: creds}}]"),
			event("FailedMount", `MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt`),
			`volume "tls" is secret shop/creds`},
		{"the kubelet's name of a pod", pod("a", "", starting("", waits("CreateContainerConfigError", "container has "+
			`runAsNonRoot and image will run as root (pod: "a_shop(7e84070d-324b-41f6-9b63-aebae92176af)", container: app)`))),
			"", "app CreateContainerConfigError: container has runAsNonRoot and image will run as root"},
		{"a hook", pod("a", "", starting("", waits("PostStartHookError",
			`HTTP lifecycle hook (/nope) for Container "app" in Pod "a_shop(7e84070d-324b-41f6-9b63-aebae92176af)" failed - error: refused`))), "",
			"app PostStartHookError: HTTP lifecycle hook (/nope) failed - error: refused"},
		{"a hook, later", pod("a", "", status("False", "@-4m", killed)), event("FailedPostStartHook", "PostStartHook failed"),
			"app CrashLoopBackOff, exit 137 (SIGKILL), 5 restarts: PostStartHook failed"},
		{"a volume that is elsewhere", pod("a", "", starting("", appWait)), event("FailedAttachVolume",
			"Multi-Attach error for volume pvc-1"), "FailedAttachVolume: Multi-Attach error for volume pvc-1"},
		{"a volume that is mounted by now", pod("a", "", changed(starting("", appWait), "conditions: [",
			`conditions: [{type: PodReadyToStartContainers, status: "True"}, `)), event("FailedMount", "configmap not found"),
			"ContainerCreating: its volumes and its network are there"},
		{"a volume that did not mount long ago", pod("a", "", starting("", appWait)),
			changed(event("FailedMount", "configmap not found"), "@-1m", "@-30m"), "ContainerCreating"},
		{"no room on the node", pod("a", "", `{phase: Failed, reason: Evicted, message: 'The node was low on memory.'}`), "",
			"Evicted: The node was low on memory."},
		{"it makes room for another", changed(pod("a", "", changed(well, "conditions: [", `conditions: [
      {type: DisruptionTarget, status: "True", reason: PreemptionByScheduler, message: "default-scheduler: preempting"}, `)), "namespace: shop,",
			"namespace: shop, deletionTimestamp: @-5m, deletionGracePeriodSeconds: 30,"), "",
			"Terminating: PreemptionByScheduler: default-scheduler: preempting"},
		{"a finalizer", changed(pod("a", "", well), "namespace: shop,",
			"namespace: shop, finalizers: [shop.test/hold], deletionTimestamp: @-5m, deletionGracePeriodSeconds: 0,"), "",
			"Terminating: finalizer shop.test/hold"},
		{"a readiness gate", pod("a", "", changed(well, `{type: Ready, status: "True"`,
			`{type: Ready, reason: ReadinessGatesNotReady, message: 'gate "x" is not open', status: "False"`)), "",
			`ReadinessGatesNotReady: gate "x" is not open`},
		{"a port that nobody listens on", pod("a", "", status("False", "@-4m", unreadySince("@-1h")), `containers: [
      {name: app, image: a, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {path: /ready, port: 9090}}}]`), "",
			"its readiness probe asks port 9090, which the container does not declare; it declares 8080/TCP"},
	}
}

// TestWords holds what is said of pods that do not come up, in the cluster's own words.
func TestWords(t *testing.T) {
	for _, c := range wordedPods() {
		t.Run(c.name, func(t *testing.T) {
			objects := []string{c.object}
			if c.event != "" {
				objects = append(objects, c.event)
			}
			s := newScene(t).put(objects...)
			s.state.Judge(s.now)
			v := s.wait(atOnce).state.Judge(s.now)
			if len(v.Findings) != 1 {
				t.Fatalf("it says\n%s", s.says())
			}
			said := []string{v.Findings[0].Reason}
			for _, e := range v.Findings[0].Evidence {
				said = append(said, e.Text)
			}
			if all := strings.Join(said, "\n"); said[0] != c.want && !strings.Contains(all, "\n"+c.want) {
				t.Errorf("%s\nnot %s", all, c.want)
			}
		})
	}
}

// TestReplicasInWords holds what is said of pods of which the order or the place counts.
func TestReplicasInWords(t *testing.T) {
	crashing := status("False", "@-4m", crashes(5, exit3))
	daemons := `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop, creationTimestamp: @-24h, generation: 1}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: app, image: a}]}}
status: {observedGeneration: 1, desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 1}
`
	for _, c := range []struct {
		name    string
		objects []string
		want    string
	}{
		{"one ordinal blocks the others", []string{database(3, 1, 0), service("db", "clusterIP: None"),
			pod("db-0", "StatefulSet/db", crashing)}, "OrderedReady: 2 more pods wait until db-0 is ready"},
		{"nodes without their pod", []string{daemons, pod("agent-a", "DaemonSet/agent", crashing),
			pod("agent-b", "DaemonSet/agent", crashing, "nodeName: n2")}, "not ready on n1, n2"},
	} {
		s := newScene(t).put(c.objects...)
		var said []string
		for _, f := range s.state.Judge(s.now).Findings {
			for _, e := range f.Evidence {
				said = append(said, e.Text)
			}
		}
		if !strings.Contains(strings.Join(said, "\n"), c.want) {
			t.Errorf("%s: no %q in %q", c.name, c.want, said)
		}
	}
}
