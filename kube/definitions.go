package kube

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/signal"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
)

// What adds resources to an API server while it runs.
var (
	definitions = schema.GroupVersionResource{
		Group:    "apiextensions.k8s.io",
		Version:  "v1",
		Resource: "customresourcedefinitions",
	}
	apiServices = schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"}
)

const (
	// definitionsRetry is how long a broken watch of definitions waits.
	definitionsRetry = 5 * time.Second
	// definitionsShared is how long a watch of definitions waits for a listing of them, which
	// watches the same: triage begins one soon after the start.
	definitionsShared = 3 * time.Second
)

// watchDefinitions asks for a new discovery when definitions come and go. It asks only
// for their metadata, and only for the first of those that exist: what counts is what
// changes from now on. While there is a listing of them, it asks for nothing.
func (c *Cluster) watchDefinitions() {
	for _, gvr := range []schema.GroupVersionResource{definitions, apiServices} {
		c.options.Messages.Start(gvr.Resource, func() { c.watchDefinition(gvr) })
	}
}

func (c *Cluster) watchDefinition(gvr schema.GroupVersionResource) {
	for c.ctx.Err() == nil {
		err := c.followDefinitions(gvr)
		wait := definitionsRetry
		if err == nil {
			wait = runPause // The listing ended that was followed.
		}
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			wait = discoveryEvery
		}
		if !signal.Sleep(c.ctx, wait, nil) {
			return
		}
		// Something may have changed while nobody watched.
		c.discovery.refresh()
	}
}

// requestMetadata asks for the metadata of a resource's objects.
func (c *Cluster) requestMetadata(
	ctx context.Context,
	gvr schema.GroupVersionResource,
	accept string,
	options metav1.ListOptions,
) (io.ReadCloser, error) {
	client, err := c.rest(gvr.GroupVersion(), plainJSON)
	if err != nil {
		return nil, err
	}
	return client.Get().MaxRetries(0).Resource(gvr.Resource).SetHeader("Accept", accept).
		SpecificallyVersionedParams(&options, metav1.ParameterCodec, schema.GroupVersion{Version: "v1"}).Stream(ctx)
}

// followDefinitions returns when the watch ends.
func (c *Cluster) followDefinitions(gvr schema.GroupVersionResource) (err error) {
	defer c.options.Messages.Recover("definitions", &err)
	version, n, err := c.versionOfDefinitions(gvr)
	if err != nil {
		return err
	}
	l := c.Listing(Scope{GroupVersionResource: gvr})
	ctx, cancel := context.WithTimeout(c.ctx, definitionsShared)
	seen, shared := l.awaitLive(ctx)
	cancel()
	if shared && l.Len() != n {
		c.discovery.refresh()
	}
	if !shared {
		seen, err = c.watchUntilShared(gvr, version, l)
	}
	if err != nil || c.ctx.Err() != nil {
		return err
	}
	return c.followListing(l, seen)
}

// watchUntilShared watches until there is a listing of the same, and returns its version then.
func (c *Cluster) watchUntilShared(gvr schema.GroupVersionResource, version string, l *Listing) (
	seen uint64, err error,
) {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	shared := make(chan uint64, 1)
	c.options.Messages.Start("definitions", func() {
		if seen, ok := l.awaitLive(ctx); ok {
			shared <- seen
			cancel()
		}
	})
	for {
		timeout := int64(600)
		began := time.Now()
		body, err := c.requestMetadata(ctx, gvr, metadataOfOne, metav1.ListOptions{
			Watch: true, ResourceVersion: version, AllowWatchBookmarks: true, TimeoutSeconds: &timeout,
		})
		if err == nil {
			version, err = c.readDefinitionEvents(body, gvr, version)
		}
		select {
		case seen := <-shared:
			return seen, nil
		default:
		}
		if err != nil || ctx.Err() != nil {
			return 0, err
		}
		if time.Since(began) < definitionsRetry {
			return 0, errClosed
		}
	}
}

