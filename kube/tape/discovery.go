package tape

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	discoveryv2 "k8s.io/api/apidiscovery/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
)

// resource is what one group and version serves under one name.
type resource struct {
	gvk        schema.GroupVersionKind
	name       string
	singular   string
	short      []string
	categories []string
	namespaced bool
	columns    []column
	selectable []string // field selectors beside name and namespace
	items      map[string]*item
}

// builtins are the stable kinds of a server: group/version, kind, plural,
// scope, short names, separated by spaces.
const builtins = `v1 ConfigMap configmaps n cm
v1 Endpoints endpoints n ep
v1 Event events n ev
v1 LimitRange limitranges n limits
v1 Namespace namespaces c ns
v1 Node nodes c no
v1 PersistentVolume persistentvolumes c pv
v1 PersistentVolumeClaim persistentvolumeclaims n pvc
v1 Pod pods n po
v1 PodTemplate podtemplates n
v1 ReplicationController replicationcontrollers n rc
v1 ResourceQuota resourcequotas n quota
v1 Secret secrets n
v1 Service services n svc
v1 ServiceAccount serviceaccounts n sa
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations c
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations c
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy validatingadmissionpolicies c
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings c
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions c crd crds
apiregistration.k8s.io/v1 APIService apiservices c
apps/v1 ControllerRevision controllerrevisions n
apps/v1 DaemonSet daemonsets n ds
apps/v1 Deployment deployments n deploy
apps/v1 ReplicaSet replicasets n rs
apps/v1 StatefulSet statefulsets n sts
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers n hpa
autoscaling/v1 HorizontalPodAutoscaler horizontalpodautoscalers n hpa
batch/v1 CronJob cronjobs n cj
batch/v1 Job jobs n
certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests c csr
coordination.k8s.io/v1 Lease leases n
discovery.k8s.io/v1 EndpointSlice endpointslices n
events.k8s.io/v1 Event events n ev
flowcontrol.apiserver.k8s.io/v1 FlowSchema flowschemas c
flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration prioritylevelconfigurations c
networking.k8s.io/v1 Ingress ingresses n ing
networking.k8s.io/v1 IngressClass ingressclasses c
networking.k8s.io/v1 NetworkPolicy networkpolicies n netpol
node.k8s.io/v1 RuntimeClass runtimeclasses c
policy/v1 PodDisruptionBudget poddisruptionbudgets n pdb
rbac.authorization.k8s.io/v1 ClusterRole clusterroles c
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings c
rbac.authorization.k8s.io/v1 Role roles n
rbac.authorization.k8s.io/v1 RoleBinding rolebindings n
scheduling.k8s.io/v1 PriorityClass priorityclasses c pc
storage.k8s.io/v1 CSIDriver csidrivers c
storage.k8s.io/v1 CSINode csinodes c
storage.k8s.io/v1 CSIStorageCapacity csistoragecapacities n
storage.k8s.io/v1 StorageClass storageclasses c sc
storage.k8s.io/v1 VolumeAttachment volumeattachments c`

var inAll = []string{"pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets", "horizontalpodautoscalers", "cronjobs", "jobs"}

// builtin returns the kinds that every server has. They are served even when
// no object is held: clients list events and the like without asking first.
func builtin() map[schema.GroupVersionKind]*resource {
	all := map[schema.GroupVersionKind]*resource{}
	for line := range strings.Lines(builtins) {
		f := strings.Fields(line)
		gv, _ := schema.ParseGroupVersion(f[0])
		r := &resource{
			gvk: gv.WithKind(f[1]), name: f[2], singular: strings.ToLower(f[1]), short: f[4:],
			namespaced: f[3] == "n", selectable: selectable[f[2]], items: map[string]*item{},
		}
		if slices.Contains(inAll, r.name) {
			r.categories = []string{"all"}
		}
		all[r.gvk] = r
	}
	return all
}

// guess names the resource of a kind as the API's own tools do.
func guess(gvk schema.GroupVersionKind, namespaced bool) *resource {
	plural, singular := meta.UnsafeGuessKindToResource(gvk)
	return &resource{gvk: gvk, name: plural.Resource, singular: singular.Resource, namespaced: namespaced, items: map[string]*item{}}
}

