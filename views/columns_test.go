package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// kindColumn is one of the kind's.
func kindColumn(name string) ColumnChoice { return ColumnChoice{Name: name} }

// ownColumn is one with a path, or with a label where that begins with "label ".
func ownColumn(t testing.TB, name, from string) ColumnChoice {
	t.Helper()
	if key, found := strings.CutPrefix(from, "label "); found {
		return ColumnChoice{Name: name, Own: kinds.LabelColumn(key)}
	}
	own, err := kinds.PathColumn(from)
	if err != nil {
		t.Fatal(err)
	}
	return ColumnChoice{Name: name, Own: own}
}

func podRule(columns ...ColumnChoice) ColumnRule { return ColumnRule{Kind: "po", Columns: columns} }

func TestColumnScreens(t *testing.T) {
	ready := ownColumn(t, "SINCE", `.status.conditions[?(@.type=="Ready")].lastTransitionTime`)
	images := ownColumn(t, "IMAGES", ".spec.containers[*].image")
	images.Width = 12
	app := ownColumn(t, "APP", "label app")
	wide := ownColumn(t, "POLICY", ".spec.restartPolicy")
	wide.Wide = true
	hidden := kindColumn("AGE")
	hidden.Hidden = true
	for _, tt := range []struct {
		name string
		rule ColumnRule
		keys []string
	}{
		{"added", podRule(app, images), nil},
		{"in another order", podRule(kindColumn("STATUS"), kindColumn("NAME"), app, kindColumn("NAMESPACE")), nil},
		{"hidden", podRule(hidden, app), nil},
		{"only these", ColumnRule{Kind: "pods", Only: true, Columns: []ColumnChoice{kindColumn("STATUS"), ready}}, nil},
		{"where there is room", podRule(wide, kindColumn("IP")), nil},
		{"sorted", podRule(images), []string{"shift+right"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				s := newSession(t, newCluster(t, "shop.yaml"), "")
				s.Columns = []ColumnRule{tt.rule}
				p := look(t, Objects(s, Pods(s.Cluster)))
				p.until(size[0], size[1], "live  v1.36.3", "gateway-5f6d")
				for _, key := range tt.keys {
					p.press(key)
				}
				golden.RequireEqual(t, p.draw(size[0], size[1]))
			})
		}
	}
}

// manyPods are more pods than are read between two frames.
func manyPods(t *testing.T, n int) *kubetest.Server {
	server := kubetest.New(t, screenNow)
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-%04d, namespace: %s, labels: {num: '%d'}}\n"+
			"spec: {priority: %d, containers: [{name: app, image: 'app:%d'}]}\nstatus: {phase: Running}\n",
			i, []string{"shop", "payments"}[i%2], i, (i*7919)%n, i)
	}
	server.Apply(t, all.String())
	return server
}

// TestColumnsOfManyRows sorts and filters by a value that is read in the background.
func TestColumnsOfManyRows(t *testing.T) {
	const n = 300
	for _, spaces := range [][]string{nil, {"payments", "shop"}} {
		s := newSession(t, manyPods(t, n), "")
		s.several = spaces
		s.Columns = []ColumnRule{podRule(ownColumn(t, "PRIORITY", ".spec.priority"), ownColumn(t, "N", "label num"))}
		v := Objects(s, Pods(s.Cluster)).(*table)
		p := look(t, v)
		p.until(120, 24, "● live", "web-0001")
		if v.list.own.readers != nil {
			t.Error("all objects are read though only some are seen")
		}
		for filter, want := range map[string]string{
			"priority>297": "2 of 300", "priority<2": "2 of 300", "priority=5": "1 of 300", "n>=298": "2 of 300",
			"priority!=5": "299 of 300", "priority=x": "0 of 300",
		} {
			p.perform(v.Update(ui.Entered{Text: filter}))
			p.until(120, 24, want)
		}
		p.perform(v.Update(ui.Entered{Text: ""}))
		p.perform(v.list.sortTo(v.list.rows.Column("PRIORITY")))
		p.perform(v.Update(ui.Shown{}))
		p.until(120, 24, "PRIORITY▼", "299")
		for i := 1; i < v.list.rows.Len(); i++ {
			before, _ := v.list.own.Cell(v.list.rows.Record(i-1), 0).Number()
			if after, _ := v.list.own.Cell(v.list.rows.Record(i), 0).Number(); after > before {
				t.Fatalf("row %d has %d after %d", i, after, before)
			}
		}
	}
}

// TestColumnsFollowTheirObjects changes an object that is sorted by a value.
func TestColumnsFollowTheirObjects(t *testing.T) {
	server := manyPods(t, 4)
	s := newSession(t, server, "shop")
	s.Columns = []ColumnRule{podRule(ownColumn(t, "IMAGE", ".spec.containers[0].image"))}
	v := Objects(s, Pods(s.Cluster)).(*table)
	p := look(t, v)
	p.until(120, 24, "app:0", "app:2")
	p.perform(v.list.sortTo(v.list.rows.Column("IMAGE")))
	server.Apply(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: web-0000, namespace: shop}\n"+
		"spec: {containers: [{name: app, image: 'app:9'}]}\n")
	screen := p.until(120, 24, "app:9")
	if strings.Index(screen, "web-0002") > strings.Index(screen, "web-0000") {
		t.Errorf("the row has not moved:\n%s", screen)
	}
	p.perform(v.Update(ui.Entered{Text: "app:9"}))
	p.until(120, 24, "1 of 2")
	server.Delete(t, kinds.Pod.GroupVersionKind, "shop", "web-0000")
	p.until(120, 24, "no matches")
}

func TestWhichColumns(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Columns = []ColumnRule{
		{Kind: "widgets"}, {Kind: "Pod", Context: "staging"}, {Kind: "pods"}, {Kind: "po", Namespace: "sh*"},
		{Kind: "po", Context: "prod-*"}, {Kind: "po", Namespace: "shop", Context: "prod-*"}, {Kind: "deploy"},
	}
	for _, tt := range []struct {
		kind   string
		spaces []string
		want   int
	}{
		{"pods", nil, 4}, {"pods", []string{"shop"}, 5}, {"pods", []string{"shed"}, 3}, {"pods", []string{"shop", "shed"}, 3},
		{"pods", []string{"shop", "other"}, 4},
		{"deployments", nil, 6}, {"nodes", nil, -1}, {"services", []string{"shop"}, -1},
	} {
		var want *ColumnRule
		if tt.want >= 0 {
			want = &s.Columns[tt.want]
		}
		if got := s.columnRule(served(t, s, tt.kind), tt.spaces); got != want {
			t.Errorf("%s in %v: got %+v, want %+v", tt.kind, tt.spaces, got, want)
		}
	}
	look(t, Objects(s, Pods(s.Cluster)))
	said := 0
	for _, m := range s.Messages.All() {
		if strings.Contains(m.Text, `columns: prod-eu has no kind "widgets"`) {
			said++
		}
	}
	if said != 1 {
		t.Errorf("the kind that is not there was said %d times", said)
	}
}
