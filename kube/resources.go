package kube

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// Resource is one resource that the API server names. Its text is clean.
type Resource struct {
	schema.GroupVersionResource
	Kind, Singular string
	Namespaced     bool
	ShortNames     []string
	Categories     []string
	Verbs          []string
	Preferred      bool // the version that the API server prefers for it
	Subresources   []Subresource
}

// Subresource is a part of a resource's objects that has verbs of its own.
type Subresource struct {
	Name, Kind string
	Verbs      []string
}

func (s Subresource) equal(o Subresource) bool {
	return s.Name == o.Name && s.Kind == o.Kind && slices.Equal(s.Verbs, o.Verbs)
}

// Can reports whether the resource has a verb.
func (r Resource) Can(verb string) bool { return slices.Contains(r.Verbs, verb) }

// GroupKind is the kind of the resource's objects.
func (r Resource) GroupKind() schema.GroupKind {
	return schema.GroupKind{Group: r.Group, Kind: r.Kind}
}

// HelmReleases stands for the revisions of Helm's releases, which are read from Secrets and
// are not a resource of the API.
var HelmReleases = Resource{
	GroupVersionResource: kinds.HelmRelease.GVR(), Kind: kinds.HelmRelease.Kind, Singular: "release",
	Namespaced: true, Verbs: []string{"get", "list", "watch"}, Preferred: true,
}

// Resources is what discovery said at one time. It never changes.
type Resources struct {
	all      []Resource
	problems []string
	complete bool
}

// builtin is what every cluster serves. It stands in until the first discovery,
// so that nobody has to wait for that to ask for pods.
var builtin = sync.OnceValue(func() *Resources {
	r := &Resources{}
	for _, k := range kinds.All() {
		r.all = append(r.all, Resource{
			GroupVersionResource: k.GVR(), Kind: k.Kind, Singular: strings.ToLower(k.Kind), Namespaced: k.Namespaced,
			ShortNames: k.Short, Preferred: true, Subresources: builtinScale(k),
			Verbs: []string{"create", "delete", "get", "list", "patch", "update", "watch"},
		})
	}
	return r
})

// builtinScale is the subresource of the workloads that can be scaled.
func builtinScale(k *kinds.Kind) []Subresource {
	switch k {
	case kinds.Deployment, kinds.StatefulSet, kinds.ReplicaSet, kinds.ReplicationController:
		return []Subresource{{Name: "scale", Kind: "Scale", Verbs: []string{"get", "patch", "update"}}}
	}
	return nil
}

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

func (r *Resources) equal(o *Resources) bool {
	return o != nil && r.complete == o.complete && slices.Equal(r.problems, o.problems) &&
		slices.EqualFunc(r.all, o.all, func(a, b Resource) bool {
			return a.GroupVersionResource == b.GroupVersionResource && a.Kind == b.Kind && a.Singular == b.Singular &&
				a.Namespaced == b.Namespaced && a.Preferred == b.Preferred && slices.Equal(a.ShortNames, b.ShortNames) &&
				slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Verbs, b.Verbs) &&
				slices.EqualFunc(a.Subresources, b.Subresources, Subresource.equal)
		})
}

func resourcesFrom(
	groups *metav1.APIGroupList,
	lists map[schema.GroupVersion]*metav1.APIResourceList,
	failed map[schema.GroupVersion]error,
) *Resources {
	r := &Resources{complete: true}
	for _, g := range groups.Groups {
		preferred := map[string]bool{} // resources whose preferred version was seen
		for _, v := range versionsOf(g) {
			gv := schema.GroupVersion{Group: g.Name, Version: v}
			if lists[gv] == nil {
				continue
			}
			first := len(r.all)
			for _, a := range lists[gv].APIResources {
				if a.Name == "" || a.Kind == "" || strings.Contains(a.Name, "/") {
					continue
				}
				res := resourceFrom(gv, a)
				res.Preferred = !preferred[a.Name]
				preferred[a.Name] = true
				r.all = append(r.all, res)
			}
			addSubresources(r.all[first:], lists[gv].APIResources)
		}
	}
	byName := func(a, b schema.GroupVersion) int { return cmp.Compare(a.String(), b.String()) }
	for _, gv := range slices.SortedStableFunc(maps.Keys(failed), byName) {
		problem := plain.Error("no answer from "+gv.String(), failed[gv]).Error()
		r.problems = append(r.problems, problem)
	}
	return r
}

