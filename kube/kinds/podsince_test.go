package kinds

import (
	"strings"
	"testing"
	"time"
)

// ended is a run of a container, from one time of the day to another.
func ended(from, to string) string {
	return `{terminated: {reason: Error, exitCode: 3, startedAt: "2026-11-23T` + from + `Z", finishedAt: "2026-11-23T` + to +
		`Z"}}`
}

const (
	waits   = `{waiting: {reason: CrashLoopBackOff, message: back-off 5m0s restarting failed container=app}}`
	running = `{running: {startedAt: "2026-11-23T12:00:00Z"}}`
	unready = `{type: Ready, status: "False", lastTransitionTime: "2026-11-23T`
)

// app is the status of the container app, which is not ready.
func app(restarts, state, last string) string {
	return `[{name: app, ready: false, started: true, restartCount: ` + restarts + `, state: ` + state + `, lastState: ` +
		last + `}]`
}

// failingPods are pods that do not work, and since when: a time of the day, or "" when
// they do not say.
var failingPods = map[string]struct{ condition, statuses, init, want string }{
	"it was never ready": {
		unready + `10:00:00Z"}`, app("14", waits, ended("11:59:50", "11:59:58")), "[]", "10:00:00",
	},
	"it was never ready, and runs": {
		unready + `10:00:00Z"}`, app("14", running, ended("11:59:50", "11:59:58")), "[]", "10:00:00",
	},
	"each run is ready, and it waits for the next": {
		unready + `11:59:58Z"}`, app("14", waits, ended("11:59:50", "11:59:58")), "[]", "",
	},
	"each run is ready, and the last has just ended": {
		unready + `12:00:00Z"}`, app("14", ended("11:59:56", "12:00:00"), ended("11:54:50", "11:54:56")), "[]", "",
	},
	"each run is ready, and the next is not yet": {
		unready + `11:59:58Z"}`, app("14", running, ended("11:59:50", "11:59:58")), "[]", "",
	},
	"each run is ready, and ends in the second in which it began": {
		unready + `11:59:58Z"}`, app("14", waits, ended("11:59:58", "11:59:58")), "[]", "",
	},
	"it became unready before it ended": {
		unready + `11:59:55Z"}`, app("14", waits, ended("11:59:50", "11:59:58")), "[]", "",
	},
	"the first run has ended": {
		unready + `11:59:58Z"}`, app("0", ended("11:59:50", "11:59:58"), "{}"), "[]", "11:59:58",
	},
	"the first run has ended, and it waits": {
		unready + `11:59:58Z"}`, app("0", waits, ended("11:59:50", "11:59:58")), "[]", "11:59:58",
	},
	"the first run has ended, the next began": {
		unready + `11:59:58Z"}`, app("1", running, ended("11:59:50", "11:59:58")), "[]", "11:59:58",
	},
	"the second run has ended": {
		unready + `11:59:58Z"}`, app("1", ended("11:59:50", "11:59:58"), "{}"), "[]", "",
	},
	"it had run for long": {
		unready + `11:59:58Z"}`, app("7", waits, ended("02:00:00", "11:59:58")), "[]", "11:59:58",
	},
	"it had run long enough to recover": {
		unready + `11:59:58Z"}`, app("7", waits, ended("11:49:58", "11:59:58")), "[]", "11:59:58",
	},
	"a second too short to recover": {
		unready + `11:59:58Z"}`, app("7", waits, ended("11:49:59", "11:59:58")), "[]", "",
	},
	"it cannot be started, and the runtime says 1970": {
		unready + `11:59:58Z"}`,
		app("14", waits, strings.Replace(ended("11:59:50", "11:59:58"), "2026-11-23T11:59:50", "1970-01-01T00:00:00", 1)),
		"[]", "",
	},
	"another container keeps it from being ready": {
		unready + `10:00:00Z"}`,
		`[{name: web, ready: false, started: true, state: {running: {}}}, ` +
			strings.TrimPrefix(app("14", waits, ended("11:59:50", "11:59:58")), "["), "[]", "10:00:00",
	},
	"it waits for an image after its crashes": {
		unready + `11:59:58Z"}`,
		app("14", `{waiting: {reason: ImagePullBackOff}}`, ended("11:59:50", "11:59:58")), "[]", "11:59:58",
	},
	"it never ran": {
		unready + `11:59:58Z"}`, app("0", `{waiting: {reason: ErrImagePull}}`, "{}"), "[]", "11:59:58",
	},
	"an init container loops": {
		unready + `10:00:00Z"}`, "[]",
		strings.Replace(app("14", waits, ended("11:59:50", "11:59:58")), "app", "setup", 1), "10:00:00",
	},
	"no condition, the first run": {
		`{type: Other}`, app("0", ended("11:59:50", "11:59:58"), "{}"), "[]", "11:59:58",
	},
	"no condition, a loop": {
		`{type: Other}`, app("14", waits, ended("11:59:50", "11:59:58")), "[]", "",
	},
	"no condition, and it never ran": {`{type: Other}`, app("0", waits, "{}"), "[]", ""},
	"the run does not say when": {
		unready + `11:59:58Z"}`, app("14", waits, `{terminated: {exitCode: 3}}`), "[]", "11:59:58",
	},
	"the run's end is lost with the node": {
		unready + `11:59:58Z"}`,
		app("14", waits, `{terminated: {exitCode: 137, startedAt: "2026-11-23T11:00:00Z"}}`), "[]", "",
	},
	"restarts that the kubelet has forgotten": {
		unready + `11:59:58Z"}`, app("-1", waits, ended("11:59:50", "11:59:58")), "[]", "11:59:58",
	},
}

func TestSinceWhenAPodFails(t *testing.T) {
	for name, test := range failingPods {
		t.Run(name, func(t *testing.T) {
			r, _ := row(t, Pod, parse(t, Pod, `
spec: {initContainers: [{name: setup}], containers: [{name: app}, {name: web}]}
status:
  phase: Running
  conditions: [`+test.condition+`]
  initContainerStatuses: `+test.init+`
  containerStatuses: `+test.statuses))
			if r.Status.Level < Degraded {
				t.Errorf("it is %v", r.Status.Level)
			}
			got := ""
			if !r.Status.Since.IsZero() {
				got = r.Status.Since.UTC().Format(time.TimeOnly)
			}
			if got != test.want {
				t.Errorf("since %q, not %q", got, test.want)
			}
		})
	}
}
