package triage

import (
	"strings"
	"testing"
)

// TestFailedPods holds that a pod that has ended says how, and that its log is read where there is one.
func TestFailedPods(t *testing.T) {
	ended := func(more string) string {
		return `{phase: Failed, containerStatuses: [{name: app, ready: false, restartCount: 0, state: {terminated: ` + more + `}}]}`
	}
	for _, c := range []struct {
		name, status, want string
		log                bool
	}{
		{"an error", ended("{exitCode: 7, reason: Error, startedAt: @-30s, finishedAt: @-20s}"),
			"because pod shop/a: Error, exit 7", true},
		{"never started", ended(`{exitCode: 128, reason: StartError, startedAt: "1970-01-01T00:00:00Z", finishedAt: @-20s}`),
			"because pod shop/a: StartError, exit 128", false},
		{"lost with its node", ended("{exitCode: 137, reason: ContainerStatusUnknown}"),
			"because pod shop/a: ContainerStatusUnknown, exit 137", false},
		{"evicted", `{phase: Failed, reason: Evicted, message: low on memory, ` + strings.TrimPrefix(ended("{exitCode: 137, "+
			"startedAt: @-30s, finishedAt: @-20s}"), "{phase: Failed, "), "because pod shop/a: Evicted: low on memory", false},
		{"nothing is known", `{phase: Failed}`, "because pod shop/a: phase Failed", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(changed(pod("a", "", c.status), "restartPolicy: Always", "restartPolicy: Never"))
			if got := s.becauses(); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
			wanted := s.state.LogsWanted()
			if c.log != (len(wanted) == 1) {
				t.Fatalf("it wants %v", wanted)
			}
			if !c.log {
				return
			}
			s.state.SetLog(wanted[0], []string{"starting", "cannot open /data/db"})
			if got, want := s.becauses(), c.want+"\nlog pod shop/a: cannot open /data/db"; got != want {
				t.Errorf("%q, not %q", got, want)
			}
		})
	}
}
