package suite

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// soon is how far the screen may be behind the API server.
const soon = time.Second

// TestScalingShowsWithinASecond measures from the API server's response to the screen that shows the new number.
func TestScalingShowsWithinASecond(t *testing.T) {
	const times = 20
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 1)
	f := open(t, "deployments", "-n", namespace)
	f.WaitFor(regexp.MustCompile(`web +0/1 `), limit)
	f.WaitFor("● live", limit)

	var delays []time.Duration
	for i := range times {
		// No number comes twice in a row, so an old screen cannot pass for a new one.
		replicas := int32(2 + i%4)
		scale(t, namespace, "web", replicas)
		answered := time.Now()
		f.WaitFor(regexp.MustCompile(fmt.Sprintf(`web +0/%d `, replicas)), limit)
		delays = append(delays, time.Since(answered))
	}
	slices.Sort(delays)
	p95 := delays[(times*95+99)/100-1]
	t.Logf("API response to screen, %d times: median %v, p95 %v, longest %v", times, delays[times/2], p95, delays[times-1])
	if p95 >= soon {
		t.Errorf("p95 is %v, want under %v; all: %v", p95, soon, delays)
	}
}

func scale(t *testing.T, namespace, name string, replicas int32) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := world.client.AppsV1().Deployments(namespace).Patch(t.Context(), name, types.MergePatchType, patch,
		metav1.PatchOptions{}, "scale")
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeletedPodLeavesTheTableWithinASecond(t *testing.T) {
	namespace := sandbox(t)
	pendingPod(t, world.client, namespace, "stays")
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("stays", limit)
	f.WaitFor("● live", limit)

	pendingPod(t, world.client, namespace, "goes")
	f.WaitFor(regexp.MustCompile(`goes +0/1 +Pending`), soon)
	deletePod(t, world.client, namespace, "goes")
	shot := f.WaitGone("goes", soon)
	if !shot.Contains("stays") {
		t.Errorf("the other pod went too\n%s", shot)
	}
}

// TestDeletedObjectKeepsItsLastText looks at an object while it is deleted: what is on
// the screen may be the last trace of it.
func TestDeletedObjectKeepsItsLastText(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	tests := []struct{ tab, key, text string }{
		{"overview", "v", "configmap " + namespace + "/gone-overview"},
		{"yaml", "y", "key: the last words"},
		{"describe", "d", "BinaryData"},
		{"events", "E", "no events"},
	}
	for _, test := range tests {
		t.Run(test.tab, func(t *testing.T) {
			name := "gone-" + test.tab
			configMap(t, namespace, name, "the last words")
			options := screen.Options{Columns: 120, Rows: 40, Env: []string{"TZ=UTC"}}
			f := openWith(t, world.cluster.Kubeconfig, options, "configmap/"+name, "-n", namespace)
			f.WaitFor("● live", limit)
			f.Keys(test.key)
			f.WaitFor(test.text, limit)
			before := time.Now().Add(-time.Second)
			if err := world.client.CoreV1().ConfigMaps(namespace).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			shot := f.WaitFor(regexp.MustCompile(`deleted at \d\d:\d\d:\d\d`), limit)
			at := regexp.MustCompile(`deleted at (\d\d:\d\d:\d\d)`).FindStringSubmatch(shot.Text())[1]
			if !between(at, before, time.Now()) {
				t.Errorf("deleted at %s, but the deletion was between %v and now", at, before)
			}
			f.WaitIdle(500*time.Millisecond, limit)
			if shot := f.Screen(); !shot.Contains(test.text) {
				t.Errorf("the text is gone with the object\n%s", shot)
			}
		})
	}
}

// between reports whether a UTC time of day is one of the seconds from one time to
// another.
func between(clock string, from, to time.Time) bool {
	for at := from.Truncate(time.Second); !at.After(to); at = at.Add(time.Second) {
		if at.UTC().Format(time.TimeOnly) == clock {
			return true
		}
	}
	return false
}

// gadgets defines a kind that no cluster has before the test.
const gadgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.e2e.fathom.test}
spec:
  group: e2e.fathom.test
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget, shortNames: [gg]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}, colour: {type: string}}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Colour, type: string, jsonPath: .spec.colour}
    - {name: Also, type: string, jsonPath: .metadata.uid, priority: 1}
