package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestOnset holds what is said of when something began: seen, read, at least, or not known.
func TestOnset(t *testing.T) {
	empty := []string{deployment("web", 0, 0), service("web"), slice("web"), ingress("web", 80)}
	t.Run("from a condition", func(t *testing.T) {
		newScene(t).put(node("n1", condition("Ready", "False", "KubeletNotReady", "runtime is down", "@-6m"))).check(`
			failing node n1: NotReady: runtime is down (since -6m0s)`)
	})
	t.Run("nothing says it", func(t *testing.T) {
		newScene(t).put(empty...).wait(time.Hour).check(`
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since ?)
			  ingress shop/shop
			  service shop/web`)
	})
	t.Run("seen", func(t *testing.T) {
		s := newScene(t).put(deployment("web", 1, 1), service("web"), slice("web", "a ready"), ingress("web", 80))
		s.watching()
		s.wait(time.Minute).put(empty...).check(`
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since -0s, settling)
			  ingress shop/shop
			  service shop/web`)
		s.wait(2 * time.Minute).check(`
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since -2m0s)
			  ingress shop/shop
			  service shop/web`)
	})
	t.Run("there before anybody looked", func(t *testing.T) {
		newScene(t).put(empty...).watching().wait(time.Minute).check(`
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since ?)
			  ingress shop/shop
			  service shop/web`)
	})
}

