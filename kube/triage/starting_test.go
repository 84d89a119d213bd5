package triage

import (
	"fmt"
	"testing"
	"time"
)

// startsSince is a pod of web that has not been ready since it came to its node.
func startsSince(name, at string) string {
	return changed(pod(name, "ReplicaSet/web-1", status("False", at, unreadySince(at))), "@-1h", at)
}

func available(status, since string) string {
	return fmt.Sprintf(`{type: Available, status: %q, lastTransitionTime: %s}`, status, since)
}

// release is the Deployment web at a revision of its template.
func release(revision, want, ready int, made string, conditions ...string) string {
	return changed(deployment("web", want, ready, conditions...), "@-24h", made, "generation: 1}",
		fmt.Sprintf("generation: 1, annotations: {deployment.kubernetes.io/revision: '%d'}}", revision))
}

// TestFirstStarts holds that pods which need a while for their first start do no harm where nobody misses
// them, and that whatever else is wrong is said at once.
func TestFirstStarts(t *testing.T) {
	probe := warns("Pod web-1-a", "Unhealthy", "Readiness probe failed: 503")
	set := replicas("web", 1)
	fresh := func(age string, more ...string) []string {
		return append([]string{release(1, 1, 0, age, available("False", age)), set, probe}, more...)
	}
	const says = "deployment shop/web: 0/1 ready: app is not ready: Readiness probe failed: 503 "
	const folds = "\n			  pod shop/web-1-a"
	served := []string{service("web"), slice("web", "web-1-a not"), ingress("web", 80)}
	const routed = "\n			  ingress shop/shop" + folds + "\n			  service shop/web"
	restarted := changed(startsSince("web-1-a", "@-50s"), "restartCount: 0",
		"restartCount: 1, lastState: {terminated: "+exit3+"}")
	startup := changed(startsSince("web-1-a", "@-1m"), "started: true", "started: false",
		"image: shop/app:v1}", "image: shop/app:v1, startupProbe: {periodSeconds: 3, tcpSocket: {port: 1}}}")
	checkAll(t, []situation{
		{"never available", fresh("@-119s", startsSince("web-1-a", "@-119s")), `
			waiting ` + says + `(since -1m59s, settling)` + folds},
		{"never available for too long", fresh("@-121s", startsSince("web-1-a", "@-121s")), `
			failing ` + says + `(since -2m1s)` + folds},
		{"what routes to it never answered", fresh("@-1m", append(served, startsSince("web-1-a", "@-1m"))...), `
			waiting ` + says + `(since -1m0s, settling)` + routed},
		{"what routes to it, for too long", fresh("@-121s", append(served, startsSince("web-1-a", "@-121s"))...), `
			failing ` + says + `(since -2m1s)` + routed},
		{"what routes to it, before a word of the pod", fresh("@-30s", append(served, changed(
			startsSince("web-1-a", "@-30s"), "image: shop/app:v1}",
			"image: shop/app:v1, readinessProbe: {periodSeconds: 30, tcpSocket: {port: 1}}}"))...), ``},
		{"a startup probe", fresh("@-1m", startup), `
			waiting ` + says + `(since -1m0s, settling)` + folds},
		{"was available before", []string{release(2, 1, 0, "@-24h", available("False", "@-1m")), set, probe,
			startsSince("web-1-a", "@-1m")}, `
			failing ` + says + `(since -1m0s)` + folds},
		{"fell at once after a change", []string{release(2, 1, 0, "@-65s", available("False", "@-1m")), set, probe,
			startsSince("web-1-a", "@-1m")}, `
			failing ` + says + `(since -1m0s)` + folds},
		{"was available for a while", []string{release(1, 1, 0, "@-90s", available("False", "@-1m")), set, probe,
			startsSince("web-1-a", "@-1m")}, `
			failing ` + says + `(since -1m0s)` + folds},
		{"was ready before", fresh("@-1m", changed(startsSince("web-1-a", "@-1m"), "startedAt: @-1m", "startedAt: @-2m")), `
			failing ` + says + `(since -1m0s)` + folds},
		{"one restart", fresh("@-1m", restarted), `
			failing deployment shop/web: 0/1 ready: app Error, exit 3, 1 restart (since -20s, settling)` + folds},
		{"the deadline is over", []string{changed(release(1, 1, 0, "@-1m", available("False", "@-1m")),
			`"True", reason: NewReplicaSetAvailable`, `"False", lastTransitionTime: @-1s, reason: ProgressDeadlineExceeded`),
			set, probe, startsSince("web-1-a", "@-1m")}, `
			failing ` + says + `(since -1m0s)` + folds},
		{"another pod crashes", fresh("@-1m", startsSince("web-1-a", "@-1m"),
			pod("web-1-b", "ReplicaSet/web-1", status("False", "@-1m", crashes(5, exit3)))), `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -1m0s)` + folds +
			"\n			  pod shop/web-1-b"},
		{"a pod that nothing owns", []string{probe, changed(pod("web-1-a", "", status("False", "@-1m",
			unreadySince("@-1m"))), "@-1h", "@-1m")}, `
			waiting pod shop/web-1-a: app is not ready: Readiness probe failed: 503 (since -1m0s, settling)`},
	})
}

