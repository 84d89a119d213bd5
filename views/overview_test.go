package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestLongFactsAreWrapped shows an object with more labels than fit into a line,
// and one with more than fit into all that a fact may take.
func TestLongFactsAreWrapped(t *testing.T) {
	labels := func(count int) string {
		var all []string
		for n := range count {
			all = append(all, fmt.Sprintf("team.example.com/label-%02d: value-%02d", n, n))
		}
		return strings.Join(all, ", ")
	}
	server := newCluster(t, "shop.yaml")
	for name, count := range map[string]int{"some": 5, "many": 40} {
		server.Apply(
			t,
			fmt.Sprintf(
				"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: shop, labels: {%s}}",
				name,
				labels(count),
			),
		)
	}
	s := newSession(t, server, "shop")
	for name, last := range map[string]string{"some": "label-04=value-04", "many": "label-39=value-39"} {
		screen := look(t, newObject(s, served(t, s, "cm"), "shop", name, nil, "")).until(80, 40, "team.example.com/"+last)
		for line := range strings.Lines(screen) {
			if ui.Width(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s: too wide: %q", name, line)
			}
		}
		if cut := name == "many"; strings.Contains(screen, "…") != cut || strings.Contains(screen, "……") {
			t.Errorf("%s: is it marked that something is cut? %s", name, screen)
		}
		if !strings.Contains(screen, "team.example.com/label-00=value-00") {
			t.Errorf("%s: a label is broken or missing: %s", name, screen)
		}
	}
}

// TestEndOfALongTextIsShown is about errors, which end with their cause.
func TestEndOfALongTextIsShown(t *testing.T) {
	text := strings.Repeat("failed to pull and unpack image: failed to resolve reference: ", 8) + "connection refused"
	lines := wrap(text, 60)
	if len(lines) != textLinesMax || !strings.HasPrefix(lines[0], "failed to pull") ||
		!strings.HasSuffix(lines[len(lines)-1], "connection refused") {
		t.Errorf("neither end of it is shown: %q", lines)
	}
	if got := strings.Count(strings.Join(lines, ""), "…"); got != 1 {
		t.Errorf("it is said %d times that something is missing: %q", got, lines)
	}
}

// TestServiceWithoutPodsSaysSo has a service whose selector has a typo.
func TestServiceWithoutPodsSaysSo(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(
		t,
		"apiVersion: v1\nkind: Service\nmetadata: {name: typo, namespace: shop}\nspec: {selector: {app: webb}, ports: [{port: 80}]}",
	)
	s := newSession(t, server, "shop")
	look(t, newObject(s, served(t, s, "svc"), "shop", "typo", nil, "")).until(80, 40, "no pod has the labels app=webb")
}

// TestImagesAreNeverCut has a pod whose image is longer than a column, next to a
// container whose state takes its place.
func TestImagesAreNeverCut(t *testing.T) {
	const image = "registry.eu-west-1.example.com/platform/payments/checkout-service:2026.11.24-8f2c1ab"
	server := newCluster(t, "shop.yaml")
	server.Apply(t, `apiVersion: v1
kind: Pod
metadata: {name: long, namespace: shop}
spec: {containers: [{name: app, image: `+image+`, resources: {limits: {cpu: "2"}}}]}
status: {phase: Running, containerStatuses: [{name: app, image: `+image+`, ready: false, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}}]}`)
	s := newSession(t, server, "shop")
	for _, width := range []int{80, 120} {
		screen := look(t, newObject(s, served(t, s, "pod"), "shop", "long", nil, "")).until(width, 40, "CONTAINERS")
		if joined := strings.Join(strings.Fields(screen), ""); !strings.Contains(joined, image) {
			t.Errorf("%d columns cut the image: %s", width, screen)
		}
	}
}

// TestReplicaSetsSayWhatTheyRunAndWhyNot has a rollout that a quota stops.
func TestReplicaSetsSayWhatTheyRunAndWhyNot(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: web}
spec: {selector: {matchLabels: {app: quota}}, template: {metadata: {labels: {app: quota}}}}`)
	for name, status := range map[string]string{
		"old": "{replicas: 1, readyReplicas: 1}",
		"new": `{replicas: 0, conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate, message: "pod web-new-x7k2p is forbidden: exceeded quota: pods-max"}]}`,
	} {
		server.Apply(t, `apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-`+name+`, namespace: shop, labels: {app: quota}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: web, controller: true}]}
spec: {replicas: 1, selector: {matchLabels: {app: quota}}, template: {metadata: {labels: {app: quota}}, spec: {containers: [{name: app, image: "registry.example.com/shop/web:`+name+`"}]}}}
status: `+status)
	}
	s := newSession(t, server, "shop")
	screen := look(
		t,
		newObject(s, served(t, s, "deploy"), "shop", "web", nil, ""),
	).until(
		80,
		40,
		"exceeded quota: pods-max",
	)
	for _, image := range []string{"/web:old", "/web:new"} {
		if !strings.Contains(screen, image) {
			t.Errorf("%s is missing: %s", image, screen)
		}
	}
}

// TestColumnsAreNotUnderlined draws a state that its theme underlines in front of
// another column.
func TestColumnsAreNotUnderlined(t *testing.T) {
	cells := []ui.Span{{Text: "Ready"}, {Text: "False", Role: themes.Failing}, {Text: "6m", Role: themes.Failing}}
	wide := []ui.Span{{Text: "Initialized"}, {Text: "Unknown state"}, {Text: "6m"}}
	line := section("conditions", []row{{cells: cells}, {cells: wide}}, 80)[2].line
	mono, err := themes.Load("mono", "")
	if err != nil {
		t.Fatal(err)
	}
	got := ui.PaintLine(ui.Frame{Theme: mono.For(colorprofile.TrueColor)}, line, 80, 0)
	if want := "Ready        \x1b[1;4mFalse\x1b[m          \x1b[1;4m6m\x1b[m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLongTextAfterAWideRow has an image after cells that leave it no room, and
// an age that is not worth a line.
func TestLongTextAfterAWideRow(t *testing.T) {
	const image = "registry.example.com/web:v2"
	for text, below := range map[string]string{image: "  " + image, "2d3h5m": ""} {
		cells := []ui.Span{{Text: strings.Repeat("n", 40)}, {Text: strings.Repeat("c", 31)}, {Text: text}}
		lines := section("rows", []row{{cells: cells}}, 80)[2:]
		if cut := strings.Contains(lines[0].line.String(), "…"); cut != (below == "") {
			t.Errorf("%s: the row is %q", text, lines[0].line.String())
		}
		if got := len(lines) - 1; got != len(below)/max(1, len(below)) || got == 1 && lines[1].line.String() != below {
			t.Errorf("%s: %d lines below: %v", text, got, lines[1:])
		}
	}
}
