package openapi

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"k8s.io/client-go/openapi/openapitest"
)

// widget is a document of a kind that has a bit of everything.
const widget = `{"openapi": "3.0.0", "info": {"title": "x", "version": "1"},
"paths": {"/apis/example.io/v1/widgets": {"get": {"x": "}]\"\\", "y": [1.5e3, true, null, {}]}}},
"components": {"schemas": {
 "io.example.v1.Widget": {"type": "object", "description": "A widget.\nIt turns.",
  "x-kubernetes-group-version-kind": [{"group": "example.io", "version": "v1", "kind": "Widget"}],
  "required": ["spec"],
  "properties": {
   "metadata": {"allOf": [{"$ref": "#/components/schemas/meta.ObjectMeta"}], "default": {}, "description": "Who it is."},
   "spec": {"type": "object", "required": ["size"],
    "x-kubernetes-validations": [{"rule": "self.size > 0", "message": "must turn"}],
    "properties": {
     "size": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9, "default": 0},
     "color": {"type": "string", "enum": ["red", "", "green"], "default": "red"},
     "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
     "limits": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/resource.Quantity"}},
     "parts": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port"],
      "items": {"allOf": [{"$ref": "#/components/schemas/io.example.v1.Part"}], "default": {}}},
     "byName": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/io.example.v1.Part"}},
     "rows": {"type": "array", "items": {"type": "array", "items": {"type": "object", "properties": {"cell": {}}}}},
     "class": {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf"}], "nullable": true},
     "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-map-type": "atomic"},
     "gone": {"$ref": "#/components/schemas/nowhere.Lost"},
     "flags": {"type": "object", "additionalProperties": false}
    }}}},
 "io.example.v1.Part": {"type": "object", "properties": {
   "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$"},
   "inner": {"type": "array", "items": {"$ref": "#/components/schemas/io.example.v1.Part"}},
   "self": {"$ref": "#/components/schemas/io.example.v1.Part"}}},
 "resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
 "meta.ObjectMeta": {"type": "object", "properties": {"name": {"type": "string"}}}
}}}`

