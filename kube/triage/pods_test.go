package triage

import "testing"

// crashed is how the last run of a container ended.
const exit3 = `{exitCode: 3, reason: Error, startedAt: @-30s, finishedAt: @-20s}`

func TestContainers(t *testing.T) {
	web := []string{deployment("web", 1, 0), replicas("web", 1)}
	with := func(status string, more ...string) []string {
		return append(web[:2:2], append([]string{pod("web-1-a", "ReplicaSet/web-1", status)}, more...)...)
	}
	inits := func(status string) []string {
		return append(web[:2:2], pod("web-1-a", "ReplicaSet/web-1", status,
			"initContainers: [{name: migrate, image: shop/app:v1}]"))
	}
	checkAll(t, []situation{
		{"a crash loop", with(status("False", "@-4m", crashes(5, exit3))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a`},
		{"a crash loop without a probe does not know when it began",
			with(status("False", "@-20s", crashes(5, exit3))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (at least 30s, settling)
			  pod shop/web-1-a`},
		{"the first crash", with(status("False", "@-20s", `{name: app, ready: false, restartCount: 0,
    state: {terminated: `+exit3+`}}`)), `
			failing deployment shop/web: 0/1 ready: app Error, exit 3 (since -20s, settling)
			  pod shop/web-1-a`},
		{"a crash after days of work, and crashes before", with(status("False", "@-20s", crashes(5,
			`{exitCode: 3, reason: Error, startedAt: @-48h, finishedAt: @-20s}`))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -20s, settling)
			  pod shop/web-1-a`},
		{"out of memory", with(status("False", "@-4m", crashes(5,
			`{exitCode: 137, reason: OOMKilled, startedAt: @-30s, finishedAt: @-20s}`))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, OOMKilled, exit 137, 5 restarts (since -4m0s)
			  pod shop/web-1-a`},
		{"a command that does not exist", with(status("False", "@-4m", crashes(5, `{exitCode: 128, reason: StartError,
    message: 'exec: "nope": executable file not found in $PATH', startedAt: @-30s, finishedAt: @-20s}`))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, StartError, exit 128, 5 restarts: ` +
			`exec: "nope": executable file not found in $PATH (since -4m0s)
			  pod shop/web-1-a`},
		{"a command that never began says 1970", with(status("False", "@-20s", crashes(5,
			`{exitCode: 128, reason: StartError, startedAt: "1970-01-01T00:00:00Z", finishedAt: @-20s}`))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, StartError, exit 128, 5 restarts ` +
			`(at least 20s, settling)
			  pod shop/web-1-a`},
		{"an image that is not there", with(starting("", waits("ImagePullBackOff", `Back-off pulling image "shop/app:v1": `+
			`ErrImagePull: rpc error: code = NotFound desc = shop/app:v1: not found`))), `
			failing deployment shop/web: 0/1 ready: app ImagePullBackOff, image not found: shop/app:v1: not found (since -10m0s)
			  pod shop/web-1-a`},
		{"a ConfigMap that is not there", with(starting("", waits("CreateContainerConfigError",
			`configmap "web" not found`))), `
			failing deployment shop/web: 0/1 ready: app CreateContainerConfigError: configmap "web" not found (since -10m0s)
			  pod shop/web-1-a`},
		{"an init container crashes", inits(starting(`{name: migrate, restartCount: 4, ready: false,
    state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: `+exit3+`}}`,
			`{name: app, restartCount: 0, ready: false, state: {waiting: {reason: PodInitializing}}}`)), `
			failing deployment shop/web: 0/1 ready: init container migrate CrashLoopBackOff, exit 3, 4 restarts (since -10m0s)
			  pod shop/web-1-a`},
		{"containers are made", with(starting("", appWait)), `
			failing deployment shop/web: 0/1 ready: ContainerCreating (since -10m0s)
			  pod shop/web-1-a`},
		{"a volume does not mount", with(starting("", appWait), warns("Pod web-1-a", "FailedMount",
			`MountVolume.SetUp failed for volume "conf" : configmap "web" not found`)), `
			failing deployment shop/web: 0/1 ready: FailedMount: MountVolume.SetUp failed for volume "conf" : ` +
			`configmap "web" not found (since -10m0s)
			  pod shop/web-1-a`},
		{"an init container that hangs", inits(starting(`{name: migrate, restartCount: 0, ready: false, started: true,
    state: {running: {startedAt: @-9m}}}`, appWait)), `
			waiting deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -10m0s, settling)
			  pod shop/web-1-a`},
		{"an init container at work", inits(starting(`{name: migrate, restartCount: 0, ready: false, started: true,
    state: {running: {startedAt: @-5s}}}`, appWait)), ``},
	})
}

func TestProbes(t *testing.T) {
	probed := `containers: [{name: app, image: shop/app:v1, ports: [{name: http, containerPort: 8080}],
    readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5, failureThreshold: 2},
    livenessProbe: {httpGet: {path: /live, port: 8080}}, startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 10}}]`
	with := func(status string, more ...string) []string {
		return append([]string{deployment("web", 1, 0), replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", status, probed)}, more...)
	}
	unready := func(started string) string {
		return `{name: app, ready: false, started: true, restartCount: 0, state: {running: {startedAt: ` + started + `}}}`
	}
	refused := warns("Pod web-1-a", "Unhealthy", `Readiness probe failed: Get "http://10.0.0.1:8080/ready": connection refused`)
	checkAll(t, []situation{
		{"was ready", with(status("False", "@-4m", unready("@-1h")), refused), `
			failing deployment shop/web: 0/1 ready: app is not ready: Readiness probe failed: ` +
			`Get "http://10.0.0.1:8080/ready": connection refused (since -4m0s)
			  pod shop/web-1-a`},
		{"never was ready", with(status("False", "@-4m", unready("@-4m")), refused), `
			failing deployment shop/web: 0/1 ready: app is not ready: Readiness probe failed: ` +
			`Get "http://10.0.0.1:8080/ready": connection refused (since -4m0s)
			  pod shop/web-1-a`},
		{"no event says why", with(status("False", "@-4m", unready("@-4m"))), `
			failing deployment shop/web: 0/1 ready: app is not ready (since -4m0s)
			  pod shop/web-1-a`},
		{"still has time", with(status("False", "@-3s", unready("@-3s")), refused), ``},
		{"the startup probe fails", with(status("False", "@-4m", `{name: app, ready: false, started: false, restartCount: 0,
    state: {running: {startedAt: @-2m}}}`), warns("Pod web-1-a", "Unhealthy", `Startup probe failed: dial tcp: refused`)), `
			failing deployment shop/web: 0/1 ready: app is not ready: Startup probe failed: dial tcp: refused (since -4m0s)
			  pod shop/web-1-a`},
		{"the liveness probe kills", with(status("False", "@-4m", crashes(5,
			`{exitCode: 137, reason: Error, startedAt: @-30s, finishedAt: @-20s}`)),
			warns("Pod web-1-a", "Unhealthy", `Liveness probe failed: HTTP probe failed with statuscode: 503`)), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 137 (SIGKILL), 5 restarts: ` +
			`Liveness probe failed: HTTP probe failed with statuscode: 503 (since -4m0s)
			  pod shop/web-1-a`},
		{"the liveness probe killed once, after its first failure", with(status("False", "@-30s", crashes(1,
			`{exitCode: 137, reason: Error, startedAt: @-50m, finishedAt: @-20s}`)),
			warns("Pod web-1-a", "Unhealthy", `Liveness probe failed: HTTP probe failed with statuscode: 503`)), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 137 (SIGKILL), 1 restart: ` +
			`Liveness probe failed: HTTP probe failed with statuscode: 503 (since -3m0s)
			  pod shop/web-1-a`},
	})
}

// TestRecovery holds how long a crash is remembered while its container runs again.
func TestRecovery(t *testing.T) {
	checkAll(t, []situation{
		{"crashed and serves again", []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
			status("True", "@-1m", `{name: app, ready: true, started: true, restartCount: 2, state: {running: {startedAt: @-1m}},
        lastState: {terminated: {exitCode: 1, reason: Error, startedAt: @-5m, finishedAt: @-4m}}}`))}, `
			degraded deployment shop/web: 1/1 ready: app running again, exit 1, 2 restarts (at least 5m0s)
			  pod shop/web-1-a`},
		{"outlived its crash", []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
			status("True", "@-3m", `{name: app, ready: true, started: true, restartCount: 2, state: {running: {startedAt: @-3m}},
        lastState: {terminated: {exitCode: 1, reason: Error, startedAt: @-5m, finishedAt: @-4m}}}`))}, ``},
		{"may fill its memory again", []string{deployment("web", 1, 1),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
				status("True", "@-3m", `{name: app, ready: true, started: true, restartCount: 2,
        state: {running: {startedAt: @-3m}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled, startedAt: @-245s, finishedAt: @-4m}}}`))}, `
			degraded deployment shop/web: 1/1 ready: app running again, OOMKilled, exit 137, 2 restarts (at least 4m5s)
			  pod shop/web-1-a`},
		{"has enough memory again", []string{deployment("web", 1, 1),
			replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
				status("True", "@-11m", `{name: app, ready: true, started: true, restartCount: 2,
        state: {running: {startedAt: @-11m}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled, startedAt: @-13m, finishedAt: @-12m}}}`))}, ``},
		{"restarts climb", []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
			status("True", "@-30m", `{name: app, ready: true, started: true, restartCount: 4, state: {running: {startedAt: @-30m}},
        lastState: {terminated: {exitCode: 137, reason: OOMKilled, startedAt: @-59m, finishedAt: @-30m}}}`))}, `
			notice deployment shop/web: app has restarted 4 times since 2026-11-30T11:00:00Z, last with OOMKilled, exit 137 (at least 1h0m0s)
			  pod shop/web-1-a`},
		{"crashed long ago", []string{deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
			status("True", "@-30m", `{name: app, ready: true, started: true, restartCount: 2, state: {running: {startedAt: @-30m}},
        lastState: {terminated: {exitCode: 1, reason: Error, startedAt: @-50m, finishedAt: @-31m}}}`))}, ``},
	})
}
