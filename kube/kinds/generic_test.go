package kinds

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"sigs.k8s.io/yaml"
)

var widgets = schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}

func unstructuredFrom(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		t.Fatal(err)
	}
	u.SetAPIVersion("example.com/v1")
	u.SetKind("Widget")
	data, err := u.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	// Through JSON again, for the types of numbers that a client sees.
	u = &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestGeneric(t *testing.T) {
	k, err := Generic(widgets, "Widget", true, []PrinterColumn{
		{Name: "Size", Type: "integer", JSONPath: ".spec.size"},
		{Name: "Weight", Type: "number", JSONPath: ".spec.weight"},
		{Name: "Lit", Type: "boolean", JSONPath: ".spec.lit"},
		{Name: "Phase", Type: "string", JSONPath: ".status.phase"},
		{Name: "Since", Type: "date", JSONPath: ".status.since"},
		{Name: "Ready", Type: "string", JSONPath: `.status.conditions[?(@.type=="Ready")].status`, Priority: 1},
		{Name: "First", Type: "string", JSONPath: ".spec.list[0]"},
		{Name: "List", Type: "string", JSONPath: ".spec.list"},
		{Name: "Dotted", Type: "string", JSONPath: `.metadata.labels.app\.kubernetes\.io/name`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if k.Columns[0] != (Column{Name: "NAME"}) || k.Columns[1] != (Column{Name: "SIZE",
		Right: true}) || k.Columns[6] != (Column{Name: "READY", Wide: true, State: true}) {
		t.Errorf("columns: %v", k.Columns)
	}
	for _, c := range []struct {
		name, object, want string
		status             Status
	}{
		{"nothing at all", `{}`, "||||||||", Status{}},
		{"everything", `
metadata: {name: w, labels: {app.kubernetes.io/name: shop}}
spec: {size: 3, weight: 1.5, lit: true, list: [a, b]}
status: {phase: "Run\ening", since: "2026-11-23T11:00:00Z", conditions: [{type: Ready, status: "True"}]}`,
			`3|1.5|true|Run␛ning|60m|True|a|["a","b"]|shop`, Status{Level: OK}},
		{"other types than the columns say", `
spec: {size: big, weight: x, lit: maybe, list: {a: 1}}
status: {phase: 7, since: yesterday, conditions: [7, {type: 3}]}`,
			`|||7|<invalid>|||{"a":1}|`, Status{}},
		{"whole numbers", `{spec: {size: 2.7, weight: 3, list: []}, status: {since: ""}}`, `2|3|||<unknown>|||[]|`, Status{}},
		{"spec is not a map", `{spec: 7, status: [1]}`, `||||||||`, Status{}},
		{"not ready", `{status: {conditions: [{type: Ready, status: "False", reason: NoPower, message: plug it in},
  {type: Synced, status: Unknown}]}}`,
			`|||||False|||`, Status{Level: Degraded, Reason: "Ready=False: NoPower: plug it in"}},
		{"stalled", `{status: {conditions: [{type: Reconciling, status: "True"}, {type: Stalled, status: "True",
  reason: Stuck}]}}`,
			`||||||||`, Status{Level: Failing, Reason: "Stalled=True: Stuck"}},
		{"not said yet", `{status: {conditions: [{type: Available, status: Unknown}]}}`, `||||||||`,
			Status{Level: Waiting, Reason: "Available=Unknown"}},
		{"on its way", `{status: {conditions: [{type: Reconciling, status: "True", reason: Building}, {type: Ready,
  status: "False"}]}}`, `|||||False|||`, Status{Waiting, "Reconciling=True: Building", time.Time{}}},
		{"conditions of its own", `{status: {conditions: [{type: Shiny, status: "False"}]}}`, `||||||||`, Status{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := unstructuredFrom(t, c.object)
			r, cells := row(t, k, u)
			var got []string
			for _, column := range k.Columns[1:] {
				got = append(got, cells[column.Name])
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), c.want)
			}
			if r.Status != c.status {
				t.Errorf("status: got %+v, want %+v", r.Status, c.status)
			}
			checkDetails(t, k.Details(u))
		})
	}
}

// A date may lie ahead, and its cell compares by the time that it names.
func TestGenericDatesAhead(t *testing.T) {
	k, err := Generic(widgets, "Widget", true, []PrinterColumn{{Name: "Expires", Type: "date",
		JSONPath: ".status.notAfter"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"2027-11-23T12:00:00Z": "in 1y", "2026-12-23T12:00:00Z": "in 30d", "2026-11-23T12:00:05Z": "0s",
		"2026-11-20T12:00:00Z": "3d", "soon": "<invalid>", "": "<unknown>",
	} {
		r, _ := row(t, k, unstructuredFrom(t, `{status: {notAfter: "`+name+`"}}`))
		if got := r.Cells[1].Format(now, CoarseAge); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestGenericWithoutColumnsHasAnAge(t *testing.T) {
	k, err := Generic(widgets, "Widget", false, nil)
	if err != nil || len(k.Columns) != 2 || k.Columns[1].Name != "AGE" ||
		k.Resource != "widgets" || k.Namespaced || k.Secret {
		t.Fatalf("got %+v, %v", k, err)
	}
	_, cells := row(t, k, unstructuredFrom(t, `metadata: {name: w, creationTimestamp: "2026-11-23T11:00:00Z"}`))
	if cells["NAME"] != "w" || cells["AGE"] != "60m" {
		t.Errorf("got %v", cells)
	}
}

func TestGenericNamesABadPath(t *testing.T) {
	k, err := Generic(widgets, "Widget", true, []PrinterColumn{
		{Name: "Good", Type: "string", JSONPath: ".spec.a"},
		{Name: "Bad", Type: "string", JSONPath: ".spec[?("},
		{Name: "Later", Type: "string", JSONPath: ".spec.b"},
	})
	if err == nil || !strings.Contains(err.Error(), `"Bad"`) || !strings.Contains(err.Error(), "widgets.example.com") {
		t.Errorf("got %v", err)
	}
	if len(k.Columns) != 2 || k.Columns[1].Name != "GOOD" {
		t.Errorf("columns: %v", k.Columns)
	}
	row(t, k, unstructuredFrom(t, `{}`))
}

func TestGenericFromManyGoroutines(t *testing.T) {
	k, err := Generic(widgets, "Widget", true, []PrinterColumn{{Name: "All", Type: "string",
		JSONPath: `.status.conditions[?(@.type=="Ready")].status`}})
	if err != nil {
		t.Fatal(err)
	}
	u := unstructuredFrom(t, `{status: {conditions: [{type: A, status: "False"}, {type: Ready, status: "True"}]}}`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				if r, err := k.Record(u); err != nil || r.Cells[1] != TextCell("True") {
					t.Errorf("got %v, %v", r, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestGenericScales(t *testing.T) {
	k, _ := Generic(widgets, "Widget", true, nil)
	r, _ := row(t, k, unstructuredFrom(t, `{metadata: {namespace: shop}, spec: {scaleTargetRef: {apiVersion: apps/v1,
  kind: Deployment, name: web}}}`))
	checkLink(t, r, 0, Link{
		Relation: Scales, To: Ref{schema.GroupKind{Group: "apps", Kind: "Deployment"}, "shop", "web"},
	})
}

func TestFromTable(t *testing.T) {
	k := FromTable(widgets, "Widget", true, []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name"},
		{Name: "Pods", Type: "integer"},
		{Name: "Targets", Type: "string"},
		{Name: "On", Type: "boolean"},
		{Name: "Age", Type: "string"},
		{Name: "Min-Share", Type: "number", Priority: 1},
	})
	if k.Columns[1] != (Column{Name: "PODS", Right: true}) || k.Columns[5] != (Column{Name: "MIN-SHARE", Wide: true,
		Right: true}) {
		t.Errorf("columns: %v", k.Columns)
	}
	meta := unstructuredFrom(t, `metadata: {name: w, namespace: shop, creationTimestamp: "2026-11-23T11:00:00Z",
  labels: {a: b}}`)
	for _, c := range []struct{ name, cells, want string }{
		{"a row", `["w", 12, "cpu: 3%\u001b[m/80%", true, "17s", 0.25]`, "w|12|cpu: 3%␛[m/80%|true|60m|0.25"},
		{"missing cells", `["w"]`, "w||||60m|"},
		{"no cells", `null`, "w||||60m|"},
		{"too many and odd ones", `["w", null, ["a"], {"b":1}, null, 3, "x"]`, "w||[a]|map[b:1]|60m|3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cells []any
			if err := json.Unmarshal([]byte(c.cells), &cells); err != nil {
				t.Fatal(err)
			}
			r, err := k.Row(cells, meta)
			if err != nil {
				t.Fatal(err)
			}
			checkRecord(t, r)
			var got []string
			for i := range r.Cells {
				got = append(got, r.Cells[i].Format(now, duration.HumanDuration))
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), c.want)
			}
			if n, ok := r.Cells[4].Number(); !ok || n != r.Created.UnixNano() || r.Ref().String() != "widget shop/w" {
				t.Errorf("got %+v", r)
			}
		})
	}
	if _, err := k.Row(nil, nil); err == nil {
		t.Error("a row without its object was read")
	}
	if _, cells := row(t, k, meta); cells["NAME"] != "w" || cells["AGE"] != "60m" {
		t.Errorf("an object instead of a row: %v", cells)
	}
}

func TestGenericDetails(t *testing.T) {
	k, _ := Generic(widgets, "Widget", true, nil)
	d := k.Details(unstructuredFrom(t, `
metadata: {name: w, annotations: {a: b, c: d}, finalizers: [example.com/x], deletionTimestamp: "2026-11-23T11:00:00Z"}
spec:
  size: 3
  lit: false
  name: "x\ay"
  hard: {pods: "10", cpu: 4}
  everything: {}
  nothing: []
  types: [Ingress, Egress]
  hooks: [{name: a}, {name: b}]
  rules: [{ports: [1]}, {}]
  deep: {er: {x: {y: {z: 1}}, list: [1]}}
rules: [{}]
data: {password: hidden}
status: {phase: Running, size: 3, conditions: [{type: Ready, status: "False", reason: R, message: M,
    lastTransitionTime: "2026-11-23T11:00:00Z"}]}`))
	got := map[string]string{}
	facts := d.Facts
	for _, part := range d.Sections {
		facts = append(facts, part.Facts...)
	}
	for _, f := range facts {
		if value, twice := got[f.Name]; twice && value == f.Value {
			t.Errorf("%s=%s is there twice", f.Name, value)
		}
		got[f.Name] = f.Value
	}
	for name, value := range map[string]string{"size": "3", "lit": "false", "name": "x␇y", "phase": "Running",
		"Annotations": "2",
		"hard":        "cpu=4,pods=10", "everything": "{}", "nothing": "", "types": "Ingress, Egress", "hooks": "a, b",
		"deep.er.list": "1",
		"rules":        "2 items", "Finalizers": "example.com/x", "Deleted": "2026-11-23T11:00:00Z"} {
		if got[name] != value {
			t.Errorf("%s: got %q, want %q", name, got[name], value)
		}
	}
	for name, value := range got {
		if strings.Contains(value, "hidden") || strings.HasPrefix(name, "deep.er.x") || name == "conditions" {
			t.Errorf("%s=%s is none", name, value)
		}
	}
	if len(d.Conditions) != 1 || d.Conditions[0].Level != Failing || d.Conditions[0].Changed.IsZero() {
		t.Errorf("got %+v", d)
	}
}

func BenchmarkGeneric(b *testing.B) {
	k, err := Generic(widgets, "Widget", true, []PrinterColumn{
		{Name: "Phase", Type: "string", JSONPath: ".status.phase"},
		{Name: "Ready", Type: "string", JSONPath: `.status.conditions[?(@.type=="Ready")].status`},
		{Name: "Age", Type: "date", JSONPath: ".metadata.creationTimestamp"},
	})
	if err != nil {
		b.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"name": "w", "namespace": "shop", "creationTimestamp": "2026-11-23T11:00:00Z"},
		"status": map[string]any{"phase": "Running",
			"conditions": []any{map[string]any{"type": "Ready", "status": "True"}}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Record(u); err != nil {
			b.Fatal(err)
		}
	}
}
