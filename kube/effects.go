package kube

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
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

// Run sends the deletion, with the propagation that kubectl uses. Without
// Options.Write it fails with ErrReadOnly.
func (d Delete) Run(ctx context.Context) error {
	ctx, cancel := d.cluster.withTimeout(ctx)
	defer cancel()
	client, err := d.cluster.rest(d.resource.GroupVersion(), plainJSON)
	if err != nil {
		return plain.Error(d.String(), err)
	}
	background := metav1.DeletePropagationBackground
	options := &metav1.DeleteOptions{
		TypeMeta:          metav1.TypeMeta{Kind: "DeleteOptions", APIVersion: "v1"},
		PropagationPolicy: &background,
	}
	if d.UID != "" {
		options.Preconditions = &metav1.Preconditions{UID: &d.UID}
	}
	body, err := json.Marshal(options)
	if err != nil {
		return plain.Error(d.String(), err)
	}
	err = client.Delete().
		NamespaceIfScoped(d.Ref.Namespace, d.Ref.Namespace != "").
		Resource(d.resource.Resource).
		Name(d.Ref.Name).
		Body(body).
		Do(ctx).
		Error()
	return plain.Error(d.String(), err)
}
