package views

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/ui"
)

// documentOf is an OpenAPI document of one kind with these properties.
func documentOf(t *testing.T, kind openapi.Kind, properties map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"components": map[string]any{"schemas": map[string]any{
		"it": map[string]any{"x-kubernetes-group-version-kind": []openapi.Kind{kind}, "properties": properties},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// texts is the schema of a map of texts.
var texts = map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}

func explainDeployment(t *testing.T) *person {
	p := look(t, one("deploy", "checkout")(t, newSession(t, newCluster(t, "shop.yaml"), "shop")))
	p.until(80, 24, "● live", "checkout-7d9f-x2x9")
	p.press("i")
	p.until(80, 24, "minReadySeconds", "apps/v1")
	return p
}

func TestFieldsFold(t *testing.T) {
	p := explainDeployment(t)
	p.until(80, 40, "▾ spec", "▸ template")
	p.press("a")
	p.until(120, 120, "▾ template", "containerPort", "maxSurge")
	p.press("a")
	if screen := p.draw(80, 40); strings.Contains(screen, "replicas") || !strings.Contains(screen, "▸ spec") {
		t.Errorf("folded:\n%s", screen)
	}
	for range 3 {
		p.press("j")
	}
	p.press("enter")
	p.until(80, 40, "▾ spec", "replicas")
	p.press("g")
	p.press("enter") // a field without others in it: its text alone
	p.until(80, 24, "APIVersion defines")
	if screen := p.draw(80, 24); strings.Contains(screen, "FIELD") {
		t.Errorf("the text is not alone:\n%s", screen)
	}
	p.press("esc")
	p.until(80, 24, "FIELD", "▾ spec")
}

// TestFieldsAreFound chooses a field by a part of its path; all around it unfolds, and
// what the API says and the object has is there.
func TestFieldsAreFound(t *testing.T) {
	p := explainDeployment(t)
	choose := p.press("/").(ui.Choose)
	found := ui.Rank("image", choose.Choices)
	if found[0].Name != "spec.template.spec.containers.image" {
		t.Errorf("found %q", found[0].Name)
	}
	const surge = "spec.strategy.rollingUpdate.maxSurge"
	if found := ui.Rank("mxsrg", choose.Choices); len(found) == 0 || found[0].Name != surge {
		t.Errorf("letters of a field find %v", found)
	}
	p.perform(found[0].Then)
	p.until(80, 24, "› ", "image", "registry.example/checkout:v42", "spec.template.spec.containers.image  string")
	p.perform(ui.Rank("imagePullPolicy", choose.Choices)[0].Then)
	p.until(80, 24, "one of   Always, IfNotPresent, Never", "here     not set")
	p.perform(ui.Rank("spec.selector.matchLabels", choose.Choices)[0].Then)
	p.until(80, 24, "here     app: checkout")
	p.perform(ui.Rank("spec.template", choose.Choices)[0].Then)
	p.until(80, 24, "PodTemplateSpec  required")
	copies := p.press("c").(ui.Choose)
	if got := copies.Choices[0].Then; got != (ui.Copy{Text: "spec.template", What: "path"}) {
		t.Errorf("copied %#v", got)
	}
}

// TestExplainWithoutObjects asks for the fields of a kind whose table is empty.
func TestExplainWithoutObjects(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, served(t, s, "statefulsets")))
	p.until(80, 24, "no statefulsets")
	v, ok := p.press("i").(ui.Open)
	if !ok {
		t.Fatalf("got %#v", p.intent)
	}
	look(t, v.View).until(80, 24, "✖ explain statefulsets.apps: the OpenAPI document does not describe this kind")
}

// TestExplainOnADump opens something saved, which has no OpenAPI documents.
func TestExplainOnADump(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.SetOpenAPI(nil)
	s := newSession(t, server, "shop")
	look(t, Explain(s, served(t, s, "deploy"), "")).until(80, 24, "✖ fields of apps/v1: what was saved has no OpenAPI documents")
}

// TestExplainSeesAnotherVersion changes an object while its fields are looked at.
func TestExplainSeesAnotherVersion(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	p := look(t, one("deploy", "checkout")(t, newSession(t, server, "shop")))
	p.until(80, 24, "● live", "checkout-7d9f-x2x9")
	p.press("i")
	choose := func() []ui.Choice { return p.press("/").(ui.Choose).Choices }
	p.until(80, 24, "minReadySeconds")
	p.perform(ui.Rank("spec.replicas", choose())[0].Then)
	p.until(80, 24, "here     3")
	kind := p.view.(*object).subject.record.Kind.GroupVersionKind
	server.Patch(t, kind, "shop", "checkout", `{"metadata": {"resourceVersion": null}, "spec": {"replicas": 7}}`)
	p.until(80, 24, "here     7")
}

