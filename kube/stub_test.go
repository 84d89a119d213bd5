package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// patience is how long a test waits for a state that must come.
const patience = 20 * time.Second

// object is an object as JSON has it.
type object = map[string]any

func newObject(namespace, name string, more object) object {
	metadata := object{"name": name, "uid": "uid-" + name, "creationTimestamp": "2026-11-23T00:00:00Z"}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	o := object{"metadata": metadata}
	maps.Copy(o, more)
	return o
}

// stub is an API server that speaks just enough: lists in pages, watches,
// Tables, and all the ways in which they fail.
type stub struct {
	*httptest.Server
	mu          sync.Mutex
	collections map[string]*collection // by path: "/api/v1/pods"
	requests    []string               // "GET /api/v1/pods?limit=500"
	// answer may take over a request by returning true.
	answer func(w http.ResponseWriter, r *http.Request) bool
}

// collection is one resource.
type collection struct {
	gvr        schema.GroupVersionResource
	kind       string
	namespaced bool
	verbs      []string
	columns    []metav1.TableColumnDefinition // non-nil: Tables are served

	mu        sync.Mutex
	version   int
	compacted int // versions up to this one are forgotten
	objects   map[string]object
	events    []stubEvent
	changed   chan struct{} // closed at each change
	cut       chan struct{} // closed to drop every watch
}

type stubEvent struct {
	Type    string `json:"type"`
	Object  object `json:"object"`
	version int
}

func newStub(t *testing.T, collections ...*collection) *stub {
	t.Helper()
	s := &stub{collections: map[string]*collection{}}
	for _, c := range collections {
		c.version, c.objects = 1, map[string]object{}
		c.changed, c.cut = make(chan struct{}), make(chan struct{})
		s.collections[c.path()] = c
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		for _, c := range collections {
			c.drop()
		}
		s.Close()
	})
	return s
}

// all returns the collections by path.
func (s *stub) all() map[string]*collection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.collections)
}

func (c *collection) path() string {
	if c.gvr.Group == "" {
		return "/api/" + c.gvr.Version + "/" + c.gvr.Resource
	}
	return "/apis/" + c.gvr.Group + "/" + c.gvr.Version + "/" + c.gvr.Resource
}

// put adds or changes an object.
func (c *collection) put(o object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	metadata := o["metadata"].(object)
	key := fmt.Sprint(metadata["namespace"], "/", metadata["name"])
	kind := "MODIFIED"
	if c.objects[key] == nil {
		kind = "ADDED"
	}
	c.record(kind, key, o)
}

func (c *collection) remove(namespace, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := namespace + "/" + name
	if namespace == "" {
		key = "<nil>/" + name
	}
	c.record("DELETED", key, c.objects[key])
}

func (c *collection) record(kind, key string, o object) {
	c.version++
	copied := object{"apiVersion": c.gvr.GroupVersion().String(), "kind": c.kind}
	maps.Copy(copied, o)
	metadata := maps.Clone(o["metadata"].(object))
	metadata["resourceVersion"] = strconv.Itoa(c.version)
	copied["metadata"] = metadata
	if kind == "DELETED" {
		delete(c.objects, key)
	} else {
		c.objects[key] = copied
	}
	c.events = append(c.events, stubEvent{kind, copied, c.version})
	close(c.changed)
	c.changed = make(chan struct{})
}

// drop ends every watch, as a lost connection does.
func (c *collection) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.cut)
	c.cut = make(chan struct{})
}

// compact forgets the events so far, as etcd does.
func (c *collection) compact() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.compacted = c.version
}

// hook sets what may take over a request.
func (s *stub) hook(answer func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// asked returns the requests so far whose text contains part.
func (s *stub) asked(part string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.requests {
		if strings.Contains(r, part) {
			out = append(out, r)
		}
	}
	return out
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.String())
	answer := s.answer
	s.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	switch r.URL.Path {
	case "/version":
		writeJSON(w, object{"gitVersion": "v1.36.3"})
		return
	case "/api":
		writeJSON(w, object{"kind": "APIVersions", "versions": []string{"v1"}})
		return
	case "/apis":
		s.groups(w)
		return
	}
	for path, c := range s.all() {
		if namespace, name, ok := c.matches(path, r.URL.Path); ok {
			c.serve(w, r, namespace, name)
			return
		}
	}
	s.resources(w, r)
}

