package suite

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// grave is an object whose name is typed before it is deleted.
type grave struct {
	resource        schema.GroupVersionResource
	namespace, name string
	says            string // pattern of what the review says goes along
}

// ofCore is a resource of the core group.
func ofCore(resource string) schema.GroupVersionResource {
	return corev1.SchemeGroupVersion.WithResource(resource)
}

// read asks the API server for it.
func (g grave) read(ctx context.Context) (*unstructured.Unstructured, error) {
	return world.dynamic.Resource(g.resource).Namespace(g.namespace).Get(ctx, g.name, metav1.GetOptions{})
}

// stays checks that nobody has asked for its deletion.
func (g grave) stays(t *testing.T) {
	t.Helper()
	if object, err := g.read(t.Context()); err != nil || object.GetDeletionTimestamp() != nil {
		t.Fatalf("%s was deleted: %v", g.name, err)
	}
}

// look opens the review of its deletion.
func (g grave) look(f *screen.Terminal) {
	reviewed{kind: g.resource.Resource, object: g.name}.find(f)
	f.Keys("D")
	f.WaitFor("[ No ]", limit)
	f.WaitFor(regexp.MustCompile("takes along: "+strings.ReplaceAll(g.says, " ", `\s+`)), limit)
}

// remove deletes it: not with another name, and with its own.
func (g grave) remove(t *testing.T, f *screen.Terminal) {
	t.Helper()
	g.look(f)
	mistype(f, g.name[:len(g.name)-1])
	g.stays(t)
	f.Type(g.name)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile("(?m)^ done: delete .*"+g.name), limit)
	ctx, stop := context.WithTimeout(t.Context(), cleanLimit)
	defer stop()
	untilGone(ctx, t, g.name, func() error {
		_, err := g.read(ctx)
		return err
	})
}

// mistype says yes on a review, and then something else than the word that it asks for.
func mistype(f *screen.Terminal, wrong string) {
	yes(f, "and press enter:")
	f.Type(wrong)
	f.Keys("enter")
	f.Type("!") // It is typed there as long as enter has answered nothing.
	typed := regexp.MustCompile(`and press enter: .*!`)
	f.WaitFor(typed, limit)
	f.Keys("ctrl+u")
	f.WaitGone(typed, limit)
}

// TestGraveNamespace deletes a namespace, after it has read what is inside.
func TestGraveNamespace(t *testing.T) {
	t.Parallel()
	f, _, state := handled(t, "grave-space", brief(t))
	const doomed = writeNamespace + "-doomed"
	kubectl(t, "create", "namespace", doomed)
	t.Cleanup(func() { cleanUp(t, "namespace", doomed, "--ignore-not-found") })
	kubectlApply(t, doomed, idleWeb)
	for _, name := range []string{"one", "two", "three"} {
		kubectl(t, "create", "secret", "generic", name, "-n", doomed)
	}
	kubectl(t, "wait", "--for=create", "pod", "-l", "app=web", "-n", doomed, "--timeout", limit.String())
	grave{
		ofCore("namespaces"), "", doomed, `everything inside: 1 pod, 1 deployment, \d configmaps?, 3 secrets`,
	}.remove(t, f)
	equalEntries(t, journaled(t, state), "delete namespaces "+doomed+" done")
	onlyWrites(t, doomed, "delete namespaces "+doomed)
}

// storage is a volume that no claim has, and a claim with its volume, of a reclaim policy.
func storage(namespace, name, policy string) string {
	const text = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAMESPACE-NAME-free}
spec:
  storageClassName: NAMESPACE
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  persistentVolumeReclaimPolicy: POLICY
  claimRef: {namespace: NAMESPACE, name: nobody}
  csi: {driver: fathom.test, volumeHandle: NAME-free}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAMESPACE-NAME}
spec:
  storageClassName: NAMESPACE
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  persistentVolumeReclaimPolicy: POLICY
  claimRef: {namespace: NAMESPACE, name: NAME}
  csi: {driver: fathom.test, volumeHandle: NAME}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: NAME}
