package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// The verbs of a Change, as RBAC names them.
const (
	VerbCreate = "create"
	VerbPatch  = "patch"
	VerbDelete = "delete"
)

// Change is one request that changes an object.
type Change struct {
	Verb            string
	Resource        Resource
	Namespace, Name string // Name is empty where an object is created
	Subresource     string
	Type            types.PatchType // of a patch
	Body            []byte          // JSON
	Manager         string          // who is to be the manager of the fields
}

// Send sends a change and returns the object that the API server answers with, nil where it
// answers with something else. In a dry run the API server does all but keep it. Without
// write mode it fails with ErrReadOnly, a dry run too. Any goroutine may call it.
//
// It is sent once: whoever learns that a change failed has to look before it is sent again.
func (c *Cluster) Send(ctx context.Context, ch Change, dryRun bool) (map[string]any, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(ch.Resource.GroupVersion(), plainJSON)
	if err != nil {
		return nil, plain.Error("", err)
	}
	req := request(client, ch)
	if req == nil {
		return nil, fmt.Errorf("%q is not a verb that changes anything", ch.Verb)
	}
	req = req.MaxRetries(0).NamespaceIfScoped(ch.Namespace, ch.Namespace != "").Resource(ch.Resource.Resource)
	if ch.Name != "" {
		req = req.Name(ch.Name)
	}
	if ch.Subresource != "" {
		req = req.SubResource(ch.Subresource)
	}
	body := ch.Body
	switch {
	case ch.Verb != VerbDelete:
		req = req.Param("fieldValidation", "Strict")
		if ch.Manager != "" {
			req = req.Param("fieldManager", ch.Manager)
		}
		if dryRun {
			req = req.Param("dryRun", metav1.DryRunAll)
		}
	case dryRun:
		req = req.Param("dryRun", metav1.DryRunAll) // The body counts; this is what an audit log shows.
		if body, err = dryDelete(body); err != nil {
			return nil, err
		}
	}
	return objectIn(req.Body(body).Do(ctx))
}

func request(client rest.Interface, ch Change) *rest.Request {
	switch ch.Verb {
	case VerbCreate:
		return client.Post().SetHeader("Content-Type", "application/json")
	case VerbPatch:
		return client.Patch(ch.Type)
	case VerbDelete:
		return client.Delete().SetHeader("Content-Type", "application/json")
	}
	return nil
}

// dryDelete makes a dry run of a deletion: the API server takes its options from the body.
func dryDelete(body []byte) ([]byte, error) {
	options := map[string]any{}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &options); err != nil {
			return nil, plain.Error("", err)
		}
	}
	options["dryRun"] = []string{metav1.DryRunAll}
	return json.Marshal(options)
}

// objectIn is the object of an answer; a Status is none.
func objectIn(answer rest.Result) (map[string]any, error) {
	if err := answer.Error(); err != nil { // Raw's does not have the server's own words.
		return nil, plain.Error("", err)
	}
	text, err := answer.Raw()
	if err != nil {
		return nil, plain.Error("", err)
	}
	object := map[string]any{}
	if err := utiljson.Unmarshal(text, &object); err != nil { // It keeps whole numbers whole.
		return nil, plain.Error("", err)
	}
	if object["kind"] == "Status" && object["apiVersion"] == "v1" {
		return nil, nil
	}
	return object, nil
}

// Fetch reads an object, or a subresource of it, as the API server has it at this moment,
// with its managedFields. Its text is as the cluster has it, not cleaned. Any goroutine may
// call it.
func (c *Cluster) Fetch(
	ctx context.Context, r Resource, namespace, name, subresource string,
) (map[string]any, error) {
	return c.fetch(ctx, r, namespace, func(req *rest.Request) *rest.Request {
		if req = req.Name(name); subresource != "" {
			req = req.SubResource(subresource)
		}
		return req
	})
}

// FetchSelected reads the objects of a resource that a label selector and a field selector find,
// as a list; "" finds all. Any goroutine may call it.
func (c *Cluster) FetchSelected(
	ctx context.Context, r Resource, namespace, labels, fields string,
) (map[string]any, error) {
	return c.fetch(ctx, r, namespace, func(req *rest.Request) *rest.Request {
		if labels != "" {
			req = req.Param("labelSelector", labels)
		}
		if fields != "" {
			req = req.Param("fieldSelector", fields)
		}
		return req
	})
}

