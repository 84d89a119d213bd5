package memapi

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
)

// resource is what one group and version serves under one name. It never changes, but
// one that says more may replace it. Its store is guarded by the API.
type resource struct {
	gvk        schema.GroupVersionKind
	name       string
	singular   string
	short      []string
	categories []string
	namespaced bool
	verbs      []string
	columns    []column // of a CustomResourceDefinition
	selectable []string // field selectors that a CustomResourceDefinition adds
	// defined is the name of the CustomResourceDefinition that the resource
	// comes and goes with.
	defined string
	// webhook is set when only a webhook can convert between versions.
	webhook bool
	order   order
	store   *store
}

// order is where discovery lists a resource.
type order struct{ group, version, own int }

// unordered comes after all that has an order.
const unordered = 1 << 20

var verbs = []string{"get", "list", "watch"}

// twins are kinds whose objects are also served in another group.
var twins = map[schema.GroupKind]schema.GroupKind{
	{Group: "events.k8s.io", Kind: "Event"}: {Kind: "Event"},
}

// familyOf returns the kind whose store has the objects of a kind.
func familyOf(gvk schema.GroupVersionKind) schema.GroupKind {
	if other, ok := twins[gvk.GroupKind()]; ok {
		return other
	}
	return gvk.GroupKind()
}

// resourceOf returns how a kind is served, in its preferred version; nil when
// it is not.
func (a *API) resourceOf(kind schema.GroupKind) *resource {
	var best *resource
	for gvk, r := range a.resources {
		if gvk.GroupKind() == kind && (best == nil || before(r, best) < 0) {
			best = r
		}
	}
	return best
}

// add serves r with the objects of its kind, instead of the one before.
func (a *API) add(r *resource) *resource {
	family := familyOf(r.gvk)
	if a.families[family] == nil {
		a.families[family] = newStore(family)
	}
	r.store = a.families[family]
	r.order = order{unordered, unordered, unordered}
	for gvk, other := range a.resources {
		if gvk.Group == r.gvk.Group {
			r.order.group = other.order.group
			if gvk.Version == r.gvk.Version {
				r.order.version = other.order.version
			}
		}
	}
	if was := a.resources[r.gvk]; was != nil {
		r.order = was.order
		delete(a.byPath, was.gvr())
	}
	if r.verbs == nil {
		r.verbs = verbs
	}
	a.resources[r.gvk], a.byPath[r.gvr()] = r, r
	return r
}

func (r *resource) gvr() schema.GroupVersionResource {
	return r.gvk.GroupVersion().WithResource(r.name)
}

// guess serves a kind that nothing describes, with the names that the API's own
// tools would give it.
func (a *API) guess(gvk schema.GroupVersionKind, namespaced bool) *resource {
	r := &resource{gvk: gvk, namespaced: namespaced}
	plural, singular := meta.UnsafeGuessKindToResource(gvk)
	r.name, r.singular = plural.Resource, singular.Resource
	if gvk.Group == "metrics.k8s.io" {
		// They are named after what they measure, and cannot be watched.
		measured := strings.TrimSuffix(strings.ToLower(gvk.Kind), "metrics")
		r.name, r.singular, r.verbs = measured+"s", measured, []string{"get", "list"}
	}
	if other := a.resourceOf(gvk.GroupKind()); other != nil {
		r.name, r.singular, r.short, r.categories = other.name, other.singular, other.short, other.categories
		r.columns, r.defined, r.webhook = other.columns, other.defined, other.webhook
	}
	return a.add(r)
}

// Describe serves exactly the resources of the lists, and those that hold objects
// or that a CustomResourceDefinition defines. The order of the lists is the order
// that clients prefer. Of the verbs only get, list and watch are served. The lists
// are those of discovery (ServerGroupsAndResources).
func (a *API) Describe(lists []*metav1.APIResourceList) {
	a.mu.Lock()
	defer a.mu.Unlock()
	lists = slices.DeleteFunc(slices.Clone(lists), func(l *metav1.APIResourceList) bool { return l == nil })
	for gvk, r := range a.resources {
		if len(r.store.items) == 0 && r.defined == "" {
			delete(a.resources, gvk)
			delete(a.byPath, r.gvr())
		}
	}
	groups := map[string]int{}
	newer := slices.ContainsFunc(lists, func(l *metav1.APIResourceList) bool { return l.GroupVersion == "autoscaling/v2" })
	for n, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil || newer && list.GroupVersion == "autoscaling/v1" {
			continue
		}
		if _, seen := groups[gv.Group]; !seen {
			groups[gv.Group] = n
		}
		for m, api := range list.APIResources {
			can := slices.DeleteFunc(slices.Clone(verbs), func(v string) bool { return !slices.Contains(api.Verbs, v) })
			if strings.Contains(api.Name, "/") || len(can) == 0 {
				continue
			}
			r := &resource{
				gvk: gv.WithKind(api.Kind), name: api.Name, singular: api.SingularName, short: api.ShortNames,
				categories: api.Categories, namespaced: api.Namespaced, verbs: can,
			}
			if was := a.resources[r.gvk]; was != nil {
				r.columns, r.defined, r.webhook = was.columns, was.defined, was.webhook
			}
			a.add(r).order = order{groups[gv.Group], n, m}
		}
	}
}

func before(x, y *resource) int {
	return cmp.Or(
		cmp.Compare(x.order.group, y.order.group), cmp.Compare(x.gvk.Group, y.gvk.Group),
		cmp.Compare(x.order.version, y.order.version), -version.CompareKubeAwareVersionStrings(x.gvk.Version, y.gvk.Version),
		cmp.Compare(x.order.own, y.order.own), cmp.Compare(x.name, y.name))
}

// served returns the resources in the order of discovery.
func (a *API) served() []*resource {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]*resource, 0, len(a.resources))
	for _, r := range a.resources {
		all = append(all, r)
	}
	slices.SortStableFunc(all, before)
	return all
}
