package views

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// edited is the Deployment of changes.yaml after somebody has edited it.
func edited(t *testing.T) string {
	t.Helper()
	text := strings.NewReplacer(
		":v42", ":v43", "value: db-1", "value: db-2", `resourceVersion: "100"`, `resourceVersion: "200"`,
		`"2026-05-01T10:00:00Z"`, `"2026-05-01T11:59:58Z"`, "readyReplicas: 3", "readyReplicas: 3",
	).Replace(readFile(t, "changes.yaml"))
	deployment, _, _ := strings.Cut(text, "\n---\n")
	return deployment
}

// opened is the view that a key opens.
func opened(t *testing.T, p *person, key string) *person {
	t.Helper()
	open, ok := p.press(key).(ui.Open)
	if !ok {
		t.Fatalf("%s leads to %#v", key, p.intent)
	}
	return look(t, open.View)
}

// withChanges opens the changes of a Deployment that was changed before and after.
func withChanges(t *testing.T) (*Session, *kubetest.Server, *person) {
	t.Helper()
	cluster := newCluster(t, "changes.yaml")
	s := newSession(t, cluster, "shop")
	p := look(t, one("deploy", "checkout")(t, s))
	p.press("h")
	p.until(80, 24, "revision 5", "● live", "containers.0.env", "ScalingReplicaSet")
	cluster.Apply(t, edited(t))
	return s, cluster, p
}

func TestChangesOfADeployment(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			_, _, p := withChanges(t)
			p.until(size[0], size[1], "db-2", "(revision 2)", "v39 → :v40", "containers.0.env.0.value", "ScalingReplicaSet")
			p.wait("everything has come", func() bool { return !strings.Contains(p.draw(size[0], size[1]), "loading") })
			golden.RequireEqual(t, withoutTabs(p.draw(size[0], size[1])))
			p.press("f")
			if screen := p.draw(size[0], size[1]); strings.Contains(screen, "Available") {
				t.Errorf("hidden reports are shown:\n%s", screen)
			}
		})
	}
}

func TestDiffOfAChange(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			_, _, p := withChanges(t)
			p.until(size[0], size[1], "db-2")
			d := opened(t, p, "enter")
			golden.RequireEqual(t, d.until(size[0], size[1], "+ ", "db-2"))
			d.press("enter")
			d.until(size[0], 60, "readinessProbe")
		})
	}
}

// TestDiffOfRevisions compares the templates of two revisions, which are rebuilt, and then
// two that are marked.
func TestDiffOfRevisions(t *testing.T) {
	_, _, p := withChanges(t)
	p.until(120, 40, "db-2", "(revision 2)")
	c := p.view.(*object).tabs[p.view.(*object).current].(*changes)
	to := func(text string) {
		t.Helper()
		i := slices.IndexFunc(c.list.all, func(c history.Change) bool { return strings.Contains(c.Text, text) })
		if i < 0 {
			t.Fatalf("no change says %q", text)
		}
		c.list.table.SetCurrent(c.list.rows.ids[i])
		p.draw(120, 40)
	}
	to("(revision 4)")
	d := opened(t, p, "enter")
	d.until(120, 40, "- ", "64Mi", "+ ", "128Mi")
	p.press("space")
	to("(revision 2)")
	p.press("space")
	d = opened(t, p, "enter")
	d.until(120, 40, "checkout:v39", "checkout:v40", "db-0", "db-1", "128Mi")
}

func TestChangesOfAll(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s, cluster, _ := withChanges(t)
			maps := look(t, Objects(s, served(t, s, "configmaps")))
			maps.until(80, 24, "checkout", "● live")
			view := look(t, openView{s, "changes"}.Intent().(ui.Open).View)
			view.until(size[0], size[1], "db-2")
			cluster.Apply(t, `{apiVersion: v1, kind: ConfigMap, data: {LEVEL: debug}, metadata: {name: checkout, namespace: shop,
  uid: c1, resourceVersion: "201", creationTimestamp: "2026-04-21T12:00:00Z", managedFields: [
  {manager: argocd-controller, operation: Apply, apiVersion: v1, time: "2026-05-01T11:59:59Z"}]}}`)
			view.until(size[0], size[1], "LEVEL info → debug")
			view.until(size[0], size[1], "~11:53:00", "v40 → :v42", "~11:20:00", "scaled, now 3")
			cluster.Delete(t, kinds.Deployment.GroupVersionKind, "shop", "checkout")
			golden.RequireEqual(t, view.until(size[0], size[1], "deleted"))
			view.press("/")
			view.view.Update(ui.Typed{Prompt: "filter", Text: "configmap !nosuch"})
			view.until(size[0], size[1], "1 change of 5")
			view.view.Update(ui.Entered{Prompt: "filter", Text: "configmap"})
			if open, ok := view.press("o").(ui.Open); !ok || open.View.(*object).subject.name != "checkout" {
				t.Errorf("o leads to %#v", view.intent)
			}
			view.press("esc")
			view.until(size[0], size[1], "deleted")
		})
	}
}

