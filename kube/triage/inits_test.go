package triage

import (
	"strings"
	"testing"
	"time"
)

// TestHangingInit holds what the log and the environment of an init container that does not end lead to.
func TestHangingInit(t *testing.T) {
	own := `
			waiting deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -10m0s, settling)
			  pod shop/web-1-a`
	under := func(names string) string {
		return `
			waiting service shop/db: no endpoints: deployment shop/db is scaled to 0, and deployment shop/web needs it: its ` + names + ` names it (since ?)
			  deployment shop/web
			  pod shop/web-1-a`
	}
	up := []string{service("db"), slice("db", "db-1-a ready")}
	down := []string{deployment("db", 0, 0), service("db"), slice("db")}
	for _, c := range []struct {
		name, env, line string
		others          []string
		want            string
	}{
		{"nothing is named", "", "waiting", down, own},
		{"the log names a Service that is down", "", "db:5432 does not answer", down, under("log")},
		{"the log names a Service that is well", "", "db:5432 does not answer", up, own},
		{"a URL", "{name: DB, value: 'postgres://shop@db/shop'}", "", down, under("environment")},
		{"a host", "{name: DB_HOST, value: db}", "", down, under("environment")},
		{"a host that is well", "{name: DB_HOST, value: db}", "", up, own},
		{"a word that is the name of a Service", "{name: KIND, value: db}", "", down, own},
		{"the Service that leads to itself", "{name: SELF_HOST, value: web}", "",
			[]string{service("web"), slice("web", "web-1-a not")}, `
			failing deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -10m0s, settling)
			  pod shop/web-1-a
			  service shop/web`},
		{"a Service that is not there", "", "lookup db on 10.96.0.10:53: no such host", nil, strings.Replace(own, "end (",
			"end: service shop/db does not exist (", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(c.others...).put(deployment("web", 1, 0), replicas("web", 1),
				pod("web-1-a", "ReplicaSet/web-1", hanging("@-10m", "@-9m"),
					"initContainers: [{name: migrate, image: shop/app:v1, env: ["+c.env+"]}]"))
			s.state.Judge(s.now)
			wanted := s.state.LogsWanted()
			if len(wanted) != 1 || wanted[0].Container != "migrate" || !wanted[0].Running {
				t.Fatalf("it wants %v", wanted)
			}
			s.state.SetLog(wanted[0], []string{"starting", c.line})
			s.check(c.want)
		})
	}
}

