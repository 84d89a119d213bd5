package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// TestEventsTable holds how the events of a namespace are read: newest first, counted, with
// room for what they say, the one under the cursor in full.
func TestEventsTable(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, served(t, s, "events")))
	screen := p.until(80, 24, "LAST SEEN▲", "COUNT", "Back-off restarting")
	head := ""
	for line := range strings.Lines(screen) {
		if strings.Contains(line, "LAST SEEN") {
			head = strings.TrimRight(line, "\n")
		}
	}
	if before, _, found := strings.Cut(head, "MESSAGE"); !found || ui.Width(before) > 80/2 {
		t.Errorf("the message has less than half of the width:\n%s", screen)
	}
	p.until(80, 24, "Warning BackOff, 31 times in 6m, last seen 40s ago, shop", " pod/checkout-7d9f-x2x9",
		" Back-off restarting failed container app in pod checkout-7d9f-x2x9")
	if ages := strings.Index(screen, "40s"); ages < 0 || ages > strings.Index(screen, "3m ") {
		t.Errorf("the newest is not the first:\n%s", screen)
	}
	p.press("/")
	p.view.Update(ui.Typed{Prompt: "filter", Text: "age < 1m"})
	p.until(80, 24, "1 of ", " text  !text  a|b  /regex/", "esc clear")
	p.view.Update(ui.Entered{Prompt: "filter", Text: "age < 1m"})
	if screen := p.draw(80, 24); strings.Contains(screen, "!text") {
		t.Errorf("the syntax stays when the filter is kept:\n%s", screen)
	}
}

// TestEventsSayTheirReason reads the reason in the row where there is no column for it, and
// once only where there is one.
func TestEventsSayTheirReason(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, served(t, s, "events")))
	screen := p.until(80, 24, "BackOff: Back-off", "COUNT")
	if head, _, _ := strings.Cut(screen, "Back-off"); strings.Contains(head, "REASON") {
		t.Errorf("the column is there as well:\n%s", screen)
	}
	if screen := p.until(160, 24, "REASON", "Back-off"); strings.Contains(screen, "BackOff: ") {
		t.Errorf("the reason is said twice:\n%s", screen)
	}
}

// TestFilterHintsAtAView types what is not a column but a question with a view of its own.
func TestFilterHintsAtAView(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(80, 24, "db-0", "● live")
	for typed, want := range map[string]string{
		"limits":  "no matches; :unlimited is the pods without a limit of memory; esc clears the filter",
		"Warning": "no matches; :warnings is the warning events, newest first; esc clears the filter",
		"nosuch":  "no matches; esc clears the filter",
		"s":       "",
	} {
		p.view.Update(ui.Entered{Prompt: "filter", Text: typed})
		if screen := p.draw(100, 24); !strings.Contains(screen, want) {
			t.Errorf("%q shows\n%s", typed, screen)
		}
	}
}

// TestSortIsSeenAndSaid sorts by numbers, the largest first, on a narrow screen.
func TestSortIsSeenAndSaid(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(80, 24, "db-0")
	for _, width := range []int{40, 60, 80, 120} {
		p.view.(*table).list.sortOn("NAME")
		if said, _ := p.press("T").(ui.Say); said.Text != "sorted by RESTARTS, descending" {
			t.Errorf("T says %q", said.Text)
		}
		p.until(width, 24, "RESTARTS▼")
		if r := p.view.(*table).list.rows.Record(0); !strings.HasPrefix(r.Name, "checkout") {
			t.Errorf("the first by restarts is %s", r.Name)
		}
		p.press("O")
		p.until(width, 24, "RESTARTS▲")
	}
}