// TestADeletionIsOneChange holds that a deletion that went quickly is one row, and any other is two.
func TestADeletionIsOneChange(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	pod := kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: "shop", Name: "web-0"}
	began := func(before time.Duration) history.Change {
		return history.Change{Object: pod, At: noon.Add(-before), Text: history.DeletionBegan, Rank: history.Deleted}
	}
	gone := history.Change{Object: pod, At: noon, Text: history.Gone, Rank: history.Deleted}
	other := gone
	other.Object.Name = "web-1"
	for _, c := range []struct {
		all  []history.Change
		want int
	}{
		{[]history.Change{gone, began(30 * time.Second)}, 1},
		{[]history.Change{gone, began(time.Hour)}, 2},
		{[]history.Change{began(0)}, 1},
		{[]history.Change{other, began(time.Second)}, 2},
	} {
		l := newChangeList(&Session{}, true)
		l.set(c.all)
		if got := len(l.rows.shown); got != c.want {
			t.Errorf("%d rows, want %d, of %v", got, c.want, c.all)
		}
	}
}

func TestPasses(t *testing.T) {
	c := history.Change{Text: "image web:v1 → :v2", Who: "kubectl-edit", How: "kubectl edit", Hand: true}
	c.Object = kinds.Ref{GroupKind: kinds.Deployment.GroupKind(), Namespace: "shop", Name: "Web"}
	for filter, want := range map[string]bool{
		"": true, "web": true, "WEB hand": true, "!web": false, "!nobody": true, "hand !edit": false, "!": true,
		"deployment shop/": true, "nobody": false, "edit v3": false, " ": true,
	} {
		if passes(&c, filter) != want {
			t.Errorf("%q lets it pass: %v", filter, !want)
		}
	}
	c.Object.GroupKind = kinds.PodDisruptionBudget.GroupKind()
	for _, filter := range []string{"pdb", "poddisruptionbudget"} {
		if !passes(&c, filter) {
			t.Errorf("%q does not find a budget, which the row calls pdb", filter)
		}
	}
}

// TestChangesOfMarkedRows opens the changes of a selection.
func TestChangesOfMarkedRows(t *testing.T) {
	s := newSession(t, newCluster(t, "changes.yaml"), "shop")
	p := look(t, Objects(s, served(t, s, "replicasets")))
	p.until(100, 30, "checkout-5", "● live")
	for range 2 {
		p.press("space")
		p.press("down")
	}
	view := opened(t, p, "h")
	view.until(100, 30, "changes of 2 objects", "no change of the last hour is known")
}

// TestBlame shows who set each field beside the YAML.
func TestBlame(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			p := look(t, one("deploy", "checkout")(t, newSession(t, newCluster(t, "changes.yaml"), "shop")))
			p.press("y")
			p.until(size[0], size[1], "apiVersion", "● live")
			p.press("b")
			p.press("pgdown")
			golden.RequireEqual(t, withoutTabs(p.until(size[0], size[1], "argocd-controller", "kubectl-edit")))
			p.press("b")
			if screen := p.draw(size[0], size[1]); strings.Contains(screen, "│") {
				t.Errorf("it is still there:\n%s", screen)
			}
		})
	}
}

// TestVersionsStep goes back and forth through the versions of an object.
func TestVersionsStep(t *testing.T) {
	_, _, p := withChanges(t)
	p.until(120, 40, "db-2")
	p.press("y")
	p.until(120, 60, "checkout:v43")
	p.press(",")
	if p.intent != nil {
		t.Fatalf("%#v", p.intent)
	}
	old := p.until(120, 60, "checkout:v42", "db-1", "■ before 12:00:00")
	if strings.Contains(old, "v43") {
		t.Errorf("the version before has both:\n%s", old)
	}
	if say, ok := p.press(",").(ui.Say); !ok || !strings.Contains(say.Text, "no older version") {
		t.Errorf("before the first there is %#v", p.intent)
	}
	p.press(".")
	p.until(120, 60, "checkout:v43", "● live")
	if _, ok := p.press(".").(ui.Say); !ok {
		t.Errorf("after the newest there is %#v", p.intent)
	}
}

