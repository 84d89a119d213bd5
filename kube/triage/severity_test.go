package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// progressing is a Deployment without a ready pod, with that condition of its rollout.
func progressing(want int, is, reason, since string) string {
	return changed(deployment("web", want, 0), `{type: Progressing, status: "True", reason: NewReplicaSetAvailable}`,
		condition("Progressing", is, reason, `ReplicaSet "web-1" is it.`, since))
}

// overdue is a Deployment whose rollout has exceeded its deadline since a time.
func overdue(want int, since string) string {
	return progressing(want, "False", "ProgressDeadlineExceeded", since)
}

// hanging is a status of a pod since a time, whose init container has run since another.
func hanging(since, started string) string {
	return strings.ReplaceAll(starting(`{name: migrate, restartCount: 0, ready: false, started: true,
    state: {running: {startedAt: `+started+`}}}`, appWait), "@-10m", since)
}

const migrates = "initContainers: [{name: migrate, image: shop/app:v1}]"

// TestDeadlineStaysFailing holds that a rollout past its deadline is not taken back to one that waits
// once its init container is known to hang.
func TestDeadlineStaysFailing(t *testing.T) {
	hangs := `
			failing deployment shop/web: 0/1 ready: Init: init container migrate runs and does not end (since -%s)
			  pod shop/web-1-a`
	s := newScene(t).put(overdue(1, "@0"), replicas("web", 1),
		pod("web-1-a", "ReplicaSet/web-1", hanging("@-15s", "@-14s"), migrates)).watching()
	for _, d := range []time.Duration{16 * time.Second, 26 * time.Second, 10 * time.Minute, 16 * time.Minute} {
		s.wait(d - s.now.Sub(noon)).check(fmt.Sprintf(hangs, (d + 15*time.Second).String()))
	}
}

// TestNoProblemLightens checks that a finding of two problems is at least as severe as each of them
// alone, and has settled once one that makes it so severe has.
func TestNoProblemLightens(t *testing.T) {
	troubles := map[string]string{
		"crashes": status("False", "@-4m", crashes(5, exit3)),
		"pulls":   starting("", waits("ImagePullBackOff", "a/b:1: not found")),
		"creates": starting("", appWait),
		"hangs":   hanging("@-9m", "@-9m"),
		"unready": status("False", "@-4m", appRuns),
		"again": status("True", "@-1m", `{name: app, ready: true, started: true, restartCount: 2,
    state: {running: {startedAt: @-1m}}, lastState: {terminated: {exitCode: 1, startedAt: @-5m, finishedAt: @-4m}}}`),
		"settling": status("False", "@-5s", crashes(5, strings.ReplaceAll(exit3, "@-30s", "@-3s"))),
		"gated": `{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated,
    message: gates}]}`,
	}
	workloads := map[string]string{
		"none ready":  deployment("web", 2, 0),
		"overdue":     overdue(2, "@-1m"),
		"some ready":  deployment("web", 3, 2),
		"short":       deployment("web", 2, 0, condition("Available", "False", "MinimumReplicasUnavailable", "", "@-6m")),
		"all ready":   deployment("web", 2, 2),
		"just begins": progressing(2, "True", "ReplicaSetUpdated", "@-1m"),
	}
	judged := func(workload string, pods ...string) *Finding {
		s := newScene(t).watching().put(workload, replicas("web", 2))
		for i, p := range pods {
			s.put(pod(fmt.Sprintf("web-1-%d", i), "ReplicaSet/web-1", p, migrates))
		}
		s.state.Judge(s.now)
		v := s.wait(shortage).state.Judge(s.now)
		if len(v.Findings) == 0 {
			return &Finding{}
		}
		return v.Findings[0]
	}
	for state, workload := range workloads {
		for one, a := range troubles {
			for other, b := range troubles {
				both, first, second := judged(workload, a, b), judged(workload, a), judged(workload, b)
				worst := first
				if second.Severity > first.Severity {
					worst = second
				}
				equal := first.Severity == second.Severity
				settled := both.Severity == worst.Severity && (!worst.Settling || equal && !second.Settling)
				if both.Severity < worst.Severity || settled && both.Settling {
					t.Errorf("%s: %s and %s: %s, settling %t: %s; alone %s, %t and %s, %t", state, one, other, both.Severity,
						both.Settling, both.Reason, first.Severity, first.Settling, second.Severity, second.Settling)
				}
			}
		}
	}
}
