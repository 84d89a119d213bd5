package links

import (
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ownedKinds are what the controllers of the built-in kinds make, and what belongs to
// an object by its name: the kinds in which the owned objects of a kind are looked for.
var ownedKinds = map[string]string{
	"Deployment.apps":       "ReplicaSet.apps",
	"ReplicaSet.apps":       "Pod",
	"ReplicationController": "Pod",
	"StatefulSet.apps":      "Pod ControllerRevision.apps",
	"DaemonSet.apps":        "Pod ControllerRevision.apps",
	"Job.batch":             "Pod",
	"CronJob.batch":         "Job.batch",
	"Service":               "StatefulSet.apps EndpointSlice.discovery.k8s.io Endpoints IPAddress.networking.k8s.io",
	"ServiceAccount":        "Secret",
	"PersistentVolumeClaim": "PersistentVolume",
}

// customOwned are the kinds in which the objects of an operator are looked for.
const customOwned = "Pod Service ConfigMap Secret ServiceAccount PersistentVolumeClaim" +
	" Deployment.apps StatefulSet.apps DaemonSet.apps Job.batch CronJob.batch" +
	" Ingress.networking.k8s.io Role.rbac.authorization.k8s.io RoleBinding.rbac.authorization.k8s.io"

// installed are the kinds in which what a release of Helm has installed is looked for.
const installed = customOwned + " HorizontalPodAutoscaler.autoscaling PodDisruptionBudget.policy" +
	" NetworkPolicy.networking.k8s.io"

// scalable are the kinds whose objects may make no pods for now.
const scalable = "Deployment.apps StatefulSet.apps DaemonSet.apps CronJob.batch"

// routing are the kinds whose objects route to Services.
const routing = "Ingress.networking.k8s.io HTTPRoute.gateway.networking.k8s.io GRPCRoute.gateway.networking.k8s.io"

// owned returns the kinds of what an object of a kind may own.
func owned(kind schema.GroupKind) []schema.GroupKind {
	text, ok := ownedKinds[kind.String()]
	if _, known := kinds.For(kind); !ok && !known {
		text = customOwned
	}
	return parseKinds(text)
}

func parseKinds(text string) []schema.GroupKind {
	var out []schema.GroupKind
	for word := range strings.FieldsSeq(text) {
		out = append(out, schema.ParseGroupKind(word))
	}
	return out
}

// linkers are the kinds by the kinds that they point to.
var linkers = sync.OnceValue(func() map[schema.GroupKind][]schema.GroupKind {
	out := map[schema.GroupKind][]schema.GroupKind{}
	for _, k := range kinds.All() {
		for _, to := range k.LinkKinds() {
			out[to] = append(out[to], k.GroupKind())
		}
	}
	for kind, points := range kinds.CustomLinks() {
		for _, to := range points {
			out[to] = append(out[to], kind)
		}
	}
	return out
})

// linking returns the kinds that may point to objects of a kind.
func linking(kind schema.GroupKind) []schema.GroupKind { return linkers()[kind] }

// contained returns the kinds of what a namespace is shown with.
func contained() []schema.GroupKind {
	var out []schema.GroupKind
	for _, k := range kinds.All() {
		if k.Namespaced && !slices.Contains(passing, k.Kind) {
			out = append(out, k.GroupKind())
		}
	}
	return out
}

// passing are kinds whose objects tell of others and pass.
var passing = []string{"Event", "Lease", "EndpointSlice", "Endpoints", "ControllerRevision"}
