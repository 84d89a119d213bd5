package kube

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func managed() []metav1.ManagedFieldsEntry {
	return []metav1.ManagedFieldsEntry{{Manager: "kubectl", Operation: "Apply", FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)}}
}

func TestBodyIsTheWholeObject(t *testing.T) {
	c := &Cluster{}
	kind, ok := kinds.For(schema.GroupKind{Kind: "ConfigMap"})
	if !ok {
		t.Fatal("no kind for ConfigMaps")
	}
	codec := c.bodies.codec(kind.GVR())
	var records []*kinds.Record
	// More than make the dictionary, so that bodies from before and after it
	// are read.
	for i := range 2 * samplesMax {
		cm := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: fmt.Sprint("cm-", i), ManagedFields: managed()},
			Data:       map[string]string{"text": strings.Repeat("configuration of the shop\n", 40), "hostile": "\x1b[2J\u202e"},
		}
		body, err := codec.encode(cm)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kinds.Record{Kind: kind, Name: cm.Name, Body: body})
	}
	for i, r := range records {
		got, err := c.Fields(r)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{
				"namespace": "shop", "name": fmt.Sprint("cm-", i),
				"managedFields": []any{map[string]any{"manager": "kubectl", "operation": "Apply", "fieldsType": "FieldsV1"}},
			},
			"data": map[string]any{"text": strings.Repeat("configuration of the shop\n", 40), "hostile": "\x1b[2J\u202e"},
		}
		// Whether the zero time is printed depends on the API's version.
		delete(got["metadata"].(map[string]any), "creationTimestamp")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("object %d: %s", i, diff)
		}
	}
	first, last := len(records[0].Body.Kept.(*block).data), len(records[2*samplesMax-1].Body.Kept.(*block).data)
	if last >= first {
		t.Errorf("the dictionary does not help: %d bytes, before it %d", last, first)
	}
	if _, err := c.Decode(&kinds.Record{Kind: kind}); err == nil {
		t.Error("a record without a body has an object")
	}
	if _, err := c.Decode(&kinds.Record{Kind: kind, Body: kinds.Body{Kept: &block{data: "garbage", form: withZstd}}}); err == nil {
		t.Error("garbage is an object")
	}
}

func TestSiblingsAreKeptTogether(t *testing.T) {
	c := &Cluster{}
	codec := c.bodies.codec(kinds.Pod.GVR())
	for i := range samplesMax {
		encoded(t, codec, variedPod(i))
	}
	var bodies []kinds.Body
	var pods []*corev1.Pod
	add := func(p *corev1.Pod) {
		pods = append(pods, p)
		bodies = append(bodies, encoded(t, codec, p))
	}
	for i := range 3 * podsPerOwner {
		add(variedPod(4*podsPerOwner + i))
	}
	again := pods[len(pods)-1].DeepCopy()
	again.ResourceVersion = "7"
	add(again)
	add(variedPod(1)) // nothing has followed it yet
	for i, p := range pods {
		got, err := c.Decode(&kinds.Record{Kind: kinds.Pod, Body: bodies[i]})
		if err != nil {
			t.Fatal(err)
		}
		p.SetGroupVersionKind(kinds.Pod.GroupVersionKind)
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatalf("pod %d: %s", i, diff)
		}
	}
	if bodies[0].Kept != bodies[podsPerOwner-1].Kept || bodies[0].Kept == bodies[podsPerOwner].Kept {
		t.Error("the pods of one owner are not kept together, or another namespace's with them")
	}
	if n := len(pods); bodies[n-2].Kept == bodies[n-3].Kept {
		t.Error("two versions of a pod are kept together")
	}
	if a, b := encoded(t, codec, variedPod(1)), encoded(t, codec, variedPod(2)); a.Sum != bodies[len(bodies)-1].Sum || a.Sum == b.Sum {
		t.Error("the sums do not tell what is equal")
	}
}

