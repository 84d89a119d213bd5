package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func top(what string) func(*testing.T, *Session) ui.View {
	return func(_ *testing.T, s *Session) ui.View { return Top(s, what) }
}

func TestUsageScreens(t *testing.T) {
	for _, tt := range []struct {
		name, namespace string
		open            func(*testing.T, *Session) ui.View
		keys            []string
		until           []string
	}{
		{"pods", "shop", objects("pods"), nil, []string{"2900m", "● live"}},
		{"top", "", top(""), nil, []string{"CPU▼", "90%"}},
		{"pods by memory", "", objects("pods"), []string{"M"}, []string{"MEM▼", "gateway"}},
		{"top nodes", "", top("nodes"), nil, []string{"CPU▼", "80%"}},
		{"deployments by memory", "shop", objects("deploy"), []string{"M"}, []string{"MEM▼", "310Mi"}},
		{"a pod", "shop", one("pod", "web-7d9f-x2x9"), nil, []string{"390% of request 64Mi", "97% of limit"}},
		{"a deployment", "shop", one("deploy", "web"), nil, []string{"USAGE OF 2 PODS", "% of limit 1000m"}},
		{"a node", "", one("node", "worker-1"), nil, []string{"85% of allocatable 8192Mi", "PODS 5"}},
		{"a container", "shop", func(_ *testing.T, s *Session) ui.View {
			return newContainer(s, "shop", "web-7d9f-x2x9", "app", nil, "")
		}, nil, []string{"390% of request 64Mi"}},
		{"namespaces wide", "", objects("namespaces"), []string{"ctrl+w"}, []string{"MEM", "3310Mi"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				p := look(t, tt.open(t, newSession(t, newCluster(t, "usage.yaml"), tt.namespace)))
				p.until(size[0], size[1], "● live")
				for _, key := range tt.keys {
					p.press(key)
				}
				p.until(size[0], size[1], append(tt.until, "live  v1.36.3")...)
				p.untilLinked()
				p.wait("all is there", func() bool { return settledView(p.view) })
				screen := p.draw(size[0], size[1])
				if _, object := p.view.(*object); object {
					screen = withoutTabs(screen)
				}
				golden.RequireEqual(t, screen)
			})
		}
	}
}

// cronJobAtWork is a CronJob with a pod that runs and one that has ended.
const cronJobAtWork = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop, uid: c}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {containers: [
    {name: app, image: a, resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}}]}}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  {name: report-1, namespace: shop, uid: j,
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: report, uid: c}]}
---
apiVersion: v1
kind: Pod
metadata:
  {name: report-1-now, namespace: shop, uid: p1,
  ownerReferences: [{apiVersion: batch/v1, kind: Job, name: report-1, uid: j}]}
spec: {containers: [{name: app, image: a}]}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata:
  {name: report-1-old, namespace: shop, uid: p2,
  ownerReferences: [{apiVersion: batch/v1, kind: Job, name: report-1, uid: j}]}