// matches takes apart <root>/[namespaces/<ns>/]<resource>[/<name>].
func (c *collection) matches(root, path string) (namespace, name string, ok bool) {
	dir, resource := filepath.Split(root)
	rest, ok := strings.CutPrefix(path, dir)
	if !ok {
		return "", "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) > 2 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	if parts[0] != resource || len(parts) > 2 {
		return "", "", false
	}
	return namespace, strings.Join(parts[1:], ""), true
}

func (c *collection) serve(w http.ResponseWriter, r *http.Request, namespace, name string) {
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodDelete:
		c.remove(namespace, name)
		writeJSON(w, object{"kind": "Status", "apiVersion": "v1", "status": "Success"})
	case name != "":
		c.mu.Lock()
		o := c.objects[namespaceKey(namespace)+"/"+name]
		c.mu.Unlock()
		if o == nil {
			fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, c.gvr.Resource+" \""+name+"\" not found")
			return
		}
		writeJSON(w, o)
	case query.Get("watch") == "true":
		c.watch(w, r, namespace)
	default:
		c.list(w, r, namespace)
	}
}

func namespaceKey(namespace string) string {
	if namespace == "" {
		return "<nil>"
	}
	return namespace
}

// selected lists what a request asks for, sorted by key.
func (c *collection) selected(r *http.Request, namespace string) []object {
	var out []object
	for _, key := range slices.Sorted(maps.Keys(c.objects)) {
		if c.wanted(r, namespace, c.objects[key]) {
			out = append(out, c.objects[key])
		}
	}
	return out
}

func (c *collection) wanted(r *http.Request, namespace string, o object) bool {
	metadata := o["metadata"].(object)
	field := strings.TrimPrefix(r.URL.Query().Get("fieldSelector"), "metadata.name=")
	return (namespace == "" || metadata["namespace"] == namespace) && (field == "" || metadata["name"] == field)
}

func (c *collection) list(w http.ResponseWriter, r *http.Request, namespace string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	items := c.selected(r, namespace)
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	metadata := object{"resourceVersion": strconv.Itoa(c.version)}
	if token := r.URL.Query().Get("continue"); token != "" {
		from, _ := strconv.Atoi(token)
		items = items[from:]
		if limit > 0 && len(items) > limit {
			metadata["continue"] = strconv.Itoa(from + limit)
		}
	} else if limit > 0 && len(items) > limit {
		metadata["continue"] = strconv.Itoa(limit)
	}
	if limit > 0 && len(items) > limit {
		metadata["remainingItemCount"] = len(items) - limit
		items = items[:limit]
	}
	if c.asTable(r) {
		writeJSON(w, c.table(items, metadata, true))
		return
	}
	apiVersion, kind := c.gvr.GroupVersion().String(), c.kind+"List"
	if metadataOnly(r) {
		apiVersion, kind = "meta.k8s.io/v1", "PartialObjectMetadataList"
	}
	writeJSON(w, object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata, "items": append([]object{}, items...)})
}

func metadataOnly(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata")
}

func (c *collection) asTable(r *http.Request) bool {
	return c.columns != nil && strings.Contains(r.Header.Get("Accept"), "as=Table")
}

// table has one cell for each column: "<column> of <name>".
func (c *collection) table(items []object, metadata object, header bool) object {
	rows := []object{}
	for _, o := range items {
		var cells []any
		for _, column := range c.columns {
			cells = append(cells, fmt.Sprint(strings.ToLower(column.Name), " of ", o["metadata"].(object)["name"]))
		}
		rows = append(rows, object{"cells": cells, "object": o})
	}
	t := object{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "rows": rows}
	if header {
		t["columnDefinitions"] = c.columns
	}
	return t
}

