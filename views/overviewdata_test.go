package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

func openOne(t *testing.T, manifest, kind, name string) *person {
	t.Helper()
	server := newCluster(t, "shop.yaml")
	server.Apply(t, manifest)
	s := newSession(t, server, "shop")
	return look(t, newObject(s, served(t, s, kind), "shop", name, nil, ""))
}

// TestConfigMapShowsShortValues has values of every length, one of them hostile.
func TestConfigMapShowsShortValues(t *testing.T) {
	p := openOne(t, `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data: {EVIL: "a\e]0;x\a", LEVEL: info, nginx.conf: "a\nb\n"}`, "cm", "web")
	screen := p.until(80, 24, "LEVEL       info", "nginx.conf  4 B, 2 lines")
	if strings.Contains(screen, "\x1b]0") || !strings.Contains(screen, "EVIL        a␛]0;x␇") {
		t.Errorf("a hostile value:\n%q", screen)
	}
	p.press("G")
	p.press("g")
	p.press("j")
	p.draw(80, 24)
	if got := p.press("c"); got != (ui.Copy{Text: "info", What: "the value of LEVEL"}) {
		t.Errorf("c copies %v", got)
	}
	if got := p.press("Y"); got != (ui.Copy{Text: "web", What: "name"}) {
		t.Errorf("Y copies %v", got)
	}
}

// TestSecretShowsValuesWhenAsked looks at a text, at bytes, and at a text of many lines.
func TestSecretShowsValuesWhenAsked(t *testing.T) {
	p := openOne(t, `apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {a-password: hunter2, b-key: "1\n2\n3\n4\n5\n6\n7\n8\n"}
data: {c-raw: /w==, d-tape: AAAA}`, "secret", "keys")
	hidden := p.until(80, 24, "a-password  7 B")
	if strings.Contains(hidden, "hunter2") {
		t.Errorf("shown before it was asked for:\n%s", hidden)
	}
	if say, ok := p.press("c").(ui.Say); !ok || !strings.Contains(say.Text, "x shows") {
		t.Errorf("c copies what is hidden: %v", p.intent)
	}
	p.press("x")
	p.until(80, 24, "a-password  hunter2", "            6", "2 more lines; c copies all",
		"c-raw       1 B that are not text", "d-tape      3 B that were not recorded")
	want := ui.Copy{Text: "hunter2", What: "the value of a-password", Hidden: true}
	if got := p.press("c"); got != want {
		t.Errorf("c copies %v", got)
	}
	p.view.Update(ui.Shown{})
	if again := p.draw(80, 24); strings.Contains(again, "hunter2") {
		t.Errorf("still shown when one comes back:\n%s", again)
	}
}

// TestNextRunIsInItsTimeZone has schedules in two zones, one suspended and one broken.
func TestNextRunIsInItsTimeZone(t *testing.T) {
	for spec, want := range map[string]string{
		`schedule: "0 3 * * *", timeZone: Europe/Berlin`: "in 13h (03:00 Europe/Berlin)",
		`schedule: "30 11 1 * *"`:                        "(2026-06-01 11:30 UTC)",
		`schedule: "0 3 * * *", suspend: true`:           "",
		`schedule: "TZ=x 0 3 * * *"`:                     "",
	} {
		p := openOne(t, "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c, namespace: shop}\nspec: {"+spec+
			", jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}", "cj", "c")
		screen := p.until(100, 40, "Schedule", "● live")
		if strings.Contains(screen, "Next run") != (want != "") || !strings.Contains(screen, want) {
			t.Errorf("%s: no %q in\n%s", spec, want, screen)
		}
	}
}

