package live

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// customsMax bounds how many kinds of custom resources are looked at.
	customsMax = 20
	// customObjectsMax is how many objects of a kind there may be that is not known to say how
	// it is: most kinds do not, and it is looked for in their conditions.
	customObjectsMax = 300
	// customsEvery is how often it is looked whether there are new kinds.
	customsEvery = time.Second
	// definitionsMax is how many custom resources there may be for their definitions to be
	// read, which are large and come as JSON.
	definitionsMax = 60
)

// customs are the kinds of custom resources that are looked at though nothing is known of
// them.
type customs struct {
	counted   chan kube.CountsRead
	resources *kube.Resources // those that were looked through last
	known     map[schema.GroupVersionResource]kube.Resource
	awaited   int // counts that have not come
}

// isCustom reports whether a resource is a custom one that can be watched.
func isCustom(r *kube.Resource) bool {
	_, known := kinds.For(r.GroupKind())
	return !known && r.Preferred && r.Can("list") && r.Can("watch") && strings.Contains(r.Group, ".")
}

// discover counts the objects of kinds that are new, and lets go of those that are gone.
func (r *runner) discover(ctx context.Context) {
	now := r.triage.cluster.Resources()
	if r.glance || r.stage < len(r.stages) || now == r.customs.resources || !now.Complete() {
		return
	}
	r.customs.resources = now
	served := map[schema.GroupVersionResource]bool{}
	var fresh []kube.Resource
	for _, resource := range now.All() {
		served[resource.GroupVersionResource] = true
		_, known := r.customs.known[resource.GroupVersionResource]
		if isCustom(&resource) && !kinds.SaysHowItIs(resource.GroupKind()) && !known && len(r.customs.known) < customsMax {
			r.customs.known[resource.GroupVersionResource] = resource
			fresh = append(fresh, resource)
		}
	}
	for gvr, resource := range r.customs.known {
		if !served[gvr] {
			delete(r.customs.known, gvr)
			r.end(func(f *feed) bool { return f.of.GroupVersionResource == gvr })
			r.state.Keep(resource.GroupKind(), "", nil)
		}
	}
	if len(fresh) == 0 {
		return
	}
	r.customs.awaited += len(fresh)
	counts := r.triage.cluster.Count(fresh, r.triage.namespace)
	r.triage.messages().Start("triage of custom resources", func() {
		for {
			msg, err := counts.Next(ctx)
			if err != nil {
				return
			}
			if read, ok := msg.(kube.CountsRead); ok {
				select {
				case r.customs.counted <- read:
				case <-ctx.Done():
					return
				}
			}
		}
	})
}

// counted follows the kinds that have few objects.
func (r *runner) counted(ctx context.Context, read kube.CountsRead) {
	r.customs.awaited -= len(read.Of)
	for gvr, count := range read.Of {
		resource, ok := r.customs.known[gvr]
		if !ok || count.Err != nil || count.More || count.N > customObjectsMax {
			continue
		}
		w := watch{GroupKind: resource.GroupKind(), GroupVersionResource: gvr, namespaced: resource.Namespaced}
		scope := kube.Scope{GroupVersionResource: gvr}
		if w.namespaced {
			scope.Namespace = r.triage.namespace
		}
		r.follow(ctx, w, scope)
	}
}

// customsKnown are the custom resources whose status is known to say how they are, and the
// definitions, if there are few.
func customsKnown(all []kube.Resource) []watch {
	var out []watch
	defined := 0
	for _, r := range all {
		if !isCustom(&r) {
			continue
		}
		defined++
		if kinds.SaysHowItIs(r.GroupKind()) && len(out) < customsMax {
			out = append(out, watch{GroupKind: r.GroupKind(), GroupVersionResource: r.GroupVersionResource,
				namespaced: r.Namespaced})
		}
	}
	if defined <= definitionsMax {
		out = append(out, watching(kinds.CustomResourceDefinition))
	}
	return out
}