// TestStartsBesideOthers holds that pods which come on top, or in the place of those that a rollout may
// take away, may start slowly, too.
func TestStartsBesideOthers(t *testing.T) {
	const reason = "app is not ready: Readiness probe failed: 503 "
	const folds = "\n			  pod shop/web-1-a"
	probe := warns("Pod web-1-a", "Unhealthy", "Readiness probe failed: 503")
	young := startsSince("web-1-a", "@-1m")
	older := changed(pod("web-1-a", "ReplicaSet/web-1", status("False", "@-1m", unreadySince("@-1h"))), "web-1", "web-0")
	with := func(deployment string, more ...string) []string {
		return append([]string{replicas("web", 4), probe, young, deployment}, more...)
	}
	restarting := func(have, updated int, conditions ...string) string {
		return changed(release(2, 4, 3, "@-24h", conditions...), "replicas: 4, updatedReplicas: 4",
			fmt.Sprintf("replicas: %d, updatedReplicas: %d", have, updated), "reason: NewReplicaSetAvailable",
			`reason: ReplicaSetUpdated, message: 'ReplicaSet "web-1" is progressing.'`)
	}
	scaled := func(ready int, at, fell string) string {
		return changed(release(1, 4, ready, "@-24h", available("False", fell)), "namespace: shop,",
			`namespace: shop, managedFields: [{manager: kubectl, subresource: scale, time: `+at+`}],`)
	}
	checkAll(t, []situation{
		{"one of four, of the same template", with(release(1, 4, 3, "@-24h", available("True", "@-24h"))), `
			waiting deployment shop/web: 3/4 ready: ` + reason + `(since -1m0s, settling)` + folds},
		{"one of four is more than may be missed", with(release(1, 4, 3, "@-24h", available("False", "@-1m"))), `
			degraded deployment shop/web: 3/4 ready: ` + reason + `(since -1m0s)` + folds},
		{"none need be ready", with(release(1, 4, 0, "@-24h", available("True", "@-24h"))), `
			failing deployment shop/web: 0/4 ready: ` + reason + `(since -1m0s)` + folds},
		{"amid a restart", with(restarting(5, 2, available("True", "@-24h"))), `
			waiting deployment shop/web: rollout: 2 of 4 updated, 3/4 ready: ` + reason + `(since -1m0s, settling)` + folds},
		{"the last one of a restart", with(restarting(4, 4, available("True", "@-24h"))), `
			waiting deployment shop/web: rollout: all updated, 3/4 ready: ` + reason + `(since -1m0s, settling)` + folds},
		{"amid a restart that takes too much", with(restarting(5, 2, available("False", "@-1m"))), `
			degraded deployment shop/web: 3/4 ready: ` + reason + `(since -1m0s)` + folds},
		{"an old pod of a restart", []string{replicas("web", 4), restarting(5, 2, available("True", "@-24h")),
			changed(replicas("web", 1), "web-1", "web-0"), older}, `
			degraded deployment shop/web: 3/4 ready: app is not ready (since -1m0s)
			  pod shop/web-0-a`},
		{"scaled up", with(scaled(2, "@-61s", "@-61s"), startsSince("web-1-b", "@-1m")), `
			waiting deployment shop/web: 2/4 ready: ` + reason + `(since -1m0s, settling)` + folds + "\n			  pod shop/web-1-b"},
		{"scaled up, before a word of the pods", []string{replicas("web", 4), scaled(2, "@-25s", "@-25s"),
			changed(startsSince("web-1-a", "@-25s"), "image: shop/app:v1}",
				"image: shop/app:v1, readinessProbe: {periodSeconds: 30, tcpSocket: {port: 1}}}")}, ``},
		{"scaled up from nothing", with(scaled(0, "@-61s", "@-61s")), `
			waiting deployment shop/web: 0/4 ready: ` + reason + `(since -1m0s, settling)` + folds},
		{"fewer before somebody scaled", with(scaled(2, "@-61s", "@-5m"), startsSince("web-1-b", "@-1m")), `
			degraded deployment shop/web: 2/4 ready: ` + reason + `(since -1m0s)` + folds + "\n			  pod shop/web-1-b"},
		{"a pod from before somebody scaled", with(scaled(2, "@-30s", "@-30s")), `
			degraded deployment shop/web: 2/4 ready: ` + reason + `(since -1m0s)` + folds},
		{"pods lost after somebody scaled", with(scaled(2, "@-100s", "@-1m")), `
			degraded deployment shop/web: 2/4 ready: ` + reason + `(since -1m0s)` + folds},
		{"nobody scaled", with(release(1, 4, 2, "@-24h", available("False", "@-1m"))), `
			degraded deployment shop/web: 2/4 ready: ` + reason + `(since -1m0s)` + folds},
	})
}

