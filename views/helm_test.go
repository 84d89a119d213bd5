package views

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// release is a revision of a release as Helm writes it.
func release(name string, revision int, status, at, chart, app, description, values, manifest string) string {
	chartName, version, _ := strings.Cut(chart, " ")
	text, _ := json.Marshal(map[string]any{
		"name": name, "namespace": "shop", "version": revision, "config": json.RawMessage(values), "manifest": manifest,
		"info": map[string]any{
			"first_deployed": "2026-04-01T12:00:00Z", "last_deployed": at, "description": description, "status": status,
		},
		"chart": map[string]any{
			"metadata": map[string]any{"name": chartName, "version": version, "appVersion": app},
		},
	})
	return kubetest.HelmRelease("shop", name, revision, status, string(text))
}

const helmManifest = `---
kind: Service
metadata:
  name: checkout
  labels: {app: checkout}
---
kind: ConfigMap
metadata:
  name: checkout-conf
  labels:
    helm.sh/chart: checkout-1.0.0
---
kind: Deployment
metadata:
  name: checkout
spec:
  replicas: 1
---
kind: Job
metadata:
  name: migrate
`

func helmCluster(t *testing.T) *kubetest.Server {
	t.Helper()
	after := strings.NewReplacer("replicas: 1", "replicas: 3", "checkout-1.0.0", "checkout-1.1.0",
		"kind: Job\nmetadata:\n  name: migrate", "kind: Ingress\nmetadata:\n  namespace: shop\n  name: checkout").
		Replace(helmManifest)
	server := newCluster(t, "shop.yaml")
	server.Apply(t, release("checkout", 2, "superseded", "2026-04-21T12:00:00Z", "checkout 1.0.0", "v41",
		"Upgrade complete", `{"image":{"tag":"v41"},"password":"tr0ub4dor","hosts":["a.example"]}`, helmManifest)+
		release("checkout", 3, "superseded", "2026-04-30T12:00:00Z", "checkout 1.1.0", "v42", "Upgrade complete",
			`{"image":{"tag":"v42"},"password":"c0rrect","hosts":["a.example","b.example"]}`, after)+
		release("checkout", 4, "failed", "2026-05-01T11:53:00Z", "checkout 1.1.0", "v42",
			`Upgrade "checkout" failed: context deadline exceeded`,
			`{"image":{"tag":"v42"},"hosts":["a.example","b.example"]}`, after)+
		release("redis", 1, "deployed", "2026-04-01T12:00:00Z", "redis 20.1.0", "7.4.1",
			"Install complete", `{}`, helmManifest)+
		release("web", 10, "pending-upgrade", "2026-05-01T11:50:00Z", "web 0.3.0", "2.0", "Preparing upgrade", `null`, ""))
	return server
}

func TestHelmScreens(t *testing.T) {
	for _, tt := range []struct {
		name  string
		open  func(*testing.T, *Session) ui.View
		keys  []string
		until []string
	}{
		{"releases", objects("helm"), nil, []string{"checkout-1.1.0", "● live"}},
		{"history", one("helm", "sh.helm.release.v1.checkout.v4"), nil, []string{"revision 2", "● live"}},
		{"history with values", one("helm", "sh.helm.release.v1.checkout.v4"), []string{"x"}, []string{"v41", "● live"}},
		{"overview of a release", one("helm", "sh.helm.release.v1.checkout.v4"), []string{"v"}, []string{"FACTS", "● live"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				p := look(t, tt.open(t, newSession(t, helmCluster(t), "shop")))
				p.until(size[0], size[1], "● live", "checkout")
				for _, key := range tt.keys {
					p.press(key)
				}
				p.until(size[0], size[1], append(tt.until, "v1.36.3")...)
				p.untilLinked()
				golden.RequireEqual(t, p.draw(size[0], size[1]))
			})
		}
	}
}

