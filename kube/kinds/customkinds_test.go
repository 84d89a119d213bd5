package kinds

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestVerticalPodAutoscaler(t *testing.T) {
	checkJudged(t, schema.GroupVersionKind{Group: "autoscaling.k8s.io", Version: "v1", Kind: "VerticalPodAutoscaler"},
		[]judged{
			{"nothing at all", `{}`, Quiet, ""},
			{"recommends", `{status: {conditions: [{type: RecommendationProvided, status: "True"}, {type: LowConfidence,
  status: "True"}], recommendation: {containerRecommendations: []}}}`, OK, ""},
			{"no recommendation yet", `{status: {conditions: [{type: RecommendationProvided, status: "False"}]}}`,
				Waiting, "RecommendationProvided=False"},
			{"no pods", `{status: {conditions: [{type: RecommendationProvided, status: "False"}, {type: NoPodsMatched,
  status: "True", reason: NoPodsMatched, message: No pods match this VPA object}]}}`,
				Degraded, "NoPodsMatched=True: NoPodsMatched: No pods match this VPA object"},
			{"no such workload", `{status: {conditions: [{type: ConfigUnsupported, status: "True",
  message: "Cannot read targetRef. Reason: Deployment shop/web does not exist"}]}}`,
				Failing, "ConfigUnsupported=True: Cannot read targetRef. Reason: Deployment shop/web does not exist"},
		})
}

func TestGateway(t *testing.T) {
	checkJudged(t, schema.GroupVersionKind{Group: gatewayGroup, Version: "v1", Kind: "GatewayClass"}, []judged{
		{"no controller", `{status: {conditions: [{type: Accepted, status: Unknown, reason: Pending,
  message: Waiting for controller}]}}`, Waiting, "Accepted=Unknown: Pending: Waiting for controller"},
		{"accepted, of an old version", `{status: {conditions: [{type: Accepted, status: "True"}, {type: SupportedVersion,
  status: "False", reason: UnsupportedVersion}]}}`, Degraded, "SupportedVersion=False: UnsupportedVersion"},
	})
	checkJudged(t, schema.GroupVersionKind{Group: gatewayGroup, Version: "v1", Kind: "Gateway"}, []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"programmed", `{status: {conditions: [{type: Accepted, status: "True"}, {type: Programmed, status: "True"}],
  listeners: [{name: http, conditions: [{type: Programmed, status: "True"}, {type: Conflicted, status: "False"}]}]}}`,
			OK, ""},
		{"no controller", `{status: {conditions: [{type: Accepted, status: Unknown, reason: Pending}]}}`,
			Waiting, "Accepted=Unknown: Pending"},
		{"waits for its address", `{status: {conditions: [{type: Accepted, status: "True"}, {type: Programmed,
  status: "False", reason: AddressNotAssigned, message: No addresses have been assigned}]}}`,
			Waiting, "Programmed=False: AddressNotAssigned: No addresses have been assigned"},
		{"not accepted", `{status: {conditions: [{type: Accepted, status: "False", reason: Invalid}]}}`,
			Failing, "Accepted=False: Invalid"},
		{"one listener of two has no certificate", `{status: {conditions: [{type: Programmed, status: "True"}], listeners: [
  {name: http, conditions: [{type: Programmed, status: "True"}]},
  {name: https, conditions: [{type: ResolvedRefs, status: "False", reason: InvalidCertificateRef}]}]}}`,
			Degraded, "listener https: ResolvedRefs=False: InvalidCertificateRef"},
		{"its only listener conflicts", `{status: {listeners: [{name: "http\e", conditions: [{type: Conflicted,
  status: "True", reason: HostnameConflict}]}]}}`, Failing, "listener http␛: Conflicted=True: HostnameConflict"},
		{"changed", `{metadata: {generation: 2}, status: {conditions: [{type: Programmed, status: "True",
  observedGeneration: 1}]}}`, Waiting, "change not seen yet by its controller"},
		{"listeners that are not", `{status: {listeners: [7, {name: 3}, {conditions: {}}]}}`, Quiet, ""},
	})
}