spec: {containers: [{name: app, image: a}]}
status: {phase: Failed}
---
apiVersion: metrics.k8s.io/v1beta1
kind: PodMetrics
metadata: {name: report-1-now, namespace: shop}
timestamp: "2026-05-01T11:59:50Z"
window: 20s
containers: [{name: app, usage: {cpu: 50m, memory: 16Mi}}]
`

// TestUsageOfACronJob sums up what the pods of its Jobs use, on its page and in the table.
func TestUsageOfACronJob(t *testing.T) {
	server := newCluster(t, "usage.yaml")
	server.Apply(t, cronJobAtWork)
	s := newSession(t, server, "shop")
	page := look(t, one("cj", "report")(t, s))
	page.until(80, 40, "USAGE OF 1 POD", "50% of request 100m", "25% of limit 64Mi")
	table := look(t, Objects(s, served(t, s, "cronjobs")))
	table.until(120, 24, "report", "● live")
	table.perform(table.press("C"))
	screen := table.until(120, 24, "CPU▼", "50m", "16Mi")
	if strings.Contains(screen, "no CPU") {
		t.Errorf("something is missing:\n%s", screen)
	}
}

// TestFilterByUsage types filters that name what is measured.
func TestFilterByUsage(t *testing.T) {
	s := newSession(t, newCluster(t, "usage.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(200, 24, "CPU", "just-started")
	for filter, want := range map[string]string{
		"cpu>80%": "batch-of-the-night-with-a-long-name web-7d9f-x2x9", "mem>200Mi mem<1Gi": "web-7d9f-x2x9",
		"cpu>1": "batch-of-the-night-with-a-long-name", "mem>80%": "web-7d9f-x2x9", "cpu/r<50%": "web-7d9f-b7c44",
	} {
		p.view.Update(ui.Entered{Text: filter})
		var shown []string
		list := p.view.(*table).list
		for i := range list.rows.Len() {
			shown = append(shown, list.rows.Record(i).Name)
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
}

// TestWithoutMetricsNothingIsAsked looks at clusters that measure nothing.
func TestWithoutMetricsNothingIsAsked(t *testing.T) {
	for _, kind := range []string{"pods", "nodes", "deployments", "namespaces"} {
		server := newCluster(t, "shop.yaml")
		s := newSession(t, server, "")
		p := look(t, Objects(s, served(t, s, kind)))
		p.until(200, 24, "● live")
		p.press("ctrl+w")
		before := p.draw(200, 24)
		if strings.Contains(before, "CPU") || strings.Contains(before, "MEM") {
			t.Errorf("%s: a column that nobody fills:\n%s", kind, before)
		}
		if said, ok := p.press("C").(ui.Say); !ok || !strings.Contains(said.Text, "does not serve metrics.k8s.io") {
			t.Errorf("%s: sorting by CPU says %v", kind, said)
		}
		p.view.Update(ui.Typed{Text: "mem>1Gi"})
		if screen := p.draw(200, 24); !strings.Contains(screen, "does not serve metrics.k8s.io") {
			t.Errorf("%s: a filter by memory says nothing:\n%s", kind, screen)
		}
		if asked := server.Requests("metrics.k8s.io"); len(asked) > 0 {
			t.Errorf("%s: asked %q", kind, asked)
		}
	}
}

// TestUsageOfOthersIsNotLoadedUnasked looks at tables whose usage costs more than theirs.
func TestUsageOfOthersIsNotLoadedUnasked(t *testing.T) {
	for kind, lists := range map[string][]string{
		"deployments": {"metrics.k8s.io/v1beta1/namespaces/shop/pods", "/api/v1/namespaces/shop/pods", "/replicasets"},
		"namespaces":  {"metrics.k8s.io/v1beta1/pods"},
	} {
		server := newCluster(t, "usage.yaml")
		s := newSession(t, server, "shop")
		p := look(t, Objects(s, served(t, s, kind)))
		p.until(80, 24, "● live")
		for _, list := range lists {
			if asked := server.Requests(list); len(asked) > 0 {
				t.Errorf("%s: asked %q before anybody wanted it", kind, asked)
			}
		}
		p.perform(p.view.Update(ui.Typed{Text: "cpu>0"}))
		p.wait(kind+" by CPU", func() bool { return p.view.(*table).list.rows.Len() > 0 })
		for _, list := range lists {
			if asked := server.Requests(list); len(asked) == 0 {
				t.Errorf("%s: did not ask for %s", kind, list)
			}
		}
	}
}

// TestRefusedUsageIsSaid looks as somebody who may not see metrics, or the pods.
func TestRefusedUsageIsSaid(t *testing.T) {
	server := newCluster(t, "usage.yaml")
	server.Refuse("pods")
	s := newSession(t, server, "shop")
	p := look(t, Objects(s, served(t, s, "deployments")))
	p.until(80, 24, "● live")
	p.perform(p.press("M"))
	p.until(80, 24, "web", "no newer CPU and MEM", "forbidden")
}

func TestPrintedTop(t *testing.T) {
	for _, tt := range []struct {
		what, namespace string
		containers      bool
		want            string
	}{
		{"pods", "shop", false, `
NAME                                  CPU(cores)   MEMORY(bytes)
batch-of-the-night-with-a-long-name   2900m        3000Mi
web-7d9f-b7c44                        12m          60Mi
web-7d9f-x2x9                         450m         250Mi`},
		{"po", "payments", true, `
