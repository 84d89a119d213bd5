package kube

import (
	"context"
	"errors"
	"time"

	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// explainRetry is when an explanation asks again after no answer came. A refusal is an
// answer.
const explainRetry = 10 * time.Second

// Explained is what an Explanation yields.
type Explained struct {
	From   *Explanation
	Schema *openapi.Schema // the last one that there was; nil for none
	Err    error           // why Schema is old or missing; its text is clean
}

// Explanation is a source of Explained.
type Explanation struct {
	cluster  *Cluster
	resource Resource
	changed  <-chan struct{} // receives when the cluster's API may have changed
	last     Explained
	hash     string // of the document that last.Schema is from
}

// Explain explains the fields of a kind: once at first, and again when its API changes.
func (c *Cluster) Explain(r Resource) *Explanation {
	e := &Explanation{cluster: c, resource: r}
	e.last.From = e
	return e
}

// Next waits for the next explanation.
func (e *Explanation) Next(ctx context.Context) (any, error) {
	if e.changed == nil {
		changed, unsubscribe := e.cluster.discovery.wake.Subscribe()
		e.cluster.options.Messages.contain().StartWhenDone(ctx, "explain", unsubscribe)
		e.changed = changed
		e.renew(ctx)
		return e.last, ctx.Err()
	}
	for {
		if !signal.Sleep(ctx, e.retry(), e.changed) {
			return nil, ctx.Err()
		}
		if e.renew(ctx) {
			return e.last, ctx.Err()
		}
	}
}

// renew asks for the schema, and reports whether something is different now.
func (e *Explanation) renew(ctx context.Context) bool {
	schema, hash, err := e.explain(ctx)
	before := e.last.Err
	e.last.Err = err
	if err != nil {
		return before == nil || before.Error() != err.Error()
	}
	same := before == nil && hash == e.hash && hash != "" && e.last.Schema != nil
	if !same {
		e.last.Schema, e.hash = schema, hash
	}
	return !same
}

// retry is how long to wait before asking again by itself; 0 is not at all.
func (e *Explanation) retry() time.Duration {
	err := e.last.Err
	for _, answered := range []error{errNoDocuments, errNotSaved, errNoDocument, openapi.ErrUnknown} {
		if errors.Is(err, answered) {
			return 0
		}
	}
	if err == nil || isStatus(err) {
		return 0
	}
	return explainRetry
}

func (e *Explanation) explain(ctx context.Context) (s *openapi.Schema, hash string, err error) {
	what := "explain " + e.resource.GroupResource().String()
	defer e.cluster.options.Messages.Recover(what, &err)
	document, hash, err := e.cluster.document(ctx, e.resource.GroupVersion())
	if err != nil {
		return nil, "", err
	}
	s, err = document.Schema(openapi.Kind{Group: e.resource.Group, Version: e.resource.Version, Kind: e.resource.Kind})
	return s, hash, plain.Error(what, err)
}