func TestRoute(t *testing.T) {
	all := []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"accepted", `{metadata: {namespace: shop}, spec: {parentRefs: [{name: public, namespace: shop}]},
  status: {parents: [{parentRef: {name: public}, conditions: [{type: Accepted, status: "True"},
  {type: ResolvedRefs, status: "True"}]}]}}`, OK, ""},
		{"no controller", `{metadata: {namespace: shop}, spec: {parentRefs: [{name: public, namespace: infra}]}}`,
			Waiting, "parent infra/public: no controller has answered"},
		{"rejected by its only parent", `{status: {parents: [{parentRef: {name: public, sectionName: https, port: 443},
  conditions: [{type: Accepted, status: "False", reason: NotAllowedByListeners}]}]}}`,
			Failing, "parent public (https port 443): Accepted=False: NotAllowedByListeners"},
		{"rejected by one of two", `{status: {parents: [{parentRef: {name: a}, conditions: [{type: Accepted, status: "True"}]},
  {parentRef: {name: b}, conditions: [{type: Accepted, status: "False", reason: NoMatchingParent}]}]}}`,
			Degraded, "parent b: Accepted=False: NoMatchingParent"},
		{"a backend is missing", `{status: {parents: [{parentRef: {name: a}, conditions: [{type: Accepted, status: "True"},
  {type: ResolvedRefs, status: "False", reason: BackendNotFound, message: service web not found}]}]}}`,
			Degraded, "parent a: ResolvedRefs=False: BackendNotFound: service web not found"},
		{"valid in part", `{status: {parents: [{conditions: [{type: PartiallyInvalid, status: "True"}]}]}}`,
			Degraded, "parent: PartiallyInvalid=True"},
		{"one parent of two has answered", `{spec: {parentRefs: [{name: a, sectionName: http}, {name: a, sectionName: web}]},
  status: {parents: [{parentRef: {name: a, sectionName: http}, conditions: [{type: Accepted, status: "True"}]}]}}`,
			Waiting, "parent a (web): no controller has answered"},
		{"changed", `{metadata: {generation: 2}, status: {parents: [{parentRef: {name: a}, conditions: [
  {type: Accepted, status: "True", observedGeneration: 1}]}]}}`, Waiting, "change not seen yet by its controller"},
	}
	for _, kind := range []string{"HTTPRoute", "GRPCRoute"} {
		checkJudged(t, schema.GroupVersionKind{Group: gatewayGroup, Version: "v1", Kind: kind}, all)
	}
}

func TestVolumeSnapshot(t *testing.T) {
	for _, kind := range []string{"VolumeSnapshot", "VolumeSnapshotContent"} {
		checkJudged(t, schema.GroupVersionKind{Group: snapshotGroup, Version: "v1", Kind: kind}, []judged{
			{"no controller", `{}`, Waiting, "not ready to use yet"},
			{"ready", `{status: {readyToUse: true, error: {message: an older one}}}`, OK, ""},
			{"not ready", `{status: {readyToUse: false}}`, Waiting, "not ready to use yet"},
			{"failed", `{status: {readyToUse: false, error: {time: "2026-11-23T11:00:00Z", message: quota exceeded}}}`,
				Failing, "error: quota exceeded"},
			{"failed without a word", `{status: {error: {}}}`, Failing, "error"},
			{"ready in a text", `{status: {readyToUse: "true"}}`, Waiting, "not ready to use yet"},
		})
	}
}

func TestCertificate(t *testing.T) {
	checkJudged(t, schema.GroupVersionKind{Group: certManagerGroup, Version: "v1", Kind: "Certificate"}, []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"ready", `{status: {notAfter: "2027-01-01T00:00:00Z", conditions: [{type: Ready, status: "True"}]}}`, OK, ""},
		{"issuing", `{status: {conditions: [{type: Ready, status: "False", reason: DoesNotExist}, {type: Issuing,
  status: "True", reason: DoesNotExist, message: Issuing certificate}]}}`, Waiting, "issuing: Issuing certificate"},
		{"issuing once more", `{status: {failedIssuanceAttempts: 2, conditions: [{type: Ready, status: "False"},
  {type: Issuing, status: "True"}]}}`, Waiting, "issuing, 2 attempts failed"},
		{"renewing", `{status: {conditions: [{type: Ready, status: "True"}, {type: Issuing, status: "True"}]}}`, OK, ""},
		{"cannot be renewed", `{status: {conditions: [{type: Ready, status: "True"}, {type: Issuing, status: "False",
  reason: Failed, message: order is invalid}]}}`, Degraded, "Issuing=False: Failed: order is invalid"},
		{"cannot be issued", `{status: {conditions: [{type: Ready, status: "False"}, {type: Issuing, status: "False",
  reason: Failed, message: order is invalid}]}}`, Failing, "Issuing=False: Failed: order is invalid"},
		{"expired", `{status: {conditions: [{type: Issuing, status: "True"}, {type: Ready, status: "False",
  reason: Expired, message: Certificate expired on Sat}]}}`, Failing, "Ready=False: Expired: Certificate expired on Sat"},
	})
	checkJudged(t, schema.GroupVersionKind{Group: certManagerGroup, Version: "v1", Kind: "ClusterIssuer"}, []judged{
		{"cannot register", `{status: {conditions: [{type: Ready, status: "False", reason: ErrRegisterACMEAccount}]}}`,
			Degraded, "Ready=False: ErrRegisterACMEAccount"},
	})
}

