// Package tape is a read-only Kubernetes API inside the process: an
// http.RoundTripper that answers from objects held in memory. Nothing listens
// on a port. Its owner applies and deletes objects; watchers hear it.
package tape

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// Clock says what "now" is; its owner moves it. Safe for every goroutine.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now returns the time at which the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to t, forwards or back.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Options says what an API starts with.
type Options struct {
	Clock *Clock // needed
	// Objects are there from the start. Each keeps its own resourceVersion.
	Objects []runtime.Object
	// History is how many changes a watch can look back; 0 means 10,000.
	History int
	// BookmarkEvery is how often, in real time, a quiet watch is told the
	// version; 0 means a minute.
	BookmarkEvery time.Duration
	// Version is the server's gitVersion; empty means v1.37.0.
	Version string
}

// API answers as an API server does. All methods are safe for every goroutine.
type API struct {
	options Options

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced when anything changes
	version   uint64
	oldest    uint64 // watches from before it are too old
	history   []change
	resources map[schema.GroupVersionKind]*resource
	logs      map[logKey][]Line
}

// item is one version of an object. It is never changed.
type item struct {
	namespace, name string
	labels          labels.Set
	fields          map[string]string
	version         uint64
	json            []byte
}

func (i *item) key() string { return i.namespace + "/" + i.name }

// change is what happened at a version: before is nil for a new object, after
// has the last state of a deleted one.
type change struct {
	version       uint64
	resource      *resource
	before, after *item
	deleted       bool
}

// New returns an API with the options' objects. It fails when one of them is
// no Kubernetes object.
func New(o Options) (*API, error) {
	if o.Clock == nil {
		return nil, errors.New("tape: no clock")
	}
	if o.History == 0 {
		o.History = 10_000
	}
	if o.BookmarkEvery == 0 {
		o.BookmarkEvery = time.Minute
	}
	if o.Version == "" {
		o.Version = "v1.37.0"
	}
	a := &API{
		options: o, changed: make(chan struct{}), version: 1,
		resources: builtin(), logs: map[logKey][]Line{},
	}
	for _, obj := range o.Objects {
		u, err := toMap(obj)
		if err != nil {
			return nil, err
		}
		if err := a.put(u, true); err != nil {
			return nil, err
		}
	}
	a.history, a.oldest = nil, a.version
	return a, nil
}

// Apply adds objects or replaces them whole, in order. An object keeps its own
// resourceVersion when that is newer than every other, else it gets the next.
// Objects before the one that fails stay applied.
func (a *API) Apply(objects ...runtime.Object) error {
	for _, obj := range objects {
		u, err := toMap(obj)
		if err != nil {
			return err
		}
		if err := a.apply(u); err != nil {
			return err
		}
	}
	return nil
}

// ApplyYAML applies the documents of a YAML text; a List stands for its items.
func (a *API) ApplyYAML(text string) error {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var object map[string]any
		if err := yaml.Unmarshal(document, &object); err != nil {
			return err
		}
		if object == nil {
			continue
		}
		u := &unstructured.Unstructured{Object: object}
		if !u.IsList() {
			err = a.apply(u)
		} else {
			err = u.EachListItem(func(o runtime.Object) error { return a.Apply(o) })
		}
		if err != nil {
			return err
		}
	}
}

// Patch merges a JSON merge patch (RFC 7386) into an object.
func (a *API) Patch(kind schema.GroupVersionKind, namespace, name string, patch []byte) error {
	var with map[string]any
	if err := json.Unmarshal(patch, &with); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, old := a.find(kind, namespace, name)
	if old == nil {
		return fmt.Errorf("tape: no %s %s/%s", kind.Kind, namespace, name)
	}
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(old.json, &u.Object); err != nil {
		return err
	}
	u.Object = merge(u.Object, with)
	u.SetGroupVersionKind(r.gvk)
	u.SetNamespace(namespace)
	u.SetName(name)
	return a.put(u, false)
}

// Delete removes an object. It fails when there is none.
func (a *API) Delete(kind schema.GroupVersionKind, namespace, name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, old := a.find(kind, namespace, name)
	if old == nil {
		return fmt.Errorf("tape: no %s %s/%s", kind.Kind, namespace, name)
	}
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(old.json, &u.Object); err != nil {
		return err
	}
	u.SetResourceVersion(strconv.FormatUint(a.version+1, 10))
	last, err := newItem(r, u)
	if err != nil {
		return err
	}
	delete(r.items, old.key())
	a.happened(change{resource: r, before: old, after: last, deleted: true, version: last.version})
	return nil
}