`

var (
	definitionsResource = schema.GroupVersionResource{
		Group:    "apiextensions.k8s.io",
		Version:  "v1",
		Resource: "customresourcedefinitions",
	}
	gadgetsResource = schema.GroupVersionResource{Group: "e2e.fathom.test", Version: "v1", Resource: "gadgets"}
)

// TestNewKindWhileRunning defines a kind, browses it and removes it, all in one session.
func TestNewKindWhileRunning(t *testing.T) {
	const within = limit
	namespace := sandbox(t)
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("● live", limit)
	if offers(f, "gadgets") {
		t.Fatal("the palette knows the kind before there is one")
	}

	remove := define(t, gadgets)
	defined := time.Now()
	for !offers(f, "gadgets") {
		if time.Since(defined) > within {
			t.Fatalf("not in the palette within %v", within)
		}
	}
	t.Logf("in the palette %v after its definition", time.Since(defined).Round(time.Millisecond))

	goTo(f, "gadgets")
	f.WaitFor("no gadgets", limit)
	gadget(t, namespace, "lamp", 3, "red")
	f.WaitFor(regexp.MustCompile(`NAME\S* +SIZE +COLOUR`), limit)
	f.WaitFor(regexp.MustCompile(`lamp +3 +red`), soon)
	f.WaitFor("ALSO", limit) // a column of priority 1 has room here
	f.Keys("y")
	f.WaitFor("colour: red", limit)
	f.Keys("esc")
	f.WaitFor(regexp.MustCompile(`lamp +3 +red`), limit)

	remove()
	removed := time.Now()
	f.WaitGone("lamp", within)
	for offers(f, "gadgets") {
		if time.Since(removed) > within {
			t.Fatalf("still in the palette after %v", within)
		}
	}
	t.Logf("out of the palette %v after the definition was gone", time.Since(removed).Round(time.Millisecond))
}

// offers reports whether the palette has an entry for the gadgets.
func offers(f *screen.Terminal, name string) bool {
	f.Keys(":")
	f.Type(name)
	shot := f.WaitFor("│ › "+name, limit)
	f.Keys("esc")
	f.WaitGone("─ go to ─", limit)
	return shot.Contains("e2e.fathom.test/v1")
}

// goTo chooses the palette's first entry for what is typed, as soon as there is one.
func goTo(f *screen.Terminal, text string) {
	f.Keys(":")
	f.Type(text)
	f.WaitFor("│ › "+text, limit)
	f.WaitGone("nothing matches", limit)
	f.Keys("enter")
	f.WaitGone("─ go to ─", limit)
}

// filter enters what a table is filtered by, or what is searched for in a text.
func filter(f *screen.Terminal, text string) {
	f.Keys("/")
	f.Type(text)
	f.Keys("enter")
}

// define creates a CustomResourceDefinition; remove deletes it and returns when it is gone, once.
func define(t *testing.T, text string) (remove func()) {
	t.Helper()
	definition := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &definition.Object); err != nil {
		t.Fatal(err)
	}
	definitions := world.dynamic.Resource(definitionsResource)
	if _, err := definitions.Create(t.Context(), definition, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	remove = func() {
		ctx, stop := context.WithTimeout(context.Background(), cleanLimit)
		defer stop()
		err := definitions.Delete(ctx, definition.GetName(), metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("delete %s: %v", definition.GetName(), err)
			return
		}
		untilGone(ctx, t, definition.GetName(), func() error {
			_, err := definitions.Get(ctx, definition.GetName(), metav1.GetOptions{})
			return err
		})
	}
	t.Cleanup(remove)
	return remove
}

func gadget(t *testing.T, namespace, name string, size int64, colour string) {
	t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "e2e.fathom.test/v1", "kind": "Gadget",
		"metadata": map[string]any{"name": name},
		"spec":     map[string]any{"size": size, "colour": colour},
	}}
	if _, err := world.dynamic.Resource(gadgetsResource).Namespace(namespace).Create(t.Context(), object,
		metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}
