package live

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// patience is how long a test waits for a verdict.
const patience = 20 * time.Second

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, generation: 1}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: a}]}}
status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 0}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u}]}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: a}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1-a, namespace: shop, labels: {app: web, pod-template-hash: "1"},
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r}]}
spec: {nodeName: n1, containers: [{name: app, image: a}]}
status:
  phase: Running
  conditions: [{type: PodScheduled, status: "True"}, {type: Ready, status: "False", lastTransitionTime: "2026-11-30T11:55:00Z"}]
  containerStatuses: [{name: app, restartCount: 4, ready: false, state: {waiting: {reason: CrashLoopBackOff}},
    lastState: {terminated: {exitCode: 3, reason: Error, startedAt: "2026-11-30T11:59:00Z", finishedAt: "2026-11-30T11:59:01Z"}}}]
`

// seen is the triage of a server while a test looks at it.
type seen struct {
	t      *testing.T
	triage *Triage
}

func look(t *testing.T, server *kubetest.Server) *seen {
	t.Helper()
	return lookBy(t, server, server.Clock().Now)
}

// lookBy is look with another clock.
func lookBy(t *testing.T, server *kubetest.Server, now func() time.Time) *seen {
	t.Helper()
	backend := &kube.Backend{Name: "test", Transport: server, Now: now}
	cluster, err := kube.Open(kube.Options{Backend: backend, Messages: &kube.Messages{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	s := &seen{t: t, triage: New(cluster, "", "shop", nil)}
	return s
}

// until waits for a verdict.
func (s *seen) until(what string, is func(*triage.Verdict) bool) *triage.Verdict {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	return s.next(ctx, s.triage.Watch(), what, is)
}

// next is until of somebody who looks all the time.
func (s *seen) next(ctx context.Context, watch *Watch, what string, is func(*triage.Verdict) bool) *triage.Verdict {
	s.t.Helper()
	for {
		if _, err := watch.Next(ctx); err != nil {
			var has []string
			for _, f := range s.triage.Verdict().Findings {
				has = append(has, f.Object.String()+": "+f.Reason)
			}
			s.t.Fatalf("no verdict with %s, but %v %+v", what, has, s.triage.Verdict().Coverage)
		}
		if v := s.triage.Verdict(); is(v) {
			return v
		}
	}
}

// finding is what is wrong with the Deployment web.
func finding(v *triage.Verdict) *triage.Finding {
	for _, f := range v.Findings {
		if f.Object.String() == "deployment shop/web" {
			return f
		}
	}
	return nil
}

// TestFindings holds that a finding comes with its pods folded, its log as evidence, and
// leaves when all is well.
func TestFindings(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/pods/web-1-a/log") {
			return false
		}
		_, err := io.WriteString(w, "2026-11-30T11:59:00Z starting\n2026-11-30T11:59:01Z \x1b[31mfatal: no configuration\x1b[0m\n")
		return err == nil
	})
	s := look(t, server)
	v := s.until("a finding and its log", func(v *triage.Verdict) bool {
		f := finding(v)
		return v.Complete && f != nil && slices.ContainsFunc(f.Evidence, func(e triage.Evidence) bool {
			return e.Field == "log" && e.Text == "fatal: no configuration"
		})
	})
	if f := finding(v); len(v.Findings) != 1 || len(f.Folded) != 1 || f.Severity != triage.Failing {
		t.Errorf("%+v", f)
	}
	server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web", `{"status": {"readyReplicas": 1}}`)
	server.Delete(t, kinds.Pod.GroupVersionKind, "shop", "web-1-a")
	v = s.until("nothing", func(v *triage.Verdict) bool { return v.Complete && len(v.Findings) == 0 })
	if v.Quiet.IsZero() {
		t.Error("since when it is quiet is not said")
	}
	gone := kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: "shop", Name: "web-1-a"}
	if lines := s.triage.LastLog(gone, "app"); !slices.Equal(lines, []string{"starting", "fatal: no configuration"}) {
		t.Errorf("of the pod that is gone it keeps %q", lines)
	}
}

// TestLogsAreBounded keeps the logs of the pods that were read last.
func TestLogsAreBounded(t *testing.T) {
	kept := look(t, kubetest.New(t, noon)).triage
	pod := func(i int) kinds.Ref {
		return kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: "shop", Name: fmt.Sprint("web-", i)}
	}
	for i := range 2 * keptMax {
		kept.keep(logRead{triage.LogWanted{Pod: pod(i), Container: "app"}, []string{"fatal"}})
		kept.keep(logRead{triage.LogWanted{Pod: pod(i), Container: "app"}, nil})
	}
	first, last := kept.LastLog(pod(0), "app"), kept.LastLog(pod(2*keptMax-1), "app")
	if n := len(kept.kept); n != keptMax || len(first) > 0 || len(last) == 0 {
		t.Errorf("it keeps %d logs", n)
	}
}

// TestStages holds that what is small and tells most is asked for first, and what is large last.
func TestStages(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	s := look(t, server)
	s.until("everything", func(v *triage.Verdict) bool { return v.Complete })
	before := -1
	for _, part := range []string{"status.phase%21%3DRunning", "/deployments", "/services", "/replicasets",
		"/configmaps"} {
		at := slices.IndexFunc(server.Requests("GET /"), func(r string) bool { return strings.Contains(r, part) })
		if at <= before {
			t.Errorf("%s is asked for at %d, after %d of %v", part, at, before, server.Requests("GET /"))
		}
		before = at
	}
}

// TestFirst holds that the first verdict waits for nothing that is large, says what it lacks, and
// speaks of what it will speak of when everything is there.
func TestFirst(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, strings.Replace(shop, "phase: Running", "phase: Pending", 1))
	open := make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/deployments") {
			select {
			case <-open:
			case <-r.Context().Done():
				return true
			}
		}
		return false
	})
	s := look(t, server)
	first := s.until("a first finding", func(v *triage.Verdict) bool { return finding(v) != nil })
	close(open)
	if first.Complete || len(first.Findings) != 1 {
		t.Errorf("it says %+v of everything: %v", first.Findings[0], first.Complete)
	}
	for _, c := range first.Coverage {
		if loading := c.Kind != "events" && c.Kind != "leases"; loading != (c.Missing == triage.Loading) {
			t.Errorf("%+v", c)
		}
	}
	last := s.until("everything", func(v *triage.Verdict) bool { return v.Complete })
	if len(last.Findings) != 1 || last.Findings[0].ID != first.Findings[0].ID {
		t.Errorf("it says of %s first, and then of %+v", first.Findings[0].ID, last.Findings)
	}
}

// discovered are the kinds that discovery asks for too: for the version of their list, and for what
// changes while nobody else does.
var discovered = []string{"apiservices", "customresourcedefinitions"}

// TestRequests holds what the triage costs the API server: one list and one watch of each kind that
// its rules need, two of pods, and nothing for what changes.
func TestRequests(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	s.next(ctx, watch, "everything", func(v *triage.Verdict) bool { return v.Complete })
	wanted := map[string]bool{}
	for _, stage := range stages {
		for _, w := range stage {
			wanted[w.Resource] = true
		}
	}
	asked := func() map[string]int {
		out := map[string]int{}
		for _, r := range server.Requests("GET /") {
			address, err := url.Parse(strings.TrimPrefix(r, "GET "))
			if err != nil {
				t.Fatal(err)
			}
			query, path := address.Query(), strings.Split(address.Path, "/")
			if query.Get("limit") == "" && query.Get("watch") == "" {
				continue // discovery, checks and logs
			}
			what := path[len(path)-1]
			if query.Get("watch") != "" {
				what = "watch " + what
			}
			out[what]++
		}
		return out
	}
	before := asked()
	for what, n := range before {
		resource := strings.TrimPrefix(what, "watch ")
		most := 1
		if resource == "pods" || resource == "events" || slices.Contains(discovered, what) {
			most = 2
		}
		if n > most || !wanted[resource] && !slices.Contains(discovered, resource) {
			t.Errorf("%s: %d requests", what, n)
		}
	}
	for n := range 5 {
		ready := fmt.Sprintf(`{"status": {"readyReplicas": %d}}`, n%2)
		server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web", ready)
		s.next(ctx, watch, "the change", func(v *triage.Verdict) bool {
			f := finding(v)
			return f != nil && strings.HasPrefix(f.Reason, fmt.Sprintf("%d/1", n%2))
		})
	}
	for what, n := range asked() {
		if strings.HasPrefix(what, "watch ") && before[what] == 0 {
			continue // It began after the list was there.
		}
		if n != before[what] {
			t.Errorf("%s: %d requests, and %d before anything changed", what, n, before[what])
		}
	}
}

// TestForbidden holds that what may not be read is named, and the rest judged.
func TestForbidden(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	server.Refuse("secrets")
	server.Refuse("nodes")
	v := look(t, server).until("everything", func(v *triage.Verdict) bool { return v.Complete })
	for _, c := range v.Coverage {
		if forbidden := c.Kind == "secrets" || c.Kind == "nodes"; forbidden != (c.Missing == "forbidden") {
			t.Errorf("%+v", c)
		}
	}
	if finding(v) == nil {
		t.Error("the rest is not judged")
	}
}

// TestNarrow holds that a user of one namespace sees what is wrong there.
func TestNarrow(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	server.Apply(t, strings.ReplaceAll(shop, "shop", "bank"))
	denied := kubetest.New(t, noon)
	for _, k := range kinds.All() {
		denied.Refuse(k.Resource)
	}
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api") || strings.Contains(r.URL.Path, "/namespaces/shop/") ||
			strings.Count(r.URL.Path, "/") < 3 {
			return false
		}
		denied.ServeHTTP(w, r)
		return true
	})
	v := look(t, server).until("everything", func(v *triage.Verdict) bool { return v.Complete })
	if finding(v) == nil || len(v.Findings) != 1 || v.Namespace != "shop" {
		t.Errorf("%q: %+v", v.Namespace, v.Findings)
	}
	for _, c := range v.Coverage {
		if c.Kind == "nodes" && c.Missing != "forbidden" || c.Kind == "pods" && (c.Missing != "" || c.Of != 1) {
			t.Errorf("%+v", c)
		}
	}
}

// TestPanic holds that the triage begins again after an error of its own, and says until then
// that it knows nothing new.
func TestPanic(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	var broken atomic.Bool
	s := lookBy(t, server, func() time.Time {
		var callers [16]uintptr
		frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
		for frame, more := frames.Next(); more && broken.Load(); frame, more = frames.Next() {
			if strings.HasSuffix(frame.Function, "(*runner).judge") {
				broken.Store(false)
				panic("the clock is broken")
			}
		}
		return server.Clock().Now()
	})
	s.triage.pause = time.Second
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	s.next(ctx, watch, "everything", func(v *triage.Verdict) bool { return v.Complete && finding(v) != nil })
	broken.Store(true)
	server.Apply(t, strings.ReplaceAll(shop, "restartCount: 4", "restartCount: 5"))
	s.next(ctx, watch, "the error", func(v *triage.Verdict) bool {
		return !v.Complete && slices.ContainsFunc(v.Coverage, func(c triage.Coverage) bool { return c.Kind == "all" })
	})
	v := s.next(ctx, watch, "everything again", func(v *triage.Verdict) bool { return v.Complete && finding(v) != nil })
	if !strings.Contains(finding(v).Reason, "5 restarts") {
		t.Errorf("%q", finding(v).Reason)
	}
	reports := func(m kube.Message) bool { return strings.Contains(m.Text, "the clock is broken") }
	if !slices.ContainsFunc(s.triage.messages().All(), reports) {
		t.Errorf("nothing was reported: %v", s.triage.messages().All())
	}
}

// TestCustoms holds that a custom resource of a kind that nothing is known of is judged by
// its conditions.
func TestCustoms(t *testing.T) {
	gadget := func(kind, ready string) string {
		return `
