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

// definitionsRetry is how long a broken watch of definitions waits.
const definitionsRetry = 5 * time.Second

// watchDefinitions asks for a new discovery when definitions come and go. It asks only
// for their metadata, and only for the first of those that exist: what counts is what
// changes from now on.
func (c *Cluster) watchDefinitions() {
	for _, gvr := range []schema.GroupVersionResource{definitions, apiServices} {
		c.options.Messages.Start(gvr.Resource, func() { c.watchDefinition(gvr) })
	}
}

func (c *Cluster) watchDefinition(gvr schema.GroupVersionResource) {
	for c.ctx.Err() == nil {
		err := c.followDefinitions(gvr)
		wait := definitionsRetry
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
	version, err := c.versionOfDefinitions(gvr)
	if err != nil {
		return err
	}
	for {
		timeout := int64(600)
		began := time.Now()
		body, err := c.requestMetadata(c.ctx, gvr, metadataOfOne, metav1.ListOptions{
			Watch: true, ResourceVersion: version, AllowWatchBookmarks: true, TimeoutSeconds: &timeout,
		})
		if err != nil {
			return err
		}
		version, err = c.readDefinitionEvents(body, gvr, version)
		if err != nil || c.ctx.Err() != nil {
			return err
		}
		if time.Since(began) < definitionsRetry {
			return errClosed
		}
	}
}

// versionOfDefinitions returns the version to watch from.
func (c *Cluster) versionOfDefinitions(gvr schema.GroupVersionResource) (string, error) {
	ctx, cancel := c.withTimeout(c.ctx)
	defer cancel()
	body, err := c.requestMetadata(ctx, gvr, metadataOnly, metav1.ListOptions{Limit: 1})
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	list, err := openJSONList(body, gvr.Resource)
	for err == nil && list.metadata.ResourceVersion == "" {
		_, err = list.Next(nil)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return list.metadata.ResourceVersion, nil
}

// readDefinitionEvents reads events until the watch ends, and returns the version to go
// on from.
func (c *Cluster) readDefinitionEvents(body io.ReadCloser, gvr schema.GroupVersionResource, version string) (
	string, error,
) {
	defer func() { _ = body.Close() }()
	var second *time.Timer
	defer func() {
		if second != nil {
			second.Stop()
			c.discovery.refresh()
		}
	}()
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
		c.discovery.refresh()
		c.restartChanged(o.Name, o.Generation)
		if second != nil {
			second.Stop()
		}
		second = c.options.Messages.contain().StartAfter(discoveryLate, "late discovery", c.discovery.refresh)
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