func (c *collection) watch(w http.ResponseWriter, r *http.Request, namespace string) {
	w.Header().Set("Content-Type", "application/json")
	header := true
	send := func(e stubEvent) {
		if c.asTable(r) {
			e.Object = c.table([]object{e.Object}, object{"resourceVersion": strconv.Itoa(e.version)}, header)
			header = false
		}
		if metadataOnly(r) {
			e.Object = object{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": e.Object["metadata"]}
		}
		_ = json.NewEncoder(w).Encode(e)
	}
	c.mu.Lock()
	cut := c.cut
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	if from < c.compacted {
		c.mu.Unlock()
		_ = json.NewEncoder(w).Encode(object{"type": "ERROR", "object": status(http.StatusGone, metav1.StatusReasonExpired, "too old resource version")})
		return
	}
	for {
		for _, e := range c.events {
			if e.version > from && c.wanted(r, namespace, e.Object) {
				send(e)
			}
		}
		from = c.version
		changed := c.changed
		c.mu.Unlock()
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-cut:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			return
		}
		c.mu.Lock()
	}
}

// groups and resources are discovery in its old form.
func (s *stub) groups(w http.ResponseWriter) {
	var groups []metav1.APIGroup
	for _, path := range slices.Sorted(maps.Keys(s.all())) {
		gv := s.all()[path].gvr.GroupVersion()
		if gv.Group == "" || slices.ContainsFunc(groups, func(g metav1.APIGroup) bool { return g.Name == gv.Group }) {
			continue
		}
		v := metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: gv.Version}
		groups = append(groups, metav1.APIGroup{Name: gv.Group, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v})
	}
	writeJSON(w, metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: groups})
}

func (s *stub) resources(w http.ResponseWriter, r *http.Request) {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}}
	for path, c := range s.all() {
		if filepath.Dir(path) != r.URL.Path {
			continue
		}
		verbs := c.verbs
		if verbs == nil {
			verbs = []string{"get", "list", "watch"}
		}
		list.GroupVersion = c.gvr.GroupVersion().String()
		list.APIResources = append(list.APIResources, metav1.APIResource{Name: c.gvr.Resource, Kind: c.kind, Namespaced: c.namespaced, Verbs: verbs})
	}
	if list.GroupVersion == "" {
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
		return
	}
	writeJSON(w, list)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func status(code int32, reason metav1.StatusReason, message string) metav1.Status {
	return metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: code, Reason: reason, Message: message}
}

func fail(w http.ResponseWriter, code int, reason metav1.StatusReason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status(int32(code), reason, message))
}

// failing returns a hook that refuses the requests that contain part.
func failing(part string, code int, reason metav1.StatusReason, message string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.String(), part) {
			return false
		}
		fail(w, code, reason, message)
		return true
	}
}

// flagsTo are the flags of a user whose kubeconfig names one server.
func flagsTo(t *testing.T, server string) *genericclioptions.ConfigFlags {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "config")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "test",
"clusters": [{"name": "c", "cluster": {"server": %q}}],
"users": [{"name": "u", "user": {"token": "t"}}],
"contexts": [{"name": "test", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
{"name": "other", "context": {"cluster": "c", "user": "u"}}]}`, server)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(dir, "cache")
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.CacheDir = &path, &cache
	return flags
}

// open opens the stub as a cluster.
func (s *stub) open(t *testing.T, change ...func(*Options)) *Cluster {
	t.Helper()
	o := Options{Flags: flagsTo(t, s.URL), Messages: NewMessages()}
	for _, c := range change {
		c(&o)
	}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testSource is what tests wait on.
type testSource interface {
	Next(context.Context) (any, error)
}

// until waits until a source has told of a state.
func until(t *testing.T, s testSource, what string, reached func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !reached() {
		if _, err := s.Next(ctx); err != nil {
			t.Fatalf("waited in vain for %s: %v", what, err)
		}
	}
}
