package memapi

import (
	"net/http"
	"slices"
	"strings"

	discoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const aggregatedMedia = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// discover answers requests for /api and /apis, in both forms of discovery: all
// at once, or by group and version.
func (a *API) discover(req *http.Request, parts []string) (*http.Response, error) {
	all := a.served()
	core := parts[0] == "api"
	all = slices.DeleteFunc(all, func(r *resource) bool { return (r.gvk.Group == "") != core })
	ok := func(v any) (*http.Response, error) { return answer(req, http.StatusOK, jsonMedia, encode(v)), nil }
	switch {
	case len(parts) == 1 && wantsAggregated(req):
		return answer(req, http.StatusOK, aggregatedMedia, encode(aggregated(all))), nil
	case core && len(parts) == 1:
		return ok(metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case len(parts) == 1:
		return ok(metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: groups(all)})
	case !core && len(parts) == 2:
		for _, g := range groups(all) {
			if g.Name == parts[1] {
				g.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
				return ok(g)
			}
		}
		return nil, errNoPage
	}
	gv := schema.GroupVersion{Version: parts[len(parts)-1]}
	if !core {
		gv.Group = parts[1]
	}
	list := metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String(),
	}
	for _, r := range all {
		if r.gvk.GroupVersion() != gv {
			continue
		}
		list.APIResources = append(list.APIResources, metav1.APIResource{
			Name: r.name, SingularName: r.singular, Namespaced: r.namespaced, Kind: r.gvk.Kind,
			Verbs: r.verbs, ShortNames: r.short, Categories: r.categories,
		})
		if r.gvk == podKind {
			logs := metav1.APIResource{Name: "pods/log", Namespaced: true, Kind: "Pod", Verbs: []string{"get"}}
			list.APIResources = append(list.APIResources, logs)
		}
	}
	if list.APIResources == nil {
		return nil, errNoPage
	}
	return ok(list)
}

// wantsAggregated reports whether a client asks for all groups at once.
func wantsAggregated(req *http.Request) bool {
	accept := strings.ReplaceAll(req.Header.Get("Accept"), " ", "")
	return strings.Contains(accept, strings.TrimPrefix(aggregatedMedia, jsonMedia))
}

func groups(all []*resource) []metav1.APIGroup {
	list := []metav1.APIGroup{}
	for _, r := range all {
		gv := metav1.GroupVersionForDiscovery{GroupVersion: r.gvk.GroupVersion().String(), Version: r.gvk.Version}
		if n := len(list); n == 0 || list[n-1].Name != r.gvk.Group {
			list = append(list, metav1.APIGroup{Name: r.gvk.Group, PreferredVersion: gv})
		}
		g := &list[len(list)-1]
		if !slices.Contains(g.Versions, gv) {
			g.Versions = append(g.Versions, gv)
		}
	}
	return list
}

func aggregated(all []*resource) discoveryv2.APIGroupDiscoveryList {
	list := discoveryv2.APIGroupDiscoveryList{
		TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"},
		Items:    []discoveryv2.APIGroupDiscovery{},
	}
	for _, r := range all {
		if n := len(list.Items); n == 0 || list.Items[n-1].Name != r.gvk.Group {
			list.Items = append(list.Items, discoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: r.gvk.Group}})
		}
		g := &list.Items[len(list.Items)-1]
		if n := len(g.Versions); n == 0 || g.Versions[n-1].Version != r.gvk.Version {
			g.Versions = append(g.Versions, discoveryv2.APIVersionDiscovery{
				Version: r.gvk.Version, Freshness: discoveryv2.DiscoveryFreshnessCurrent,
			})
		}
		v := &g.Versions[len(g.Versions)-1]
		scope := discoveryv2.ScopeCluster
		if r.namespaced {
			scope = discoveryv2.ScopeNamespace
		}
		kind := metav1.GroupVersionKind(r.gvk)
		d := discoveryv2.APIResourceDiscovery{
			Resource: r.name, SingularResource: r.singular, ResponseKind: &kind, Scope: scope,
			Verbs: r.verbs, ShortNames: r.short, Categories: r.categories,
		}
		if r.gvk == podKind {
			d.Subresources = []discoveryv2.APISubresourceDiscovery{{
				Subresource: "log", ResponseKind: &kind, Verbs: []string{"get"},
			}}
		}
		v.Resources = append(v.Resources, d)
	}
	return list
}
