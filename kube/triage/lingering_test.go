package triage

import "testing"

// TestLingering holds what is said of objects that are being deleted, of kinds without a rule for it.
func TestLingering(t *testing.T) {
	held := func(kind, version, name, deleted, finalizers string) string {
		return "\napiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: " + name + ", namespace: shop, " +
			"creationTimestamp: @-1h, deletionTimestamp: " + deleted + ", finalizers: [" + finalizers + "]}\n"
	}
	ending := func(object string) string {
		return changed(object, "namespace: shop,", "namespace: shop, deletionTimestamp: @-5m, finalizers: [acme.test/hold],")
	}
	remaining := namespaceOf("shop", ", deletionTimestamp: @-5m", "phase: Terminating, conditions: ["+
		condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", remains, "@-4m")+"]")
	const settings = "waiting configmap shop/held: Terminating: finalizer acme.test/hold "
	checkAll(t, []situation{
		{"a ConfigMap", []string{held("ConfigMap", "v1", "held", "@-5m", "acme.test/hold")}, settings + "(since -5m0s)"},
		{"for so long that it counts", []string{held("ConfigMap", "v1", "held", "@-45s", "acme.test/hold")},
			settings + "(since -45s, settling)"},
		{"within its grace", []string{held("ConfigMap", "v1", "held", "@-29s", "acme.test/hold")}, ``},
		{"two finalizers", []string{held("Secret", "v1", "held", "@-5m", "a.test/a, b.test/b")}, `
			waiting secret shop/held: Terminating: finalizer a.test/a, b.test/b (since -5m0s)`},
		{"a custom resource", []string{held("Bucket", "s3.test/v1", "held", "@-5m", "s3.test/keep")}, `
			waiting bucket shop/held: Terminating: finalizer s3.test/keep (since -5m0s)`},
		{"a Deployment without its pods", []string{ending(deployment("web", 1, 0))}, `
			waiting deployment shop/web: Terminating: finalizer acme.test/hold (since -5m0s)`},
		{"a Deployment with its pods", []string{ending(deployment("web", 1, 1))}, `
			waiting deployment shop/web: Terminating: finalizer acme.test/hold (since -5m0s)`},
		{"with its namespace", []string{held("ConfigMap", "v1", "held", "@-5m", "acme.test/hold"), remaining}, `
			waiting namespace shop: Terminating: NamespaceFinalizersRemaining: ` + remains + ` (since -5m0s)
			  configmap shop/held`},
		{"a namespace, before an API broke", []string{
			metricsAPIService("metrics", condition("Available", "False", "MissingEndpoints", "none", "@-1m")),
			namespaceOf("shop", ", deletionTimestamp: @-5m", "phase: Terminating, conditions: ["+
				condition("NamespaceDeletionDiscoveryFailure", "True", "DiscoveryFailed", "unable to retrieve the complete list "+
					"of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery", "@-1m")+", "+
				condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", remains, "@-4m")+"]")}, `
			failing apiservice v1beta1.metrics.k8s.io: MissingEndpoints: none (since -1m0s)
			failing namespace shop: Terminating: NamespaceFinalizersRemaining: ` + remains + ` (since -5m0s)`},
	})
}