func (a *API) apply(u *unstructured.Unstructured) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.put(u, false)
}

func (a *API) find(kind schema.GroupVersionKind, namespace, name string) (*resource, *item) {
	r := a.resources[kind]
	if r == nil {
		return nil, nil
	}
	return r, r.items[namespace+"/"+name]
}

// put holds the object; first is true for those that were there from the start.
func (a *API) put(u *unstructured.Unstructured, first bool) error {
	gvk := u.GroupVersionKind()
	if gvk.Kind == "" || gvk.Version == "" || u.GetName() == "" {
		return fmt.Errorf("tape: object %q without apiVersion, kind or name", u.GetName())
	}
	r := a.resources[gvk]
	if r == nil {
		r = guess(gvk, u.GetNamespace() != "")
		a.resources[gvk] = r
	}
	if r.namespaced && u.GetNamespace() == "" {
		u.SetNamespace("default")
	} else if !r.namespaced {
		u.SetNamespace("")
	}
	old := r.items[u.GetNamespace()+"/"+u.GetName()]
	version, err := strconv.ParseUint(u.GetResourceVersion(), 10, 64)
	if err != nil || version <= a.version && !first {
		version = a.version + 1
		u.SetResourceVersion(strconv.FormatUint(version, 10))
	}
	a.complete(u, old, version)
	now, err := newItem(r, u)
	if err != nil {
		return err
	}
	r.items[now.key()] = now
	if r.gvk.Kind == "CustomResourceDefinition" {
		a.define(u)
	}
	a.happened(change{resource: r, before: old, after: now, version: version})
	return nil
}

// complete sets what the server would have set.
func (a *API) complete(u *unstructured.Unstructured, old *item, version uint64) {
	if u.GetUID() == "" {
		_ = unstructured.SetNestedField(u.Object, fmt.Sprintf("00000000-0000-4000-8000-%012x", version), "metadata", "uid")
		if old != nil {
			u.SetUID(uidOf(old))
		}
	}
	if stamp := u.GetCreationTimestamp(); stamp.IsZero() {
		at := a.options.Clock.Now()
		if old != nil {
			at = createdOf(old)
		}
		_ = unstructured.SetNestedField(u.Object, at.UTC().Format(time.RFC3339), "metadata", "creationTimestamp")
	}
}

func (a *API) happened(c change) {
	a.version = max(a.version, c.version)
	a.history = append(a.history, c)
	if over := len(a.history) - a.options.History; over > 0 {
		a.oldest = a.history[over-1].version
		a.history = slices.Delete(a.history, 0, over)
	}
	a.wake()
}

func (a *API) wake() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// at returns the items of a resource as they were at a version, by key; ok is
// false when that is too long ago.
func (a *API) at(r *resource, version uint64) (items map[string]*item, ok bool) {
	if version < a.oldest {
		return nil, false
	}
	items = maps.Clone(r.items)
	for _, c := range slices.Backward(a.history) {
		if c.version <= version {
			break
		}
		if c.resource != r {
			continue
		}
		if c.before == nil {
			delete(items, c.after.key())
		} else {
			items[c.before.key()] = c.before
		}
	}
	return items, true
}

func newItem(r *resource, u *unstructured.Unstructured) (*item, error) {
	text, err := json.Marshal(u.Object)
	if err != nil {
		return nil, err
	}
	version, err := strconv.ParseUint(u.GetResourceVersion(), 10, 64)
	if err != nil {
		return nil, err
	}
	return &item{
		namespace: u.GetNamespace(), name: u.GetName(), labels: u.GetLabels(),
		fields: r.fieldsOf(u), version: version, json: text,
	}, nil
}

func toMap(obj runtime.Object) (*unstructured.Unstructured, error) {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.DeepCopy(), nil
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(obj)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &u.Object); err != nil {
		return nil, err
	}
	if u.GetKind() == "" {
		u.SetGroupVersionKind(kinds[0])
	}
	return u, nil
}

func merge(into, with map[string]any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for name, value := range with {
		switch value := value.(type) {
		case nil:
			delete(into, name)
		case map[string]any:
			below, _ := into[name].(map[string]any)
			into[name] = merge(below, value)
		default:
			into[name] = value
		}
	}
	return into
}

func uidOf(i *item) types.UID { return metaOf(i).UID }

func createdOf(i *item) time.Time { return metaOf(i).CreationTimestamp.Time }

func metaOf(i *item) metav1.ObjectMeta {
	var o metav1.PartialObjectMetadata
	_ = json.Unmarshal(i.json, &o)
	return o.ObjectMeta
}