// TestEveryTabSaysWhatItShowsOfThen steps to an earlier version and opens every tab: it is
// as of then, or says that it is not.
func TestEveryTabSaysWhatItShowsOfThen(t *testing.T) {
	event := func(name, at, said string) string {
		return fmt.Sprintf(`{apiVersion: v1, kind: Event, metadata: {name: %s, namespace: shop}, type: Normal, reason: Scaling,
involvedObject: {kind: Deployment, namespace: shop, name: checkout, uid: d1, apiVersion: apps/v1}, message: %s,
firstTimestamp: %q, lastTimestamp: %q, count: 1}`, name, said, at, at)
	}
	_, cluster, p := withChanges(t)
	p.until(120, 40, "db-2")
	cluster.Apply(t, event("early", "2026-05-01T11:00:00Z", "scaled before"))
	cluster.Apply(t, event("late", "2026-05-01T12:00:01Z", "scaled after"))
	p.press("v")
	p.until(120, 60, "checkout:v43")
	p.press("E")
	p.until(120, 40, "scaled before", "scaled after")
	if p.press(","); p.intent != nil {
		t.Fatalf("%#v", p.intent)
	}
	v := p.view.(*object)
	for i, spec := range v.specs {
		p.perform(v.update(ui.Do{Action: spec.id.action()}))
		if v.current != i {
			t.Fatalf("%s does not open", spec.id)
		}
		want := []string{"before 12:00:00: " + spec.goesBack, "■ before 12:00:00"}
		if spec.goesBack == "" {
			want = []string{"this tab is live: it does not show what was before 12:00:00", "● live"}
		}
		p.until(80, 24, want...)
	}
	p.press("E")
	golden.RequireEqual(t, withoutTabs(p.until(80, 24, "scaled before")))
	p.press(".")
	if screen := p.until(120, 40, "scaled after", "● live"); strings.Contains(screen, "before 12:00:00") {
		t.Errorf("at the newest version it says\n%s", screen)
	}
}

// TestWhatIsGone opens a pod that was deleted, from its owner and by its name.
func TestWhatIsGone(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	gone := atomic.Bool{}
	cluster.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/pods/checkout-7d9f-x2x9/log") || gone.Load() {
			return false
		}
		_, err := io.WriteString(w, "2026-05-01T11:59:01Z panic: connection refused\n")
		return err == nil
	})
	s := newSession(t, cluster, "shop")
	home := openHome(t, s)
	s.Namespace = "shop" // Home is of all namespaces, and so is what is opened from there.
	home.wait("triage has read the log", func() bool {
		return len(s.Triage.LastLog(kinds.Ref{GroupKind: podKind, Namespace: "shop", Name: "checkout-7d9f-x2x9"}, "app")) > 0
	})
	gone.Store(true)
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "checkout-7d9f-x2x9", "● live")
	p := look(t, one("deploy", "checkout")(t, s))
	p.until(100, 30, "checkout-7d9f-x2x9", "● live")
	cluster.Delete(t, kinds.Pod.GroupVersionKind, "shop", "checkout-7d9f-x2x9")
	pods.wait("it has left the table", func() bool { return !strings.Contains(pods.draw(100, 30), "x2x9") })
	screen := p.until(100, 40, "PODS 1", "checkout-7d9f-x2x9", "gone since 12:00:00, was app CrashLoopBackOff")
	if strings.Count(screen, "x2x9") != 1 {
		t.Errorf("it is there more than once:\n%s", screen)
	}
	again := look(t, one("pod", "checkout-7d9f-x2x9")(t, s))
	again.until(100, 30, "■ deleted at 12:00:00", "CrashLoopBackOff", "proxy")
	again.press("y")
	again.until(100, 60, "serviceAccountName: checkout")
	again.press("l")
	again.until(100, 30, "panic: connection refused", "the pod is gone; its last lines")
	never := look(t, one("pod", "checkout-7d9f-none")(t, s))
	never.until(100, 30, "does not exist", "● live")
}

