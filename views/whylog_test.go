package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// TestWhyOfAFailedPod holds that of a pod that has ended for good the log of its only run is shown,
// without the usage that it wrote behind what was wrong.
func TestWhyOfAFailedPod(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: shop, uid: bare},
spec: {restartPolicy: Never, nodeName: n1, containers: [{name: app, image: a}]}, status: {phase: Failed, containerStatuses: [
  {name: app, restartCount: 0, state: {terminated: {exitCode: 64, reason: Error, startedAt: "2026-05-01T11:50:00Z",
    finishedAt: "2026-05-01T11:50:01Z"}}}]}}`)
	container := memapi.Container{Namespace: "shop", Pod: "bare", Name: "app"}
	for _, text := range append([]string{"flag provided but not defined: -nosuch", "Usage of app:"},
		strings.Split(strings.Repeat("  -flag value\n    \twhat it is for\n", 12), "\n")...) {
		server.Log(container, memapi.Line{Time: screenNow, Text: text})
	}
	p := look(t, one("pod", "bare")(t, newSession(t, server, "shop")))
	p.press("w")
	screen := p.until(80, 30, "because  pod bare  Error, exit 64", "log      pod bare  flag provided but not defined",
		"LAST LOG LINES OF APP", "l logs · d describe")
	if strings.Contains(screen, "run before") || strings.Contains(screen, "what it is for") {
		t.Errorf("it offers a run before, or shows the usage\n%s", screen)
	}
}

// TestWhyOfAnInitContainer holds that the log of an init container that hangs is shown, as it is now.
func TestWhyOfAnInitContainer(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: shop, uid: bare},
spec: {nodeName: n1, initContainers: [{name: wait-for-db, image: a}], containers: [{name: app, image: a}]},
status: {phase: Pending, conditions: [{type: Initialized, status: "False", lastTransitionTime: "2026-05-01T11:50:00Z"}],
  initContainerStatuses: [{name: wait-for-db, restartCount: 1, started: true,
    state: {running: {startedAt: "2026-05-01T11:50:00Z"}}, lastState: {terminated: {exitCode: 1}}}],
  containerStatuses: [{name: app, restartCount: 0, state: {waiting: {reason: PodInitializing}}}]}}`)
	container := memapi.Container{Namespace: "shop", Pod: "bare", Name: "wait-for-db"}
	server.Log(container, memapi.Line{Time: screenNow, Text: "still no answer from db:5432"})
	container.Previous = true
	server.Log(container, memapi.Line{Time: screenNow, Text: "of a run that is over"})
	p := look(t, one("pod", "bare")(t, newSession(t, server, "shop")))
	p.press("w")
	p.until(100, 30, "because  pod bare  init container wait-for-db has run since 2026-05-01T11:50:00Z",
		"log      pod bare  still no answer from db:5432", "LAST LOG LINES OF WAIT-FOR-DB", "l logs · d describe")
}

// TestWhyOfABudget holds that a budget that lets no node drain says so, though nothing is wrong with it.
func TestWhyOfABudget(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web, namespace: shop, uid: b},
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}},
status: {currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, disruptionsAllowed: 0}}`)
	p := look(t, one("pdb", "web")(t, newSession(t, server, "shop")))
	p.press("w")
	p.until(80, 24, "nothing is known to be wrong", "lets no node drain: min available is 2 of 2 pods")
}