// followListing follows definitions in a listing of them until nothing keeps it in step any more.
func (c *Cluster) followListing(l *Listing, seen uint64) error {
	changed, stop := l.changed.Subscribe()
	defer stop()
	late := lateDiscovery{cluster: c}
	defer late.stop()
	for {
		delta := l.Since(seen)
		seen = delta.Version
		for _, r := range delta.Changed {
			obj, err := c.Decode(r)
			if m, ok := obj.(metav1.Object); err == nil && ok {
				c.restartChanged(r.Name, m.GetGeneration())
			}
		}
		if len(delta.Changed)+len(delta.Gone) > 0 {
			late.changed()
		}
		if phase := l.State().Phase; phase != Live && phase != Stale {
			return nil
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			return nil
		}
	}
}

// awaitLive waits until all that a listing holds is there, and returns its version then.
func (l *Listing) awaitLive(ctx context.Context) (version uint64, ok bool) {
	changed, stop := l.changed.Subscribe()
	defer stop()
	for {
		l.mu.Lock()
		version, ok = l.changes.version, l.state.Phase == Live
		l.mu.Unlock()
		if ok {
			return version, true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, false
		}
	}
}

// versionOfDefinitions returns the version to watch from, and how many there are.
func (c *Cluster) versionOfDefinitions(gvr schema.GroupVersionResource) (version string, n int, err error) {
	ctx, cancel := c.withTimeout(c.ctx)
	defer cancel()
	body, err := c.requestMetadata(ctx, gvr, metadataOnly, metav1.ListOptions{Limit: 1})
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = body.Close() }()
	list, err := openJSONList(body, gvr.Resource)
	for ; err == nil; n++ {
		_, err = list.Next(nil)
	}
	if !errors.Is(err, io.EOF) {
		return "", 0, err
	}
	n--
	if more := list.metadata.RemainingItemCount; more != nil {
		n += int(*more)
	}
	return list.metadata.ResourceVersion, n, nil
}

// readDefinitionEvents reads events until the watch ends, and returns the version to go
// on from.
func (c *Cluster) readDefinitionEvents(body io.ReadCloser, gvr schema.GroupVersionResource, version string) (
	string, error,
) {
	defer func() { _ = body.Close() }()
	late := lateDiscovery{cluster: c}
	defer late.stop()
	for events := newJSONEvents(body, gvr.Resource); ; {
		kind, text, err := events.next()
		if errors.Is(err, io.EOF) {
			return version, context.Cause(c.ctx)
		}
		if err != nil {
			return version, err
		}
		if kind == watch.Error {
			status, err := events.status(text)
			if err == nil {
				err = apierrors.FromObject(status)
			}
			return version, err
		}
		var o metav1.PartialObjectMetadata
		if json.Unmarshal(text, &o) != nil {
			continue
		}
		version = o.ResourceVersion
		if kind == watch.Bookmark {
			continue
		}
		c.restartChanged(o.Name, o.Generation)
		late.changed()
	}
}

// lateDiscovery asks for a new discovery when definitions change, and once more after a while.
type lateDiscovery struct {
	cluster *Cluster
	timer   *time.Timer // nil before the first change
}

func (d *lateDiscovery) changed() {
	d.cluster.discovery.refresh()
	if d.timer != nil {
		d.timer.Stop()
	}
	messages := d.cluster.options.Messages
	d.timer = messages.contain().StartAfter(discoveryLate, "late discovery", d.cluster.discovery.refresh)
}

// stop does at once what is to be done later.
func (d *lateDiscovery) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.cluster.discovery.refresh()
	}
}

// restartChanged restarts the listings whose columns come from an earlier generation of
// a definition.
func (c *Cluster) restartChanged(name string, generation int64) {
	for _, l := range c.allListings() {
		if l.scope.GroupResource().String() == name && l.generation.Load() != 0 && l.generation.Load() != generation {
			l.restart()
		}
	}
}