// addSubresources gives the resources of one version those that are parts of them.
func addSubresources(resources []Resource, all []metav1.APIResource) {
	places := make(map[string]int, len(resources))
	for i, r := range resources {
		places[r.Resource] = i
	}
	for _, a := range all {
		parent, name, isPart := strings.Cut(a.Name, "/")
		if i, known := places[kinds.Clean(parent)]; isPart && known {
			part := Subresource{kinds.Clean(name), kinds.Clean(a.Kind), cleaned(a.Verbs)}
			resources[i].Subresources = append(resources[i].Subresources, part)
		}
	}
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

// Named returns what a user can ask for: every resource, and what is read from inside others.
func (r *Resources) Named() []Resource { return append(slices.Clip(r.all), HelmReleases) }

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
	for _, res := range r.Named() {
		rank := res.rankName(name)
		inVersion := strings.TrimSuffix(res.Version+"."+res.Group, ".")
		if rank < 0 || rest != "" && rest != res.Group && rest != inVersion && rest != res.Version+"." {
			continue
		}
		if rest != inVersion {
			rank += res.rankVersion()
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

// rankName ranks how a name (lower case) fits; -1 means not at all.
func (r Resource) rankName(name string) int {
	switch {
	case name == r.Resource:
		return 0
	case name == r.Singular, name == strings.ToLower(r.Kind):
		return 1
	case slices.Contains(r.ShortNames, name):
		return 2
	case slices.Contains(aliases[r.GroupResource()], name):
		return 3
	}
	return -1
}

// aliases are the names that k9s has for kinds besides the API's own
// (internal/config/alias.go there).
var aliases = map[schema.GroupResource][]string{
	{Resource: "secrets"}:                                                 {"sec"},
	{Group: "apps", Resource: "deployments"}:                              {"dp"},
	{Group: "batch", Resource: "jobs"}:                                    {"jo"},
	{Group: "networking.k8s.io", Resource: "networkpolicies"}:             {"np"},
	{Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}:        {"cr"},
	{Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"}: {"crb"},
	{Group: "rbac.authorization.k8s.io", Resource: "roles"}:               {"ro"},
	{Group: "rbac.authorization.k8s.io", Resource: "rolebindings"}:        {"rb"},
	HelmReleases.GroupResource():                                          {"charts", "chart", "hm"},
}

// Short returns the short names of a resource: the server's, then k9s's.
func (r Resource) Short() []string {
	return append(slices.Clip(r.ShortNames), aliases[r.GroupResource()]...)
}

// rankVersion ranks versions of one resource: the one that a kind file reads is
// shown best, then the one that the server prefers.
func (r Resource) rankVersion() int {
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
	if gk == HelmReleases.GroupKind() {
		return HelmReleases, true
	}
	best := -1 // Screens ask for many kinds in each frame: nothing is copied.
	for i := range r.all {
		if res := &r.all[i]; res.Group == gk.Group && res.Kind == gk.Kind &&
			(best < 0 || res.rankVersion() < r.all[best].rankVersion()) {
			best = i
		}
	}
	if best < 0 {
		return Resource{}, false
	}
	return r.all[best], true
}

// byResource returns what is known about one resource in one version.
func (r *Resources) byResource(gvr schema.GroupVersionResource) (Resource, bool) {
	i := slices.IndexFunc(r.all, func(res Resource) bool { return res.GroupVersionResource == gvr })
	if i < 0 {
		return Resource{}, false
	}
	return r.all[i], true
}

// Complete reports whether discovery has answered, possibly from the disk.
func (r *Resources) Complete() bool { return r != nil && r.complete }

// Problems names the group versions that did not answer, and why; clean.
func (r *Resources) Problems() []string { return r.problems }