apiVersion: shop.test/v1
kind: ` + kind + `
metadata: {name: one, namespace: shop}
status: {conditions: [{type: Ready, status: "` + ready + `", reason: NoPower, message: the plug is out,
  lastTransitionTime: "2026-11-30T11:55:00Z"}]}
`
	}
	server := kubetest.New(t, noon)
	server.Apply(t, shop+"\n---"+gadget("Gadget", "False")+"\n---"+gadget("Widget", "True"))
	s := look(t, server)
	says := func(kind string) func(v *triage.Verdict) bool {
		return func(v *triage.Verdict) bool {
			return v.Complete && slices.ContainsFunc(v.Findings, func(f *triage.Finding) bool {
				return f.Object.Kind == kind && strings.Contains(f.Reason, "the plug is out")
			})
		}
	}
	if v := s.until("the gadget", says("Gadget")); says("Widget")(v) {
		t.Error("the widget is well")
	}
	server.Apply(t, gadget("Gadget", "True"))
	s.until("no gadget", func(v *triage.Verdict) bool { return !says("Gadget")(v) })
}

// TestFirstLogs holds that the first complete verdict has the logs of what crashes: whoever
// asks once gets no other.
func TestFirstLogs(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, shop)
	release := make(chan struct{})
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/log") {
			return false
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "2026-11-30T11:59:01Z panic: no such table\n")
		return true
	})
	s := look(t, server)
	s.triage.firstLogs = time.Hour
	listed := func(v *triage.Verdict) bool {
		return finding(v) != nil && !slices.ContainsFunc(v.Coverage, func(c triage.Coverage) bool { return c.Missing != "" })
	}
	if v := s.until("all lists", listed); v.Complete {
		t.Error("it is called complete without the log")
	}
	close(release)
	v := s.until("everything", func(v *triage.Verdict) bool { return v.Complete })
	said := func(e triage.Evidence) bool { return e.Field == "log" && strings.Contains(e.Text, "no such table") }
	if f := finding(v); f == nil || !slices.ContainsFunc(f.Evidence, said) {
		t.Errorf("%+v", f)
	}
}

// TestTheClockGoesBack holds that what was there before a clock went back has not begun when it did.
func TestTheClockGoesBack(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, creationTimestamp: "2026-11-30T10:00:00Z"}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, creationTimestamp: "2026-11-30T10:00:00Z"}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, generation: 1, creationTimestamp: "2026-11-30T10:00:00Z"}
spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},
  spec: {containers: [{name: app, image: a}]}}}
status: {observedGeneration: 1}
`)
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	since := func(at time.Time) {
		t.Helper()
		server.Clock().Set(at)
		server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web",
			fmt.Sprintf(`{"metadata": {"labels": {"at": "%d"}}}`, at.Unix()))
		v := s.next(ctx, watch, "what is so at "+at.String(), func(v *triage.Verdict) bool {
			return v.Complete && v.At.Equal(at) && finding(v) != nil
		})
		if f := finding(v); !f.Since.IsZero() || f.Settling {
			t.Errorf("at %s it lasts since %s", at, f.Since)
		}
	}
	since(noon)
	since(noon.Add(30 * time.Second))
	since(noon.Add(20 * time.Second))
	since(noon.Add(25 * time.Second))
}
