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

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

func TestBodyIsTheWholeObject(t *testing.T) {
	c := &Cluster{}
	kind, ok := kinds.For(schema.GroupKind{Kind: "ConfigMap"})
	if !ok {
		t.Fatal("no kind for ConfigMaps")
	}
	codec := c.bodies.Codec(kind.GVR())
	var records []*kinds.Record
	// More than make the dictionary, so that bodies from before and after it
	// are read.
	for i := range 32 {
		cm := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Namespace:     "shop",
				Name:          fmt.Sprint("cm-", i),
				ManagedFields: kubetest.ManagedFields(),
			},
			Data: map[string]string{"text": strings.Repeat("configuration of the shop\n", 40), "hostile": "\x1b[2J\u202e"},
		}
		body, err := codec.Encode(cm)
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
	if _, err := c.Decode(&kinds.Record{Kind: kind}); err == nil {
		t.Error("a record without a body has an object")
	}
}

// bodyMax is more than the body of a pod keeps, in bytes, when its siblings
// come with it.
const bodyMax = 450

func TestPodBodyIsSmall(t *testing.T) {
	codec := (&bodies.Store{}).Codec(kinds.Pod.GVR())
	if got := retained(10_000, func(i int) kinds.Body { return encoded(t, codec, decoded(t, i)) }); got > bodyMax {
		t.Errorf("the body of a pod keeps %.0f bytes, more than %d", got, bodyMax)
	}
}

// Protobuf has no room for the kind of an object inside another.
func TestBodyKeepsTheKindOfClaimTemplates(t *testing.T) {
	c := &Cluster{}
	kind := kinds.StatefulSet
	set := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{VolumeClaimTemplates: make([]corev1.PersistentVolumeClaim, 2)}}
	body, err := c.bodies.Codec(kind.GVR()).Encode(set)
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
	const text = `{"apiVersion":"water.test/v1","kind":"Pond",` +
		`"metadata":{"name":"north","managedFields":[{"manager":"x","fieldsV1":{"f:a":{}}}]},` +
		`"spec":{"depth":3,"share":0.5,"none":null}}`
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	c := &Cluster{}
	body, err := c.bodies.Codec(gvr).Encode(u)
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
