package triage

import (
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// controllerOf is the first owner of an object; a Ref without a name for one that nothing
// owns.
func controllerOf(r *kinds.Record) kinds.Ref {
	for _, l := range r.Links {
		if l.Relation == kinds.OwnedBy {
			return l.To
		}
	}
	return kinds.Ref{}
}

// ownersMax bounds a chain of owners, which an API server does not keep from going round.
const ownersMax = 8

// workloadOf is what a person would mend where an object is in trouble: its topmost owner
// that is known, or the object itself. Nodes own their static pods and cannot be meant.
func (s *State) workloadOf(ref kinds.Ref) kinds.Ref {
	for range ownersMax {
		e := s.entry(ref)
		if e == nil {
			return ref
		}
		up := controllerOf(e.record)
		if up.Name == "" || up.GroupKind == nodeKind {
			return ref
		}
		if up.GroupKind == setKind && s.entry(up) == nil {
			// The ReplicaSets are many, and read later than what owns them.
			up = deploymentOf(e.record, up)
		}
		if s.entry(up) == nil {
			// While owners load, and while those that are well are not kept, what belongs to one is
			// said of it by its name.
			missing := s.coverage[up.GroupKind].Missing
			if missing == Well || missing == Loading && slices.Contains(mended, up.GroupKind) {
				return up
			}
			return ref
		}
		ref = up
	}
	return ref
}

// mended are the owners that a person mends, and that nothing else owns most of the time.
var mended = []schema.GroupKind{deployKind, statefulSet, daemonSet}

// isWell reports whether a workload is well because it is not among those that are not.
func (s *State) isWell(ref kinds.Ref) bool {
	return s.coverage[ref.GroupKind].Missing == Well && slices.Contains(mended, ref.GroupKind) && s.entry(ref) == nil
}

// deploymentOf is the Deployment of a pod's ReplicaSet, by the hash in its name
// (k8s.io/kubernetes/pkg/controller/deployment/sync.go, getNewReplicaSet).
func deploymentOf(pod *kinds.Record, set kinds.Ref) kinds.Ref {
	hash, ok := pod.Label(appsv1.DefaultDeploymentUniqueLabelKey)
	if set.GroupKind != setKind || !ok {
		return kinds.Ref{}
	}
	name, ok := strings.CutSuffix(set.Name, "-"+hash)
	if !ok {
		return kinds.Ref{}
	}
	return kinds.Ref{GroupKind: deployKind, Namespace: set.Namespace, Name: name}
}

// The words with which the API server refuses an object, and what they name:
// k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go,
// .../plugin/webhook/errors.go, .../plugin/policy/validating/caching_authorizer.go.
var (
	quotaRefusal   = regexp.MustCompile(`exceeded quota: ([^,\s]+)`)
	mustSpecify    = regexp.MustCompile(`failed quota: ([^:\s]+): must specify`)
	webhookRefusal = regexp.MustCompile(`failed calling webhook "([^"]+)"`)
	webhookDenied  = regexp.MustCompile(`admission webhook "([^"]+)" denied the request`)
	policyRefusal  = regexp.MustCompile(`ValidatingAdmissionPolicy '([^']+)'`)
)

// webhookName stands for a webhook configuration until a verdict looks for the one that has
// a webhook of that name.
const webhookName = "Webhook"

// refusedBy is what a refusal names as its reason.
func refusedBy(namespace, message string) []cause {
	switch {
	case quotaRefusal.MatchString(message):
		return []cause{{refTo("", "ResourceQuota", namespace, quotaRefusal.FindStringSubmatch(message)[1]), "is limited by"}}
	case mustSpecify.MatchString(message):
		return []cause{{refTo("", "ResourceQuota", namespace, mustSpecify.FindStringSubmatch(message)[1]), "is limited by"}}
	case webhookRefusal.MatchString(message):
		return []cause{{refTo("", webhookName, "", webhookRefusal.FindStringSubmatch(message)[1]), "is refused by"}}
	case webhookDenied.MatchString(message):
		return []cause{{refTo("", webhookName, "", webhookDenied.FindStringSubmatch(message)[1]), "is refused by"}}
	case policyRefusal.MatchString(message):
		return []cause{{refTo("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "",
			policyRefusal.FindStringSubmatch(message)[1]), "is refused by"}}
	}
	return nil
}

// kindWord is a kind as it stands in messages: "statefulset".
func kindWord(ref kinds.Ref) string { return strings.ToLower(ref.Kind) }