func (c *Cluster) fetch(
	ctx context.Context, r Resource, namespace string, what func(*rest.Request) *rest.Request,
) (map[string]any, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(r.GroupVersion(), plainJSON)
	if err != nil {
		return nil, plain.Error("", err)
	}
	req := client.Get().NamespaceIfScoped(namespace, namespace != "").Resource(r.Resource)
	return objectIn(what(req).Do(ctx))
}

// Lost reports whether an error leaves open if a change happened: the request left, and no
// answer came.
func Lost(err error) bool {
	var status apierrors.APIStatus
	return err != nil && !errors.As(err, &status) && !errors.Is(err, ErrReadOnly)
}

// Asked is a question about our rights.
type Asked struct {
	Verb            string
	Resource        Resource
	Subresource     string
	Namespace, Name string
}

// May asks the API server whether we may do something (SelfSubjectAccessReview). why is the
// authorizer's reason, if it gives one; clean. Any goroutine may call it.
func (c *Cluster) May(ctx context.Context, q Asked) (may bool, why string, err error) {
	var said authorizationv1.SelfSubjectAccessReview
	ask := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: q.Verb, Group: q.Resource.Group, Version: q.Resource.Version, Resource: q.Resource.Resource,
			Subresource: q.Subresource, Namespace: q.Namespace, Name: q.Name,
		},
	}}
	err = c.review(ctx, authorizationv1.SchemeGroupVersion, "selfsubjectaccessreviews", ask, &said)
	return said.Status.Allowed, kinds.Clean(said.Status.Reason), plain.Error("", err)
}

// User asks who we are to the API server, once; "" while it does not say. Clean. Any
// goroutine may call it.
func (c *Cluster) User(ctx context.Context) string {
	if known := c.user.Load(); known != nil {
		return *known
	}
	var who Identity
	c.askWhoWeAre(ctx, &who)
	if who.Err == nil {
		c.user.Store(&who.User)
	}
	return who.User
}

// Allowed is the answer to one of several questions about our rights.
type Allowed struct {
	Asked
	May bool
	Why string // the authorizer's reason; clean
	Err error
}

// AllowedOf is what an AllowedWatch yields.
type AllowedOf struct {
	From    *AllowedWatch
	Answers []Allowed
}

// AllowedWatch is a source that asks once what we may do.
type AllowedWatch struct {
	cluster *Cluster
	asked   []Asked
	done    bool
}

// WatchAllowed returns a source of one AllowedOf. Questions that are there twice are asked
// once.
func (c *Cluster) WatchAllowed(all []Asked) *AllowedWatch {
	w := &AllowedWatch{cluster: c}
	for _, q := range all {
		if !slices.ContainsFunc(w.asked, q.equal) {
			w.asked = append(w.asked, q)
		}
	}
	return w
}

func (q Asked) equal(o Asked) bool {
	return q.Verb == o.Verb && q.Resource.GroupVersionResource == o.Resource.GroupVersionResource &&
		q.Subresource == o.Subresource && q.Namespace == o.Namespace && q.Name == o.Name
}

// Is reports whether an answer is to a question.
func (a Allowed) Is(q Asked) bool { return a.equal(q) }

// Next asks all questions at the same time, and ends with io.EOF after that.
func (w *AllowedWatch) Next(ctx context.Context) (any, error) {
	if w.done {
		return nil, io.EOF
	}
	w.done = true
	out := AllowedOf{From: w, Answers: make([]Allowed, len(w.asked))}
	var all sync.WaitGroup
	for i, q := range w.asked {
		all.Add(1)
		w.cluster.options.Messages.Start("question about rights", func() {
			defer all.Done()
			a := Allowed{Asked: q}
			a.May, a.Why, a.Err = w.cluster.May(ctx, q)
			out.Answers[i] = a
		})
	}
	all.Wait()
	return out, ctx.Err()
}