// TestHangingInitSoon holds from when an init container that runs says why pods are missing: once the
// rollout is past its deadline, once they are missed, and else once it has run for long.
func TestHangingInitSoon(t *testing.T) {
	for _, c := range []struct {
		name, workload string
		from           time.Duration
	}{
		{"past the deadline", overdue(1, "@0"), atOnce},
		{"pods are missed", deployment("web", 1, 0), shortage},
		{"a rollout", progressing(1, "True", "ReplicaSetUpdated", "@0"), initializing},
	} {
		s := newScene(t).watching().put(c.workload, replicas("web", 1),
			pod("web-1-a", "ReplicaSet/web-1", hanging("@0", "@0"), migrates))
		for _, d := range []time.Duration{-time.Second, time.Second} {
			s.now = noon.Add(c.from + d)
			if says := strings.Contains(s.says(), "init container migrate"); says != (d > 0) {
				t.Errorf("%s: %t after %s: %s", c.name, says, c.from+d, s.says())
			}
		}
	}
	newScene(t).put(overdue(1, "@-1s"), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", hanging("@-15s", "@-14s"), migrates)).check(`
			failing deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -15s, settling)
			  pod shop/web-1-a`)
}

// TestHangingInitBecause holds that the way to the cause leads to the container and to its last words,
// those of the run that goes on.
func TestHangingInitBecause(t *testing.T) {
	s := newScene(t).put(overdue(1, "@-1m"), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1",
		strings.Replace(hanging("@-2m", "@-2m"), "restartCount: 0", "restartCount: 2", 1), migrates))
	s.state.Judge(s.now)
	for _, w := range s.state.LogsWanted() {
		s.state.SetLog(w, []string{"still no answer from db:5432"})
	}
	want := `because deployment shop/web: 0/1 ready
because pod shop/web-1-a: init container migrate has run since 2026-11-30T11:58:00Z
log pod shop/web-1-a: still no answer from db:5432
because deployment shop/web: ProgressDeadlineExceeded: ReplicaSet "web-1" is it.`
	if got := s.becauses(); got != want {
		t.Errorf("it says\n%s\n\nnot\n%s", got, want)
	}
}

// TestCrashingInitRunsAgain holds that an init container which crashes in a loop is judged by its last
// run while the next one goes on, until that has outlasted it.
func TestCrashingInitRunsAgain(t *testing.T) {
	again := func(started, last string) string {
		return starting(`{name: migrate, restartCount: 3, ready: false, started: true,
      state: {running: {startedAt: `+started+`}}, lastState: {terminated: `+last+`}}`, appWait)
	}
	failed := `{exitCode: 4, reason: Error, startedAt: @-60s, finishedAt: @-40s}`
	const crash = `
			failing deployment shop/web: 0/1 ready: init container migrate Error, exit 4, 3 restarts (since -10m0s)
			  pod shop/web-1-a`
	const hang = `
			failing deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -10m0s)
			  pod shop/web-1-a`
	for _, c := range []struct{ name, pod, want string }{
		{"it has just begun", again("@-1s", failed), crash},
		{"it has run for less than the run that failed", again("@-15s", failed), crash},
		{"it has run for as long as two of those that failed", again("@-41s", failed), hang},
		{"the run that failed was short, and this one may still do its work",
			again("@-20s", `{exitCode: 4, reason: Error, startedAt: @-41s, finishedAt: @-40s}`), crash},
		{"the last run ended well", again("@-15s", `{exitCode: 0, reason: Completed, startedAt: @-60s, finishedAt: @-40s}`),
			hang},
		{"it is the first run", hanging("@-10m", "@-15s"), hang},
	} {
		t.Run(c.name, func(t *testing.T) {
			newScene(t).put(overdue(1, "@-5m"), replicas("web", 1), pod("web-1-a", "ReplicaSet/web-1", c.pod, migrates)).
				check(c.want)
		})
	}
}

// TestCrashingInitKeepsItsOnset holds that what is known of the first crashes is not lost in a later run, and
// that the log of the run that failed is the evidence.
func TestCrashingInitKeepsItsOnset(t *testing.T) {
	last := `lastState: {terminated: {exitCode: 4, reason: Error, startedAt: @-20s, finishedAt: @-10s}}}`
	waits := `{name: migrate, restartCount: 2, ready: false, state: {waiting: {reason: CrashLoopBackOff}}, ` + last
	runs := `{name: migrate, restartCount: 3, ready: false, state: {running: {startedAt: @-2s}}, ` + last
	s := newScene(t).put(overdue(1, "@-5m"), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", starting(waits, appWait), migrates))
	began := s.state.Judge(s.now).Findings[0].Since
	s.wait(time.Minute).put(pod("web-1-a", "ReplicaSet/web-1", starting(runs, appWait), migrates))
	s.lastsSince(t, began)
	s.state.Judge(s.now)
	wanted := s.state.LogsWanted()
	if len(wanted) != 1 || wanted[0].Container != "migrate" || wanted[0].Running {
		t.Fatalf("it wants %v, not the log of the run that failed", wanted)
	}
	s.state.SetLog(wanted[0], []string{"FATAL: no schema"})
	if got := s.becauses(); !strings.Contains(got, "log pod shop/web-1-a: FATAL: no schema") {
		t.Errorf("the log is not a cause:\n%s", got)
	}
}
