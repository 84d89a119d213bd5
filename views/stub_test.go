package views

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// stub is an API server that lists what a test gives it and changes only by new events: the
// screens' texts need objects and ages that are the same every time. How fathom
// and a real API server get on is the suite's matter.
type stub struct {
	mu      sync.Mutex
	objects map[string][]map[string]any // by resource
	denied  map[string]bool
	happens chan map[string]any // events that come while they are watched; nil for none
}

var stubResources = map[string]struct{ groupVersion, kind, short string }{
	"pods": {"v1", "Pod", "po"}, "namespaces": {"v1", "Namespace", "ns"}, "events": {"v1", "Event", "ev"}, "nodes": {"v1", "Node", "no"},
	"configmaps": {"v1", "ConfigMap", "cm"}, "secrets": {"v1", "Secret", ""},
	"deployments": {"apps/v1", "Deployment", "deploy"}, "replicasets": {"apps/v1", "ReplicaSet", "rs"},
}

// ServeHTTP implements http.Handler.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Trim(r.URL.Path, "/")
	switch path {
	case "version":
		reply(w, http.StatusOK, map[string]any{"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
	case "api":
		reply(w, http.StatusOK, map[string]any{"kind": "APIVersions", "versions": []string{"v1"}})
	case "apis":
		reply(w, http.StatusOK, map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{map[string]any{
			"name": "apps", "versions": []any{map[string]any{"groupVersion": "apps/v1", "version": "v1"}},
			"preferredVersion": map[string]any{"groupVersion": "apps/v1", "version": "v1"},
		}}})
	case "api/v1", "apis/apps/v1":
		s.resources(w, strings.TrimPrefix(strings.TrimPrefix(path, "apis/"), "api/"))
	default:
		s.objectsOf(w, r, strings.Split(path, "/"))
	}
}