func TestValues(t *testing.T) {
	schema := openapi.Schema{Fields: []openapi.Field{
		{Name: "spec", Path: "spec", Type: "Object", End: 9},
		{Name: "containers", Path: "spec.containers", Depth: 1, Type: "[]Container", End: 4},
		{Name: "image", Path: "spec.containers.image", Depth: 2, Type: "string", End: 3},
		{Name: "args", Path: "spec.containers.args", Depth: 2, Type: "[]string", End: 4},
		{Name: "labels", Path: "spec.labels", Depth: 1, Type: "map[string]string", End: 5},
		{Name: "byName", Path: "spec.byName", Depth: 1, Type: "map[string]Object", End: 7},
		{Name: "size", Path: "spec.byName.size", Depth: 2, Type: "integer", End: 7},
		{Name: "rows", Path: "spec.rows", Depth: 1, Type: "[][]Object", End: 9},
		{Name: "cell", Path: "spec.rows.cell", Depth: 2, Type: "Object", End: 9},
	}}
	container := func(image string, args ...any) any { return map[string]any{"image": image, "args": args} }
	full := map[string]any{"spec": map[string]any{
		"containers": []any{container("a", "x", ""), container("b\x1b"), nil, "odd"},
		"labels":     map[string]any{"b": "2", "a": nil},
		"byName":     map[string]any{"y": map[string]any{"size": int64(2)}, "x": map[string]any{"size": 1.5}},
		"rows":       []any{[]any{map[string]any{"cell": true}}, nil},
	}}
	for path, want := range map[string][2]string{
		"spec":                  {"4 fields", "byName: 2 fields|containers: 4 items|labels: a: null, b: 2|rows: 2 items"},
		"spec.containers":       {"4 items", "- 2 fields|- 2 fields|- null|- odd"},
		"spec.containers.image": {"a, b␛", "a, b␛"},
		"spec.containers.args":  {"2 values, 2 items", "2 values, 2 items"},
		"spec.labels":           {"a: null, b: 2", "a: null|b: 2"},
		"spec.byName":           {"2 fields", "x: size: 1.5|y: size: 2"},
		"spec.byName.size":      {"1.5, 2", "1.5, 2"},
		"spec.rows":             {"2 items", "- 1 item|- null"},
		"spec.rows.cell":        {"true", "true"},
	} {
		i := slices.IndexFunc(schema.Fields, func(f openapi.Field) bool { return f.Path == path })
		values := valuesAt(full, schema.Fields, i)
		if got := [2]string{briefValues(values), strings.Join(wholeValues(values), "|")}; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		for what, object := range map[string]map[string]any{
			"nothing": nil, "null": {"spec": nil}, "another type": {"spec": "x"}, "a list": {"spec": []any{"x"}},
		} {
			values := valuesAt(object, schema.Fields, i)
			if path != "spec" && (briefValues(values) != "" || wholeValues(values) != nil) {
				t.Errorf("%s of %s: %q", path, what, briefValues(values))
			}
		}
	}
	many := make([]any, entriesShown+2)
	for i := range many {
		many[i] = map[string]any{"image": strings.Repeat("x", i)}
	}
	object := map[string]any{"spec": map[string]any{"containers": many}}
	if got := briefValues(valuesAt(object, schema.Fields, 2)); got != `"", x, xx, xxx, xxxx, … 22 values` {
		t.Errorf("many values: %q", got)
	}
	got := wholeValues(valuesAt(object, schema.Fields, 1))
	if len(got) != entriesShown+1 || got[entriesShown] != "… and 2 more" {
		t.Errorf("many items: %q", got)
	}
}

// explainable gives a server documents of kinds whose values are secret.
func explainable(t *testing.T, holder openapi.Kind) map[string][]byte {
	metadata := map[string]any{"properties": map[string]any{"annotations": texts, "labels": texts}}
	secret := map[string]any{
		"metadata": metadata, "data": texts, "stringData": texts, "type": map[string]any{"type": "string"},
	}
	around := maps.Clone(secret)
	around["spec"] = map[string]any{"properties": map[string]any{"template": map[string]any{"properties": secret}}}
	return map[string][]byte{
		"api/v1": documentOf(t, openapi.Kind{Version: "v1", Kind: "Secret"}, secret),
		"apis/" + holder.Group + "/" + holder.Version: documentOf(t, holder, around),
	}
}
