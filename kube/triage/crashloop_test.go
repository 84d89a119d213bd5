package triage

import (
	"fmt"
	"testing"
	"time"
)

// backsOff is the event of a container that the kubelet waits to start again.
func backsOff(container, first, last string) string {
	return changed(warns("Pod web-1-a", "BackOff", "Back-off restarting failed container "+container+
		" in pod web-1-a_shop(7e84070d-324b-41f6-9b63-aebae92176af)"), "@-3m", first, "@-1m", last)
}

// TestCrashLoopsBegan holds since when a container has crashed that is ready in each of its runs,
// so that its status is of the last one.
func TestCrashLoopsBegan(t *testing.T) {
	looping := webWith(status("False", "@-20s", crashes(5, exit3)))
	with := func(more ...string) []string { return append(looping[:3:3], more...) }
	down := changed(deployment("web", 1, 0, condition("Available", "False", "MinimumReplicasUnavailable", "", "@-10m")))
	const loop = `
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts `
	const folded = `
			  pod shop/web-1-a`
	checkAll(t, []situation{
		{"the kubelet says it", with(backsOff("app", "@-4m", "@-10s")), loop + "(at least 4m0s)" + folded},
		{"the kubelet says it of another container", with(backsOff("ap", "@-4m", "@-10s")),
			loop + "(at least 30s, settling)" + folded},
		{"the kubelet said it long ago", with(backsOff("app", "@-59m", "@-11m")),
			loop + "(at least 30s, settling)" + folded},
		{"the kubelet began to wait after the run", with(backsOff("app", "@-10s", "@-10s")),
			loop + "(at least 30s, settling)" + folded},
		{"the Deployment says it", []string{down, looping[1], looping[2]}, loop + "(at least 10m0s)" + folded},
		{"it was never ready", append(webWith(status("False", "@-5m", crashes(5, exit3))), backsOff("app", "@-4m", "@-10s")),
			loop + "(since -5m0s)" + folded},
		{"it runs at the moment", append(webWith(status("True", "@-2s", runsAgain)), backsOff("app", "@-4m", "@-10s")), `
			failing deployment shop/web: 0/1 ready: app running again, exit 3, 5 restarts (at least 4m0s)` + folded},
	})
}

const runsAgain = `{name: app, ready: true, started: true, restartCount: 5, state: {running: {startedAt: @-2s}},
    lastState: {terminated: ` + exit3 + `}}`

// TestCrashLoopsBeginOnce holds that the onset of a loop does not move with its crashes, and that
// the one before is none of it.
func TestCrashLoopsBeginOnce(t *testing.T) {
	runs := `{name: app, ready: true, started: true, restartCount: 2, state: {running: {startedAt: @0}},
    lastState: {terminated: {exitCode: 3, reason: Error, startedAt: @-3s, finishedAt: @-1s}}}`
	first := `{name: app, ready: false, restartCount: 0, state: {terminated: {exitCode: 3, startedAt: @-3s, finishedAt: @0}}}`
	waits := crashes(2, `{exitCode: 3, reason: Error, startedAt: @-2s, finishedAt: @0}`)
	for _, watched := range []bool{true, false} {
		s := newScene(t).put(deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well))
		if watched {
			s.watching()
		}
		began := s.wait(time.Minute).now
		s.put(webWith(status("False", "@0", first))...)
		s.lastsSince(t, began)
		for range 8 {
			s.wait(5 * time.Second).put(webWith(status("True", "@0", runs), deployment("web", 1, 1))...)
			s.put(backsOff("app", fmt.Sprintf("@-%ds", int(s.now.Sub(began).Seconds())-2), "@0"))
			s.lastsSince(t, began)
			s.wait(20 * time.Second).put(webWith(status("False", "@0", waits))...)
			s.lastsSince(t, began)
		}
	}
	s := newScene(t).put(deployment("web", 1, 1), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", well),
		backsOff("app", "@-40m", "@-5m")).watching()
	s.wait(time.Minute).put(webWith(status("False", "@0", waits))...).check(`
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 2 restarts (since -0s, settling)
			  pod shop/web-1-a`)
}

// lastsSince holds since when the only finding lasts.
func (s *scene) lastsSince(t *testing.T, began time.Time) {
	t.Helper()
	if v := s.state.Judge(s.now); len(v.Findings) != 1 || v.Findings[0].Since.After(began) {
		t.Fatalf("not one finding since -%s:\n%s", s.now.Sub(began), s.says())
	}
}

// TestALoopKeepsWhatItsProbeSaid holds that a cause is not forgotten before its event is.
func TestALoopKeepsWhatItsProbeSaid(t *testing.T) {
	killed := crashes(5, `{exitCode: 0, reason: Completed, startedAt: @-30s, finishedAt: @-20s}`)
	s := newScene(t).put(append(webWith(status("False", "@-4m", killed)),
		warns("Pod web-1-a", "Unhealthy", "Liveness probe failed: connection refused"))...)
	const loop = "\n\t\t\tfailing deployment shop/web: 0/1 ready: app CrashLoopBackOff, Completed, exit 0, 5 restarts"
	for _, c := range []struct {
		wait time.Duration
		want string
	}{
		{0, ": Liveness probe failed: connection refused (since -4m0s)"},
		{13 * time.Minute, ": Liveness probe failed: connection refused (since -17m0s)"},
		{30 * time.Minute, ": Liveness probe failed: connection refused (since -47m0s)"},
		{30 * time.Minute, " (since -1h17m0s)"},
	} {
		s.wait(c.wait).check(loop + c.want + "\n\t\t\t  pod shop/web-1-a")
	}
}
