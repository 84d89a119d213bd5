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

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// evicts answers evictions, and patches with dry runs; the budget of db refuses while it guards.
func evicts(t *testing.T, server *kubetest.Server, guards *atomic.Bool, evicted *atomic.Int32) {
	patches := dryRun(t, server)
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/eviction") {
			return patches(w, r)
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "db-0") && guards.Load() {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests",`+
				`"message":"Cannot evict pod as it would violate the pod's disruption budget.","code":429}`)
			return true
		}
		if r.URL.Query().Get("dryRun") == "" {
			evicted.Add(1)
		}
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Success","code":201}`)
		return true
	})
}

// nodeOf is the node of drain.yaml.
func nodeOf(t *testing.T, s *Session) effects.Target {
	t.Helper()
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	resource, ok := s.Cluster.Resources().ByKind(kinds.Node.GroupKind())
	if !ok {
		t.Fatal("the server has no nodes")
	}
	node := effects.Target{Cluster: s.Cluster, Resource: resource}
	node.Ref.Kind, node.Ref.Name = "Node", "worker-1"
	return node
}

// TestDrain looks at what a drain would do, lets it begin, and stops it.
func TestDrain(t *testing.T) {
	server := newCluster(t, "drain.yaml")
	var guards atomic.Bool
	var evicted atomic.Int32
	guards.Store(true)
	evicts(t, server, &guards, &evicted)
	s := writableSession(t, server)
	s.Hands.Journal = journal.Open("", func() time.Time { return screenNow })
	node := nodeOf(t, s)
	p := look(t, newDrain(s, &node))
	picture := func(name string) {
		t.Helper()
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, address.ReplaceAllString(p.draw(size[0], size[1]), "127.0.0.1:PORT"))
			})
		}
	}
	p.until(120, 40, "budget shop/db never lets its pod", "v1.36.3")
	if evicted.Load() != 0 {
		t.Fatalf("%d pods were evicted before anybody said so", evicted.Load())
	}
	picture("preview")
	p.press("f")
	p.press("v")
	p.until(80, 24, "5 pods to go")
	picture("with data and bare pods")
	p.press("y")
	p.press("enter")
	p.until(80, 24, "blocked for")
	if s.Busy() != "drain node worker-1" {
		t.Errorf("it is busy with %q", s.Busy())
	}
	p.until(80, 24, "4 ending")
	picture("running")
	if got := evicted.Load(); got != 4 {
		t.Errorf("%d pods were evicted, want all but the one that a budget guards", got)
	}
	p.press("D")
	p.until(80, 24, "1 not evicted")
	picture("stopped")
	if s.Busy() != "" {
		t.Errorf("it is still busy with %q", s.Busy())
	}
	stopped := 0
	for _, e := range s.Hands.Journal.Session() {
		if e.Effect == "evict" && e.Outcome == journal.Failed {
			stopped++
		}
		if e.Effect == "evict" && !strings.HasSuffix(e.Words, ", to drain node worker-1") {
			t.Errorf("the journal does not say what %q was for", e.Words)
		}
	}
	if stopped != 1 || len(s.Hands.Journal.Session()) != 6 {
		t.Errorf("the journal has %d stopped of %v", stopped, s.Hands.Journal.Session())
	}
}

// TestOneDrainAtATime holds that a second page cannot begin while the first drain goes on, and that nobody leaves
// the cluster meanwhile without knowing.
func TestOneDrainAtATime(t *testing.T) {
	server := newCluster(t, "drain.yaml")
	var guards atomic.Bool
	guards.Store(true)
	evicts(t, server, &guards, new(atomic.Int32))
	s := writableSession(t, server)
	node := nodeOf(t, s)
	first, second := look(t, newDrain(s, &node)), look(t, newDrain(s, &node))
	for _, p := range []*person{first, second} {
		p.until(120, 40, "pods to go")
		p.press("y")
	}
	first.press("enter")
	first.until(120, 40, "blocked for")
	said, _ := find[ui.Say](second.press("enter"))
	if said.Text != "drain node worker-1 is not over; :drain shows it" {
		t.Errorf("a second one begins: %+v", said)
	}
	// Another session of the same cluster, as after connecting again, knows it.
	again := &Session{Cluster: s.Cluster, Now: s.Now, Messages: s.Messages, Hands: s.Hands}
	look(t, newDrain(again, nil)).until(120, 40, "drain node worker-1 in", "blocked for")
	other := writableSession(t, newCluster(t, "shop.yaml"))
	left := connected{from: s, session: other, resource: Pods(other.Cluster)}
	if said, is := left.Intent().(ui.Say); !is || !strings.Contains(said.Text, "goes on; stop it in :drain first") {
		t.Errorf("the cluster is left: %+v", said)
	}
	if !s.Cluster.Writable() {
		t.Error("write mode has ended under the drain")
	}
	first.press("D")
	first.until(120, 40, "1 not evicted")
	if _, is := left.Intent().(ui.Reset); !is || s.Cluster.Writable() {
		t.Error("the cluster is not left, or not without write mode")
	}
}

