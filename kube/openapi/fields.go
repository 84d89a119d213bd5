package openapi

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ErrUnknown is returned when the document does not describe the kind.
var ErrUnknown = errors.New("the OpenAPI document does not describe this kind")

// Schema is the fields of a kind.
type Schema struct {
	Kind        Kind
	Description string  // many lines
	Fields      []Field // each before those inside it, by name
	Cut         bool    // there are more fields than fieldsMax
}

// Field is one field of a kind.
type Field struct {
	Name string
	// Path is the field's place, as kubectl explain takes it: lists and maps have no part
	// of it ("spec.containers.image").
	Path  string
	Depth int
	End   int // the index after the last field inside this one
	// Type is what kubectl explain calls it: "string", "[]Container",
	// "map[string]string".
	Type        string
	Required    bool
	Recursive   bool // its fields are those of a field around it, and not repeated
	Description string
	OfType      string   // the descriptions of its type, and of the items of a list or a map
	Default     string   // as JSON; "" is none that says anything
	Enum        []string // the values that there are
	Rules       []Rule   // what the API server checks
	Notes       []string // what else holds, in words
}

// Rule is a validation rule in CEL.
type Rule struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Bounds of what one kind has: a schema may refer to others so that its fields multiply
// at each step.
const (
	fieldsMax = 20_000
	depthMax  = 40
	partsMax  = 16
)

// Schema returns the fields of a kind.
func (d *Document) Schema(kind Kind) (*Schema, error) {
	name, ok := d.kinds[kind]
	if !ok {
		return nil, ErrUnknown
	}
	w := &walk{document: d, parsed: map[string]*schema{}, out: &Schema{Kind: kind}}
	root := w.parts(&schema{Ref: refPrefix + name})
	w.out.Description = root.description()
	w.fields(root, "", 0)
	if w.err != nil {
		return nil, w.err
	}
	return w.out, nil
}

// walk collects the fields of one kind.
type walk struct {
	document *Document
	parsed   map[string]*schema
	around   []string // the names of the schemas that the walk is in
	out      *Schema
	err      error
}

const refPrefix = "#/components/schemas/"

// target returns the schema that a reference names, or nil.
func (w *walk) target(ref string) *schema {
	name := strings.TrimPrefix(ref, refPrefix)
	if s, known := w.parsed[name]; known {
		return s
	}
	text, ok := w.document.schemas[name]
	if !ok {
		return nil
	}
	s, err := parse(text)
	if err != nil {
		w.err = err
	}
	w.parsed[name] = s
	return s
}

// parts are the schemas that hold for one value: its own, that which it refers to, and
// all of allOf. What stands first says it best.
type parts struct {
	all  []*schema
	refs []string // the names of those that were referred to
}

func (w *walk) parts(s *schema) parts {
	var p parts
	w.addParts(&p, s)
	return p
}

func (w *walk) addParts(p *parts, s *schema) {
	if s == nil || len(p.all) >= partsMax {
		return
	}
	p.all = append(p.all, s)
	if s.Ref != "" {
		p.refs = append(p.refs, s.Ref)
		w.addParts(p, w.target(s.Ref))
	}
	for _, part := range s.AllOf {
		w.addParts(p, part)
	}
}

func (p parts) description() string {
	for _, s := range p.all {
		if s.Description != "" {
			return kinds.CleanText(strings.TrimSpace(s.Description))
		}
	}
	return ""
}

// descriptions are all but the first of the descriptions of a value and of what is inside
// it, one after the other as kubectl explain prints them.
func (p parts) descriptions(inside parts) string {
	var out []string
	for _, s := range slices.Concat(p.all, inside.all) {
		text := kinds.CleanText(strings.TrimSpace(s.Description))
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) < 2 {
		return ""
	}
	return strings.Join(out[1:], "\n")
}

// inside returns what the fields below a value belong to: the items of a list, the
// values of a map, or the value itself.
func (w *walk) inside(p parts) parts {
	for range partsMax {
		var next *schema
		for _, s := range p.all {
			if len(s.Properties) > 0 {
				return p
			}
			if next == nil && s.Items != nil {
				next = s.Items
			}
			if next == nil {
				next = s.additional()
			}
		}
		if next == nil {
			return p
		}
		refs := p.refs
		p = w.parts(next)
		p.refs = append(slices.Clip(refs), p.refs...)
	}
	return p
}

// fields appends the fields of a value.
func (w *walk) fields(p parts, path string, depth int) {
	if depth > depthMax {
		w.out.Cut = true
		return
	}
	w.around = append(w.around, p.refs...)
	defer func() { w.around = w.around[:len(w.around)-len(p.refs)] }()
	properties, required := map[string]*schema{}, map[string]bool{}
	for _, s := range slices.Backward(p.all) {
		maps.Copy(properties, s.Properties)
		for _, name := range s.Required {
			required[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if len(w.out.Fields) >= fieldsMax {
			w.out.Cut = true
			return
		}
		if properties[name] != nil {
			w.field(name, path, depth, properties[name], required[name])
		}
	}
}

// field appends one field and those inside it.
func (w *walk) field(name, path string, depth int, s *schema, required bool) {
	p := w.parts(s)
	clean := kinds.Clean(name)
	if path != "" {
		path += "."
	}
	f := Field{Name: clean, Path: path + clean, Depth: depth, Type: w.typeOf(s, 0), Required: required}
	p.describe(&f)
	at := len(w.out.Fields)
	inner := w.inside(p)
	f.OfType = p.descriptions(inner)
	f.Recursive = slices.ContainsFunc(inner.refs, func(ref string) bool { return slices.Contains(w.around, ref) })
	w.out.Fields = append(w.out.Fields, f)
	if !f.Recursive {
		w.fields(inner, f.Path, depth+1)
	}
	w.out.Fields[at].End = len(w.out.Fields)
}

// typeOf names the type of a value as kubectl explain does (kubectl,
// pkg/explain/v2/templates/plaintext.tmpl, typeGuess). What has no word that can be shown
// is an Object there too.
func (w *walk) typeOf(s *schema, depth int) string {
	values := s.additional()
	switch {
	case depth > partsMax:
		return "Object"
	case s.Items != nil:
		return "[]" + w.typeOf(s.Items, depth+1)
	case values != nil:
		return "map[string]" + w.typeOf(values, depth+1)
	case len(s.AllOf) == 1 && s.AllOf[0] != nil && len(s.Properties) == 0:
		return w.typeOf(s.AllOf[0], depth+1)
	case s.Ref != "":
		return cmp.Or(kinds.Clean(w.typeOfTarget(s.Ref)), "Object")
	case s.IntOrString:
		return "IntOrString"
	case s.Type == "object":
		return "Object"
	}
	return cmp.Or(kinds.Clean(s.Type), "Object")
}

// typeOfTarget names what a reference leads to: its type if that is a simple one, else
// the last part of its name.
func (w *walk) typeOfTarget(ref string) string {
	if target := w.target(ref); target != nil && target.Type != "" && target.Type != "object" {
		return target.Type
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	return name[strings.LastIndexByte(name, '.')+1:]
}
