package kube

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/fathom-k8s/fathom/kube/plain"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metadataOnly asks for the metadata of a list's objects and nothing else, metadataOfOne
// for that of one object or event.
const (
	metadataOnly  = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	metadataOfOne = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
)

// NamespacesOf returns the namespaces that have an object of a name, sorted. It waits
// for the answer; any goroutine may call it. The error is the API server's, or says
// that there was no answer.
func (c *Cluster) NamespacesOf(ctx context.Context, r Resource, name string) ([]string, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	what := r.GroupResource().String() + " " + name
	if k := kindWithFile(r.GroupVersionResource); k != nil {
		r.GroupVersionResource = Scope{GroupVersionResource: r.GroupVersionResource}.requested(k).GroupVersionResource
	}
	client, err := c.rest(r.GroupVersion(), plainJSON)
	if err != nil {
		return nil, plain.Error(what, err)
	}
	answer, err := client.Get().
		Resource(r.Resource).
		Param("fieldSelector", "metadata.name="+name).
		SetHeader("Accept", metadataOnly).
		Stream(ctx)
	if err != nil {
		return nil, plain.Error(what, err)
	}
	defer func() { _ = answer.Close() }()
	namespaces, err := readNamespaces(answer, r.GroupResource().String())
	if err != nil {
		return nil, plain.Error(what, err)
	}
	slices.Sort(namespaces)
	return namespaces, nil
}

// readNamespaces reads a list of objects for where they are.
func readNamespaces(answer io.Reader, what string) (namespaces []string, err error) {
	list, err := openJSONList(answer, what)
	if err != nil {
		return nil, err
	}
	var text []byte
	for {
		if text, err = list.Next(text[:0]); errors.Is(err, io.EOF) {
			return namespaces, nil
		} else if err != nil {
			return nil, err
		}
		var o metav1.PartialObjectMetadata
		if err := json.Unmarshal(text, &o); err != nil {
			return nil, err
		}
		namespaces = append(namespaces, o.Namespace)
	}
}