// TestUncordonStopsADrain holds that a drain whose node is put back evicts nothing more, that the review
// says so, and that every screen says that a drain goes on.
func TestUncordonStopsADrain(t *testing.T) {
	server := newCluster(t, "drain.yaml")
	var guards atomic.Bool
	guards.Store(true)
	evicts(t, server, &guards, new(atomic.Int32))
	s := writableSession(t, server)
	node := nodeOf(t, s)
	says := func() bool {
		facts := s.header(screenNow, kube.State{}).Facts
		return slices.ContainsFunc(facts, func(f ui.Span) bool { return f.Text == "draining" })
	}
	offer, _ := effects.Named("uncordon")
	uncordon, err := offer.Make(node, "")
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Hands.Plan(t.Context(), uncordon); slices.ContainsFunc(p.Notes, isOfDrain) || says() {
		t.Errorf("nothing is drained: %q", p.Notes)
	}
	p := look(t, newDrain(s, &node))
	p.until(120, 40, "pods to go")
	p.press("y")
	p.press("enter")
	p.until(120, 40, "blocked for")
	server.Patch(t, kinds.Node.GroupVersionKind, "", "worker-1", `{"spec": {"unschedulable": true}}`)
	plan := s.Hands.Plan(t.Context(), uncordon)
	if plan.Err != nil || !slices.ContainsFunc(plan.Notes, isOfDrain) || !says() {
		t.Errorf("the drain is not named: %q, %v; in the header: %v", plan.Notes, plan.Err, says())
	}
	// What closes the node again ends nothing.
	cordon, _ := effects.Named("cordon")
	again, err := cordon.Make(node, "")
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Hands.Plan(t.Context(), again); slices.ContainsFunc(p.Notes, isOfDrain) {
		t.Errorf("a cordon stops the drain: %q", p.Notes)
	}
	undo := uncordon
	undo.Name = "cordon" // As when a cordon is taken back.
	if plan = s.Hands.Plan(t.Context(), undo); !slices.ContainsFunc(plan.Notes, isOfDrain) {
		t.Errorf("taking a cordon back does not name the drain: %q", plan.Notes)
	}
	if err := s.Hands.Ready(plan).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.until(120, 40, "1 not evicted")
	if says() {
		t.Error("the header says that a drain goes on")
	}
}

func isOfDrain(note string) bool {
	return note == "stops the drain of node worker-1, which is still running"
}

// TestDrainByRules holds that a rule about evictions keeps a pod where it is, and one about drains keeps all.
func TestDrainByRules(t *testing.T) {
	server := newCluster(t, "drain.yaml")
	evicts(t, server, new(atomic.Bool), new(atomic.Int32))
	s := writableSession(t, server)
	node := nodeOf(t, s)
	s.Rules = effects.Rules{
		{Namespaces: []string{"shop"}, Effects: []string{"evict"}, Kinds: []string{"pods"}, Deny: true, Why: "a sale is on"},
		{Effects: []string{"drain"}, Reason: true},
	}
	p := look(t, newDrain(s, &node))
	p.until(120, 40, "0 pods to go, 7 to stay", "stays: a rule of the config denies it: a sale is on",
		"a rule of the config wants a reason")
	for _, effect := range []string{"drain", "cordon"} {
		s.Rules = effects.Rules{{Effects: []string{effect}, Deny: true, Why: "nodes are not ours"}}
		p = look(t, newDrain(s, &node))
		p.until(80, 24, "a rule of the config denies it: nodes are not ours")
		if p.press("y"); p.view.(*drainView).ready() {
			t.Errorf("it can be said yes to, though %s is denied", effect)
		}
	}
}

// TestJournalIsInTheOrderOfWhatTookEffect holds that an eviction that a budget held up stands where the
// API server took it.
func TestJournalIsInTheOrderOfWhatTookEffect(t *testing.T) {
	now := screenNow
	hands := &effects.Hands{Journal: journal.Open("", func() time.Time { return now })}
	begin := func(effect string) journal.Entry {
		now = now.Add(time.Second)
		e, err := hands.Journal.Begin(journal.Entry{Effect: effect})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	end := func(e journal.Entry) {
		now = now.Add(time.Second)
		if err := hands.Journal.End(e, nil, false); err != nil {
			t.Fatal(err)
		}
	}
	evict := begin("evict")
	end(begin("uncordon"))
	end(evict)
	begin("scale")
	msg, err := hands.Journal.Watch(now).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range msg.(journal.Entries).Entries {
		got = append(got, e.Effect)
	}
	if want := []string{"scale", "evict", "uncordon"}; !slices.Equal(got, want) {
		t.Errorf("the journal shows %q, want %q", got, want)
	}
}