// The table follows a release from one revision to the next, and back.
func TestHelmTableShowsTheNewestRevision(t *testing.T) {
	server := helmCluster(t)
	p := look(t, Objects(newSession(t, server, "shop"), served(t, newSession(t, server, "shop"), "helm")))
	screen := p.until(120, 20, "● live", "pending-upgrade")
	if strings.Contains(screen, "superseded") || strings.Count(screen, "checkout-1.1.0") != 1 {
		t.Errorf("an older revision is there:\n%s", screen)
	}
	server.Apply(t, release("checkout", 5, "deployed", "2026-05-01T11:59:00Z", "checkout 1.2.0", "v43", "", `{}`, ""))
	if screen = p.until(120, 20, "checkout-1.2.0"); strings.Contains(screen, "checkout-1.1.0") {
		t.Errorf("the revision before is there:\n%s", screen)
	}
	open, ok := p.press("enter").(ui.Open)
	if !ok {
		t.Fatalf("enter gives %v", p.intent)
	}
	look(t, open.View).until(120, 60, "revision 5", "revision 2", "v42, was v41", "app version")
}

// A recording keeps no values of Secrets: what labels say is there, and what is missing is
// said.
func TestHelmReleasesThatAreHidden(t *testing.T) {
	server := kubetest.New(t, screenNow)
	text := release("web", 3, "deployed", "2026-05-01T11:50:00Z", "web 0.3.0", "2.0", "", `{}`, "")
	before, _, _ := strings.Cut(text, "data: {release: ")
	server.Apply(t, before+"data: {release: "+strings.Repeat("AAAA", 40)+"}\n")
	s := newSession(t, server, "shop")
	screen := look(t, Objects(s, served(t, s, "helm"))).until(80, 24, "● live", "web")
	if !strings.Contains(screen, "3") || !strings.Contains(screen, "deployed") || strings.Contains(screen, "0.3.0") {
		t.Errorf("got\n%s", screen)
	}
	look(t, one("helm", "sh.helm.release.v1.web.v3")(t, s)).until(80, 24, "keep no values of Secrets", "revision 3")
}

// TestTreeOfARelease draws what a release has installed, from the release, from what it has
// installed, and from what a controller made of that.
func TestTreeOfARelease(t *testing.T) {
	cluster := helmCluster(t)
	const labels = "labels: {app.kubernetes.io/instance: redis, app.kubernetes.io/managed-by: Helm"
	cluster.Apply(t, release("redis", 9, "superseded", "2026-04-01T11:00:00Z", "redis 20.0.0", "7.4.0", "", `{}`, "")+
		`apiVersion: v1
kind: ConfigMap
metadata: {name: redis, namespace: shop, `+labels+`}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: by-somebody-else, namespace: shop, labels: {app.kubernetes.io/instance: redis}}
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop, `+labels+`}}
spec: {selector: {app: redis}, clusterIP: None}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis, namespace: shop, uid: redis, `+labels+`}}
spec:
  serviceName: redis
  replicas: 1
  selector: {matchLabels: {app: redis}}
  template:
    metadata: {`+labels+`, app: redis}}
    spec: {volumes: [{name: c, configMap: {name: redis}}], containers: [{name: a, image: a}]}
status: {replicas: 1, readyReplicas: 1, availableReplicas: 1, currentReplicas: 1, updatedReplicas: 1}
---
apiVersion: v1
kind: Pod
metadata:
  name: redis-0
  namespace: shop
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: redis, uid: redis, controller: true}]
  `+labels+`, app: redis}
spec: {volumes: [{name: c, configMap: {name: redis}}], containers: [{name: a, image: a}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: a, ready: true, state: {running: {}}}]}
`)
	s := newSession(t, cluster, "shop")
	for kind, name := range map[string]string{
		"helm": "sh.helm.release.v1.redis.v1", "sts": "redis", "pod": "redis-0", "cm": "redis",
	} {
		t.Run(kind, func(t *testing.T) {
			p := look(t, one(kind, name)(t, s))
			p.until(80, 24, "● live")
			p.press("t")
			golden.RequireEqual(t, withoutTabs(settledTree(p, 80, 24, "pod redis-0")))
		})
		if kind != "pod" && kind != "helm" {
			p := look(t, one(kind, name)(t, s))
			if page := linkedPage(p, 120); !strings.Contains(page, "installed by (inferred)  release redis.v1 ") {
				t.Errorf("the page of %s %s says\n%s", kind, name, page)
			}
		}
	}
	p := look(t, one("helm", "sh.helm.release.v1.redis.v9")(t, s))
	p.until(80, 24, "● live")
	p.press("t")
	if screen := p.until(80, 24, "redis.v9"); strings.Contains(screen, "statefulset") {
		t.Errorf("a revision of before has installed\n%s", screen)
	}
}
