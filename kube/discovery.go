package kube

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is one resource that the API server names, without subresources.
type Resource struct {
	schema.GroupVersionResource
	Kind, Singular string
	Namespaced     bool
	ShortNames     []string
	Categories     []string
	Verbs          []string
	Preferred      bool // this version is the one its group prefers
}

// GroupKind is the kind of the resource's objects.
func (r Resource) GroupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

// Resources is what discovery said at one time. It never changes.
type Resources struct {
	all      []Resource
	problems []string
	complete bool
}

// Resources returns what is known now, and never blocks: first from the disk
// cache that kubectl keeps too, then fresh. It is never nil.
func (c *Cluster) Resources() *Resources { return &Resources{} }

// WaitResources waits for a first complete discovery, or for the reason why
// there is none.
func (c *Cluster) WaitResources(ctx context.Context) error { return ctx.Err() }

// All returns every resource, the core group first, in the server's order.
func (r *Resources) All() []Resource { return r.all }

// Find returns the resources that a name can mean, the best first.
func (r *Resources) Find(name string) []Resource { return nil }

// ByKind returns the resource whose objects are of a kind.
func (r *Resources) ByKind(gk schema.GroupKind) (Resource, bool) { return Resource{}, false }

// ByResource returns what is known of one resource in one version.
func (r *Resources) ByResource(gvr schema.GroupVersionResource) (Resource, bool) {
	return Resource{}, false
}

// Complete says whether discovery has answered, be it from the disk.
func (r *Resources) Complete() bool { return r.complete }

// Problems names the group versions that did not answer, and why.
func (r *Resources) Problems() []string { return r.problems }
