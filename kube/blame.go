package kube

import (
	"context"
	"errors"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// errNoFieldSets is about an object of which nothing says who set its fields.
var errNoFieldSets = errors.New("nothing says who set each field: the object has no field sets here")

// Blaming is a source that yields Blamed for each Ask that is not overtaken by another. It
// requests the object, since listings keep no field sets.
type Blaming struct {
	cluster      *Cluster
	wanted       signal.Signal
	subscription signal.Subscription

	mu     sync.Mutex
	record *kinds.Record
}

// Blamed says who set each field of a version of an object.
type Blamed struct {
	From   *Blaming
	Record *kinds.Record
	Fields []history.Owned
	Err    error
}

// Blaming returns a source for Ask.
func (c *Cluster) Blaming() *Blaming { return &Blaming{cluster: c} }

// Ask has the fields of an object requested in the background.
func (b *Blaming) Ask(r *kinds.Record) {
	b.mu.Lock()
	b.record = r
	b.mu.Unlock()
	b.wanted.NotifyNow()
}

// Next waits until it was asked.
func (b *Blaming) Next(ctx context.Context) (any, error) {
	for {
		if err := b.subscription.Next(ctx, &b.wanted, nil); err != nil {
			return nil, err
		}
		b.mu.Lock()
		r := b.record
		b.mu.Unlock()
		if r == nil {
			continue
		}
		fields, err := b.cluster.blame(ctx, r)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return Blamed{From: b, Record: r, Fields: fields, Err: err}, nil
	}
}

func (c *Cluster) blame(ctx context.Context, r *kinds.Record) (owned []history.Owned, err error) {
	defer c.options.Messages.Recover("blame", &err)
	kind := r.Kind
	switch {
	case kind.PartOf != nil:
		kind = kind.PartOf
	case kind.In != nil:
		kind = kind.In
	}
	client, err := c.rest(kind.GroupVersion(), plainJSON)
	if err != nil {
		return nil, plain.Error("", err)
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	text, err := client.Get().NamespaceIfScoped(r.Namespace, r.Namespace != "").
		Resource(kind.Resource).Name(r.Name).Do(ctx).Raw()
	if err != nil {
		return nil, plain.Error("", err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return nil, plain.Error("", err)
	}
	owned, err = history.Blame(object.Object)
	if err == nil && len(owned) == 0 {
		return nil, errNoFieldSets
	}
	return owned, plain.Error("", err)
}
