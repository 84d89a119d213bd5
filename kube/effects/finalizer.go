package effects

import (
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var removeFinalizer = Offer{
	Name: "finalizer", Help: "remove one, and with it what it guards", Ask: "finalizer to remove",
	Preset: func(object map[string]any) string {
		list, _ := at(object, "/metadata/finalizers").([]any)
		if len(list) == 0 {
			return ""
		}
		return kinds.Clean(fmt.Sprint(list[0]))
	},
	Make: func(t Target, text string) (Effect, error) {
		name, err := said(text, "which finalizer")
		if err != nil {
			return Effect{}, err
		}
		return Effect{
			Target: t, Name: "finalizer", Do: "remove the finalizer " + name + " of", Grave: true,
			act: patch{
				mutate: func(object map[string]any) error {
					list, _ := at(object, "/metadata/finalizers").([]any)
					i := slices.Index(list, any(name))
					if i < 0 {
						return fmt.Errorf("it has no finalizer %q", name)
					}
					list = slices.Delete(slices.Clone(list), i, i+1)
					inner(object, "metadata")["finalizers"] = list
					return nil
				},
				notes: func(object map[string]any) []string { return unguarded(object, name) },
			},
		}, nil
	},
	fits: func(r kube.Resource, object map[string]any) bool {
		list, _ := at(object, "/metadata/finalizers").([]any)
		return always(r, object) && len(list) > 0
	},
}

// finalizerGuards is what Kubernetes' own finalizers are for.
var finalizerGuards = map[string]string{
	"kubernetes.io/pvc-protection":                "it keeps a claim that a pod uses, and its data",
	"kubernetes.io/pv-protection":                 "it keeps a volume that a claim is bound to",
	"foregroundDeletion":                          "it keeps the owner until what it owns is gone",
	"orphan":                                      "it keeps what it owns from being deleted with it",
	"batch.kubernetes.io/job-tracking":            "it keeps a pod until its Job has counted it",
	"service.kubernetes.io/load-balancer-cleanup": "it keeps a Service until its load balancer is removed",
	"customresourcecleanup.apiextensions.k8s.io":  "it keeps a definition until its custom resources are gone",
}

// unguarded says what nobody guards any more without a finalizer.
func unguarded(object map[string]any, name string) []string {
	what := finalizerGuards[name]
	if what == "" {
		what = "whoever set it has something to clean up first, and may not get to it without it"
	}
	notes := []string{what}
	list, _ := at(object, "/metadata/finalizers").([]any)
	if len(list) == 1 && textAt(object, "metadata", "deletionTimestamp") != "" {
		notes = append(notes, "is being deleted: without its last finalizer it is gone at once")
	}
	return notes
}
