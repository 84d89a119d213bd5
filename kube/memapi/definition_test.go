package memapi

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const widgetDefinition = `
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList, shortNames: [wd]}
`

// TestColumnsOfDefinitions has both versions of definitions, and paths that are
// wrong in every way.
func TestColumnsOfDefinitions(t *testing.T) {
	for name, c := range map[string]struct{ version, spec, path, header, row string }{
		"v1beta1, for all versions": {
			"v1beta1", `  version: v1
  versions: [{name: v1, served: true, storage: true}]
  additionalPrinterColumns: [{name: Size, type: integer, JSONPath: .spec.size}]`,
			"v1", "Name | Size", "w1 | 7",
		},
		"v1beta1, one version that is not in a list": {
			"v1beta1", `  version: v1
  additionalPrinterColumns: [{name: Size, type: integer, JSONPath: .spec.size}]`,
			"v1", "Name | Size", "w1 | 7",
		},
		"v1beta1, per version": {
			"v1beta1", `  versions:
  - {name: v1, served: true, additionalPrinterColumns: [{name: Colour, type: string, JSONPath: .spec.colour}]}
  - {name: v2, served: true}`,
			"v1", "Name | Colour", "w1 | red",
		},
		"v1beta1, without columns": {
			"v1beta1", "  version: v1", "v1", "Name | Age", "w1 | 24h",
		},
		"v1, per version": {
			"v1", `  versions:
  - name: v1
    served: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size, priority: 1}]`,
			"v1", "Name | (Size)", "w1 | 7",
		},
		"paths that are wrong": {
			"v1", `  versions:
  - name: v1
    served: true
    additionalPrinterColumns:
    - {name: A, type: string, jsonPath: ".spec.list[5]"}
    - {name: B, type: string, jsonPath: ".spec.size.nothing"}
    - {name: C, type: string, jsonPath: ".spec.[?("}
    - {name: D, type: integer, jsonPath: ".spec.colour"}
    - {name: E, type: date, jsonPath: ".spec.colour"}
    - {name: F, type: string, jsonPath: ".spec.none"}
    - {name: G, type: string, jsonPath: ".spec.list[-9]"}
    - {name: H, type: string, jsonPath: ".spec.list[?(@.x > 1)]"}
    - {name: I, type: integer, jsonPath: ".spec.size"}`,
			"v1", "Name | A | B | C | D | E | F | G | H | I",
			"w1 | <nil> | <nil> | <nil> | <nil> | <invalid> | <no value> | <nil> | <nil> | 7",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := emptyAPI(t)
			err := a.ApplyYAML("apiVersion: apiextensions.k8s.io/" + c.version + widgetDefinition + c.spec + `
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: w1, namespace: shop, creationTimestamp: "2026-01-01T03:04:05Z"}
spec: {size: 7, colour: red, list: [{x: 1}], none: null}
`)
			if err != nil {
				t.Fatal(err)
			}
			got := tableOf(t, a, "/apis/example.org/"+c.path+"/widgets")
			if diff := cmp.Diff([]string{c.header, c.row}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDefinitionsAreServedAsV1 holds that a client reads columns where v1 has them.
func TestDefinitionsAreServedAsV1(t *testing.T) {
	a := emptyAPI(t)
	err := a.ApplyYAML("apiVersion: apiextensions.k8s.io/v1beta1" + widgetDefinition + `  version: v1
  versions:
  - {name: v1, served: true, storage: true}
  - {name: v2, served: true, additionalPrinterColumns: [{name: Own, type: date, JSONPath: .x}]}
  validation: {openAPIV3Schema: {type: object}}
  additionalPrinterColumns: [{name: Size, type: integer, JSONPath: .spec.size}]
`)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := fetch(t, a, jsonMedia, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org")
	var got struct {
		APIVersion string
		Spec       map[string]any
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	schema := map[string]any{"openAPIV3Schema": map[string]any{"type": "object"}}
	column := func(name, kind, path string) []any {
		return []any{map[string]any{"name": name, "type": kind, "jsonPath": path}}
	}
	want := []any{
		map[string]any{
			"name": "v1", "served": true, "storage": true, "schema": schema,
			"additionalPrinterColumns": column("Size", "integer", ".spec.size"),
		},
		map[string]any{
			"name": "v2", "served": true, "schema": schema, "additionalPrinterColumns": column("Own", "date", ".x"),
		},
	}
	if diff := cmp.Diff(want, got.Spec["versions"]); diff != "" || got.APIVersion != "apiextensions.k8s.io/v1" {
		t.Error(got.APIVersion, diff)
	}
	for _, old := range []string{"version", "validation", "additionalPrinterColumns"} {
		if got.Spec[old] != nil {
			t.Errorf("spec.%s is still there", old)
		}
	}
}
