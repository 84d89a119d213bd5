package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// documentsKept is how many OpenAPI documents stay in memory: what one goes back and
// forth between. Each takes as much as its schemas, half a megabyte for the core group.
const documentsKept = 2

// documents are the OpenAPI documents of a cluster.
type documents struct {
	directory string // of the disk cache that kubectl has too; "" for none

	mu   sync.Mutex
	kept []keptDocument // the one that was asked for last comes first
}

type keptDocument struct {
	version  schema.GroupVersion
	hash     string
	document *openapi.Document
}

// find returns a document that is in memory, or nil.
func (d *documents) find(gv schema.GroupVersion, hash string) *openapi.Document {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.kept, func(k keptDocument) bool { return k.version == gv && k.hash == hash })
	if i < 0 {
		return nil
	}
	found := d.kept[i]
	d.kept = slices.Insert(slices.Delete(d.kept, i, i+1), 0, found)
	return found.document
}

// keep puts a document before the others, in the place of an earlier one of its version.
func (d *documents) keep(k keptDocument) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = slices.DeleteFunc(d.kept, func(o keptDocument) bool { return o.version == k.version })
	d.kept = slices.Insert(d.kept, 0, k)
	d.kept = d.kept[:min(len(d.kept), documentsKept)]
}

// The errors of a document that is missing.
var (
	errNoDocuments = errors.New("OpenAPI v3, which explains them, is not served here; Kubernetes has it from v1.24 on")
	errNotSaved    = errors.New("what was saved has no OpenAPI documents, which explain them")
	errNoDocument  = errors.New("the API server has no OpenAPI document, which explains them, of this version")
)

// document returns the OpenAPI document of a group version, and the hash that stays the
// same while the document does. One request says what the hash is now; what is known with
// that hash, in memory or on the disk, is not requested again.
func (c *Cluster) document(ctx context.Context, gv schema.GroupVersion) (*openapi.Document, string, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(gv, plainJSON)
	if err != nil {
		return nil, "", err
	}
	hash, err := c.documentHash(ctx, client, gv)
	if err != nil {
		return nil, "", c.noDocument(gv, err)
	}
	if found := c.documents.find(gv, hash); found != nil && hash != "" {
		return found, hash, nil
	}
	document, err := c.readDocument(client, gv, hash)
	if document == nil {
		document, err = c.requestDocument(ctx, client, gv, hash)
	}
	if err != nil {
		return nil, "", c.noDocument(gv, err)
	}
	c.documents.keep(keptDocument{gv, hash, document})
	return document, hash, nil
}

// noDocument says why there is none.
func (c *Cluster) noDocument(gv schema.GroupVersion, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no complete answer within %s", c.timeout)
	}
	return plain.Error("fields of "+gv.String(), inWords("an OpenAPI document", err))
}

const openAPIPath = "/openapi/v3"

// documentName is what the API server calls the document of a version.
func documentName(gv schema.GroupVersion) string {
	if gv.Group == "" {
		return "api/" + gv.Version
	}
	return "apis/" + gv.Group + "/" + gv.Version
}

// documentHash asks for the list of documents.
func (c *Cluster) documentHash(ctx context.Context, client rest.Interface, gv schema.GroupVersion) (string, error) {
	answer, err := client.Get().AbsPath(openAPIPath).Stream(ctx)
	if apierrors.IsNotFound(err) {
		if c.options.Backend != nil {
			return "", errNotSaved
		}
		return "", errNoDocuments
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Close() }()
	var index struct {
		Paths map[string]struct {
			URL string `json:"serverRelativeURL"`
		} `json:"paths"`
	}
	if err := json.NewDecoder(answer).Decode(&index); err != nil {
		return "", err
	}
	entry, ok := index.Paths[documentName(gv)]
	if !ok {
		return "", errNoDocument
	}
	where, err := url.Parse(entry.URL)
	if err != nil {
		return "", err
	}
	return where.Query().Get("hash"), nil
}

// kubectlTimeout is in kubectl's requests, and so in the names of the files in its cache.
const kubectlTimeout = "32s"

// documentRequest is the request for a document, as kubectl sends it.
func documentRequest(client rest.Interface, gv schema.GroupVersion, hash string) *rest.Request {
	r := client.Get().AbsPath(openAPIPath, documentName(gv)).SetHeader("Accept", "application/json")
	if hash != "" {
		r = r.Param("hash", hash).Param("timeout", kubectlTimeout)
	}
	return r
}

// requestDocument asks for a document, and keeps it on the disk.
func (c *Cluster) requestDocument(
	ctx context.Context, client rest.Interface, gv schema.GroupVersion, hash string,
) (*openapi.Document, error) {
	request := documentRequest(client, gv, hash)
	answer, err := request.Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Close() }()
	if hash == "" || c.documents.directory == "" {
		return openapi.Read(answer)
	}
	file := newCachedDocument(c.documents.directory, request.URL().String())
	document, err := openapi.Read(io.TeeReader(answer, file))
	if err == nil {
		_, err = io.Copy(file, answer) // what comes after the end: white space
	}
	if problem := file.close(err == nil && c.ctx.Err() == nil); problem != nil {
		c.options.Messages.Add("info", "cache of OpenAPI documents: "+problem.Error())
	}
	return document, err
}

// readDocument reads a document that is on the disk; nil when there is none of use.
func (c *Cluster) readDocument(client rest.Interface, gv schema.GroupVersion, hash string) (
	d *openapi.Document, err error,
) {
	defer c.options.Messages.Recover("cache of OpenAPI documents", &err)
	if hash == "" || c.documents.directory == "" {
		return nil, nil
	}
	return readCachedDocument(c.documents.directory, documentRequest(client, gv, hash).URL().String()), nil
}