POD            NAME   CPU(cores)   MEMORY(bytes)
gateway-5f6d   app    1m           9Mi`},
		{"", "", false, `
NAMESPACE   NAME                                  CPU(cores)   MEMORY(bytes)
payments    gateway-5f6d                          1m           9Mi
shop        batch-of-the-night-with-a-long-name   2900m        3000Mi
shop        web-7d9f-b7c44                        12m          60Mi
shop        web-7d9f-x2x9                         450m         250Mi`},
		{"no", "shop", false, `
NAME       CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)
worker-1   3205m        80%         7000Mi          85%
worker-2   <unknown>    <unknown>   <unknown>       <unknown>`},
		{"pods", "nowhere", false, "\nNo resources found"},
	} {
		view, err := PrintedTop(newSession(t, newCluster(t, "usage.yaml"), tt.namespace), tt.what, tt.containers)
		if err != nil {
			t.Fatal(err)
		}
		p := look(t, view)
		p.wait(tt.what, func() bool {
			top := p.view.(*printedTop)
			return !top.metrics.State().Phase.Undecided() && (top.nodes == nil || top.nodes.Len() == 2)
		})
		var got strings.Builder
		for line := range strings.Lines(p.view.Draw(ui.Frame{Still: true, Theme: themes.Plain})) {
			got.WriteString("\n" + strings.TrimRight(line, " \n"))
		}
		if got.String() != tt.want {
			t.Errorf("%q in %q:\n%s\nwant\n%s", tt.what, tt.namespace, got.String(), tt.want)
		}
	}
	if _, err := PrintedTop(newSession(t, newCluster(t, "shop.yaml"), ""), "", false); err == nil {
		t.Error("a cluster without metrics prints some")
	}
}

// TestPrintedTablesHaveTheServersColumns holds that usage is not mixed into what a script
// reads.
func TestPrintedTablesHaveTheServersColumns(t *testing.T) {
	server := newCluster(t, "usage.yaml")
	s := newSession(t, server, "shop")
	s.Printed = true
	p := look(t, Objects(s, Pods(s.Cluster)))
	if screen := p.until(200, 24, "● live"); strings.Contains(screen, "CPU") {
		t.Errorf("usage is printed:\n%s", screen)
	}
	if asked := server.Requests(kinds.MetricsGroup + "/v1beta1/"); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

// TestPercentagesOfManyPods filters by a percentage of what more pods ask for than are
// read at once.
func TestPercentagesOfManyPods(t *testing.T) {
	const pods = bodiesAtOnce + 50
	server := newCluster(t, "usage.yaml")
	var all strings.Builder
	for i := range pods {
		fmt.Fprintf(&all, "---\n{apiVersion: v1, kind: Pod, metadata: {name: p-%d, namespace: many},"+
			" spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 100m}}}]}}\n", i)
		fmt.Fprintf(&all, "---\n{apiVersion: metrics.k8s.io/v1beta1, kind: PodMetrics,"+
			" metadata: {name: p-%d, namespace: many}, containers: [{name: a, usage: {cpu: 90m, memory: 1Mi}}]}\n", i)
	}
	server.Apply(t, all.String())
	s := newSession(t, server, "many")
	p := look(t, Objects(s, Pods(s.Cluster)))
	list := p.view.(*table).list
	p.until(200, 24, "● live", "90m", "90%")
	p.wait("all pods are there", func() bool { return list.rows.Len() == pods && len(list.usage.used) == pods })
	p.perform(p.view.Update(ui.Entered{Text: "cpu>80%"}))
	if list.rows.Len() > 2*bodiesAtOnce-1 || list.usage.reader == nil {
		t.Errorf("%d pods are found at once, reader %v", list.rows.Len(), list.usage.reader)
	}
	p.wait("all pods are found", func() bool { return list.rows.Len() == pods && list.usageNote() == "" })
	p.perform(p.view.Update(ui.Entered{Text: "cpu>95%"}))
	p.wait("none is found", func() bool { return list.rows.Len() == 0 })
	server.Apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: p-7, namespace: many},
  spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 50m}}}]}}`)
	p.wait("one asks for less", func() bool { return list.rows.Len() == 1 })
}
