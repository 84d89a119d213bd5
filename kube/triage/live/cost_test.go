package live

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// down is a shop whose Deployment says since when it is.
var down = strings.Replace(shop, "readyReplicas: 0}", `readyReplicas: 0,
  conditions: [{type: Available, status: "False", lastTransitionTime: "2026-11-30T11:55:00Z"}]}`, 1)

// crashing are Deployments of one pod each, which crashes.
func crashing(n int) string {
	var all []string
	for i := range n {
		all = append(all, strings.ReplaceAll(down, "web", fmt.Sprint("web", i)))
	}
	return strings.Join(all, "\n---")
}

// paths counts the requests of a server, by their paths without queries.
func paths(server *kubetest.Server, which func(path string) bool) map[string]int {
	out := map[string]int{}
	for _, r := range server.Requests("GET /") {
		path, _, _ := strings.Cut(strings.TrimPrefix(r, "GET "), "?")
		if which(path) {
			out[path]++
		}
	}
	return out
}

func isLog(path string) bool { return strings.HasSuffix(path, "/log") }

// TestLogsAreReadOnce holds that the log of a container is read once for each of its runs, of the
// first findings only, and that nothing is asked for after that but the checks.
func TestLogsAreReadOnce(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, crashing(2*logBurst))
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !isLog(r.URL.Path) {
			return false
		}
		_, _ = io.WriteString(w, "2026-11-30T11:59:01Z panic: no such table\n")
		return true
	})
	began := time.Now()
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	said := func(v *triage.Verdict) (n int) {
		for _, f := range v.Findings {
			if slices.ContainsFunc(f.Evidence, func(e triage.Evidence) bool { return e.Field == "log" }) {
				n++
			}
		}
		return n
	}
	s.next(ctx, watch, "the logs", func(v *triage.Verdict) bool { return v.Complete && said(v) == logBurst })
	before := paths(server, func(string) bool { return true })
	// Each verdict asks for what it wants.
	for n := range 5 {
		ready := fmt.Sprintf(`{"status": {"readyReplicas": %d}}`, n%2)
		server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web0", ready)
		s.next(ctx, watch, "the change", func(v *triage.Verdict) bool {
			return slices.ContainsFunc(v.Findings, func(f *triage.Finding) bool {
				return f.Object.Name == "web0" && strings.HasPrefix(f.Reason, fmt.Sprintf("%d/1", n%2))
			})
		})
	}
	after := paths(server, func(path string) bool { return path != "/livez" && path != "/readyz" })
	for path, n := range after {
		if !isLog(path) && n != before[path] || isLog(path) && n != 1 {
			t.Errorf("%s: %d requests, and %d before", path, n, before[path])
		}
	}
	// More are read as time goes by, some after each pause.
	n, pauses := len(paths(server, isLog)), int(time.Since(began)/logPause)
	if n < logBurst || n > logBurst+logsMore*pauses {
		t.Errorf("%d logs are read, want %d, and %d more after each of %d pauses", n, logBurst, logsMore, pauses)
	}
}

// TestLogsBeforeTheLastLists holds that logs are read while the last lists come, which have nothing
// to do with crashes and may be long.
func TestLogsBeforeTheLastLists(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, crashing(logBurst))
	open, logs := make(chan struct{}), make(chan struct{}, logBurst)
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case isLog(r.URL.Path):
			_, _ = io.WriteString(w, "2026-11-30T11:59:01Z panic: no such table\n")
			logs <- struct{}{}
			return true
		case strings.HasSuffix(r.URL.Path, "/configmaps"):
			select {
			case <-open:
			case <-r.Context().Done():
				return true
			}
		}
		return false
	})
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	if _, err := watch.Next(ctx); err != nil {
		t.Fatal(err)
	}
	for n := range logBurst {
		select {
		case <-logs:
		case <-ctx.Done():
			t.Fatalf("%d logs are read before the last list has come, want %d", n, logBurst)
		}
	}
	if s.triage.Verdict().Complete {
		t.Error("everything is judged without the last list")
	}
	close(open)
	s.next(ctx, watch, "everything, with each log", func(v *triage.Verdict) bool {
		return v.Complete && !slices.ContainsFunc(v.Findings, func(f *triage.Finding) bool {
			return !slices.ContainsFunc(f.Evidence, func(e triage.Evidence) bool { return e.Field == "log" })
		})
	})
}

