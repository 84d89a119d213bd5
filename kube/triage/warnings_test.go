package triage

import (
	"slices"
	"testing"
	"time"
)

// TestWarningsPerMinute holds that warnings are counted while nothing is broken, also by
// verdicts that only repeat the last one, and that a minute of the clock moves them on.
func TestWarningsPerMinute(t *testing.T) {
	s := newScene(t).put(node("n1", nodeWell), `{apiVersion: v1, kind: Event, metadata: {name: a, namespace: shop},
type: Warning, reason: Unhealthy, involvedObject: {kind: Pod, namespace: shop, name: gone}, lastTimestamp: @-90s}`).watching()
	counted := func(ago int) {
		t.Helper()
		v := s.state.Judge(s.now)
		want := make([]int, warningMinutes)
		want[warningMinutes-1-ago] = 1
		if !slices.Equal(v.Warnings, want) {
			t.Errorf("at %v it counts %v", s.now.Sub(noon), v.Warnings)
		}
		if next := s.now.Truncate(time.Minute).Add(time.Minute); !v.Wake.Equal(next) {
			t.Errorf("at %v the next verdict is due at %v, want %v", s.now.Sub(noon), v.Wake, next)
		}
	}
	counted(2)
	s.wait(20 * time.Second)
	counted(2)
	s.wait(40 * time.Second)
	counted(3)
	s.put(node("n1", condition("Ready", "False", "KubeletNotReady", "down", "@-1s")))
	if v := s.state.Judge(s.now); v.Warnings != nil {
		t.Errorf("something is broken, and it counts %v", v.Warnings)
	}
}

// TestWarningsNobodyMayRead holds that nothing is counted where events are forbidden, or are
// still to come.
func TestWarningsNobodyMayRead(t *testing.T) {
	s := newScene(t).put(node("n1", nodeWell)).watching()
	for _, missing := range []string{"forbidden", Loading} {
		s.state.Cover(eventKind, Coverage{Kind: "events", Of: -1, Missing: missing})
		if v := s.state.Judge(s.now); v.Warnings != nil {
			t.Errorf("events are %s, and it counts %v", missing, v.Warnings)
		}
	}
	s.state.Cover(eventKind, Coverage{Kind: "events", Of: 0})
	if v := s.state.Judge(s.now); len(v.Warnings) != warningMinutes {
		t.Errorf("events are known, and it counts %v", v.Warnings)
	}
}
