package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubediscovery "k8s.io/client-go/discovery"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// discoverySettle is how long after a change of definitions discovery
	// asks: they come in groups.
	discoverySettle = 500 * time.Millisecond
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

// Resource is one resource that the API server names, without subresources. Its
// text is clean.
type Resource struct {
	schema.GroupVersionResource
	Kind, Singular string
	Namespaced     bool
	ShortNames     []string
	Categories     []string
	Verbs          []string
	Preferred      bool // the version that the API server prefers for it
}

// Can says whether the resource has a verb.
func (r Resource) Can(verb string) bool { return slices.Contains(r.Verbs, verb) }

// GroupKind is the kind of the resource's objects.
func (r Resource) GroupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

// Resources is what discovery said at one time. It never changes.
type Resources struct {
	all      []Resource
	problems []string
	complete bool
}

// discovery is the part of a cluster that knows its resources.
type discovery struct {
	directory string     // of the disk cache that kubectl has too; "" for none
	writing   sync.Mutex // held while it is written

	mu      sync.Mutex
	current *Resources
	err     error         // of the last try
	ready   chan struct{} // closed after the first try, whatever came of it
	tried   bool
	wake    bell
}

// builtin is what every cluster serves. It stands in until the first discovery,
// so that nobody has to wait for that to ask for pods.
var builtin = sync.OnceValue(func() *Resources {
	r := &Resources{}
	for _, k := range kinds.All() {
		r.all = append(r.all, Resource{
			GroupVersionResource: k.GVR(), Kind: k.Kind, Singular: strings.ToLower(k.Kind), Namespaced: k.Namespaced,
			ShortNames: k.Short, Verbs: []string{"delete", "get", "list", "watch"}, Preferred: true,
		})
	}
	return r
})

// Resources returns what is known now, and never blocks: the built-in kinds or
// what is in the disk cache that kubectl keeps too, then what the cluster says.
// It is never nil.
func (c *Cluster) Resources() *Resources {
	c.discovery.mu.Lock()
	defer c.discovery.mu.Unlock()
	if c.discovery.current == nil {
		return builtin()
	}
	return c.discovery.current
}

// WaitResources waits until Resources is complete, be it from the disk. When
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

// again asks for a new discovery.
func (d *discovery) again() { d.wake.ring() }

// discover runs until Close.
func (c *Cluster) discover() {
	d := &c.discovery
	heard, stop := d.wake.listen()
	defer stop()
	go c.watchDefinitions()
	retry := discoveryRetry
	for {
		r, err := c.askResources()
		c.learned(r, err)
		wait := time.Duration(0)
		if err != nil {
			wait, retry = retry, min(2*retry, discoverySlowest)
		} else {
			retry = discoveryRetry
		}
		if !sleepOr(c.ctx, wait, heard) {
			return
		}
		// Definitions come in groups; one answer tells of all.
		if err == nil && !sleepOr(c.ctx, discoverySettle, nil) {
			return
		}
	}
}

// sleepOr waits for a time (0: forever) or for a signal; false means that ctx
// ended.
func sleepOr(ctx context.Context, wait time.Duration, signal <-chan struct{}) bool {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
	case <-signal:
	}
	return true
}

// learned takes the outcome of a try. What was known before outlives a failure.
func (c *Cluster) learned(r *Resources, err error) {
	d := &c.discovery
	d.mu.Lock()
	changed := r != nil && !r.equal(d.current)
	if changed {
		d.current = r
	}
	d.err = err
	if !d.tried {
		d.tried = true
		close(d.ready)
	}
	d.mu.Unlock()
	if changed {
		c.beat.ring()
	}
}

func (r *Resources) equal(o *Resources) bool {
	return o != nil && r.complete == o.complete && slices.Equal(r.problems, o.problems) &&
		slices.EqualFunc(r.all, o.all, func(a, b Resource) bool {
			return a.GroupVersionResource == b.GroupVersionResource && a.Kind == b.Kind && a.Singular == b.Singular &&
				a.Namespaced == b.Namespaced && a.Preferred == b.Preferred && slices.Equal(a.ShortNames, b.ShortNames) &&
				slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Verbs, b.Verbs)
		})
}

// askResources asks the API server: two requests where it has aggregated
// discovery, one for each group version where it has not.
func (c *Cluster) askResources() (*Resources, error) {
	ctx, cancel := c.limited(c.ctx)
	defer cancel()
	client, err := kubediscovery.NewDiscoveryClientForConfigAndClient(c.config, c.client)
	if err != nil {
		return nil, clearly("discovery", err)
	}
	groups, lists, failed, err := client.GroupsAndMaybeResourcesWithContext(ctx)
	if err == nil && lists == nil {
		groups, lists, failed, err = askEach(ctx, client)
	}
	if err != nil {
		return nil, clearly("discovery", err)
	}
	c.keepResources(groups, lists)
	return resourcesFrom(groups, lists, failed), nil
}

