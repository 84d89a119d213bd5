package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/ui"
)

func TestDecisiveLine(t *testing.T) {
	for message, want := range map[string]string{
		"starting\nGET / 200\npanic: connection refused":                                   "panic: connection refused",
		"panic: nil map\n\ngoroutine 1 [running]:\nmain.go:12 error\nexit status 2":        "panic: nil map",
		"Traceback (most recent call last):\n  File x.py\nValueError: bad\nKeyError: 'id'": "KeyError: 'id'",
		"reading config\nERROR no such table\nclosing\nbye":                                "ERROR no such table",
		"one\ntwo": "two",
		"only":     "only",
	} {
		lines := terminationLines(message)
		if got := lines[decisiveLine(lines)]; got != want {
			t.Errorf("%q: got %q, want %q", message, got, want)
		}
	}
}

func TestTerminationTailHasTheDecisiveLine(t *testing.T) {
	lines := []string{"panic: out of luck"}
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("frame %d", i))
	}
	shown, left := terminationTail(lines)
	if len(shown) != terminationMax || shown[0] != "panic: out of luck" || shown[len(shown)-1] != "frame 19" ||
		len(shown)+left != len(lines) {
		t.Errorf("%q and %d more", shown, left)
	}
	if shown, left := terminationTail(lines[:3]); len(shown) != 3 || left != 0 {
		t.Errorf("%q and %d more", shown, left)
	}
}

// crashed is a pod whose container wrote several lines before it ended, one of
// which would act on a terminal.
const crashed = `{apiVersion: v1, kind: Pod, metadata: {name: crashed, namespace: shop, creationTimestamp: "2026-05-01T11:00:00Z"},
spec: {containers: [{name: app, image: "shop/web:v42"}]},
status: {phase: Running, containerStatuses: [{name: app, image: "shop/web:v42", ready: false, restartCount: 15,
  state: {waiting: {reason: CrashLoopBackOff, message: back-off 5m0s restarting failed container=app}},
  lastState: {terminated: {exitCode: 3, reason: Error, finishedAt: "2026-05-01T11:55:00Z", message: MESSAGE}}}]}}`

// TestTerminationMessages draws what a container said before it ended, one row
// a line, with the panic in the headline.
func TestTerminationMessages(t *testing.T) {
	var lines []string
	for i := range 9 {
		lines = append(lines, fmt.Sprintf("09:21:4%d.241 INFO GET /products/18%d 200 in 10ms request=%d\x1b[2J", i, i, i))
	}
	lines = append(lines, "panic: dial tcp db:5432: connect: connection refused", "")
	server := newCluster(t, "shop.yaml")
	server.Apply(t, strings.Replace(crashed, "MESSAGE", fmt.Sprintf("%q", strings.Join(lines, "\n")), 1))
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			p := look(t, one("pod", "crashed")(t, newSession(t, server, "shop")))
			p.until(size[0], size[1], "CONTAINERS", "● live", "v1.36.3")
			p.untilLinked()
			screen := p.draw(size[0], size[1])
			if strings.Contains(screen, "\x1b") || strings.Contains(screen, "␊") {
				t.Errorf("not clean, or not lines:\n%s", screen)
			}
			golden.RequireEqual(t, withoutTabs(screen))
		})
	}
}

// TestACrashLoopSaysWhenItLastEnded has pods that are ready while each run lasts, so that
// nothing says since when they fail.
func TestACrashLoopSaysWhenItLastEnded(t *testing.T) {
	const first = `{terminated: {reason: Error, exitCode: 3, startedAt: "2026-05-01T11:54:50Z",
    finishedAt: "2026-05-01T11:55:00Z"}}`
	const second = `{terminated: {reason: Error, exitCode: 3, startedAt: "2026-05-01T11:59:38Z",
    finishedAt: "2026-05-01T11:59:48Z"}}`
	for name, test := range map[string]struct{ state, last, changed, want string }{
		"the last run has just ended": {second, first, "11:59:48", "last ended 10s ago"},
		"it waits for the next":       {"{waiting: {reason: CrashLoopBackOff}}", first, "11:55:00", "last ended 5m ago"},
		"it was never ready":          {"{waiting: {reason: CrashLoopBackOff}}", first, "11:00:00", "for 60m"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newCluster(t, "shop.yaml")
			server.Apply(t, `{apiVersion: v1, kind: Pod,
metadata: {name: loop, namespace: shop, creationTimestamp: "2026-05-01T11:00:00Z"},
spec: {containers: [{name: app}]},
status: {phase: Running,
  conditions: [{type: Ready, status: "False", lastTransitionTime: "2026-05-01T`+test.changed+`Z"}],
  containerStatuses: [{name: app, ready: false, restartCount: 14, state: `+test.state+`, lastState: `+test.last+`}]}}`)
			p := look(t, one("pod", "loop")(t, newSession(t, server, "shop")))
			// Whatever the width, the times are whole.
			for width := 62; width < 130; width++ {
				head := strings.Split(p.until(width, 40, "CONTAINERS"), "\n")[2]
				if !strings.Contains(head, "  "+test.want+"  created 60m ago") || ui.Width(head) > width {
					t.Fatalf("%d columns: %q", width, head)
				}
			}
		})
	}
}
