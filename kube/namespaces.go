package kube

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/fathom-k8s/fathom/kube/plain"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metadataOnly asks for the metadata of a list's objects and nothing else.
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// NamespacesOf returns the namespaces that have an object of a name, sorted. It waits
// for the answer; any goroutine may call it. The error is the API server's, or says
// that there was no answer.
func (c *Cluster) NamespacesOf(ctx context.Context, r Resource, name string) ([]string, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	what := r.GroupResource().String() + " " + name
	client, err := c.rest(r.GroupVersion(), plainJSON)
	if err != nil {
		return nil, plain.Error(what, err)
	}
	text, err := client.Get().
		Resource(r.Resource).
		Param("fieldSelector", "metadata.name="+name).
		SetHeader("Accept", metadataOnly).
		DoRaw(ctx)
	if err != nil {
		return nil, plain.Error(what, err)
	}
	var list metav1.PartialObjectMetadataList
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, plain.Error(what, err)
	}
	var namespaces []string
	for _, o := range list.Items {
		namespaces = append(namespaces, o.Namespace)
	}
	slices.Sort(namespaces)
	return namespaces, nil
}