// keepResources writes the disk cache; not any more once Close was called.
func (c *Cluster) keepResources(groups *metav1.APIGroupList, lists map[schema.GroupVersion]*metav1.APIResourceList) {
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

// askEach is for API servers without aggregated discovery (before 1.26).
func askEach(ctx context.Context, client *kubediscovery.DiscoveryClient) (*metav1.APIGroupList, map[schema.GroupVersion]*metav1.APIResourceList, map[schema.GroupVersion]error, error) {
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

func resourcesFrom(groups *metav1.APIGroupList, lists map[schema.GroupVersion]*metav1.APIResourceList, failed map[schema.GroupVersion]error) *Resources {
	r := &Resources{complete: true}
	for _, g := range groups.Groups {
		preferred := map[string]bool{} // resources whose preferred version was seen
		for _, v := range versionsOf(g) {
			gv := schema.GroupVersion{Group: g.Name, Version: v}
			if lists[gv] == nil {
				continue
			}
			for _, a := range lists[gv].APIResources {
				if strings.Contains(a.Name, "/") {
					continue
				}
				res := resourceFrom(gv, a)
				res.Preferred = !preferred[a.Name]
				preferred[a.Name] = true
				r.all = append(r.all, res)
			}
		}
	}
	for _, gv := range slices.SortedFunc(maps.Keys(failed), func(a, b schema.GroupVersion) int { return cmp.Compare(a.String(), b.String()) }) {
		r.problems = append(r.problems, clearly(gv.String(), failed[gv]).Error())
	}
	return r
}

// versionsOf lists a group's versions, the preferred one first.
func versionsOf(g metav1.APIGroup) []string {
	versions := []string{g.PreferredVersion.Version}
	for _, v := range g.Versions {
		if v.Version != g.PreferredVersion.Version {
			versions = append(versions, v.Version)
		}
	}
	return versions
}

func resourceFrom(gv schema.GroupVersion, a metav1.APIResource) Resource {
	return Resource{
		GroupVersionResource: gv.WithResource(kinds.Clean(a.Name)),
		Kind:                 kinds.Clean(a.Kind),
		Singular:             kinds.Clean(cmp.Or(a.SingularName, strings.ToLower(a.Kind))),
		Namespaced:           a.Namespaced,
		ShortNames:           cleaned(a.ShortNames),
		Categories:           cleaned(a.Categories),
		Verbs:                cleaned(a.Verbs),
	}
}

func cleaned(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = kinds.Clean(s)
	}
	return out
}

// All returns every resource in each of its versions, in the server's order:
// the core group first, and in each group the preferred version first.
func (r *Resources) All() []Resource { return r.all }

// Find returns the resources that a name can mean, the best first. Names are
// what kubectl takes: the plural, the singular, a short name or the kind, in
// any case, alone or with a group or version ("deployments.apps",
// "deployments.v1.apps").
func (r *Resources) Find(name string) []Resource {
	name, rest, _ := strings.Cut(strings.ToLower(name), ".")
	type match struct {
		Resource
		rank int
	}
	var found []match
	for _, res := range r.all {
		rank := res.named(name)
		inVersion := strings.TrimSuffix(res.Version+"."+res.Group, ".")
		if rank < 0 || rest != "" && rest != res.Group && rest != inVersion && rest != res.Version+"." {
			continue
		}
		if rest != inVersion {
			rank += res.unlikely()
		}
		found = append(found, match{res, rank})
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Resource, len(found))
	for i, m := range found {
		out[i] = m.Resource
	}
	return out
}

// named ranks how a name (lower case) fits; -1 means not at all.
func (r Resource) named(name string) int {
	switch {
	case name == r.Resource:
		return 0
	case name == r.Singular, name == strings.ToLower(r.Kind):
		return 1
	case slices.Contains(r.ShortNames, name):
		return 2
	}
	return -1
}

// unlikely ranks versions of one resource: the one that a kind file reads is
// shown best, then the one that the server prefers.
func (r Resource) unlikely() int {
	if k, ok := kinds.For(schema.GroupKind{Group: r.Group, Kind: r.Kind}); ok {
		if k.GVR() == r.GroupVersionResource {
			return 0
		}
		return 20
	}
	if r.Preferred {
		return 0
	}
	return 10
}

// ByKind returns the resource whose objects are of a kind, in the version that
// is shown best.
func (r *Resources) ByKind(gk schema.GroupKind) (Resource, bool) {
	best, found := Resource{}, false
	for _, res := range r.all {
		if res.Group == gk.Group && res.Kind == gk.Kind && (!found || res.unlikely() < best.unlikely()) {
			best, found = res, true
		}
	}
	return best, found
}

// ByResource returns what is known of one resource in one version.
func (r *Resources) ByResource(gvr schema.GroupVersionResource) (Resource, bool) {
	i := slices.IndexFunc(r.all, func(res Resource) bool { return res.GroupVersionResource == gvr })
	if i < 0 {
		return Resource{}, false
	}
	return r.all[i], true
}

// Complete says whether discovery has answered, be it from the disk.
func (r *Resources) Complete() bool { return r != nil && r.complete }

// Problems names the group versions that did not answer, and why; clean.
func (r *Resources) Problems() []string { return r.problems }
