package memapi

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// refusals are objects that cannot be served, and why.
var refusals = map[string]struct {
	object Object
	why    string
}{
	"no name": {Object{GVK: corev1.SchemeGroupVersion.WithKind("Pod"), Namespace: "shop", Data: Raw("{}")}, "lacks its"},
	"no kind": {Object{Name: "x", Namespace: "shop", Data: Raw("{}")}, "lacks its"},
	"no data": {Object{GVK: corev1.SchemeGroupVersion.WithKind("Pod"), Namespace: "shop", Name: "x"}, "no data"},
	"no namespace": {
		Object{GVK: corev1.SchemeGroupVersion.WithKind("Pod"), Name: "x", Data: Raw("{}")}, `"x" has no namespace`,
	},
	"a namespace too many": {
		Object{GVK: corev1.SchemeGroupVersion.WithKind("Node"), Namespace: "shop", Name: "x", Data: Raw("{}")}, "has none",
	},
	"a definition in protobuf": {
		Object{GVK: definitionKind.WithVersion("v1"), Name: "x", Encoding: Protobuf, Data: Raw("")}, "is not JSON",
	},
	"a definition with a text for a list": {
		Object{GVK: definitionKind.WithVersion("v1"), Name: "x", Data: Raw(`{"spec":{"versions":"v1"}}`)}, "cannot be read",
	},
	"an old definition with a text for its columns": {
		Object{
			GVK: definitionKind.WithVersion("v1beta1"), Name: "x",
			Data: Raw(`{"spec":{"version":"v1","additionalPrinterColumns":"none"}}`),
		},
		"cannot be read",
	},
}

func goodNode() Object {
	return Object{GVK: corev1.SchemeGroupVersion.WithKind("Node"), Name: "good", Data: Raw(`{"metadata":{"name":"good"}}`)}
}

func TestOneObjectThatIsRefusedFailsThemAll(t *testing.T) {
	for name, refusal := range refusals {
		for call, do := range map[string]func(*API) error{
			"put":     func(a *API) error { return a.Put(goodNode(), refusal.object) },
			"replace": func(a *API) error { return a.Replace([]Object{goodNode(), refusal.object}) },
		} {
			t.Run(name+", "+call, func(t *testing.T) {
				a := emptyAPI(t)
				err := do(a)
				if err == nil || !strings.Contains(err.Error(), refusal.why) || a.Len() != 0 {
					t.Errorf("%v, and %d objects are there", err, a.Len())
				}
			})
		}
	}
}

func TestRefusedObjectsAreLeftOut(t *testing.T) {
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			var refused []string
			a, err := New(Options{
				Clock:   NewClock(time.Unix(0, 0)),
				Refused: func(_ Object, err error) { refused = append(refused, err.Error()) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Put(goodNode(), refusal.object); err != nil {
				t.Fatal(err)
			}
			if err := a.Replace([]Object{refusal.object, goodNode()}); err != nil {
				t.Fatal(err)
			}
			if len(refused) != 2 || !strings.Contains(refused[0], refusal.why) || refused[1] != refused[0] || a.Len() != 1 {
				t.Errorf("refused %q, and %d objects are there", refused, a.Len())
			}
		})
	}
}

// TestARefusedObjectTakesItsEarlierVersionAlong has an API that shows no definition
// which is not true any more, and still the objects of its kind.
func TestARefusedObjectTakesItsEarlierVersionAlong(t *testing.T) {
	refused := 0
	a, err := New(Options{Clock: NewClock(time.Unix(0, 0)), Refused: func(Object, error) { refused++ }})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ApplyYAML("apiVersion: apiextensions.k8s.io/v1" + widgetDefinition + `
  versions: [{name: v1, served: true}]
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: w1, namespace: shop}
`); err != nil {
		t.Fatal(err)
	}
	broken := Object{
		GVK: definitionKind.WithVersion("v1"), Name: "widgets.example.org", Data: Raw(`{"spec":{"versions":"v1"}}`),
	}
	if err := a.Put(broken); err != nil || refused != 1 {
		t.Fatal(err, refused)
	}
	held := map[schema.GroupKind]int{}
	for family, s := range a.families {
		held[family] = len(s.items)
	}
	maps.DeleteFunc(held, func(_ schema.GroupKind, n int) bool { return n == 0 })
	if got := slices.Collect(maps.Keys(held)); len(got) != 1 || got[0].Kind != "Widget" {
		t.Errorf("there are %v", held)
	}
	if a.resources[schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Widget"}] == nil {
		t.Error("widgets are not served any more")
	}
}
