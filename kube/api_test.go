package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

func TestSubresources(t *testing.T) {
	groups := &metav1.APIGroupList{Groups: []metav1.APIGroup{{
		PreferredVersion: metav1.GroupVersionForDiscovery{GroupVersion: "v1", Version: "v1"},
		Versions:         []metav1.GroupVersionForDiscovery{{GroupVersion: "v1", Version: "v1"}},
	}}}
	lists := map[schema.GroupVersion]*metav1.APIResourceList{{Version: "v1"}: {APIResources: []metav1.APIResource{
		{Name: "nodes/lost", Kind: "Node"}, // before its resource
		{Name: "pods", Kind: "Pod", Verbs: []string{"get"}},
		{Name: "pods/eviction", Kind: "Eviction", Verbs: []string{"create"}},
		{Name: "nodes", Kind: "Node"},
		{Name: "pods/log\x1b", Kind: "Pod", Verbs: nil},
		{Name: "nowhere/status", Kind: "X"},
	}}}
	r := resourcesFrom(groups, lists, nil)
	got := ""
	for _, res := range r.all {
		got += fmt.Sprintf("%s %v ", res.Resource, res.Subresources)
	}
	if want := "pods [{eviction Eviction [create]} {log␛ Pod []}] nodes [{lost Node []}] "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	lists[schema.GroupVersion{Version: "v1"}].APIResources[2].Verbs = []string{"create", "get"}
	if resourcesFrom(groups, lists, nil).equal(r) {
		t.Error("another verb of a subresource is not noticed")
	}
}

// TestRemoval compares with what each type of the API says of itself.
func TestRemoval(t *testing.T) {
	for gvk := range scheme.Scheme.AllKnownTypes() {
		obj, err := scheme.Scheme.New(gvk)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if removed, ok := obj.(interface{ APILifecycleRemoved() (major, minor int) }); ok {
			major, minor := removed.APILifecycleRemoved()
			want = fmt.Sprintf("v%d.%d", major, minor)
		}
		r := Resource{GroupVersionResource: gvk.GroupVersion().WithResource("x"), Kind: gvk.Kind}
		if _, list := obj.(metav1.ListInterface); !list && isObject(obj) && r.Removal() != want {
			t.Errorf("%v: %q, want %q", gvk, r.Removal(), want)
		}
	}
	batch := schema.GroupVersionResource{Group: "batch", Version: "v1beta1"}
	custom := Resource{GroupVersionResource: batch, Kind: "Custom"}
	if got := custom.Removal(); got != "" {
		t.Errorf("another kind: %q", got)
	}
}

// isObject reports whether objects of a type have names: others, such as options, are of
// requests.
func isObject(obj runtime.Object) bool {
	_, err := meta.Accessor(obj)
	return err == nil
}

func TestReplacement(t *testing.T) {
	flow := func(version string) Resource {
		gvr := schema.GroupVersionResource{Group: "flowcontrol.apiserver.k8s.io", Version: version, Resource: "flowschemas"}
		return Resource{GroupVersionResource: gvr, Kind: "FlowSchema"}
	}
	r := &Resources{all: []Resource{flow("v1beta2"), flow("v1beta3"), flow("v1")}}
	if got, ok := r.Replacement(flow("v1beta3")); !ok || got.Version != "v1" {
		t.Errorf("got %v, %v", got.GroupVersionResource, ok)
	}
	r = &Resources{all: []Resource{flow("v1beta2"), flow("v1beta3")}}
	if got, ok := r.Replacement(flow("v1beta3")); ok {
		t.Errorf("replaced by %v, which is removed too", got.GroupVersionResource)
	}
}

func resourceNamed(t *testing.T, c *Cluster, name string) Resource {
	t.Helper()
	if err := c.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := c.Resources().Find(name)
	if len(found) == 0 {
		t.Fatalf("no %s", name)
	}
	return found[0]
}