func TestArgoApplication(t *testing.T) {
	checkJudged(t, schema.GroupVersionKind{Group: argoGroup, Version: "v1alpha1", Kind: "Application"}, []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"healthy and synced", `{status: {health: {status: Healthy}, sync: {status: Synced},
  operationState: {phase: Succeeded}}}`, OK, ""},
		{"progressing", `{status: {health: {status: Progressing}}}`, Waiting, "Progressing"},
		{"degraded", `{status: {health: {status: Degraded, message: 1 pod crashes}, sync: {status: OutOfSync}}}`,
			Failing, "Degraded: 1 pod crashes"},
		{"missing", `{status: {health: {status: Missing}, sync: {status: OutOfSync}}}`, Degraded, "Missing"},
		{"suspended", `{status: {health: {status: Suspended}}}`, Quiet, "suspended"},
		{"out of sync", `{status: {health: {status: Healthy}, sync: {status: OutOfSync}}}`,
			Waiting, "sync status OutOfSync"},
		{"its sync failed", `{status: {health: {status: Healthy}, sync: {status: OutOfSync}, operationState: {phase: Failed,
  message: "one or more objects failed to apply", finishedAt: "2026-11-23T11:00:00Z"}}}`,
			Degraded, "sync Failed: one or more objects failed to apply"},
		{"syncing", `{status: {health: {status: Healthy}, operationState: {phase: Running}}}`, Waiting, "sync Running"},
		{"cannot be compared", `{status: {health: {status: Unknown}, sync: {status: Unknown}, conditions: [
  {type: ComparisonError, message: repository not accessible}, {type: OrphanedResourceWarning}]}}`,
			Degraded, "ComparisonError: repository not accessible"},
		{"a health that is new", `{status: {health: {status: Sleepy}}}`, Quiet, ""},
	})
}

func TestFlux(t *testing.T) {
	all := []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"begins", `{metadata: {generation: 1}, status: {observedGeneration: -1}}`,
			Waiting, "change not seen yet by its controller"},
		{"ready", `{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: [{type: Ready, status: "True",
  observedGeneration: 2}]}}`, OK, ""},
		{"failed, which does not count as observed", `{metadata: {generation: 2}, status: {observedGeneration: 1,
  conditions: [{type: Ready, status: "False", reason: BuildFailed, message: no such file, observedGeneration: 2}]}}`,
			Failing, "Ready=False: BuildFailed: no such file"},
		{"failed before the change", `{metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [
  {type: Ready, status: "False", reason: BuildFailed, observedGeneration: 1}]}}`,
			Waiting, "change not seen yet by its controller"},
		{"waits for another", `{status: {conditions: [{type: Ready, status: "False", reason: DependencyNotReady}]}}`,
			Waiting, "Ready=False: DependencyNotReady"},
		{"reconciling", `{status: {conditions: [{type: Ready, status: Unknown}, {type: Reconciling, status: "True",
  reason: Progressing, message: building}]}}`, Waiting, "Reconciling=True: Progressing: building"},
		{"suspended", `{metadata: {generation: 3}, spec: {suspend: true}, status: {observedGeneration: 2, conditions: [
  {type: Ready, status: "True"}]}}`, Quiet, "suspended"},
		{"suspended as it failed", `{spec: {suspend: true}, status: {conditions: [{type: Ready, status: "False",
  reason: InstallFailed}]}}`, Failing, "suspended, Ready=False: InstallFailed"},
	}
	checkJudged(t, schema.GroupVersionKind{
		Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Kind: "Kustomization",
	}, all)
	release := schema.GroupVersionKind{Group: "helm.toolkit.fluxcd.io", Version: "v2", Kind: "HelmRelease"}
	checkJudged(t, release, append(all,
		judged{"its test failed", `{status: {conditions: [{type: Ready, status: "True"}, {type: TestSuccess, status: "False",
  reason: TestFailed}]}}`, Degraded, "TestSuccess=False: TestFailed"}))
}

// The conditions of listeners and parents are shown under their names.
func TestConditionsOfParts(t *testing.T) {
	gvk := schema.GroupVersionKind{Group: gatewayGroup, Version: "v1", Kind: "Gateway"}
	k, _ := Generic(gvk.GroupVersion().WithResource("gateways"), gvk.Kind, true, nil)
	d := k.Details(customObject(t, gvk, `{status: {conditions: [{type: Accepted, status: "True"}], listeners: [
  {name: https, conditions: [{type: ResolvedRefs, status: "False", reason: InvalidCertificateRef}]}]}}`))
	if len(d.Conditions) != 2 || d.Conditions[0].Type != "Accepted" ||
		d.Conditions[1].Type != "listener https: ResolvedRefs" || d.Conditions[1].Level != Failing {
		t.Errorf("got %+v", d.Conditions)
	}
}
