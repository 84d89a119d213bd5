package recorder

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
	"github.com/fathom-k8s/fathom/kube/tape"
)

const recordedSecret = "c3dvcmRmaXNoLXN3b3JkZmlzaA==" // of "swordfish-swordfish"

const recorded = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, uid: u1, creationTimestamp: "2026-01-02T03:00:00Z"}
spec: {nodeName: n1, containers: [{name: app, image: web:1}]}
status:
  phase: Running
  containerStatuses:
  - {name: app, ready: true, containerID: "containerd://1", state: {running: {startedAt: "2026-01-02T03:00:05Z"}}}
---
apiVersion: v1
kind: Node
metadata: {name: n1, creationTimestamp: "2026-01-01T03:00:00Z"}
---
apiVersion: v1
kind: Event
metadata: {name: web.1, namespace: shop}
involvedObject: {kind: Pod, namespace: shop, name: web, uid: u1}
type: Warning
reason: BackOff
message: it falls over
count: 3
firstTimestamp: "2026-01-02T03:01:00Z"
lastTimestamp: "2026-01-02T03:03:00Z"
---
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"kind":"Secret","data":"` + recordedSecret + `"}'
data: {password: ` + recordedSecret + `}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
spec: {size: 3}
`

// patience is how long a test waits for a state that must come.
const patience = 20 * time.Second

// newServer returns a server with what is recorded; it is 3:05 on the second of
// January there.
func newServer(t testing.TB) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Apply(t, recorded)
	return server
}

// open opens a cluster over a transport. No kubeconfig can be read.
func open(t testing.TB, over http.RoundTripper, now func() time.Time) *kube.Cluster {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	cluster, err := kube.Open(kube.Options{Backend: &kube.Backend{Name: "recorded", Transport: over, Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// recordingTest is a Record that runs while a test goes on.
type recordingTest struct {
	server  *kubetest.Server
	cluster *kube.Cluster
	path    string
	stop    context.CancelFunc
	ended   chan error
	newest  chan Progress
	notes   []string
}

func record(t *testing.T, o Options, prepare ...func(*kubetest.Server)) *recordingTest {
	t.Helper()
	return recordOver(t, o, func(s *kubetest.Server) http.RoundTripper { return s }, prepare...)
}

// recordOver records what a transport brings from the server.
func recordOver(
	t *testing.T,
	o Options,
	transport func(*kubetest.Server) http.RoundTripper,
	prepare ...func(*kubetest.Server),
) *recordingTest {
	t.Helper()
	server := newServer(t)
	for _, p := range prepare {
		p(server)
	}
	cluster := open(t, transport(server), server.Clock().Now)
	r := &recordingTest{
		server:  server,
		cluster: cluster,
		path:    filepath.Join(t.TempDir(), "x.tape"),
		ended:   make(chan error, 1),
		newest:  make(chan Progress, 1),
	}
	o.Out = r.path
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() {
		r.ended <- Record(ctx, cluster, o, func(p Progress) {
			r.notes = append(r.notes, p.Notes...)
			p.Notes = slices.Clone(r.notes) // all until now
			select {
			case <-r.newest:
			default:
			}
			r.newest <- p
		})
	}()
	return r
}

// until waits for a progress.
func (r *recordingTest) until(t *testing.T, what string, reached func(Progress) bool) {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case p := <-r.newest:
			if reached(p) {
				return
			}
		case err := <-r.ended:
			t.Fatalf("ended while %s was waited for: %v", what, err)
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (r *recordingTest) untilComplete(t *testing.T) {
	t.Helper()
	r.until(t, "the first lists", func(p Progress) bool { return p.Listed == p.Resources && p.Resources > 0 })
}

// end stops the recording and opens it.
func (r *recordingTest) end(t *testing.T) *tape.Player {
	t.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("the recording did not end")
	}
	recorded, err := tape.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tape.NewPlayer(recorded, tape.PlayerOptions{Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		_ = recorded.Close()
	})
	return p
}

// atEnd moves a player to its end.
func atEnd(t *testing.T, p *tape.Player) {
	t.Helper()
	p.Seek(p.Tape().End())
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for w := p.Watch(); !p.State().AtEnd; {
		if _, err := w.Next(ctx); err != nil {
			t.Fatal(err, p.State())
		}
	}
}

// get returns what an API answers.
func get(t *testing.T, api http.RoundTripper, path string, accept ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://tape"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header["Accept"] = accept
	answer, err := api.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(path, answer.Status, string(text), err)
	}
	return string(text)
}

// items returns the objects of a list, as client-go reads them.
func items(t *testing.T, api http.RoundTripper, path string) []any {
	t.Helper()
	text := []byte(get(t, api, path, "application/vnd.kubernetes.protobuf,application/json"))
	if bytes.HasPrefix(text, []byte("k8s\x00")) {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(text, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text, err = json.Marshal(object); err != nil {
			t.Fatal(err)
		}
	}
	var list struct{ Items []any }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func TestARecordingOfATapeIsTheTape(t *testing.T) {
	r := record(t, Options{Logs: LogsAll}, func(s *kubetest.Server) {
		s.Log(
			memapi.Container{Namespace: "shop", Pod: "web", Name: "app"},
			memapi.Line{Time: s.Clock().Now(), Text: "before"},
		)
	})
	r.untilComplete(t)
	r.server.Log(
		memapi.Container{Namespace: "shop", Pod: "web", Name: "app"},
		memapi.Line{Time: r.server.Clock().Now(), Text: "\x1b[31mmeanwhile\x1b[0m"},
	)
	r.server.Apply(
		t,
		"apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: shop, labels: {app: db}}\n"+
			"spec: {nodeName: n1, containers: [{name: db}]}",
	)
	r.server.Patch(t, podKind, "shop", "web", `{"metadata":{"labels":{"app":"web"}}}`)
	r.server.Patch(
		t,
		podKind.GroupVersion().WithKind("Secret"),
		"shop",
		"db",
		`{"stringData":{"plain":"swordfish-swordfish"}}`,
	)
	r.server.Delete(t, podKind.GroupVersion().WithKind("Node"), "", "n1")
	r.until(t, "four changes and two lines", func(p Progress) bool { return p.Changes == 4 && p.Lines == 2 })
	p := r.end(t)
	atEnd(t, p) // before the first request: versions only rise after that
	for _, path := range []string{
		"/api/v1/pods", "/api/v1/pods?labelSelector=app%3Dweb", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1",
		"/api/v1/nodes", "/api/v1/events", "/apis/events.k8s.io/v1/events",
		"/apis/example.com/v1/widgets", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
	} {
		if diff := cmp.Diff(items(t, r.server, path), items(t, p.API(), path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	got, want := get(
		t,
		p.API(),
		"/api/v1/namespaces/shop/pods/web/log?timestamps=true",
	), get(
		t,
		r.server,
		"/api/v1/namespaces/shop/pods/web/log?timestamps=true",
	)
	if got != want {
		t.Errorf("log %q, not %q", got, want)
	}
	for _, path := range []string{"/version", "/apis/apps/v1"} {
		if got, want := get(t, p.API(), path), get(t, r.server, path); got != want {
			t.Errorf("%s: %s, not %s", path, got, want)
		}
	}
	secret := get(t, p.API(), "/api/v1/namespaces/shop/secrets/db")
	if strings.Contains(secret, recordedSecret) || strings.Contains(secret, "swordfish") ||
		!strings.Contains(secret, "password") {
		t.Error(secret)
	}
	text, err := os.ReadFile(r.path)
	if err != nil || bytes.Contains(text, []byte("swordfish")) || bytes.Contains(text, []byte(recordedSecret)) {
		t.Error("the Secret's value is in the file", err)
	}
	for _, request := range r.server.Requests("") {
		if !strings.HasPrefix(request, "GET ") {
			t.Error(request)
		}
	}
}

func TestRecordFollowsAResourceThatAppears(t *testing.T) {
	r := record(t, Options{})
	r.untilComplete(t)
	r.server.Apply(t, `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gears.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gears, singular: gear, kind: Gear}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.com/v1
