package kube

import (
	"context"
	"time"

	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
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
	client, err := metadata.NewForConfigAndClient(c.config.Load(), c.client)
	if err != nil {
		c.options.Messages.Add("error", plain.Error("watch definitions", err).Error())
		return
	}
	for _, gvr := range []schema.GroupVersionResource{definitions, apiServices} {
		c.options.Messages.Start(gvr.Resource, func() { c.watchDefinition(client, gvr) })
	}
}

func (c *Cluster) watchDefinition(client metadata.Interface, gvr schema.GroupVersionResource) {
	for c.ctx.Err() == nil {
		err := c.followDefinitions(client.Resource(gvr))
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

// followDefinitions returns when the watch ends.
func (c *Cluster) followDefinitions(client metadata.Getter) (err error) {
	defer c.options.Messages.Recover("definitions", &err)
	ctx, cancel := c.withTimeout(c.ctx)
	defer cancel()
	page, err := client.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return err
	}
	version := page.ResourceVersion
	for {
		timeout := int64(600)
		began := time.Now()
		w, err := client.Watch(
			c.ctx,
			metav1.ListOptions{ResourceVersion: version, AllowWatchBookmarks: true, TimeoutSeconds: &timeout},
		)
		if err != nil {
			return err
		}
		version, err = c.readDefinitionEvents(w, version)
		if err != nil || c.ctx.Err() != nil {
			return err
		}
		if time.Since(began) < time.Second {
			return errClosed
		}
	}
}

// readDefinitionEvents reads events until the watch ends, and returns the version to go
// on from.
func (c *Cluster) readDefinitionEvents(w watch.Interface, version string) (string, error) {
	defer w.Stop()
	var second *time.Timer
	defer func() {
		if second != nil {
			second.Stop()
			c.discovery.refresh()
		}
	}()
	for event := range w.ResultChan() {
		if event.Type == watch.Error {
			return version, apierrors.FromObject(event.Object)
		}
		m, err := meta.Accessor(event.Object)
		if err != nil {
			continue
		}
		version = m.GetResourceVersion()
		if event.Type == watch.Bookmark {
			continue
		}
		c.discovery.refresh()
		c.restartChanged(m.GetName(), m.GetGeneration())
		if second != nil {
			second.Stop()
		}
		second = c.options.Messages.contain().StartAfter(discoveryLate, "late discovery", c.discovery.refresh)
	}
	return version, context.Cause(c.ctx)
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