// TestBoundsStay holds that a crash loop does not begin again with each run.
func TestBoundsStay(t *testing.T) {
	s := newScene(t).put(deployment("web", 1, 0), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-10s", crashes(5, exit3)))).watching()
	s.check(`
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (at least 30s, settling)
			  pod shop/web-1-a`)
	s.wait(5 * time.Minute).put(
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-10s", crashes(6, exit3)))).check(`
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 6 restarts (at least 5m30s)
			  pod shop/web-1-a`)
}

// TestLeaving holds that what is mended is gone at once.
func TestLeaving(t *testing.T) {
	s := newScene(t).put(deployment("web", 1, 0), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3)))).watching()
	s.check(`
			failing deployment shop/web: 0/1 ready: app CrashLoopBackOff, exit 3, 5 restarts (since -4m0s)
			  pod shop/web-1-a`)
	s.wait(time.Second).remove("pod shop/web-1-a").put(deployment("web", 1, 1),
		pod("web-1-b", "ReplicaSet/web-1", well)).check(``)
	if v := s.state.Judge(s.now); v.Quiet.IsZero() {
		t.Error("it is quiet, and nobody says since when")
	}
}

// TestFlapping holds that what comes and goes says so and keeps its name.
func TestFlapping(t *testing.T) {
	bad := node("n1", condition("Ready", "False", "KubeletNotReady", "runtime is down", "@-1s"))
	s := newScene(t).put(node("n1", nodeWell)).watching()
	for range flapping + 1 {
		s.wait(time.Minute).put(bad).check(s.says())
		s.wait(10 * time.Second).put(node("n1", nodeWell)).check(``)
	}
	s.wait(time.Minute).put(bad)
	if f := s.state.Judge(s.now).Findings; len(f) != 1 || !f[0].Flapping || f[0].ID != "node n1: node not ready" {
		t.Errorf("not one finding that flaps: %s", s.says())
	}
	s.wait(remembered + time.Minute).put(node("n1", nodeWell)).check(``)
	s.wait(remembered + time.Minute).put(bad)
	if f := s.state.Judge(s.now).Findings; len(f) != 1 || f[0].Flapping {
		t.Error("it is remembered for ever")
	}
}

// TestRanking holds the order: harm, then what has settled, then the newest.
func TestRanking(t *testing.T) {
	crash := func(name, since string) []string {
		return []string{deployment(name, 1, 0), replicas(name, 1),
			pod(name+"-1-a", "ReplicaSet/"+name+"-1", status("False", since, crashes(5,
				strings.ReplaceAll(exit3, "@-30s", "@-3s"))))}
	}
	s := newScene(t)
	for _, objects := range [][]string{
		crash("old", "@-9m"), crash("new", "@-4m"), crash("settling", "@-5s"), crash("served", "@-9m"),
		crash("routed", "@-9m"),
		{service("served"), slice("served", "served-1-a not"), service("routed"), slice("routed", "routed-1-a not"),
			ingress("routed", 80), quota(4),
			deployment("half", 2, 1), replicas("half", 2), pod("half-1-a", "ReplicaSet/half-1",
				status("False", "@-4m", crashes(5, exit3)))},
	} {
		s.put(objects...)
	}
	var order []string
	for _, f := range s.state.Judge(s.now).Findings {
		order = append(order, f.Object.Name)
	}
	if got, want := strings.Join(order, " "), "routed served new old settling half pods"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// TestRewind holds that a clock that goes back takes what was seen with it.
func TestRewind(t *testing.T) {
	s := newScene(t).watching().put(quota(4)).check(`
			notice resourcequota shop/pods: pods 4/4 used (since -0s, settling)`)
	s.state.Rewind()
	s.wait(-time.Hour).put(quota(1)).check(``)
}

// TestRewindIsNoOnset holds that after a clock went back everything is as fresh as in the beginning: what
// is there has not just begun, and what comes once all has been judged again has.
func TestRewindIsNoOnset(t *testing.T) {
	empty := []string{deployment("web", 0, 0), service("web"), slice("web"), ingress("web", 80)}
	unknown := `
			failing deployment shop/web: scaled to 0: service shop/web has no endpoints, and ingress shop/shop routes there (since ?)
			  ingress shop/shop
			  service shop/web`
	s := newScene(t).put(empty...).watching().wait(time.Minute).check(unknown)
	s.state.Rewind()
	s.wait(-time.Second).check(unknown)
	if v := s.state.Judge(s.now); v.Complete {
		t.Error("it is complete before everything was judged again")
	}
	s.watching().wait(time.Second).check(unknown)

	crash := `
			failing pod shop/web: app CrashLoopBackOff, exit 3, 5 restarts (at least 30s, settling)`
	s = newScene(t).put(pod("web", "", well)).watching().wait(time.Minute)
	s.state.Rewind()
	s.wait(-time.Second).put(pod("web", "", status("False", "@-10s", crashes(5, exit3)))).check(crash)
	s.state.Rewind()
	s.watching().wait(time.Minute).put(quota(4)).put(pod("web", "", well)).check(`
			notice resourcequota shop/pods: pods 4/4 used (since -0s, settling)`)
}

// TestAgain holds that a verdict stands while nothing changes that it hangs on, and that
// neither time nor a change that matters is missed.
func TestAgain(t *testing.T) {
	s := newScene(t).put(deployment("web", 1, 0), replicas("web", 1), deployment("db", 1, 1), replicas("db", 1),
		pod("web-1-a", "ReplicaSet/web-1", status("False", "@-30s", crashes(5, strings.ReplaceAll(exit3, "@-30s", "@-3s")))),
		pod("db-1-a", "ReplicaSet/db-1", well)).watching()
	first := s.state.Judge(s.now)
	settling := s.wait(10 * time.Second).put(pod("db-1-b", "ReplicaSet/db-1", well)).state.Judge(s.now)
	if len(settling.Findings) != 1 || !settling.Findings[0].Settling || settling.Findings[0] != first.Findings[0] ||
		!settling.At.Equal(s.now) {
		t.Errorf("%+v", settling)
	}
	if v := s.wait(time.Minute).state.Judge(s.now); len(v.Findings) != 1 || v.Findings[0].Settling {
		t.Error("it does not settle")
	}
	s.put(pod("db-1-b", "ReplicaSet/db-1", status("False", "@-4m", crashes(5, exit3))))
	if v := s.state.Judge(s.now); len(v.Findings) != 2 {
		t.Error("a pod that crashes is not seen")
	}
	s.put(pod("db-1-b", "ReplicaSet/db-1", well), pod("web-1-a", "ReplicaSet/web-1", well), deployment("web", 1, 1))
	s.check(``)
}

// TestTotalsLeaveOutWhatIsDone counts the pods that should run: one that has ended as it should is
// not among them, before and after it ends and when it is gone.
func TestTotalsLeaveOutWhatIsDone(t *testing.T) {
	pods := func(s *scene) string {
		for _, total := range s.state.Judge(s.now).Totals {
			if total.Kind == "pods" {
				return fmt.Sprintf("%d/%d", total.Well, total.All)
			}
		}
		return ""
	}
	running := `{phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: app, ready: true}]}`
	s := newScene(t).put(pod("web", "", running), pod("task", "", running),
		pod("bad", "", "{phase: Failed, reason: Evicted}"))
	if got := pods(s); got != "2/3" {
		t.Errorf("while all run: %s", got)
	}
	s.put(pod("task", "", "{phase: Succeeded}"))
	if got := pods(s); got != "1/2" {
		t.Errorf("when one is done: %s", got)
	}
	s.remove("pod shop/task")
	if got := pods(s); got != "1/2" {
		t.Errorf("when it is gone: %s", got)
	}
}

// TestCordonedNodesAreWell counts nodes: one that somebody cordoned is well, unless it is not ready.
func TestCordonedNodesAreWell(t *testing.T) {
	s := newScene(t).put(node("n1", nodeWell), node("n2", nodeWell), node("n3", nodeWell))
	nodes := func() string {
		for _, total := range s.state.Judge(s.now).Totals {
			if total.Kind == "nodes" {
				return fmt.Sprintf("%d/%d, %d cordoned", total.Well, total.All, total.Cordoned)
			}
		}
		return ""
	}
	for _, step := range []struct{ node, want string }{
		{node("n2", nodeWell, "unschedulable: true"), "3/3, 1 cordoned"},
		{node("n3", `{type: Ready, status: "False", reason: KubeletNotReady}`, "unschedulable: true"), "2/3, 1 cordoned"},
		{node("n2", nodeWell), "2/3, 0 cordoned"},
	} {
		s.put(step.node)
		if got := nodes(); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}