// TestFailureIsToldOnce has a pod whose container, conditions and events say the same.
func TestFailureIsToldOnce(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	const why = `couldn't find key url in Secret shop/db`
	server.Apply(t, `apiVersion: v1
kind: Pod
metadata: {name: sad, namespace: shop, uid: sad, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: sad-1,
  uid: u, controller: true}]}
spec: {nodeName: worker-3, containers: [{name: app, image: shop/app:1}]}
status:
  phase: Pending
  conditions:
  - {type: PodScheduled, status: "True"}
  - {type: Ready, status: "False", reason: ContainersNotReady, message: "containers with unready status: [app]"}
  - {type: ContainersReady, status: "False", reason: ContainersNotReady,
    message: "containers with unready status: [app]"}
  containerStatuses: [{name: app, image: a, ready: false, restartCount: 0, state: {waiting: {
    reason: CreateContainerConfigError, message: "`+why+`"}}}]`)
	server.Apply(t, `apiVersion: v1
kind: Event
metadata: {name: sad.1, namespace: shop}
involvedObject: {kind: Pod, name: sad, namespace: shop, uid: sad}
type: Warning
reason: Failed
message: "Error: `+why+`"
lastTimestamp: "2026-05-01T11:59:00Z"`)
	s := newSession(t, server, "shop")
	p := look(t, newObject(s, served(t, s, "pod"), "shop", "sad", nil, ""))
	screen := p.until(80, 24, "LAST EVENTS", "as above", "ok: PodScheduled", "Ready, ContainersReady  False")
	if got := strings.Count(strings.Join(strings.Fields(screen), " "), why); got != 1 {
		t.Errorf("told %d times:\n%s", got, screen)
	}
	for _, want := range []string{"worker-3", "ReplicaSet/sad-1"} {
		if at := strings.Index(screen, want); at < 0 || at > strings.Index(screen, "CONTAINERS") {
			t.Errorf("%s is not above the fold:\n%s", want, screen)
		}
	}
	if open, ok := p.press("enter").(ui.Open); !ok || !open.View.(*object).subject.alone {
		t.Errorf("enter does not open the container: %v", p.intent)
	}
}

// TestSchedulerIsNotCutIntoNonsense holds that what the scheduler adds about preemption is on no
// line, and its reasons are there once.
func TestSchedulerIsNotCutIntoNonsense(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	const why = "0/1 nodes are available: 1 node(s) were unschedulable"
	const more = ". no new claims to deallocate, " +
		"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
	server.Apply(t, `apiVersion: v1
kind: Pod
metadata: {name: big, namespace: shop, uid: big, creationTimestamp: "2026-05-01T11:00:00Z"}
spec: {containers: [{name: app, image: a}]}
status:
  phase: Pending
  conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "`+why+more+`"}]`)
	server.Apply(t, `apiVersion: v1
kind: Event
metadata: {name: big.1, namespace: shop}
involvedObject: {kind: Pod, name: big, namespace: shop, uid: big}
type: Warning
reason: FailedScheduling
message: "`+why+more+`"
lastTimestamp: "2026-05-01T11:59:00Z"`)
	s := newSession(t, server, "shop")
	p := look(t, newObject(s, served(t, s, "pod"), "shop", "big", nil, ""))
	screen := p.until(80, 24, "LAST EVENTS", "Unschedulable, as above", "FailedScheduling  as above")
	text := strings.Join(strings.Fields(screen), " ")
	if strings.Count(text, why) != 1 || strings.Contains(text, "reemption") {
		t.Errorf("not told once, and well:\n%s", screen)
	}
}

// TestSilentOverviewGoesToDescribe has a custom resource of which only the number of its
// parts is known, and one that says something.
func TestSilentOverviewGoesToDescribe(t *testing.T) {
	for spec, want := range map[string]tabID{"{items: [{a: [1]}]}": "describe", "{size: 3}": "overview"} {
		server := newCluster(t, "atlas.yaml")
		server.Apply(t, "apiVersion: shop.example/v1\nkind: Cart\nmetadata: {name: mine, namespace: shop}\nspec: "+spec)
		s := newSession(t, server, "shop")
		p := look(t, newObject(s, served(t, s, "carts"), "shop", "mine", nil, ""))
		v := p.view.(*object)
		p.until(80, 24, "● live")
		p.wait("it is known", func() bool { p.draw(80, 24); return v.subject.record != nil })
		if got := v.specs[v.current].id; got != want {
			t.Errorf("%s opens on %s, want %s", spec, got, want)
		}
		if want == "describe" {
			p.press("v")
		}
		if got := v.specs[v.current].id; got != "overview" {
			t.Errorf("v shows %s", got)
		}
	}
}