// TestLogsPace holds that containers which crash again and again have a few of their logs read.
func TestLogsPace(t *testing.T) {
	server := kubetest.New(t, noon)
	release := make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if isLog(r.URL.Path) {
			<-release
		}
		return false
	})
	defer close(release)
	s := look(t, server)
	l := newLogs(s.triage.cluster, time.Second)
	wanted := func(restarts int32) []triage.LogWanted {
		pod := kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: "shop", Name: "web"}
		return []triage.LogWanted{{Pod: pod, Container: "app", Restarts: restarts}}
	}
	asked := 0
	for second := range 100 {
		wall := noon.Add(time.Duration(second) * time.Second)
		clear(l.asked)
		wait := l.ask(t.Context(), s.triage.messages(), wanted(int32(second)), wall)
		asked += len(l.asked)
		if len(l.asked) == 0 && (wait <= 0 || wait > logPause) {
			t.Errorf("after %d seconds the next may be read in %s", second, wait)
		}
	}
	if most := logBurst + logsMore*int(100*time.Second/logPause); asked > most || asked < logBurst+30 {
		t.Errorf("%d logs are read in 100 s, at most %d may be", asked, most)
	}
}

// TestAging holds verdicts apart that are due only because time has passed: what a new one costs,
// and that somebody waits for the first.
func TestAging(t *testing.T) {
	for _, tt := range []struct {
		name             string
		took             time.Duration
		glance, complete bool
		want             time.Duration
	}{
		{"a small cluster", 200 * time.Microsecond, false, true, judging},
		{"a large one", 30 * time.Millisecond, false, true, 3 * time.Second},
		{"a large one, much of it broken", time.Second, false, true, agingMost},
		{"before the first that is complete", time.Second, false, false, loadingMost},
		{"a glance", time.Millisecond, true, false, glances},
	} {
		r := &runner{took: tt.took, glance: tt.glance, complete: tt.complete}
		if got := r.aging(); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestAwaitLists holds that a count begins after what the screen shows, and that it begins where
// that takes long.
func TestAwaitLists(t *testing.T) {
	for _, tt := range []struct {
		name            string
		from, to, begun time.Duration
	}{
		{"nothing is loaded", 0, 0, glances},
		{"a list that is there at once", 0, 100 * time.Millisecond, 2 * glances},
		{"one that begins while the count waits", glances / 2, glances + glances/2, 3 * glances},
		{"a large one", 0, 9500 * time.Millisecond, 11 * time.Second},
		{"a slow link", 0, time.Minute, listsMost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				loading := func() bool { since := time.Since(began); return tt.from <= since && since < tt.to }
				if !awaitLists(t.Context(), loading) {
					t.Fatal("it was not ended")
				}
				if got := time.Since(began); got != tt.begun {
					t.Errorf("it began after %v, want %v", got, tt.begun)
				}
				ended, end := context.WithCancel(t.Context())
				end()
				if awaitLists(ended, loading) {
					t.Error("it begins though it has ended")
				}
			})
		})
	}
}

