package kube

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubediscovery "k8s.io/client-go/discovery"

	"github.com/fathom-k8s/fathom/kube/tape"
)

const (
	// schemaMax and schemasMax bound the schemas that are recorded.
	schemaMax  = 8 << 20
	schemasMax = 64 << 20
)

// writeAbout records the server's version and its resources. A recording without
// them is still of use, so their absence is not an error.
func (r *recorder) writeAbout(ctx context.Context) {
	var documents []tape.Document
	if body, err := r.cluster.text(ctx, tape.VersionPath, schemaMax); err == nil {
		documents = append(documents, tape.Document{Path: tape.VersionPath, ContentType: "application/json", Body: body})
	}
	if lists, err := r.cluster.apiLists(ctx); err == nil {
		if body, err := json.Marshal(lists); err == nil {
			documents = append(documents, tape.Document{Path: tape.DiscoveryPath, ContentType: "application/json", Body: body})
		}
	}
	r.tell(r.writer.Documents(documents...))
}

// writeSchemas records the OpenAPI v3 documents, which explain fields. An API
// server without them is fine.
func (r *recorder) writeSchemas(ctx context.Context) {
	var index struct{ Paths map[string]any }
	body, err := r.cluster.text(ctx, "/openapi/v3", schemaMax)
	if err != nil || json.Unmarshal(body, &index) != nil {
		return
	}
	size := 0
	var documents []tape.Document
	for _, path := range slices.Sorted(maps.Keys(index.Paths)) {
		body, err := r.cluster.text(ctx, tape.OpenAPIPrefix+path, schemaMax)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			continue
		}
		if size += len(body); size > schemasMax {
			break
		}
		documents = append(
			documents,
			tape.Document{Path: tape.OpenAPIPrefix + path, ContentType: "application/json", Body: body},
		)
	}
	r.tell(r.writer.Documents(documents...))
}

// text gets a document that is not an object, as JSON. A longer one is cut off,
// which makes it unreadable.
func (c *Cluster) text(ctx context.Context, path string, most int64) ([]byte, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(schema.GroupVersion{Version: "v1"}, plainJSON)
	if err != nil {
		return nil, err
	}
	body, err := client.Get().AbsPath(path).SetHeader("Accept", "application/json").Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(io.LimitReader(body, most))
}

// apiLists asks for every resource of every group version, in the order that
// clients prefer.
func (c *Cluster) apiLists(ctx context.Context) ([]*metav1.APIResourceList, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := kubediscovery.NewDiscoveryClientForConfigAndClient(c.config.Load(), c.client)
	if err != nil {
		return nil, err
	}
	groups, lists, _, err := client.GroupsAndMaybeResourcesWithContext(ctx)
	if err == nil && lists == nil {
		groups, lists, _, err = requestEachGroup(ctx, client)
	}
	if err != nil {
		return nil, err
	}
	var all []*metav1.APIResourceList
	for _, g := range groups.Groups {
		for _, v := range versionsOf(g) {
			if list := lists[schema.GroupVersion{Group: g.Name, Version: v}]; list != nil {
				all = append(all, list)
			}
		}
	}
	return all, nil
}
