package history

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// noiseKinds are kinds whose updates are heartbeats, or are shown in another way (Events).
var noiseKinds = map[schema.GroupKind]bool{
	{Group: "coordination.k8s.io", Kind: "Lease"}: true,
	{Kind: "Event"}:                                        true,
	{Group: "events.k8s.io", Kind: "Event"}:                true,
	{Group: "metrics.k8s.io", Kind: "PodMetrics"}:          true,
	{Group: "metrics.k8s.io", Kind: "NodeMetrics"}:         true,
	{Group: "cilium.io", Kind: "CiliumEndpoint"}:           true,
	{Group: "storage.k8s.io", Kind: "CSIStorageCapacity"}:  true,
	{Group: "wgpolicyk8s.io", Kind: "PolicyReport"}:        true,
	{Group: "wgpolicyk8s.io", Kind: "ClusterPolicyReport"}: true,
	{Group: "reports.kyverno.io", Kind: "EphemeralReport"}: true,
}

// IsNoise reports whether the updates of a kind mean nothing, so that none is kept.
func IsNoise(kind schema.GroupKind) bool { return noiseKinds[kind] }

// noiseFields are fields of any object that change without meaning.
var noiseFields = map[string]bool{
	"apiVersion": true, "kind": true,
	"metadata.resourceVersion": true, "metadata.generation": true, "metadata.managedFields": true,
	"metadata.uid": true, "metadata.creationTimestamp": true, "metadata.selfLink": true,
	"metadata.deletionGracePeriodSeconds": true, "metadata.generateName": true,
	"spec.template.metadata.creationTimestamp": true,

	"status.observedGeneration": true, "status.images": true, "status.volumesInUse": true,
	"status.volumesAttached": true, "status.startTime": true, "status.podIP": true, "status.podIPs": true,
	"status.hostIP": true, "status.hostIPs": true, "status.qosClass": true, "status.currentMetrics": true,
	"status.lastScaleTime": true, "status.collisionCount": true, "status.terminatingReplicas": true,
	// Of a workload's counts, those that are ready say it.
	"status.replicas": true, "status.updatedReplicas": true, "status.availableReplicas": true,
	"status.unavailableReplicas": true, "status.fullyLabeledReplicas": true, "status.currentReplicas": true,
	"status.numberAvailable": true, "status.numberUnavailable": true, "status.currentNumberScheduled": true,
	"status.updatedNumberScheduled": true, "status.currentRevision": true, "status.updateRevision": true,
	"status.lastSuccessfulTime": true, "status.lastScheduleTime": true, "status.uncountedTerminatedPods": true,
	"status.ready": true, "status.terminating": true,
	"spec.renewTime": true, "spec.acquireTime": true, "spec.leaseTransitions": true,
}

// noiseNames are fields that are noise wherever they are in a status.
var noiseNames = map[string]bool{
	"observedGeneration": true, "lastHeartbeatTime": true, "lastProbeTime": true, "lastUpdateTime": true,
	"lastTransitionTime": true, "lastReconcileTime": true, "lastSyncTime": true, "reconciledAt": true,
	"observedAt": true, "lastHandledReconcileAt": true,
}

// noiseAnnotations are what tools write down for themselves.
var noiseAnnotations = []string{
	"kubectl.kubernetes.io/last-applied-configuration",
	"deployment.kubernetes.io/",
	"deprecated.daemonset.template.generation",
	"endpoints.kubernetes.io/last-change-trigger-time",
	"control-plane.alpha.kubernetes.io/leader",
	"autoscaling.alpha.kubernetes.io/",
	"node.alpha.kubernetes.io/ttl",
	"reconcile.fluxcd.io/requestedAt",
	"argocd.argoproj.io/refresh",
	"kapp.k14s.io/original",
	"objectset.rio.cattle.io/applied",
	"volumes.kubernetes.io/controller-managed-attach-detach",
	"pv.kubernetes.io/bind-completed",
	"cni.projectcalico.org/",
	"k8s.ovn.org/",
	"flannel.alpha.coreos.com/",
}

// isNoise reports whether what is at a path means nothing.
func isNoise(path []string) bool {
	last := path[len(path)-1]
	if path[0] == "status" && noiseNames[last] {
		return true
	}
	if noiseFields[strings.Join(path, ".")] {
		return true
	}
	if n := len(path); n >= 3 && path[n-2] == "annotations" && path[n-3] == "metadata" {
		return slices.ContainsFunc(noiseAnnotations, func(a string) bool { return strings.HasPrefix(last, a) })
	}
	return false
}

// isWhole reports whether what is at a path is compared as one value: its parts say
// something together.
func isWhole(path []string) bool {
	n := len(path)
	if n < 3 || path[0] != "status" {
		return false
	}
	switch path[n-2] {
	case "conditions":
		return true
	case "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses":
		return true
	}
	return false
}