// define serves the versions of a CustomResourceDefinition.
func (a *API) define(crd *unstructured.Unstructured) {
	text := func(path ...string) string {
		s, _, _ := unstructured.NestedString(crd.Object, append([]string{"spec"}, path...)...)
		return s
	}
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	for _, v := range versions {
		v, _ := v.(map[string]any)
		if served, _ := v["served"].(bool); !served {
			continue
		}
		name, _ := v["name"].(string)
		gvk := schema.GroupVersionKind{Group: text("group"), Version: name, Kind: text("names", "kind")}
		r := a.resources[gvk]
		if r == nil {
			r = &resource{gvk: gvk, items: map[string]*item{}}
			a.resources[gvk] = r
		}
		r.name, r.singular = text("names", "plural"), cmp.Or(text("names", "singular"), strings.ToLower(gvk.Kind))
		r.namespaced = text("scope") == "Namespaced"
		r.short, _, _ = unstructured.NestedStringSlice(crd.Object, "spec", "names", "shortNames")
		r.categories, _, _ = unstructured.NestedStringSlice(crd.Object, "spec", "names", "categories")
		r.columns = columnsOf(v)
	}
}

// sorted returns the resources by group, newest version first, by name.
func (a *API) sorted() []*resource {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*resource
	for _, r := range a.resources {
		copied := *r
		all = append(all, &copied)
	}
	slices.SortFunc(all, func(x, y *resource) int {
		return cmp.Or(cmp.Compare(x.gvk.Group, y.gvk.Group),
			-version.CompareKubeAwareVersionStrings(x.gvk.Version, y.gvk.Version), cmp.Compare(x.name, y.name))
	})
	return all
}

var verbs = []string{"get", "list", "watch"}

func (a *API) discover(req *http.Request, parts []string) *http.Response {
	all := a.sorted()
	core := parts[0] == "api"
	all = slices.DeleteFunc(all, func(r *resource) bool { return (r.gvk.Group == "") != core })
	switch {
	case len(parts) == 1 && strings.Contains(req.Header.Get("Accept"), "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"):
		res := answer(req, http.StatusOK, encode(aggregated(all)))
		res.Header.Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
		return res
	case core && len(parts) == 1:
		return answer(req, http.StatusOK, encode(metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}}))
	case len(parts) == 1:
		return answer(req, http.StatusOK, encode(metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: groups(all)}))
	case !core && len(parts) == 2:
		for _, g := range groups(all) {
			if g.Name == parts[1] {
				g.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
				return answer(req, http.StatusOK, encode(g))
			}
		}
		return pageNotFound(req)
	}
	gv := schema.GroupVersion{Version: parts[len(parts)-1]}
	if !core {
		gv.Group = parts[1]
	}
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String()}
	for _, r := range all {
		if r.gvk.GroupVersion() != gv {
			continue
		}
		list.APIResources = append(list.APIResources, metav1.APIResource{
			Name: r.name, SingularName: r.singular, Namespaced: r.namespaced, Kind: r.gvk.Kind,
			Verbs: verbs, ShortNames: r.short, Categories: r.categories,
		})
		if r.name == "pods" && core {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: "pods/log", Namespaced: true, Kind: "Pod", Verbs: []string{"get"}})
		}
	}
	if list.APIResources == nil {
		return pageNotFound(req)
	}
	return answer(req, http.StatusOK, encode(list))
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
	list := discoveryv2.APIGroupDiscoveryList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupDiscoveryList", APIVersion: "apidiscovery.k8s.io/v2"}}
	for _, r := range all {
		if n := len(list.Items); n == 0 || list.Items[n-1].Name != r.gvk.Group {
			list.Items = append(list.Items, discoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: r.gvk.Group}})
		}
		g := &list.Items[len(list.Items)-1]
		if n := len(g.Versions); n == 0 || g.Versions[n-1].Version != r.gvk.Version {
			g.Versions = append(g.Versions, discoveryv2.APIVersionDiscovery{Version: r.gvk.Version, Freshness: discoveryv2.DiscoveryFreshnessCurrent})
		}
		v := &g.Versions[len(g.Versions)-1]
		scope := discoveryv2.ScopeCluster
		if r.namespaced {
			scope = discoveryv2.ScopeNamespace
		}
		kind := metav1.GroupVersionKind(r.gvk)
		d := discoveryv2.APIResourceDiscovery{
			Resource: r.name, SingularResource: r.singular, ResponseKind: &kind, Scope: scope,
			Verbs: verbs, ShortNames: r.short, Categories: r.categories,
		}
		if r.name == "pods" && r.gvk.Group == "" {
			d.Subresources = []discoveryv2.APISubresourceDiscovery{{Subresource: "log", ResponseKind: &kind, Verbs: []string{"get"}}}
		}
		v.Resources = append(v.Resources, d)
	}
	return list
}