// Neighbours of other owners say much of the same.
func TestNeighboursAreKeptTogether(t *testing.T) {
	codec := (&bodies{}).codec(kinds.Pod.GVR())
	for i := range samplesMax * podsPerOwner {
		encoded(t, codec, variedPod(i))
	}
	var kept []any
	for i := range 3 {
		p := variedPod((samplesMax + i) * podsPerOwner)
		p.Namespace = "shop"
		if i == 2 {
			p.OwnerReferences = nil
		}
		kept = append(kept, encoded(t, codec, p).Kept)
	}
	if kept[0] != kept[1] {
		t.Error("pods of two owners in one namespace are not kept together")
	}
	if kept[2] == kept[1] {
		t.Error("a pod without an owner is kept with others")
	}
}

// bodyMax is more than the body of a pod keeps, in bytes, when its siblings
// come with it.
const bodyMax = 450

func TestPodBodyIsSmall(t *testing.T) {
	codec := (&bodies{}).codec(kinds.Pod.GVR())
	if got := retained(10_000, func(i int) kinds.Body { return encoded(t, codec, decoded(t, i)) }); got > bodyMax {
		t.Errorf("the body of a pod keeps %.0f bytes, more than %d", got, bodyMax)
	}
}

// Protobuf has no room for the kind of an object inside another.
func TestBodyKeepsTheKindOfClaimTemplates(t *testing.T) {
	c := &Cluster{}
	kind := kinds.StatefulSet
	set := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{VolumeClaimTemplates: make([]corev1.PersistentVolumeClaim, 2)}}
	body, err := c.bodies.codec(kind.GVR()).encode(set)
	if err != nil {
		t.Fatal(err)
	}
	obj, err := c.Decode(&kinds.Record{Kind: kind, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	for _, claim := range obj.(*appsv1.StatefulSet).Spec.VolumeClaimTemplates {
		if claim.APIVersion != "v1" || claim.Kind != "PersistentVolumeClaim" {
			t.Errorf("got %q %q", claim.APIVersion, claim.Kind)
		}
	}
}

func TestBodyOfAnUntypedObject(t *testing.T) {
	gvr := schema.GroupVersionResource{Group: "water.test", Version: "v1", Resource: "ponds"}
	kind, err := kinds.Generic(gvr, "Pond", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	const text = `{"apiVersion":"water.test/v1","kind":"Pond","metadata":{"name":"north","managedFields":[{"manager":"x","fieldsV1":{"f:a":{}}}]},"spec":{"depth":3,"share":0.5,"none":null}}`
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	c := &Cluster{}
	body, err := c.bodies.codec(gvr).encode(u)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Fields(&kinds.Record{Kind: kind, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	shrunk := strings.Replace(text, `,"fieldsV1":{"f:a":{}}`, "", 1)
	if err := json.Unmarshal([]byte(shrunk), &fields); err != nil {
		t.Fatal(err)
	}
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(fields)
	if string(gotText) != string(wantText) {
		t.Errorf("got %s\nwant %s", gotText, wantText)
	}
	if _, ok := got["spec"].(map[string]any)["depth"].(int64); !ok {
		t.Error("a whole number became something else")
	}
}

// A watch brings changes of all kinds of pods: what stays of a block would keep
// what went, and zstd's tables would stay for nothing.
func TestWhatComesAfterAListIsKeptAlone(t *testing.T) {
	c := &Cluster{}
	codec := c.bodies.codec(kinds.Pod.GVR())
	for i := range 4 * podsPerOwner {
		encoded(t, codec, variedPod(i))
	}
	if codec.encoder == nil {
		t.Error("siblings are compressed without zstd")
	}
	if err := codec.endList(); err != nil {
		t.Fatal(err)
	}
	a, b := encoded(t, codec, variedPod(0)), encoded(t, codec, variedPod(1))
	if a.Kept == b.Kept || codec.encoder != nil || codec.open != nil {
		t.Error("pods of a watch are kept together, or with zstd")
	}
	codec.startList()
	if a, b := encoded(t, codec, variedPod(0)), encoded(t, codec, variedPod(1)); a.Kept != b.Kept {
		t.Error("pods of the next list are kept alone")
	}
}