// TestStartsWithoutConditions holds the same of what does not say whether it is available.
func TestStartsWithoutConditions(t *testing.T) {
	young := func(name, at string) string {
		return changed(pod(name, "StatefulSet/db", status("False", at, unreadySince(at))), "@-1h", at)
	}
	db := func(have, ready int, made string) string {
		return changed(database(3, have, ready), "@-24h", made, "serviceName: db", "serviceName: ''")
	}
	const folds = "\n			  pod shop/db-"
	checkAll(t, []situation{
		{"new", []string{db(1, 0, "@-1m"), young("db-0", "@-1m")}, `
			waiting statefulset shop/db: 0/3 ready: app is not ready (since -1m0s, settling)` + folds + "0"},
		{"new, one after the other", []string{db(2, 1, "@-3m"), young("db-1", "@-1m")}, `
			waiting statefulset shop/db: 1/3 ready: app is not ready (since -1m0s, settling)` + folds + "1"},
		{"a while old", []string{db(1, 0, "@-3m"), young("db-0", "@-1m")}, `
			failing statefulset shop/db: 0/3 ready: app is not ready (since -1m0s)` + folds + "0"},
		{"its template has changed", []string{changed(db(1, 0, "@-1m"), "generation: 1", "generation: 2"),
			young("db-0", "@-1m")}, `
			failing statefulset shop/db: 0/3 ready: app is not ready (since -1m0s)` + folds + "0"},
		{"one is replaced", []string{db(3, 2, "@-24h"), young("db-2", "@-1m")}, `
			waiting statefulset shop/db: 2/3 ready: app is not ready (since -1m0s, settling)` + folds + "2"},
		{"two are replaced", []string{db(3, 1, "@-24h"), young("db-1", "@-1m"), young("db-2", "@-1m")}, `
			failing statefulset shop/db: 1/3 ready: app is not ready (since -1m0s)` + folds + "1" + folds + "2"},
	})
}

// TestStartEnds holds that a verdict comes when pods have started for too long, though nothing changes.
func TestStartEnds(t *testing.T) {
	s := newScene(t).put(release(1, 1, 0, "@0", available("False", "@0")), replicas("web", 1),
		startsSince("web-1-a", "@0")).wait(time.Minute)
	v := s.state.Judge(s.now)
	if v.Count(Waiting) != 1 || !v.Wake.Equal(noon.Add(slowly)) {
		t.Errorf("it wakes %s after the start, and says\n%s", v.Wake.Sub(noon), s.says())
	}
	if v = s.wait(time.Minute).state.Judge(s.now); v.Count(Failing) != 1 || v.Findings[0].Settling {
		t.Errorf("at the end it says\n%s", s.says())
	}
}
