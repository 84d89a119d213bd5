package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubectl/pkg/describe"

	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// describeEvery is the least time between two descriptions of one object: each
// costs up to six requests.
const describeEvery = 2 * time.Second

// Described is what a Description yields.
type Described struct {
	From *Description
	Text string // what `kubectl describe` prints; clean, many lines
	At   time.Time
	Err  error // why Text is old or missing; its text is clean
}

// Description is a source of Described.
type Description struct {
	cluster         *Cluster
	resource        Resource
	namespace, name string
	listing         *Listing
	watch           *Watch
	last            Described
	version         string // of the object that was described last
	began           time.Time
	outdated        atomic.Bool // by something other than the object

	newDescriber func() (describe.ResourceDescriber, error)
}

// Describe describes one object as kubectl does: once at first, and again after
// the object changed or Again was called. After the object is gone the last text stays, with an
// error that apierrors.IsNotFound knows.
func (c *Cluster) Describe(r Resource, namespace, name string) *Description {
	listing := c.Listing(
		Scope{GroupVersionResource: r.GroupVersionResource, Namespace: namespace, Fields: "metadata.name=" + name},
	)
	d := &Description{cluster: c, resource: r, namespace: namespace, name: name, listing: listing, watch: listing.Watch()}
	d.last.From = d
	d.newDescriber = d.describer
	return d
}

// Again asks for a description although the object is the same, for when something else
// in the text has changed. It does not block; any goroutine may call it, as often as it
// likes.
func (d *Description) Again() {
	d.outdated.Store(true)
	d.listing.changed.Notify()
}

// Next waits for the next description.
func (d *Description) Next(ctx context.Context) (any, error) {
	wait := d.awaitChange
	if d.began.IsZero() {
		wait = d.awaitObject
	}
	if gone, err := wait(ctx); err != nil {
		return nil, err
	} else if gone {
		d.last.Err = plain.Error("", apierrors.NewNotFound(d.resource.GroupResource(), d.name))
		return d.last, nil
	}
	if !sleepUntil(ctx, d.began.Add(describeEvery)) {
		return nil, ctx.Err()
	}
	d.began = time.Now()
	d.outdated.Store(false)
	return d.describe(ctx)
}

// awaitObject is the wait before the first description: none, whether the object
// has arrived or not.
func (d *Description) awaitObject(ctx context.Context) (gone bool, err error) {
	if _, err := d.watch.Next(ctx); err != nil {
		return false, err
	}
	if r := d.listing.Get(d.namespace, d.name); r != nil {
		d.version = r.ResourceVersion
	}
	return false, nil
}

// awaitChange waits until there is something else to describe, or until the object is
// gone, which is reported once.
func (d *Description) awaitChange(ctx context.Context) (gone bool, err error) {
	for {
		if _, err := d.watch.Next(ctx); err != nil {
			return false, err
		}
		r := d.listing.Get(d.namespace, d.name)
		if r != nil && (r.ResourceVersion != d.version || d.outdated.Load()) {
			d.version = r.ResourceVersion
			return false, nil
		}
		if r == nil && d.listing.State().Phase == Live && !apierrors.IsNotFound(d.last.Err) {
			d.version = ""
			return true, nil
		}
	}
}

func sleepUntil(ctx context.Context, at time.Time) bool {
	wait := time.Until(at)
	return wait <= 0 || signal.Sleep(ctx, wait, nil)
}

// describe runs kubectl's describer. That cannot be cancelled: when ctx ends,
// it goes on alone and its result is dropped.
func (d *Description) describe(ctx context.Context) (any, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	d.cluster.options.Messages.Start("describe", func() {
		text, err := d.runDescriber()
		done <- result{text, err}
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.err != nil {
			d.last.Err = plain.Error("", r.err)
		} else {
			d.last = Described{From: d, Text: kinds.CleanText(r.text), At: d.cluster.Now()}
		}
		return d.last, nil
	}
}

// runDescriber returns what kubectl's describer says. It trips over fields that an API
// server always sets and a dump may lack.
func (d *Description) runDescriber() (text string, err error) {
	what := d.resource.GroupResource().String() + " " + strings.TrimPrefix(d.namespace+"/"+d.name, "/")
	defer func() {
		if _, panicked := errors.AsType[*contain.Error](err); panicked {
			err = fmt.Errorf("kubectl's describer cannot describe %s: %w", what, err)
		}
	}()
	defer d.cluster.options.Messages.Recover("describe "+what, &err)
	describer, err := d.newDescriber()
	if err != nil {
		return "", fmt.Errorf("describe: %w", err)
	}
	text, err = describer.Describe(d.namespace, d.name, describe.DescriberSettings{ShowEvents: true, ChunkSize: pageSize})
	return text, inWords(what, err)
}

func (d *Description) describer() (describe.ResourceDescriber, error) {
	config, err := d.cluster.sharedConfig()
	if err != nil {
		return nil, err
	}
	boundPages(config) // first: what comes after it reads whole answers
	if d.cluster.options.Backend != nil {
		describeAt(config, d.cluster.Now)
	}
	hideSecrets(config)
	gvk := schema.GroupVersionKind{Group: d.resource.Group, Version: d.resource.Version, Kind: d.resource.Kind}
	if describer, ok := describe.DescriberFor(gvk.GroupKind(), config); ok {
		return describer, nil
	}
	scope := meta.RESTScopeRoot
	if d.resource.Namespaced {
		scope = meta.RESTScopeNamespace
	}
	describer, ok := describe.GenericDescriberFor(
		&meta.RESTMapping{Resource: d.resource.GroupVersionResource, GroupVersionKind: gvk, Scope: scope},
		config,
	)
	if !ok {
		return nil, apierrors.NewMethodNotSupported(d.resource.GroupResource(), "describe")
	}
	return describer, nil
}