// TestLogsOfWhatIsGone closes the log of a pod that is well, deletes the pod, and opens it again.
func TestLogsOfWhatIsGone(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	s := newSession(t, cluster, "shop")
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "checkout-7d9f-b7c44", "● live")
	for range 2 { // A log that is read twice is kept once.
		p := look(t, one("pod", "checkout-7d9f-b7c44")(t, s))
		p.until(100, 30, "● live")
		p.press("l")
		v := p.view.(*object)
		log := v.tabs[v.current].(*logs)
		log.say(0, logBatch(0, tailLines+20), "")
	}
	cluster.Delete(t, kinds.Pod.GroupVersionKind, "shop", "checkout-7d9f-b7c44")
	pods.wait("it has left the table", func() bool { return !strings.Contains(pods.draw(100, 30), "b7c44") })
	again := look(t, one("pod", "checkout-7d9f-b7c44")(t, s))
	again.until(100, 30, "■ deleted at")
	again.press("l")
	screen := again.until(100, 30, "the pod is gone; its last lines", logBatch(tailLines+19, 1)[0].Text)
	if strings.Contains(screen, "triage") {
		t.Errorf("nobody asked triage:\n%s", screen)
	}
	for of, lines := range s.tails.of {
		if len(lines) != tailLines || lines[0].Text != logBatch(20, 1)[0].Text {
			t.Errorf("%d lines of %s are kept, the first is %q", len(lines), of.container, lines[0].Text)
		}
	}
}

// TestTailsAreBounded holds that the last lines of containers that nobody looks at take little room.
func TestTailsAreBounded(t *testing.T) {
	var kept tails
	long := kube.LogLine{Time: screenNow, Text: strings.Repeat("ü", tailWidth)}
	for i := range 2 * tailsMax {
		stream := logStream{pod: &kinds.Record{Name: fmt.Sprint("pod-", i)}}
		stream.container.Name = fmt.Sprint("c", i)
		kept.add([]logStream{stream}, []kube.LogLine{long, {Time: screenNow.Add(1), Stream: 7}})
	}
	if len(kept.of) != tailsMax || len(kept.order) != tailsMax {
		t.Errorf("%d of %d containers are kept", len(kept.of), tailsMax)
	}
	if lines := kept.of[tailOf{container: fmt.Sprint("c", 2*tailsMax-1)}]; len(lines) != 1 ||
		len(lines[0].Text) > tailWidth || !utf8.ValidString(lines[0].Text) {
		t.Errorf("%d lines, the first of %d bytes", len(lines), len(lines[0].Text))
	}
}

// TestChangesByFathom holds that what fathom did is there though a later write of the same manager
// took its place, and that it is not there twice.
func TestChangesByFathom(t *testing.T) {
	cluster := newCluster(t, "changes.yaml")
	s := newSession(t, cluster, "shop")
	now := s.Now()
	s.Hands = &effects.Hands{Journal: journal.Open("", func() time.Time { return now })}
	object := journal.Object{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "checkout"}
	did := func(before time.Duration, uid string, from, to int) {
		now = s.Now().Add(-before)
		object.UID = uid
		_, err := s.Hands.Journal.Begin(journal.Entry{
			Context: s.Cluster.Name(), Server: s.Cluster.Server(), Effect: "scale", Object: object, Outcome: journal.Done,
			Changes: []journal.Change{{Path: "/spec/replicas", Before: from, After: to}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	did(8*time.Minute, "", 5, 6)
	did(6*time.Minute, "", 6, 7)
	did(5*time.Minute, "another of that name", 7, 8)
	for name, open := range map[string]func() *person{
		"of the object": func() *person {
			p := look(t, one("deploy", "checkout")(t, s))
			p.press("h")
			return p
		},
		"of all": func() *person {
			table := look(t, Objects(s, served(t, s, "deployments")))
			table.until(80, 24, "checkout", "● live")
			return look(t, openView{s, "changes"}.Intent().(ui.Open).View)
		},
	} {
		t.Run(name, func(t *testing.T) {
			screen := open().until(120, 40, "you: fathom", "replicas 5 → 6", "replicas 6 → 7")
			if strings.Count(screen, "replicas 6 → 7") > 2 { // Its row, and what is under the cursor.
				t.Errorf("it is there twice:\n%s", screen)
			}
			if name == "of the object" && strings.Contains(screen, "7 → 8") {
				t.Errorf("another object's change is there:\n%s", screen)
			}
		})
	}
}