// TestSortByStatus puts what is worst on top, whatever its status is called, and turns back
// to letters with the next column.
func TestSortByStatus(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(80, 24, "db-0")
	l := p.view.(*table).list
	levels := func() (out []kinds.Level) {
		for i := range l.rows.Total() {
			out = append(out, l.rows.Record(i).Status.Level)
		}
		return out
	}
	for _, want := range []string{"worst first", "worst last", "worst first"} {
		if said, _ := p.press("S").(ui.Say); said.Text != "sorted by STATUS, "+want {
			t.Errorf("S says %q", said.Text)
		}
		got := levels()
		if want == "worst first" {
			slices.Reverse(got)
		}
		if !slices.IsSorted(got) || got[0] == got[len(got)-1] {
			t.Errorf("%s: %v", want, got)
		}
	}
	p.press("N")
	if said, _ := p.press("O").(ui.Say); said.Text != "sorted by NAME, descending" {
		t.Errorf("O says %q", said.Text)
	}
}

// TestProblemsOnlySaysWhatIsNotJudged tells a kind without health from one that is well.
func TestProblemsOnlySaysWhatIsNotJudged(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "")
	p := look(t, Objects(s, served(t, s, "cm")))
	p.wait("there are some", func() bool { p.draw(80, 24); return p.view.(*table).list.rows.Total() > 0 })
	p.press("z")
	p.until(80, 24, "fathom does not judge configmaps; ! shows what is broken")
}

// TestProblemsOnlyLooksAtTheCluster asks for the services that are wrong, which only other
// objects say, while nobody has asked what is broken.
func TestProblemsOnlyLooksAtTheCluster(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, `apiVersion: v1
kind: Service
metadata: {name: nowhere, namespace: shop, uid: s1, creationTimestamp: "2026-04-01T12:00:00Z"}
spec: {type: ClusterIP, selector: {app: nosuch}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop, uid: s2, creationTimestamp: "2026-04-01T12:00:00Z"}
spec: {type: ClusterIP, ports: [{port: 80}]}`)
	s := newSession(t, server, "shop")
	p := look(t, Objects(s, served(t, s, "svc")))
	p.until(100, 30, "nowhere", "outside", "● live")
	if s.Triage != nil {
		t.Error("the cluster is judged before anybody asked")
	}
	p.press("z")
	if screen := p.draw(100, 30); strings.Contains(screen, "no matches") {
		t.Errorf("nothing is wrong before it was looked for:\n%s", screen)
	}
	screen := p.until(100, 30, "problems only  1 of 2 services", "nowhere")
	if strings.Contains(screen, "outside") {
		t.Errorf("what is well is shown:\n%s", screen)
	}
	for _, want := range []string{"nowhere ✖", "no pod matches its selector app=nosuch"} {
		if screen := p.draw(80, 24); !strings.Contains(screen, want) {
			t.Errorf("%q is not said of a service:\n%s", want, screen)
		}
	}
	p.press("z")
	if screen := p.draw(80, 24); strings.Contains(screen, "no pod matches") {
		t.Errorf("the reason stays below the whole table:\n%s", screen)
	}
}

// TestOverviewFilter narrows an overview to some of its lines.
func TestOverviewFilter(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, newObject(s, Pods(s.Cluster), "shop", "db-0", nil, ""))
	p.until(100, 40, "db-0", "CONDITIONS")
	if prompt, ok := p.press("/").(ui.Prompt); !ok || prompt.Name != "filter" {
		t.Fatal("/ does not open the filter")
	}
	p.view.Update(ui.Typed{Prompt: "filter", Text: "podsched !nothing"})
	screen := p.until(100, 40, "/podsched !nothing  1 of ", "PodScheduled")
	if strings.Contains(screen, "CONDITIONS") {
		t.Errorf("other lines are there:\n%s", screen)
	}
	p.view.Update(ui.Typed{Prompt: "filter", Text: "/(/"})
	p.until(100, 40, "missing closing )")
	p.view.Update(ui.Typed{Prompt: "filter", Text: "nosuchword"})
	p.until(100, 40, "0 of ", "esc clears the filter")
	p.view.Update(ui.Entered{Prompt: "filter", Text: "podsched"})
	p.press("esc")
	p.until(100, 40, "CONDITIONS")
}
