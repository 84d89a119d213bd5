package dump

import (
	"path"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// byPlural are the built-in kinds by the name of their resource.
var byPlural = sync.OnceValue(func() map[string]schema.GroupVersionKind {
	all := map[string]schema.GroupVersionKind{}
	for gvk := range scheme.Scheme.AllKnownTypes() {
		plural, _ := meta.UnsafeGuessKindToResource(gvk)
		was, known := all[plural.Resource]
		stable := gvk.Version == "v1"
		if !known || stable && (was.Version != "v1" || gvk.Group == "" || gvk.Group == "apps") {
			all[plural.Resource] = gvk
		}
	}
	return all
})

// kindOfFile is the kind that the name of a file with a list speaks of, for
// lists that are cut before they say it: "pods.yaml".
func kindOfFile(name string) schema.GroupVersionKind {
	base := path.Base(name)
	base = strings.TrimSuffix(base, path.Ext(base))
	return byPlural()[strings.ReplaceAll(base, "-", "")]
}
