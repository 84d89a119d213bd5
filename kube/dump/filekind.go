package dump

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// resources are the built-in kinds by the names of their resources, in all
// groups together (group "*") and in each.
var resources = sync.OnceValue(func() map[schema.GroupResource]schema.GroupVersionKind {
	all := map[schema.GroupResource]schema.GroupVersionKind{}
	definition := schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	known := scheme.Scheme.AllKnownTypes()
	kinds := make([]schema.GroupVersionKind, 0, len(known)+1)
	for gvk := range known {
		kinds = append(kinds, gvk)
	}
	for _, gvk := range append(kinds, definition) {
		plural, _ := meta.UnsafeGuessKindToResource(gvk)
		for _, group := range []string{"*", gvk.Group} {
			name := schema.GroupResource{Group: group, Resource: plural.Resource}
			was, twice := all[name]
			stable := gvk.Version == "v1"
			if !twice || stable && (was.Version != "v1" || gvk.Group == "" || gvk.Group == "apps") {
				all[name] = gvk
			}
		}
	}
	return all
})

var (
	// Trees of oc adm must-gather and oc adm inspect.
	treeOfNamespace = regexp.MustCompile(`(?:^|/)namespaces/[^/]+/([^/]+)/([^/]+?)(/[^/]+)?\.(?:yaml|json)$`)
	treeOfCluster   = regexp.MustCompile(`(?:^|/)cluster-scoped-resources/([^/]+)/([^/]+?)(/[^/]+)?\.(?:yaml|json)$`)
	treeOfPod       = regexp.MustCompile(`(?:^|/)namespaces/[^/]+/pods/([^/]+)/([^/]+)\.(?:yaml|json)$`)
	namespaceItself = regexp.MustCompile(`(?:^|/)namespaces/([^/]+)/([^/]+)\.(?:yaml|json)$`)
	// Support bundles.
	bundles = regexp.MustCompile(`(?:^|/)cluster-resources/([^/]+?)(?:/[^/]+)*\.(?:yaml|json)$`)
)

// kindOfList is the kind of a list's items by the name of its file ("pods.yaml"), for
// lists that do not say it.
func kindOfList(name string) schema.GroupVersionKind {
	if gvk, _ := kindOfPath(name); gvk.Kind != "" {
		return gvk
	}
	base := path.Base(name)
	return resourceKind("*", strings.TrimSuffix(base, path.Ext(base)))
}

// kindOfObject is the kind of an object by its path, in the trees of tools that write
// each object into its own file.
func kindOfObject(name string) schema.GroupVersionKind {
	gvk, single := kindOfPath(name)
	if !single {
		return schema.GroupVersionKind{}
	}
	return gvk
}

// kindOfPath is the kind that a tool's tree keeps in a place, and whether the
// file has one object of it.
func kindOfPath(name string) (gvk schema.GroupVersionKind, single bool) {
	if m := treeOfPod.FindStringSubmatch(name); m != nil && m[1] == m[2] {
		return resourceKind("", "pods"), true
	}
	for _, tree := range []*regexp.Regexp{treeOfNamespace, treeOfCluster} {
		if m := tree.FindStringSubmatch(name); m != nil {
			group := m[1]
			if group == "core" {
				group = ""
			}
			return resourceKind(group, m[2]), m[3] != ""
		}
	}
	if m := namespaceItself.FindStringSubmatch(name); m != nil && m[1] == m[2] {
		return resourceKind("", "namespaces"), true
	}
	if m := bundles.FindStringSubmatch(name); m != nil {
		return resourceKind("*", m[1]), false
	}
	return schema.GroupVersionKind{}, false
}

// resourceKind is the built-in kind of a resource; in a file's name its words may be
// separated by dashes.
func resourceKind(group, plural string) schema.GroupVersionKind {
	return resources()[schema.GroupResource{Group: group, Resource: strings.ReplaceAll(plural, "-", "")}]
}
