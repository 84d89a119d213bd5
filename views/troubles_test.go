package views

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// settingsWithoutKey is a Deployment that waits by its own status, while its pod says that it
// fails, and an Ingress without a status whose TLS Secret does not exist.
const settingsWithoutKey = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: web, uid: c1, creationTimestamp: "2026-05-01T11:00:00Z"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: web, uid: d1, generation: 1, creationTimestamp: "2026-05-01T11:00:00Z"}
spec:
  replicas: 1
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - {name: app, image: x, env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: LEVEL}}}]}
status:
  observedGeneration: 1
  replicas: 1
  updatedReplicas: 1
  unavailableReplicas: 1
  conditions: [{type: Progressing, status: "True", reason: ReplicaSetUpdated, lastUpdateTime: "2026-05-01T11:55:00Z"}]
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  {name: api-1, namespace: web, uid: r1, labels: {app: api}, creationTimestamp: "2026-05-01T11:00:00Z",
   ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, uid: d1, controller: true}]}
spec: {replicas: 1, selector: {matchLabels: {app: api}}}
status: {replicas: 1, readyReplicas: 0}
---
apiVersion: v1
kind: Pod
metadata:
  {name: api-1-x, namespace: web, uid: p1, labels: {app: api}, creationTimestamp: "2026-05-01T11:00:00Z",
   ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: api-1, uid: r1, controller: true}]}
spec:
  nodeName: worker-1
  containers:
  - {name: app, image: x, env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: LEVEL}}}]}
status:
  phase: Pending
  conditions: [{type: PodScheduled, status: "True", lastTransitionTime: "2026-05-01T11:00:00Z"}, {type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: "2026-05-01T11:00:00Z"}]
  containerStatuses: [{name: app, image: x, imageID: "", ready: false, restartCount: 0, state: {waiting: {
    reason: CreateContainerConfigError, message: "couldn't find key LEVEL in ConfigMap web/settings"}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: web, uid: i1, creationTimestamp: "2026-05-01T11:00:00Z"}
spec: {tls: [{hosts: [a.b], secretName: nowhere}], rules: [{host: a.b}]}
`

// TestNothingIsMilderThanItsFinding looks at objects whose own status says less than the triage
// does, from their table, their overview and the trees of what they use.
func TestNothingIsMilderThanItsFinding(t *testing.T) {
	server := newCluster(t, "well.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, settingsWithoutKey)
	s := newSession(t, server, "web")
	opened := func(kind, name string, tab tabID) ui.View {
		return newObject(s, served(t, s, kind), "web", name, nil, tab)
	}
	look(t, opened("deploy", "api", "")).until(120, 40, "waiting  ", "rolling out")
	openHome(t, s, "deployment web/api", "ingress web/front", "couldn't find key LEVEL")

	fails := "failing  0/1 ready: app CreateContainerConfigError: couldn't find key LEVEL in ConfigMap web/settings"
	look(t, opened("cm", "settings", tabUsedBy)).until(160, 40, "deployment api", fails)
	look(t, opened("cm", "settings", "")).until(160, 40, "deployment api", fails)
	look(t, opened("pod", "api-1-x", tabTree)).until(160, 40, "deployment api", fails)
	look(t, opened("deploy", "api", "")).until(160, 40, "deployment web/api  "+fails)
	look(t, opened("ing", "front", "")).until(120, 40, "failing  TLS secret web/nowhere does not exist")

	table := look(t, Objects(s, served(t, s, "ing")))
	table.until(80, 24, "front ✖")
	deployments := look(t, Objects(s, served(t, s, "deploy")))
	if screen := deployments.until(80, 24, "api"); regexp.MustCompile(`api +[✖▲]`).MatchString(screen) {
		t.Errorf("the name is marked though a cell says how it is:\n%s", screen)
	}
}

// TestAVersionThatHasPassedHasNoFinding looks at a subject as it was.
func TestAVersionThatHasPassedHasNoFinding(t *testing.T) {
	server := newCluster(t, "well.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, settingsWithoutKey)
	s := newSession(t, server, "web")
	openHome(t, s, "deployment web/api")
	sub := newObject(s, served(t, s, "deploy"), "web", "api", nil, "").(*object).subject
	own := kinds.Status{Level: kinds.OK}
	if how, _ := sub.judgment(sub.ref(), own); how.level != kinds.Failing {
		t.Errorf("the newest version is %v, want failing", how.level)
	}
	sub.deleted = screenNow
	if how, _ := sub.judgment(sub.ref(), own); how.level != kinds.OK {
		t.Errorf("one that is deleted is %v, want its own status", how.level)
	}
}

// TestTerminatingSaysOnceSinceWhen draws the first line of a pod that is being deleted.
func TestTerminatingSaysOnceSinceWhen(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, newObject(s, Pods(s.Cluster), "shop", "db-0", nil, ""))
	p.until(120, 40, "db-0", "CONDITIONS")
	sub := p.view.(*object).subject
	leaving := *sub.record
	leaving.Deleting = screenNow.Add(-5 * time.Minute)
	leaving.Status.Since = leaving.Deleting
	sub.record = &leaving
	if screen := p.draw(120, 40); !strings.Contains(screen, "terminating since 5m") || strings.Contains(screen, "for 5m") {
		t.Errorf("it says\n%s", screen)
	}
}
