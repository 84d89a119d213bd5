package recorder

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/tape"
)

const (
	// documentMax bounds one document, and schemasMax all schemas.
	documentMax = 8 << 20
	schemasMax  = 64 << 20
)

// writeDiscovery records the server's version and its resources. A recording
// without them is still of use, so their absence is not an error.
func (r *recording) writeDiscovery(ctx context.Context) {
	var documents []tape.Document
	if body, err := r.requestDocument(ctx, tape.VersionPath); err == nil {
		documents = append(documents, newDocument(tape.VersionPath, body))
	}
	if lists, err := r.raw.APIResources(ctx); err == nil {
		if body, err := json.Marshal(lists); err == nil {
			documents = append(documents, newDocument(tape.DiscoveryPath, body))
		}
	}
	r.checkWritten(r.writer.Documents(documents...))
}

func newDocument(path string, body []byte) tape.Document {
	return tape.Document{Path: path, ContentType: "application/json", Body: body}
}

// writeSchemas records the OpenAPI v3 documents, which explain fields. An API
// server without them is fine.
func (r *recording) writeSchemas(ctx context.Context) {
	var index struct{ Paths map[string]any }
	body, err := r.requestDocument(ctx, "/openapi/v3")
	if err != nil || json.Unmarshal(body, &index) != nil {
		return
	}
	size := 0
	var documents []tape.Document
	for _, path := range slices.Sorted(maps.Keys(index.Paths)) {
		body, err := r.requestDocument(ctx, tape.OpenAPIPrefix+path)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			continue
		}
		if size += len(body); size > schemasMax {
			break
		}
		documents = append(documents, newDocument(tape.OpenAPIPrefix+path, body))
	}
	r.checkWritten(r.writer.Documents(documents...))
}

// errTooLong is returned for a document that is left out.
var errTooLong = errors.New("the document is too long to be recorded")

// requestDocument gets a document that is not an object, as JSON. One that is longer
// than documentMax is an error.
func (r *recording) requestDocument(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.raw.Timeout)
	defer cancel()
	client, err := r.raw.JSON(schema.GroupVersion{Version: "v1"})
	if err != nil {
		return nil, err
	}
	body, err := client.Get().AbsPath(path).SetHeader("Accept", "application/json").Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(io.LimitReader(body, documentMax+1))
	if err == nil && len(text) > documentMax {
		return nil, errTooLong
	}
	return text, err
}
