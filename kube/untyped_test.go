package kube

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestKindsWithoutATypeAreReadByTheirFile lists what a file reads though its type is not linked in.
func TestKindsWithoutATypeAreReadByTheirFile(t *testing.T) {
	s := newServer(t)
	s.put(ponds(1, `[]`))
	s.put(newObject("apiregistration.k8s.io/v1", "APIService", "", "v1.water.test", object{"spec": object{
		"group": "water.test", "version": "v1", "service": object{"namespace": "park", "name": "pump"},
	}}))
	c := s.open(t)
	for _, want := range []struct {
		kind             *kinds.Kind
		name, cell, text string
		link             kinds.Relation
	}{
		{kinds.CustomResourceDefinition, "ponds.water.test", "NAME", "ponds.water.test", kinds.Defines},
		{kinds.APIService, "v1.water.test", "SERVICE", "park/pump", kinds.Calls},
	} {
		l, _ := look(t, c.Listing(Scope{GroupVersionResource: want.kind.GVR()}))
		l.live(t, 1)
		r := l.Get("", want.name)
		if r.Kind != want.kind || r.Cells[want.kind.Column(want.cell)].Format(time.Time{}, kinds.CoarseAge) != want.text {
			t.Errorf("%s: a %s with %v", want.name, r.Kind.Kind, r.Cells)
		}
		if len(r.Links) != 1 || r.Links[0].Relation != want.link {
			t.Errorf("%s: links %v", want.name, r.Links)
		}
		obj, err := c.Decode(r)
		if u, ok := obj.(*unstructured.Unstructured); err != nil || !ok || u.Object["spec"] == nil {
			t.Errorf("%s: the object is %v, %v", want.name, obj, err)
		}
	}
}
