package kube

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// Decode returns the whole object of a record: typed for kinds with New, else
// *unstructured.Unstructured. The object is the caller's own. Its text is as the
// cluster has it, not cleaned. It fails with ErrDropped when the object had to
// make room for newer ones.
//
// A field that this program's version of the API does not know is lost in a
// typed object.
func (c *Cluster) Decode(r *kinds.Record) (obj runtime.Object, err error) {
	defer c.options.Messages.Recover("decode", &err)
	if r.Body.Kept == nil {
		return nil, bodies.ErrNone
	}
	kind := r.Kind
	if kind.PartOf != nil {
		kind = kind.PartOf
	}
	data, err := c.bodies.Text(c.bodies.Codec(kind.GVR()), r.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Ref(), err)
	}
	if kind.New == nil {
		u := &unstructured.Unstructured{}
		if err := u.UnmarshalJSON(data); err != nil {
			return nil, plain.Error(r.Ref().String(), err)
		}
		return u, nil
	}
	obj = kind.New()
	if err := obj.(wire.Message).Unmarshal(data); err != nil {
		return nil, plain.Error(r.Ref().String(), err)
	}
	setKinds(obj, kind.Held())
	return obj, nil
}

// setKinds sets what protobuf does not carry: the apiVersion and kind of an
// object and of the whole objects inside it. The API server always sends those
// in JSON (pkg/apis/apps/v1/conversion.go).
func setKinds(obj runtime.Object, kind schema.GroupVersionKind) {
	obj.GetObjectKind().SetGroupVersionKind(kind)
	if set, ok := obj.(*appsv1.StatefulSet); ok {
		for i := range set.Spec.VolumeClaimTemplates {
			claim := &set.Spec.VolumeClaimTemplates[i]
			claim.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"))
		}
	}
}

// trimBodies keeps the whole objects within their budget. Only listings of a whole
// namespace or cluster lose some: what selectors ask for is little, and somebody looks
// at it.
func (c *Cluster) trimBodies() {
	if !c.bodies.OverBudget() {
		return
	}
	var kept []*bodies.Block
	for _, l := range c.allListings() {
		if l.scope.Labels == "" && l.scope.Fields == "" && !l.scope.Unwell {
			kept = l.blocks(kept)
		}
	}
	c.bodies.Trim(kept)
}

// forgetBodies releases what compressing the objects of a resource takes, once nobody
// looks at it. Remaining records can still be read.
func (c *Cluster) forgetBodies(gvr schema.GroupVersionResource) {
	for _, l := range c.allListings() {
		if l.scope.GroupVersionResource == gvr && l.running() {
			return
		}
	}
	if err := c.bodies.ReleaseCodec(gvr); err != nil {
		c.options.Messages.Add("error", gvr.Resource+": "+err.Error())
	}
}

// running reports whether a reflector runs for the listing.
func (l *Listing) running() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stop != nil
}

// blocks appends what holds the objects of the listing, once or more.
func (l *Listing) blocks(to []*bodies.Block) []*bodies.Block {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rows {
		if b, ok := r.Body.Kept.(*bodies.Block); ok {
			to = append(to, b)
		}
	}
	return to
}

// Fields returns the whole object as `kubectl get -o json` prints it, with
// managedFields shrunk to who, when and what operation. Its text is as the
// cluster has it, not cleaned.
func (c *Cluster) Fields(r *kinds.Record) (fields map[string]any, err error) {
	defer c.options.Messages.Recover("fields", &err)
	obj, err := c.Decode(r)
	if err != nil {
		return nil, err
	}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.Object, nil
	}
	fields, err = runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return nil, plain.Error(r.Ref().String(), err)
	}
	return fields, nil
}
