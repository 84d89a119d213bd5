package suite

import (
	"context"
	"regexp"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// boundClaim makes a claim that is bound to a volume, of a class that lets claims grow, and one of a class that does
// not.
func boundClaim(t *testing.T, namespace string) {
	t.Helper()
	volume := namespace + "-volume"
	t.Cleanup(func() { cleanUp(t, "--wait=false", "--ignore-not-found", "pv/"+volume, "storageclass/"+volume) })
	kubectlApply(t, namespace, `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: `+volume+`}
provisioner: fathom.test/none
allowVolumeExpansion: true
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: `+volume+`}
spec:
  storageClassName: `+volume+`
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  persistentVolumeReclaimPolicy: Retain
  claimRef: {namespace: `+namespace+`, name: data}
  hostPath: {path: /nowhere}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  storageClassName: `+volume+`
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: waits}
spec:
  storageClassName: `+volume+`
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
`)
	kubectl(t, "wait", "--for=jsonpath={.status.phase}=Bound", "pvc/data", "-n", namespace, "--timeout", limit.String())
}

// TestEffectsOfClaims expands a claim, learns why another cannot grow, and what their finalizer guards.
func TestEffectsOfClaims(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "claims", brief(t))
	boundClaim(t, namespace)
	goTo(f, "persistentvolumeclaims")
	f.WaitFor(regexp.MustCompile(`› data +Bound`), limit)
	chooseEffect(f, "expand")
	f.WaitFor("size: 1Gi", limit)
	f.Keys("ctrl+u")
	f.Type("2Gi")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`\+ +storage: 2Gi`), limit)
	yes(f, "done: expand persistentvolumeclaim")
	claims := world.client.CoreV1().PersistentVolumeClaims(namespace)
	claim, err := claims.Get(t.Context(), "data", metav1.GetOptions{})
	if err != nil || claim.Spec.Resources.Requests.Storage().String() != "2Gi" {
		t.Errorf("the claim asks for %v: %v", claim.Spec.Resources.Requests, err)
	}

	f.Keys("j")
	f.WaitFor("› waits", limit)
	chooseEffect(f, "expand")
	f.WaitFor("size: 1Gi", limit)
	f.Keys("ctrl+u")
	f.Type("2Gi")
	f.Keys("enter")
	f.WaitFor("cannot be done: ", limit)
	f.WaitFor("spec is immutable after creation", limit)
	f.Keys("esc")
	f.WaitGone("cannot be done: ", limit)
	f.Keys("esc")
	f.WaitFor("› waits", limit)

	chooseEffect(f, "finalizer")
	f.WaitFor("finalizer to remove: kubernetes.io/pvc-protection", limit)
	f.Keys("enter")
	f.WaitFor("it keeps a claim that a pod uses, and its data", limit)
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)
	equalEntries(t, journaled(t, state), "expand persistentvolumeclaims data done")
	onlyWrites(t, namespace, "patch persistentvolumeclaims data")
}

// TestRemoveFinalizer lets an object go whose finalizer nobody else removes.
func TestRemoveFinalizer(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "finalizer", brief(t))
	kubectlApply(t, namespace, `
apiVersion: v1
kind: ConfigMap
metadata: {name: stuck, finalizers: [fathom.test/clean-up]}
`)
	maps := world.client.CoreV1().ConfigMaps(namespace)
	if err := maps.Delete(t.Context(), "stuck", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	goTo(f, "configmaps")
	filter(f, "stuck")
	f.WaitFor("› stuck", limit)
	f.Keys("D")
	f.WaitFor("goes only when its finalizer fathom.test/clean-up is removed", limit)
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)
	chooseEffect(f, "finalizer")
	f.WaitFor("finalizer to remove: fathom.test/clean-up", limit)
	f.Keys("enter")
	f.WaitFor("whoever set it has something to clean up first", limit)
	f.WaitFor("without its last finalizer it is gone at once", limit)
	yesTyped(f, "stuck", "done: remove the finalizer")
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	untilGone(ctx, t, "the config map", func() error {
		_, err := maps.Get(ctx, "stuck", metav1.GetOptions{})
		return err
	})
	onlyWrites(t, namespace, "patch configmaps stuck")
}
