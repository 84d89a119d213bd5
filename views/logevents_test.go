package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
)

// TestEventsAmongLogLines shows the events of a pod where they happened among its lines,
// which come later and in two parts, and takes them away again.
func TestEventsAmongLogLines(t *testing.T) {
	s := newSession(t, newCluster(t, "calm.yaml"), "shop")
	v := newObject(s, served(t, s, "pods"), "shop", "web-1-a", nil, "logs").(*object)
	p := look(t, v)
	p.until(80, 24, "following")
	l := at[*logs](v)
	p.wait("the log is read", func() bool { return l.source != nil })
	line := func(second int, text string) kube.LogLine {
		return kube.LogLine{Time: screenNow.Add(-10*time.Minute + time.Duration(second)*time.Second), Text: text}
	}
	l.say(0, []kube.LogLine{line(0, "first"), line(100, "second")}, "")
	p.press("e")
	p.until(80, 24, "event Warning Unhealthy pod/web-1-a: Readiness probe failed")
	l.say(0, []kube.LogLine{line(505, "third"), line(520, "fourth")}, "")
	want := []string{
		"first", "── event Warning Unhealthy pod/web-1-a: Readiness probe failed: HTTP probe failed with statuscode: 503",
		"second", "third", "── event Warning Unhealthy pod/web-1-a: Liveness probe failed", "fourth",
	}
	if got := linesOf(l); !slices.Equal(got, want) {
		t.Errorf("the lines are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	p.press("e")
	if got := linesOf(l); len(got) != 0 || l.events.listing != nil {
		t.Errorf("without events it reads again; there are %q", got)
	}
}