// TestGlance holds that for whoever only wants to know how much fails, what is small is read, once,
// and that a change of the number wakes them.
func TestGlance(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, crashing(3))
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	glance := s.triage.Glance()
	until := func(n int) {
		t.Helper()
		for got, more := s.triage.Failing(); got != n || !more; got, more = s.triage.Failing() {
			if _, err := glance.Next(ctx); err != nil {
				t.Fatalf("%d are failing, want %d", got, n)
			}
		}
	}
	until(3)
	if v := s.triage.Verdict(); !v.At.IsZero() {
		t.Errorf("there is a verdict of %v", v.At)
	}
	object := func(path string) bool {
		return strings.HasPrefix(path, "/api/v1/") || strings.HasPrefix(path, "/apis/") && strings.Count(path, "/") > 3
	}
	wanted := map[string]bool{}
	for _, stage := range small {
		for _, w := range stage {
			wanted[w.Resource] = true
		}
	}
	before := paths(server, object)
	maps.DeleteFunc(before, func(path string, _ int) bool {
		return slices.ContainsFunc(discovered, func(d string) bool { return strings.HasSuffix(path, "/"+d) })
	})
	for path, n := range before {
		if resource := path[strings.LastIndex(path, "/")+1:]; !wanted[resource] || n > 2 {
			t.Errorf("%s: %d requests, want a list and a watch of what is small", path, n)
		}
	}
	server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web0", `{"status": {"readyReplicas": 1}}`)
	until(2)
	for path, n := range before {
		if after := paths(server, object)[path]; after != n {
			t.Errorf("%s: after a change there are %d requests, before %d", path, after, n)
		}
	}
}

// TestFromAGlanceToALook holds that of what is well a glance keeps nothing, and that whoever looks then
// gets all of it.
func TestFromAGlanceToALook(t *testing.T) {
	const well, broken = 50, 3
	server := kubetest.New(t, noon)
	server.Apply(t, crashing(broken))
	for i := range well {
		calm := strings.ReplaceAll(shop, "web", fmt.Sprint("calm", i))
		calm = strings.Replace(calm, "readyReplicas: 0", "readyReplicas: 1", 1)
		server.Apply(t, strings.Join(strings.Split(calm, "---")[:2], "---"))
	}
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	glance := s.triage.Glance()
	for n, more := s.triage.Failing(); n != broken || !more; n, more = s.triage.Failing() {
		if _, err := glance.Next(ctx); err != nil {
			t.Fatalf("%d are failing, want %d", n, broken)
		}
	}
	// Discovery follows definitions of its own.
	if _, records := s.triage.cluster.Counts(); records != broken {
		t.Errorf("%d records are kept, want those of %d Deployments", records, broken)
	}
	v := s.until("everything", func(v *triage.Verdict) bool { return v.Complete })
	if len(v.Findings) != broken {
		t.Errorf("%d findings, want %d", len(v.Findings), broken)
	}
	for _, c := range v.Coverage {
		if c.Missing != "" || c.Kind == "deployments" && c.Of != well+broken {
			t.Errorf("%+v", c)
		}
	}
}

// TestBackToAGlance holds that what a look needs is let go once nobody looks, that what it found is
// not taken for what is so then, and that how much fails is still told.
func TestBackToAGlance(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, down)
	s := look(t, server)
	s.triage.idleAfter = time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	glance := s.triage.Glance()
	if _, err := glance.Next(ctx); err != nil {
		t.Fatal(err)
	}
	s.until("everything", func(v *triage.Verdict) bool { return v.Complete && finding(v) != nil })
	for !s.triage.Verdict().At.IsZero() {
		if _, err := glance.Next(ctx); err != nil {
			t.Fatal("the verdict stays though nobody looks")
		}
	}
	until := func(n int) {
		t.Helper()
		for got, _ := s.triage.Failing(); got != n; got, _ = s.triage.Failing() {
			if _, err := glance.Next(ctx); err != nil {
				t.Fatalf("%d are failing, want %d", got, n)
			}
		}
	}
	until(1)
	server.Patch(t, kinds.Deployment.GroupVersionKind, "shop", "web", `{"status": {"readyReplicas": 1}}`)
	until(0)
	s.until("everything again", func(v *triage.Verdict) bool {
		return v.Complete && finding(v) != nil && strings.HasPrefix(finding(v).Reason, "1/1")
	})
}