func (s *stub) resources(w http.ResponseWriter, groupVersion string) {
	var all []any
	for name, r := range stubResources {
		if r.groupVersion == groupVersion {
			all = append(all, map[string]any{
				"name": name, "singularName": strings.ToLower(r.kind), "kind": r.kind,
				"namespaced": name != "namespaces" && name != "nodes", "verbs": []string{"get", "list", "watch"}, "shortNames": strings.Fields(r.short),
			})
		}
	}
	reply(w, http.StatusOK, map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": groupVersion, "resources": all})
}

// objectsOf answers LIST and holds WATCH open.
func (s *stub) objectsOf(w http.ResponseWriter, r *http.Request, parts []string) {
	resource, namespace := parts[len(parts)-1], ""
	for i, part := range parts {
		if part == "namespaces" && i+2 < len(parts) {
			namespace = parts[i+1]
		}
	}
	if len(parts) == 6 && parts[0] == "api" {
		s.one(w, parts[4], namespace, parts[5])
		return
	}
	s.mu.Lock()
	denied, kind := s.denied[resource], stubResources[resource]
	items := s.selected(resource, namespace, r.URL.Query().Get("fieldSelector"))
	s.mu.Unlock()
	switch {
	case denied:
		reply(w, http.StatusForbidden, status(403, "Forbidden", fmt.Sprintf(`%s is forbidden: User "eve" cannot list resource %q in API group "" in the namespace %q`, resource, resource, namespace)))
	case kind.kind == "":
		reply(w, http.StatusNotFound, status(404, "NotFound", "the server could not find the requested resource"))
	case r.URL.Query().Get("sendInitialEvents") == "true":
		reply(w, http.StatusUnprocessableEntity, status(422, "Invalid", "sendInitialEvents is forbidden"))
	case r.URL.Query().Get("watch") != "":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		if resource == "events" {
			s.tell(w, r)
		}
		<-r.Context().Done()
	default:
		reply(w, http.StatusOK, map[string]any{
			"kind": kind.kind + "List", "apiVersion": kind.groupVersion, "metadata": map[string]any{"resourceVersion": "100"}, "items": items,
		})
	}
}

// one answers a GET of one object.
func (s *stub) one(w http.ResponseWriter, resource, namespace, name string) {
	s.mu.Lock()
	found := s.selected(resource, namespace, "metadata.name="+name)
	s.mu.Unlock()
	if len(found) == 0 {
		reply(w, http.StatusNotFound, status(404, "NotFound", name+" not found"))
		return
	}
	reply(w, http.StatusOK, found[0])
}

// tell streams the events that happen.
func (s *stub) tell(w http.ResponseWriter, r *http.Request) {
	for {
		select {
		case event := <-s.happens:
			_ = json.NewEncoder(w).Encode(map[string]any{"type": "ADDED", "object": event})
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// selected are a resource's objects by namespace and by the field selectors
// that fathom uses.
func (s *stub) selected(resource, namespace, fields string) []map[string]any {
	out := []map[string]any{}
	for _, o := range s.objects[resource] {
		meta := o["metadata"].(map[string]any)
		involved, _ := o["involvedObject"].(map[string]any)
		keep := namespace == "" || meta["namespace"] == namespace
		for selector := range strings.SplitSeq(fields, ",") {
			name, value, _ := strings.Cut(selector, "=")
			switch name {
			case "metadata.name":
				keep = keep && meta["name"] == value
			case "involvedObject.name", "involvedObject.kind", "involvedObject.uid":
				keep = keep && involved[strings.TrimPrefix(name, "involvedObject.")] == value
			}
		}
		if keep {
			out = append(out, o)
		}
	}
	return out
}

func status(code int, reason, message string) map[string]any {
	return map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}
}

func reply(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// screenNow is the time of every golden screen.
var screenNow = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// newStub serves the objects of a YAML file in testdata.
func newStub(t *testing.T, file string) *stub {
	t.Helper()
	s := &stub{objects: map[string][]map[string]any{}, denied: map[string]bool{}}
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for i, doc := range strings.Split(string(data), "\n---\n") {
		var o map[string]any
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatalf("%s, document %d: %v", file, i, err)
		}
		for resource, r := range stubResources {
			if o["kind"] == r.kind {
				s.objects[resource] = append(s.objects[resource], o)
			}
		}
	}
	return s
}

// session opens the stub as fathom would.
func (s *stub) session(t *testing.T, namespace string) *Session {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	kubeconfig := filepath.Join(t.TempDir(), "config")
	config := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: prod-eu,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}],
contexts: [{name: prod-eu, context: {cluster: c, user: u, namespace: shop}}, {name: staging, context: {cluster: c, user: u}}]}`, server.URL)
	if err := os.WriteFile(kubeconfig, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig = &kubeconfig
	cache := t.TempDir()
	flags.CacheDir = &cache
	messages := kube.NewMessages()
	cluster, err := kube.Open(kube.Options{Flags: flags, Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	contexts := func() ([]kube.Context, string, error) { return kube.Contexts(flags) }
	return &Session{Cluster: cluster, Namespace: namespace, Now: func() time.Time { return screenNow }, Messages: messages, Contexts: contexts}
}

// person looks at a view without a shell: it feeds the view from its sources
// and keeps the last intent that was not about watching.
type person struct {
	t      *testing.T
	view   ui.View
	msgs   chan ui.Msg
	fed    map[ui.Source]bool
	intent ui.Intent
}

func look(t *testing.T, view ui.View) *person {
	p := &person{t: t, view: view, msgs: make(chan ui.Msg), fed: map[ui.Source]bool{}}
	p.perform(view.Update(ui.Shown{}))
	return p
}

func (p *person) perform(intent ui.Intent) {
	switch intent := intent.(type) {
	case nil:
	case ui.All:
		for _, i := range intent {
			p.perform(i)
		}
	case ui.Watch:
		if !p.fed[intent.Source] {
			p.fed[intent.Source] = true
			go p.feed(intent.Source)
		}
	default:
		p.intent = intent
	}
}

func (p *person) feed(source ui.Source) {
	for {
		msg, err := source.Next(p.t.Context())
		if err != nil {
			return
		}
		select {
		case p.msgs <- msg:
		case <-p.t.Context().Done():
			return
		}
	}
}

// press presses a key and returns the intent that it led to.
func (p *person) press(key string) ui.Intent {
	p.t.Helper()
	p.intent = nil
	for _, k := range p.view.Keys() {
		if slices.Contains(k.Keys, key) {
			p.perform(p.view.Update(ui.Do{Action: k.Action, Key: key}))
			return p.intent
		}
	}
	p.t.Fatalf("no binding for %q now", key)
	return nil
}

// until feeds the view until its screen holds every text.
func (p *person) until(width, height int, texts ...string) string {
	p.t.Helper()
	screen := ""
	p.wait(fmt.Sprintf("the screen holds %q", texts), func() bool {
		screen = p.draw(width, height)
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
	return screen
}

// wait feeds the view until something is so.
func (p *person) wait(what string, so func() bool) {
	p.t.Helper()
	limit := time.After(10 * time.Second)
	for !so() {
		select {
		case msg := <-p.msgs:
			p.perform(p.view.Update(msg))
		case <-limit:
			p.t.Fatalf("it never came about that %s:\n%s", what, p.draw(120, 40))
		}
	}
}

func (p *person) draw(width, height int) string {
	h := p.view.Header(screenNow)
	head := strings.Join(h.Place, "  ") + "  | " + lineText(h.Freshness) + "  " + strings.Join(h.Facts, "  ")
	screen := head + "\n" + p.view.Draw(ui.Frame{Width: width, Height: height - 2, Theme: themes.Plain, Now: screenNow})
	return ports.ReplaceAllString(screen, "127.0.0.1:PORT5")
}

// ports are those that the stub happens to listen on.
var ports = regexp.MustCompile(`127\.0\.0\.1:\d{5}`)