kind: Gear
metadata: {name: first, namespace: shop}
spec: {teeth: 12}
`)
	r.until(t, "the definition and the gear", func(p Progress) bool { return p.Changes >= 2 })
	p := r.end(t)
	atEnd(t, p)
	if got := items(t, p.API(), "/apis/example.com/v1/gears"); len(got) != 1 || !strings.Contains(fmt.Sprint(got), "12") {
		t.Error(got)
	}
}

func TestRecordTellsWhatMayNotBeRead(t *testing.T) {
	r := record(t, Options{}, func(s *kubetest.Server) { s.Refuse("nodes") })
	r.until(t, "the other lists", func(p Progress) bool { return p.Listed == p.Resources-1 && p.Resources > 1 })
	p := r.end(t)
	if !strings.Contains(strings.Join(r.notes, "\n"), "nodes is forbidden") {
		t.Error(r.notes)
	}
	found := false
	for _, m := range p.Tape().Marks() {
		found = found || m.Kind == tape.Denied && strings.Contains(m.Text, "nodes")
	}
	if !found {
		t.Error("the tape says nothing of it")
	}
}

func TestRecordGoesOnAfterAnExpiredWatch(t *testing.T) {
	var gone atomic.Bool
	r := record(t, Options{Kinds: []string{"pods"}, Namespaces: []string{"shop"}}, func(s *kubetest.Server) {
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("watch") != "true" || !strings.HasSuffix(r.URL.Path, "/namespaces/shop/pods") ||
				gone.Swap(true) {
				return false
			}
			// What happens between two lists is not reported.
			_ = s.API.Delete(podKind, "shop", "web")
			_ = s.ApplyYAML("apiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop}\nspec: {containers: [{name: c}]}")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(
				w,
				`{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired",`+
					`"code":410,"message":"too old resource version"}}`,
			)
			return true
		})
	})
	r.until(t, "the next list and watch", func(Progress) bool {
		return len(r.server.Requests("/api/v1/namespaces/shop/pods?allowWatchBookmarks")) == 2
	})
	p := r.end(t)
	atEnd(t, p)
	if got := items(t, p.API(), "/api/v1/pods"); len(got) != 1 || !strings.Contains(fmt.Sprint(got), "new") {
		t.Error(got)
	}
	if n := len(items(t, p.API(), "/api/v1/nodes")); n != 0 {
		t.Errorf("%d nodes, which were not asked for", n)
	}
}

func TestRecordRefusesClearly(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change Options
		refuse string
		want   string
	}{
		"a kind that is not there": {Options{Kinds: []string{"podz"}}, "", `no kind "podz"`},
		"other logs":               {Options{Logs: "some"}, "", "there are failing, all and none"},
		"nothing allowed":          {Options{Kinds: []string{"nodes"}}, "nodes", "nothing may be read: nodes"},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, c.change, func(s *kubetest.Server) {
				if c.refuse != "" {
					s.Refuse(c.refuse)
				}
			})
			select {
			case err := <-r.ended:
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Error(err)
				}
			case <-time.After(patience):
				t.Fatal("did not end")
			}
			if _, err := os.Stat(r.path); err == nil {
				t.Error("a file was left")
			}
		})
	}
	server := newServer(t)
	err := Record(t.Context(), open(t, server, server.Clock().Now), Options{Out: there}, func(Progress) {})
	if err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Error(err)
	}
}

func TestRecordEndsByItself(t *testing.T) {
	r := record(t, Options{For: 50 * time.Millisecond})
	select {
	case err := <-r.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("did not end")
	}
}

var podKind = corev1.SchemeGroupVersion.WithKind("Pod")
