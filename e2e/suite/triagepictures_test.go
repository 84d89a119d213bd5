package suite

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// checkout is a small application that is well: a Deployment behind a Service and an Ingress.
const checkout = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, labels: {app: checkout}}
spec:
  replicas: 2
  strategy: {type: Recreate}
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--serve=:8080]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: checkout}
spec: {selector: {app: checkout}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: checkout}
spec:
  ingressClassName: shop-edge
  rules:
  - host: checkout.fathom.test
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: checkout, port: {name: http}}}}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: audit}
spec:
  schedule: "0 3 * * *"
  suspend: true
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: audit, image: "fathom.test/workload:1"}]}}}
`

// triageLook leaves out what differs from run to run besides names and times: whether it may still
// heal, and where a long line was broken.
func triageLook(lines func(screen.Screen) []string) look {
	return look{lines: lines, masks: []mask{
		masked(`, (may still settle|settling)\b`, ""),
		masked(`, \d+[sm] before`, ", AGE before"),
		masked(`● live\b.*`, "● live"), // How much of the header fits depends on how much fails elsewhere.
		masked(`differs from replicaset .*: image`, "differs from replicaset OTHER: image"),
	}}
}

// TestPicturesOfAnIncident rolls a Deployment to an image that nobody can pull, as a second client,
// and compares what the screens of the incident say.
func TestPicturesOfAnIncident(t *testing.T) {
	atWidths(t, func(t *testing.T, options screen.Options) {
		namespace := sandbox(t)
		kubectlApply(t, namespace, checkout)
		kubectl(t, "wait", "-n", namespace, "--for=condition=Available", "--timeout=60s", "deployment/checkout")
		plain, whole := triageLook(nil), triageLook(sentences)
		home := openWith(t, world.cluster.Kubeconfig, options, "triage", "-n", namespace)
		home.WaitFor("● live", limit)
		one := openWith(t, world.cluster.Kubeconfig, options, "deployment/checkout", "-n", namespace)
		one.WaitFor("● live", limit)
		one.Keys("h")
		one.WaitFor("created", limit)
		awaitLaterSecond(t, namespace, "checkout")
		setImage(t, namespace, "checkout", "kubectl-edit", "fathom.test/Checkout:2")

		home.WaitFor("0/2 ready: app InvalidImageName", limit)
		comparePicture(t, home, "home", plain)
		home.Keys("enter")
		home.WaitFor("HOW IT COMES TO THAT", limit)
		comparePicture(t, home, "why", whole)
		goTo(home, "report")
		comparePicture(t, home, "report", triageLook(paragraphs))

		one.WaitFor("image ", limit)
		one.Keys("f") // without what controllers report
		comparePicture(t, one, "changes", whole)
		one.Keys("g", "enter")
		one.WaitFor("+ ", limit)
		comparePicture(t, one, "diff", plain)
		one.Keys("esc", "y", "b")
		one.WaitFor(func(shot screen.Screen) bool { return strings.Contains(shot.Text(), "kubectl") }, limit)
		comparePicture(t, one, "blame", triageLook(specOnly))
	})
}

// sentences joins the lines into which the rows of a page are broken.
func sentences(shot screen.Screen) []string {
	return notMade(unwrapped(rowsOfScreen(shot), triageIndent))
}

// triageIndent is where the text of a row goes on in the next line, at least.
const triageIndent = 12

// paragraphs joins the lines into which a report is broken.
func paragraphs(shot screen.Screen) []string {
	var joined []string
	room := -1 // that the line before has, of which a blank at its end is cut off
	for _, line := range rowsOfScreen(shot) {
		if room == 0 || room == 1 {
			joined[len(joined)-1] += strings.Repeat(" ", room) + line
		} else {
			joined = append(joined, line)
		}
		room = shot.Columns - len([]rune(line))
	}
	return notMade(joined)
}

// notMade leaves out that objects were made: those of one second come in any order, and those of
// the shop were made just before only in a cluster that is new.
func notMade(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool {
		return strings.Contains(line, "created by hand") || strings.Contains(line, "created by shop")
	})
}

// specOnly leaves out the status, which is busy.
func specOnly(shot screen.Screen) []string {
	lines := rowsOfScreen(shot)
	if at := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, "│ status:") }); at > 0 {
		return lines[:at]
	}
	return lines
}
