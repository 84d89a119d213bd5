package recorder

import (
	"context"
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube"
)

const metricsGroup = "metrics.k8s.io"

// chooseResources returns the resources to record.
func (r *recording) chooseResources(known *kube.Resources) ([]kube.Resource, error) {
	var all []kube.Resource
	for _, res := range known.All() {
		best, ok := known.ByKind(res.GroupKind())
		if ok && best.GroupVersionResource == res.GroupVersionResource && recordable(res) {
			all = append(all, res)
		}
	}
	if len(r.options.Kinds) == 0 {
		return all, nil
	}
	var out []kube.Resource
	for _, name := range r.options.Kinds {
		found := known.Find(name)
		i := slices.IndexFunc(found, recordable)
		switch {
		case len(found) == 0:
			return nil, fmt.Errorf("no kind %q on %s; `kubectl api-resources` lists what there is", name, r.cluster.Name())
		case i < 0:
			return nil, fmt.Errorf("%s cannot be recorded: it cannot be listed and watched", found[0].GroupResource())
		}
		same := func(o kube.Resource) bool { return o.GroupVersionResource == found[i].GroupVersionResource }
		if !slices.ContainsFunc(out, same) {
			out = append(out, found[i])
		}
	}
	return out, nil
}

// recordable reports whether a resource can be followed. Metrics can only be
// listed. Events have two names; one is enough. The releases of Helm are in Secrets.
func recordable(res kube.Resource) bool {
	if res.Group == "events.k8s.io" || res.Group == kube.HelmReleases.Group || !res.Can("list") {
		return false
	}
	return res.Can("watch") || res.Group == metricsGroup
}

// startFollowers starts a follower for each resource that has none.
func (r *recording) startFollowers(ctx context.Context, known *kube.Resources) {
	all, err := r.chooseResources(known)
	if err != nil {
		return // a kind of the options has gone; what runs goes on
	}
	r.countUnlisted(1) // until all have begun
	defer r.countUnlisted(-1)
	for _, res := range all {
		namespaces := []string{""}
		if res.Namespaced && len(r.options.Namespaces) > 0 {
			namespaces = r.options.Namespaces
		}
		for _, namespace := range namespaces {
			scope := kube.Scope{GroupVersionResource: res.GroupVersionResource, Namespace: namespace}
			r.mu.Lock()
			followed := r.followed[scope]
			if !followed {
				r.followed[scope] = true
				r.total++
				r.unlisted++
			}
			r.mu.Unlock()
			if followed {
				continue
			}
			f := newFollower(r, res, namespace)
			r.goTracked(f, func() { f.run(ctx) })
		}
	}
}

// countUnlisted counts the followers that have not listed yet.
func (r *recording) countUnlisted(more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unlisted += more; r.unlisted > 0 {
		return
	}
	select {
	case <-r.settled:
	default:
		close(r.settled)
	}
}

// followDiscovery records the resources that appear after those in known.
func (r *recording) followDiscovery(ctx context.Context, known *kube.Resources) {
	watch := r.cluster.WatchHealth()
	for {
		if _, err := watch.Next(ctx); err != nil {
			return
		}
		now := r.cluster.Resources()
		if now == known {
			continue
		}
		known = now
		r.writeDiscovery(ctx)
		r.startFollowers(ctx, known)
	}
}