func read(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Read(iotest.HalfReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func schemaOf(t testing.TB, d *Document, kind Kind) *Schema {
	t.Helper()
	s, err := d.Schema(kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// words is all that a field says besides its description.
func words(f Field) string {
	text := f.Path + " " + f.Type
	if f.Required {
		text += " required"
	}
	if f.Recursive {
		text += " again"
	}
	if f.Default != "" {
		text += " default=" + f.Default
	}
	if f.Enum != nil {
		text += " enum=" + strings.Join(f.Enum, "|")
	}
	for _, r := range f.Rules {
		text += " rule=" + r.Rule
		if r.Message != "" {
			text += "(" + r.Message + ")"
		}
	}
	if f.Notes != nil {
		text += " notes=" + strings.Join(f.Notes, "; ")
	}
	return text
}

func TestFields(t *testing.T) {
	s := schemaOf(t, read(t, widget), Kind{"example.io", "v1", "Widget"})
	want := []string{
		"metadata ObjectMeta", "metadata.name string",
		"spec Object required rule=self.size > 0(must turn)",
		"spec.any Object notes=replaced as a whole; takes any fields",
		"spec.byName map[string]Part", "spec.byName.inner []Part again",
		"spec.byName.name string notes=length at least 1; matches ^[a-z]+$", "spec.byName.self Part again",
		"spec.class string rule=self == oldSelf notes=cannot be changed once it is set; may be null",
		`spec.color string default="red" enum=red|""|green`,
		"spec.flags Object", "spec.gone Lost", "spec.limits map[string]Quantity",
		"spec.parts []Part notes=list with one item for each name and port", "spec.parts.inner []Part again",
		"spec.parts.name string notes=length at least 1; matches ^[a-z]+$", "spec.parts.self Part again",
		"spec.port IntOrString", "spec.rows [][]Object", "spec.rows.cell Object",
		"spec.size integer required notes=format int32; 1 to 9",
	}
	var got []string
	for i, f := range s.Fields {
		got = append(got, words(f))
		if f.Depth != strings.Count(f.Path, ".") || f.End <= i || f.End > len(s.Fields) {
			t.Errorf("%s: depth %d, ends at %d", f.Path, f.Depth, f.End)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s.Description != "A widget.\nIt turns." || s.Fields[0].Description != "Who it is." || s.Cut {
		t.Errorf("%+v", s)
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "null": "null", "a list": "[]", "HTML": "<html>", "cut": widget[:len(widget)/2],
		"cut in a name": `{"comp`, "cut after a backslash": `{"a\`, "an unfinished number": `{"a": 1`,
		"brackets that do not match": `{"components": {"schemas": {"a": }}}`, "no comma": `{"a": 1 "b": 2}`,
		"schemas that are a list": `{"components": {"schemas": []}}`,
	} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("the link broke")
	if _, err := Read(io.MultiReader(strings.NewReader(widget[:99]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestSchemasThatAreOdd(t *testing.T) {
	kind := Kind{"", "v1", "A"}
	about := `"x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "A"}]`
	for _, tt := range []struct {
		name, schemas string
		want          []string
	}{
		{"no fields", `"a": {KIND}`, nil},
		{"a type that is a list", `"a": {KIND, "properties": {"x": {"type": ["string"], "enum": [1]}}}`,
			[]string{"x Object enum=1"}},
		{"properties of null", `"a": {KIND, "properties": {"x": null, "y": {}}}`, []string{"y Object"}},
		{"a reference to itself", `"a": {KIND, "$ref": "#/components/schemas/a"}`, nil},
		{"a circle of references", `"a": {KIND, "properties": {"x": {"$ref": "b"}}}, "b": {"$ref": "c"}, "c": {"$ref": "b"}`,
			[]string{"x b"}},
		{"allOf with null", `"a": {KIND, "allOf": [null, {"properties": {"x": {}}}]}`, []string{"x Object"}},
		{"control characters", `"a": {KIND, "properties": {"x\u001b": {"type": "\u0007", "enum": ["\u202e"]}}}`,
			[]string{"x␛ ␇ enum=\ufffd"}},
		{"a reference without a name", `"a": {KIND, "properties": {"x": {"$ref": "#/"}, "y": {"allOf": [{"$ref": "b."}]}}}`,
			[]string{"x Object", "y Object"}},
		{"fields of a list", `"a": {KIND, "items": {"properties": {"x": {}}}}`, nil},
	} {
		schemas := strings.ReplaceAll(tt.schemas, "KIND", about)
		s := schemaOf(t, read(t, `{"components": {"schemas": {`+schemas+`}}}`), kind)
		var got []string
		for _, f := range s.Fields {
			got = append(got, words(f))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if _, err := read(t, `{"components": {"schemas": {}}}`).Schema(kind); !errors.Is(err, ErrUnknown) {
		t.Errorf("no schemas: %v", err)
	}
}

// TestFieldsThatMultiply has schemas each of which refers to the next one ten times.
func TestFieldsThatMultiply(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"components": {"schemas": {"last": {}`)
	for level := range 12 {
		fmt.Fprintf(&b, `, "s%d": {"x-kubernetes-group-version-kind": [{"kind": "K%d"}], "properties": {`, level, level)
		for i := range 10 {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, `"f%d": {"$ref": "#/components/schemas/s%d"}`, i, level+1)
		}
		b.WriteString("}}")
	}
	b.WriteString("}}}")
	s := schemaOf(t, read(t, b.String()), Kind{Kind: "K0"})
	if !s.Cut || len(s.Fields) != fieldsMax {
		t.Errorf("%d fields, cut: %v", len(s.Fields), s.Cut)
	}
}

// TestSchemasThatAreTooLarge has a document whose schemas never end.
func TestSchemasThatAreTooLarge(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"components": {"schemas": {"a": {"description": "`), endlessText{})
	if _, err := Read(endless); !errors.Is(err, errLarge) {
		t.Errorf("got %v, want %v", err, errLarge)
	}
}

type endlessText struct{}

func (endlessText) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// published returns a document of a real API server.
func published(t testing.TB, path string) string {
	t.Helper()
	paths, err := openapitest.NewEmbeddedFileClient().Paths()
	if err != nil {
		t.Fatal(err)
	}
	text, err := paths[path].Schema("application/json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPublishedDocuments reads every kind of what the Kubernetes project publishes.
func TestPublishedDocuments(t *testing.T) {
	for _, path := range []string{"api/v1", "apis/apps/v1", "apis/batch/v1"} {
		d := read(t, published(t, path))
		for kind := range d.kinds {
			s := schemaOf(t, d, kind)
			if s.Description == "" || s.Cut {
				t.Errorf("%+v: description %q, cut: %v", kind, s.Description, s.Cut)
			}
			for _, f := range s.Fields {
				if f.Name == "" || f.Type == "" || strings.ContainsAny(f.Type, "/#") {
					t.Errorf("%+v: %s", kind, words(f))
				}
			}
		}
	}
}

// BenchmarkRead reads the document of the core group.
func BenchmarkRead(b *testing.B) {
	text := published(b, "api/v1")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	kept := 0
	for b.Loop() {
		kept = read(b, text).Size()
	}
	b.ReportMetric(float64(kept), "B-kept")
}

// BenchmarkSchema makes the fields of a Pod.
func BenchmarkSchema(b *testing.B) {
	d := read(b, published(b, "api/v1"))
	b.ReportAllocs()
	for b.Loop() {
		schemaOf(b, d, Kind{"", "v1", "Pod"})
	}
}

// FuzzRead holds that a document never hangs or panics, and that what it says is clean
// and in order.
func FuzzRead(f *testing.F) {
	f.Add([]byte(widget))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(strings.NewReader(string(data)))
		if err != nil {
			if d != nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, and a document: %v", err, d != nil)
			}
			return
		}
		if d.Size() > len(data) {
			t.Errorf("%d bytes kept of %d", d.Size(), len(data))
		}
		for kind := range d.kinds {
			s, err := d.Schema(kind)
			if err != nil {
				continue
			}
			for i, field := range s.Fields {
				if field.End <= i || field.End > len(s.Fields) || field.Type == "" ||
					strings.ContainsAny(field.Path+field.Type+field.Default, "\x1b\n\r\a") {
					t.Errorf("%d: %+v", i, field)
				}
			}
		}
	})
}
