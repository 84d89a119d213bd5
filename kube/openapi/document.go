package openapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// Kind is what a schema describes.
type Kind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

// Document is what is kept of the document of a group version. It never changes.
type Document struct {
	schemas map[string][]byte // by their name
	kinds   map[Kind]string   // the name of the schema
	size    int
}

// Size returns how many bytes of schemas are kept.
func (d *Document) Size() int { return d.size }

// markOfKind is in each schema that describes a kind.
var markOfKind = []byte(`"x-kubernetes-group-version-kind"`)

// Read reads a document to its end.
func Read(from io.Reader) (*Document, error) {
	s := &scanner{from: bufio.NewReaderSize(from, 32<<10)}
	type place struct {
		name        string
		begin, stop int
	}
	var places []place
	schema := func(name string) error {
		begin := len(s.kept)
		s.keeping = true
		err := s.value()
		s.keeping = false
		places = append(places, place{name, begin, len(s.kept)})
		return err
	}
	inside := func(want string, visit func() error) func(string) error {
		return func(name string) error {
			if name != want {
				return s.value()
			}
			return visit()
		}
	}
	schemas := inside("schemas", func() error { return s.members(schema) })
	if err := s.members(inside("components", func() error { return s.members(schemas) })); err != nil {
		return nil, err
	}
	text := slices.Clone(s.kept) // without the room that was there to grow
	d := &Document{schemas: make(map[string][]byte, len(places)), kinds: map[Kind]string{}, size: len(text)}
	for _, p := range places {
		d.schemas[p.name] = text[p.begin:p.stop:p.stop]
		d.addKinds(p.name)
	}
	return d, nil
}

// addKinds notes which kinds a schema describes. That of DeleteOptions describes the one
// of each group; others describe one.
func (d *Document) addKinds(name string) {
	text := d.schemas[name]
	if !bytes.Contains(text, markOfKind) {
		return
	}
	var about struct {
		Kinds []Kind `json:"x-kubernetes-group-version-kind"`
	}
	if json.Unmarshal(text, &about) != nil {
		return
	}
	for _, kind := range about.Kinds {
		if _, known := d.kinds[kind]; !known {
			d.kinds[kind] = name
		}
	}
}

// schema is what is read of a schema.
type schema struct {
	Ref         string             `json:"$ref"`
	AllOf       []*schema          `json:"allOf"`
	Description string             `json:"description"`
	Type        string             `json:"type"`
	Format      string             `json:"format"`
	Properties  map[string]*schema `json:"properties"`
	Items       *schema            `json:"items"`
	Additional  json.RawMessage    `json:"additionalProperties"` // a schema, true or false
	Required    []string           `json:"required"`
	Default     json.RawMessage    `json:"default"`
	Enum        []json.RawMessage  `json:"enum"`
	Nullable    bool               `json:"nullable"`

	Minimum          json.RawMessage `json:"minimum"`
	Maximum          json.RawMessage `json:"maximum"`
	ExclusiveMinimum bool            `json:"exclusiveMinimum"`
	ExclusiveMaximum bool            `json:"exclusiveMaximum"`
	MinLength        json.RawMessage `json:"minLength"`
	MaxLength        json.RawMessage `json:"maxLength"`
	MinItems         json.RawMessage `json:"minItems"`
	MaxItems         json.RawMessage `json:"maxItems"`
	Pattern          string          `json:"pattern"`

	IntOrString     bool     `json:"x-kubernetes-int-or-string"`
	PreserveUnknown bool     `json:"x-kubernetes-preserve-unknown-fields"`
	Embedded        bool     `json:"x-kubernetes-embedded-resource"`
	ListType        string   `json:"x-kubernetes-list-type"`
	ListMapKeys     []string `json:"x-kubernetes-list-map-keys"`
	MapType         string   `json:"x-kubernetes-map-type"`
	Rules           []Rule   `json:"x-kubernetes-validations"`

	values *schema // what Additional says, once it was asked for
}

// parse reads a schema. A part whose type is not the one that it should have is left out.
func parse(text []byte) (*schema, error) {
	s := &schema{}
	err := json.Unmarshal(text, s)
	if _, misfit := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !misfit {
		return nil, errDamaged
	}
	return s, nil
}

// additional is the schema of a map's values, or nil.
func (s *schema) additional() *schema {
	if s.values == nil && len(s.Additional) > 0 && s.Additional[0] == '{' {
		s.values, _ = parse(s.Additional) // It was parsed as a part of s.
	}
	return s.values
}