func TestCount(t *testing.T) {
	s := newServer(t)
	for i := range 7 {
		s.put(newObject("v1", "ConfigMap", []string{"shop", "other"}[i%2], fmt.Sprint("m", i), nil))
	}
	s.put(newObject("v1", "Namespace", "", "shop", nil))
	s.Refuse("secrets")
	c := s.open(t)
	maps, secrets := resourceNamed(t, c, "configmaps"), resourceNamed(t, c, "secrets")
	count := func(namespace string, resources ...Resource) (all []Count) {
		counts := c.Count(resources, namespace)
		got := countAll(t, counts, len(resources))
		if msg, err := counts.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Fatalf("it counts again: %v %v", msg, err)
		}
		for _, r := range resources {
			all = append(all, got[r.GroupVersionResource])
		}
		return all
	}
	got := count("", maps, secrets, resourceNamed(t, c, "namespaces"))
	if got[0].N != 7 || got[0].Err != nil || !got[1].Denied() || got[2].N != 1 {
		t.Errorf("all: %+v", got)
	}
	if got := count("shop", maps)[0]; got.N != 4 || got.More || got.Scope.Namespace != "shop" {
		t.Errorf("of a namespace: %+v", got)
	}
	if got := count("nowhere", maps)[0]; got.N != 0 || got.Err != nil {
		t.Errorf("of nothing: %+v", got)
	}
	if len(count("")) != 0 {
		t.Error("counts of no resources")
	}
	for text, want := range map[string]Count{
		`{"kind": "ConfigMapList", "metadata": {"continue": "x"}, "items": [{}]}`:                        {N: 1, More: true},
		`{"kind": "ConfigMapList", "items": [{}, {}], "metadata": {"remainingItemCount": 3}}`:            {N: 5},
		`{"kind": "ConfigMapList", "items": null}`:                                                       {},
		`{"kind": "PartialObjectMetadataList", "metadata": {"remainingItemCount": null}, "items": [{}]}`: {N: 1},
	} {
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/configmaps") {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, text)
			return true
		})
		if got := count("", maps)[0]; got.N != want.N || got.More != want.More || got.Err != nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
	s.Intercept(failing("/configmaps", 500, "InternalError", "no\nway"))
	if got := count("", maps)[0]; got.Err == nil || strings.Contains(got.Err.Error(), "\n") {
		t.Errorf("a failure: %+v", got)
	}
}

func TestOrigins(t *testing.T) {
	s := newServer(t)
	put := func(version, group, mark string, spec, status object) {
		name := version + "." + group
		o := newObject("apiregistration.k8s.io/v1", "APIService", "", name, object{"spec": spec, "status": status})
		o["metadata"].(object)["labels"] = object{automanaged: mark}
		spec["group"], spec["version"] = group, version
		s.put(o)
	}
	put("v1", "apps", "onstart", object{}, object{})
	put("v1", "example.io", "true", object{}, nil)
	down := object{"conditions": []object{
		{"type": "Available", "status": "False", "reason": "Missing\x1b", "message": "gone"},
	}}
	put("v1beta1", "metrics.k8s.io", "", object{"service": object{"namespace": "kube-system", "name": "metrics"}}, down)
	c := s.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	o := c.Origins()
	msg, err := o.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	read := msg.(OriginsRead)
	for gv, want := range map[schema.GroupVersion]Origin{
		{Group: "apps", Version: "v1"}:                {BuiltIn: true},
		{Group: "example.io", Version: "v1"}:          {Custom: true},
		{Group: "metrics.k8s.io", Version: "v1beta1"}: {Service: "kube-system/metrics:443", Problem: "Missing␛: gone"},
	} {
		if read.All[gv] != want {
			t.Errorf("%v: %+v, want %+v", gv, read.All[gv], want)
		}
	}
	s.Refuse("apiservices")
	c.Refresh()
	msg, err = o.Next(ctx)
	if read := msg.(OriginsRead); err != nil || !apierrors.IsForbidden(read.Err) || len(read.All) == 0 {
		t.Errorf("refused: %+v, %v", read, err)
	}
}
