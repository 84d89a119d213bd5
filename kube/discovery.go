package kube

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubediscovery "k8s.io/client-go/discovery"
)

const (
	// discoverySettle is how long discovery waits after a change of definitions, since
	// they come in groups.
	discoverySettle = 500 * time.Millisecond
	// discoveryPause is how long it waits instead when definitions change all the time.
	discoveryPause = 2 * time.Second
	// discoveryLate is when it asks once more, because the API server
	// serves a new definition some time after it is accepted.
	discoveryLate = 3 * time.Second
	// discoveryRetry is the first wait after a failure; it doubles up to
	// discoverySlowest.
	discoveryRetry   = time.Second
	discoverySlowest = 30 * time.Second
	// discoveryEvery is for users who may not watch the definitions.
	discoveryEvery = 3 * time.Minute
)

// discovery is the part of a cluster that knows its resources.
type discovery struct {
	directory string     // of the disk cache that kubectl has too; "" for none
	writing   sync.Mutex // held while it is written

	mu      sync.Mutex
	current *Resources
	err     error         // of the last try
	ready   chan struct{} // closed after the first try, whatever came of it
	tried   bool
	wake    signal.Signal
}

// WaitResources waits until Resources is complete, even if it is from the disk. When
// the first try fails, it returns why.
func (c *Cluster) WaitResources(ctx context.Context) error {
	if c.Resources().Complete() {
		return nil
	}
	select {
	case <-c.discovery.ready:
	case <-ctx.Done():
		return fmt.Errorf("wait for the API server's resources: %w", ctx.Err())
	case <-c.ctx.Done():
		return fmt.Errorf("wait for the API server's resources: %w", c.ctx.Err())
	}
	c.discovery.mu.Lock()
	defer c.discovery.mu.Unlock()
	if c.discovery.current.Complete() {
		return nil
	}
	return c.discovery.err
}

// WaitDiscovery waits until the API server itself was asked for its resources, whatever
// came of it.
func (c *Cluster) WaitDiscovery(ctx context.Context) {
	select {
	case <-c.discovery.ready:
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
}

// Discovered reports whether the API server itself was asked for its resources, whatever
// came of it. HealthChanged follows when that becomes true.
func (c *Cluster) Discovered() bool {
	c.discovery.mu.Lock()
	defer c.discovery.mu.Unlock()
	return c.discovery.tried
}

// refresh asks for a new discovery.
func (d *discovery) refresh() { d.wake.Notify() }

// discover runs until Close.
func (c *Cluster) discover() {
	d := &c.discovery
	heard, stop := d.wake.Subscribe()
	defer stop()
	c.options.Messages.Start("definitions", c.watchDefinitions)
	retry := discoveryRetry
	for {
		began := time.Now()
		r, err := c.requestResources()
		c.setResources(r, err)
		wait := time.Duration(0)
		if err != nil {
			wait, retry = retry, min(2*retry, discoverySlowest)
		} else {
			retry = discoveryRetry
		}
		if !signal.Sleep(c.ctx, wait, heard) {
			return
		}
		// Definitions come in groups; one answer covers them all.
		settle := discoverySettle
		if time.Since(began) < discoveryPause {
			settle = discoveryPause
		}
		if err == nil && !signal.Sleep(c.ctx, settle, nil) {
			return
		}
	}
}

// setResources adopts the outcome of a try. What was known before outlives a failure.
func (c *Cluster) setResources(r *Resources, err error) {
	d := &c.discovery
	d.mu.Lock()
	renewed := r != nil && !r.equal(d.current)
	if renewed {
		d.current = r
	}
	changed := !d.tried || renewed || (err == nil) != (d.err == nil) || err != nil && err.Error() != d.err.Error()
	d.err = err
	if !d.tried {
		d.tried = true
		close(d.ready)
	}
	d.mu.Unlock()
	if changed {
		c.healthChanged.Notify()
	}
}

// requestResources asks the API server: two requests where it has aggregated
// discovery, one for each group version where it has not.
func (c *Cluster) requestResources() (r *Resources, err error) {
	defer c.options.Messages.Recover("discovery", &err)
	ctx, cancel := c.withTimeout(c.ctx)
	defer cancel()
	groups, lists, failed, err := c.requestGroups(ctx)
	if err != nil {
		return nil, plain.Error("discovery", inWords("the API's resources", err))
	}
	groups, lists, dropped := dropForbiddenNames(groups, lists)
	c.reportForbiddenNames(dropped)
	c.writeResources(groups, lists)
	return resourcesFrom(groups, lists, failed), nil
}

// requestGroups asks for the API groups, and for the resources of each version
// that answers.
func (c *Cluster) requestGroups(ctx context.Context) (
	groups *metav1.APIGroupList,
	lists map[schema.GroupVersion]*metav1.APIResourceList,
	failed map[schema.GroupVersion]error,
	err error,
) {
	client, err := kubediscovery.NewDiscoveryClientForConfigAndClient(c.config.Load(), c.client)
	if err != nil {
		return nil, nil, nil, err
	}
	groups, lists, failed, err = client.GroupsAndMaybeResourcesWithContext(ctx)
	if err == nil && lists == nil {
		if n := countVersions(groups); n > groupVersionsMax {
			return nil, nil, nil, fmt.Errorf("too many to ask for one by one: %d group versions, over %d", n, groupVersionsMax)
		}
		return requestEachGroup(ctx, client)
	}
	return groups, lists, failed, err
}

func countVersions(groups *metav1.APIGroupList) (n int) {
	for _, g := range groups.Groups {
		n += len(g.Versions)
	}
	return n
}

// readResources reads the disk cache; nil when there is nothing of use.
func (c *Cluster) readResources() (r *Resources) {
	defer c.options.Messages.Recover("discovery cache", nil)
	return readDiscovery(c.discovery.directory)
}

// writeResources writes the disk cache, unless Close has been called.
func (c *Cluster) writeResources(groups *metav1.APIGroupList, lists map[schema.GroupVersion]*metav1.APIResourceList) {
	d := &c.discovery
	d.writing.Lock()
	defer d.writing.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	if err := writeDiscovery(d.directory, groups, lists); err != nil {
		c.options.Messages.Add("info", "discovery cache: "+err.Error())
	}
}

// groupVersionsMax is how many group versions are asked one by one; large clusters have
// some 150.
const groupVersionsMax = 500

// requestEachGroup asks API servers without aggregated discovery (before 1.26).
func requestEachGroup(
	ctx context.Context,
	client *kubediscovery.DiscoveryClient,
) (*metav1.APIGroupList, map[schema.GroupVersion]*metav1.APIResourceList, map[schema.GroupVersion]error, error) {
	groups, all, err := client.ServerGroupsAndResourcesWithContext(ctx)
	failed := map[schema.GroupVersion]error{}
	if partly, ok := errors.AsType[*kubediscovery.ErrGroupDiscoveryFailed](err); ok {
		failed = partly.Groups
	} else if err != nil {
		return nil, nil, nil, err
	}
	list := &metav1.APIGroupList{}
	for _, g := range groups {
		list.Groups = append(list.Groups, *g)
	}
	lists := map[schema.GroupVersion]*metav1.APIResourceList{}
	for _, l := range all {
		if gv, err := schema.ParseGroupVersion(l.GroupVersion); err == nil {
			lists[gv] = l
		}
	}
	return list, lists, failed, nil
}