spec:
  storageClassName: NAMESPACE
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
`
	return strings.NewReplacer("NAMESPACE", namespace, "NAME", name, "POLICY", policy).Replace(text)
}

// TestGraveStorage deletes claims and volumes, whose reviews say what becomes of the data.
func TestGraveStorage(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "grave-data", brief(t))
	t.Cleanup(func() {
		for _, name := range []string{"-lost", "-kept", "-lost-free", "-kept-free"} {
			cleanUp(t, "--wait=false", "--ignore-not-found", "pv/"+namespace+name)
		}
	})
	const waits = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: waits}
spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`
	kubectlApply(t, namespace, storage(namespace, "lost", "Delete")+storage(namespace, "kept", "Retain")+waits)
	for _, name := range []string{"lost", "kept"} {
		kubectl(t, "wait", "--for=jsonpath={.status.phase}=Bound", "pvc/"+name, "-n", namespace, "--timeout", limit.String())
	}
	claims, volumes := ofCore("persistentvolumeclaims"), ofCore("persistentvolumes")
	stays := "reclaim policy Retain: the storage behind it stays"
	var want []string
	for _, g := range []grave{
		{claims, namespace, "waits", "no volume is bound to it"},
		{claims, namespace, "lost", "volume " + namespace + "-lost AND ITS DATA: its reclaim policy is Delete"},
		{claims, namespace, "kept", "volume " + namespace + "-kept is released; " + stays},
		{volumes, "", namespace + "-kept-free", stays},
		{
			volumes, "", namespace + "-lost-free",
			"reclaim policy Delete: what deletes the storage behind it is its claim's deletion, not this",
		},
	} {
		g.remove(t, f)
		want = append(want, "delete "+g.resource.Resource+" "+g.name+" done")
	}
	equalEntries(t, journaled(t, state), want...)
}

// TestGraveDefinition deletes a CustomResourceDefinition, after it has read how many objects of it there are.
func TestGraveDefinition(t *testing.T) {
	t.Parallel()
	const plural = writeNamespace + "-stones"
	const name = plural + ".fathom.test"
	kubectlApply(t, "default", `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: `+name+`}
spec:
  group: fathom.test
  names: {kind: Stone, plural: `+plural+`}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`)
	t.Cleanup(func() { cleanUp(t, "customresourcedefinition", name, "--ignore-not-found") })
	kubectl(t, "wait", "--for=condition=Established", "crd/"+name, "--timeout", limit.String())
	f, namespace, state := handled(t, "grave-kind", brief(t))
	kubectlApply(t, namespace, "{apiVersion: fathom.test/v1, kind: Stone, metadata: {name: heavy}}")
	grave{definitionsResource, "", name, "all its custom resources: 1 stone"}.remove(t, f)
	equalEntries(t, journaled(t, state), "delete customresourcedefinitions "+name+" done")
}

// TestGraveNode learns that the deletion of a node takes its pods along and wants its name, and leaves it.
func TestGraveNode(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "grave-node", brief(t))
	g := grave{ofCore("nodes"), "", namespace + "-bare", "its pods are deleted with it; the machine itself stays"}
	bareNode(t, g.name, false)
	g.look(f)
	mistype(f, g.name[:len(g.name)-1])
	f.Keys("esc")
	f.WaitGone("and press enter:", limit)
	f.Keys("esc")
	f.WaitFor("› "+g.name, limit)
	g.stays(t)
	equalEntries(t, journaled(t, state))
}

// TestManyDeletions deletes ten marked objects, and eleven only once their number was typed. The review names those
// that the filter hides.
func TestManyDeletions(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "marks", brief(t))
	var want []string
	for _, c := range []struct {
		name  string
		n     int
		typed string
	}{{"few", 10, ""}, {"many", 11, "11"}} {
		var names []string
		for i := range c.n {
			names = append(names, fmt.Sprintf("%s-%02d", c.name, i))
			configMap(t, namespace, names[i], "value")
			want = append(want, "delete configmaps "+names[i]+" done")
		}
		last := names[c.n-1]
		goTo(f, "configmaps")
		f.WaitFor(last, limit)
		filter(f, c.name)
		for _, name := range names {
			f.WaitFor("› "+name, limit)
			f.Keys("space", "j")
		}
		filter(f, last)
		f.Keys("D")
		f.WaitFor(fmt.Sprintf("the API server would take all %d", c.n), limit)
		hidden := fmt.Sprintf(`%d marked objects hidden by the filter: %s`, c.n-1, strings.Join(names[:c.n-1], ", "))
		f.WaitFor(regexp.MustCompile(strings.ReplaceAll(hidden, " ", `\s+`)), limit)
		done := fmt.Sprintf("done: delete %d configmaps", c.n)
		if c.typed == "" {
			yes(f, done)
			continue
		}
		mistype(f, "10")
		grave{ofCore("configmaps"), namespace, last, ""}.stays(t)
		f.Type(c.typed)
		f.Keys("enter")
		f.WaitFor(done, limit)
	}
	equalEntries(t, journaled(t, state), want...)
	left, err := world.client.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(left.Items) > 1 { // What every namespace has.
		t.Errorf("%d config maps are left: %v", len(left.Items), err)
	}
}
