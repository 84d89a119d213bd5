package tape

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource names the resource of objects, as discovery does.
type Resource struct {
	schema.GroupVersionResource
	Kind       string
	Namespaced bool
}

// GroupVersionKind is the kind of the resource's objects.
func (r Resource) GroupVersionKind() schema.GroupVersionKind {
	return r.GroupVersion().WithKind(r.Kind)
}

// Object is one version of an object, in the bytes that the server sent.
type Object struct {
	Resource        *Resource
	Namespace, Name string
	UID             string
	Version         string // resourceVersion; "" for what has none (metrics)
	// Protobuf is set when Body is a message without the envelope that names its
	// type; else it is JSON with apiVersion and kind.
	Protobuf bool
	// Redacted is set when Body had values of a Secret, which are zero bytes now.
	Redacted bool
	Body     []byte
}

// List is a page of a list, split but not decoded.
type List struct {
	Version, Continue string
	Objects           []Object
}

// envelope is what a protobuf answer begins with.
var envelope = []byte("k8s\x00")

var errAnswer = errors.New("the answer is neither protobuf nor JSON of Kubernetes")

// ParseList splits the body of a LIST. The objects' bodies are parts of it.
func ParseList(r *Resource, body []byte) (List, error) {
	message, isProtobuf := unwrap(body)
	if !isProtobuf {
		return parseJSONList(r, body)
	}
	if !isWhole(message) {
		return List{}, errAnswer
	}
	var list List
	for f := range fieldsOf(message) {
		switch f.number {
		case listMeta:
			for m := range fieldsOf(f.bytes) {
				switch m.number {
				case listVersion:
					list.Version = string(m.bytes)
				case listMore:
					list.Continue = string(m.bytes)
				}
			}
		case listItems:
			list.Objects = append(list.Objects, identify(r, f.bytes))
		}
	}
	return list, nil
}

// unwrap returns the message in an envelope.
func unwrap(body []byte) (message []byte, ok bool) {
	rest, ok := bytes.CutPrefix(body, envelope)
	if !ok {
		return nil, false
	}
	for f := range fieldsOf(rest) {
		if f.number == unknownRaw {
			return f.bytes, true
		}
	}
	return nil, true // an empty message is left out
}

// identify reads the names of an object from its message.
func identify(r *Resource, message []byte) Object {
	o := Object{Resource: r, Protobuf: true, Body: message}
	for f := range fieldsOf(message) {
		if f.number != listMeta {
			continue
		}
		for m := range fieldsOf(f.bytes) {
			switch m.number {
			case metaName:
				o.Name = string(m.bytes)
			case metaNamespace:
				o.Namespace = string(m.bytes)
			case metaUID:
				o.UID = string(m.bytes)
			case metaVersion:
				o.Version = string(m.bytes)
			}
		}
		break
	}
	return o
}

// identity has the fields that are read from an object in JSON.
type identity struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name, Namespace, UID, ResourceVersion string
	} `json:"metadata"`
}

func parseJSONList(r *Resource, body []byte) (List, error) {
	var read struct {
		Metadata struct{ ResourceVersion, Continue string }
		Items    []json.RawMessage
	}
	if err := json.Unmarshal(body, &read); err != nil {
		return List{}, errAnswer
	}
	list := List{Version: read.Metadata.ResourceVersion, Continue: read.Metadata.Continue}
	for _, item := range read.Items {
		o, err := parseJSON(r, item)
		if err != nil {
			return List{}, err
		}
		list.Objects = append(list.Objects, o)
	}
	return list, nil
}

// parseJSON reads the names of an object. Objects in a list need not say their
// type; the result does.
func parseJSON(r *Resource, body []byte) (Object, error) {
	var id identity
	if err := json.Unmarshal(body, &id); err != nil {
		return Object{}, errAnswer
	}
	if id.Kind == "" || id.APIVersion == "" {
		rest := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("{")))
		typed := fmt.Appendf(nil, `{"apiVersion":%q,"kind":%q`, r.GroupVersion(), r.Kind)
		if !bytes.HasPrefix(rest, []byte("}")) {
			typed = append(typed, ',')
		}
		body = append(typed, rest...)
	}
	m := id.Metadata
	return Object{
		Resource: r, Namespace: m.Namespace, Name: m.Name, UID: m.UID, Version: m.ResourceVersion, Body: body,
	}, nil
}

// Event is one event of a WATCH, split but not decoded. The object of an ERROR is
// a Status; that of a BOOKMARK has a version only.
type Event struct {
	Type   string // as the API has it: ADDED, MODIFIED, ...
	Object Object
}

// Events reads the body of a WATCH.
type Events struct {
	resource *Resource
	stream   io.Reader
	json     *json.Decoder // nil until the first event shows that it is JSON
	begun    bool
	buffer   []byte
}

// NewEvents reads the events of a resource from the body of a WATCH.
func NewEvents(r *Resource, body io.Reader) *Events { return &Events{resource: r, stream: body} }

// Next waits for an event. Its object is valid until the next call. The error at the
// end of the body is io.EOF.
func (e *Events) Next() (Event, error) {
	if !e.begun {
		// A frame of protobuf begins with its length, whose first byte is 0.
		var first [1]byte
		if _, err := io.ReadFull(e.stream, first[:]); err != nil {
			return Event{}, err
		}
		e.begun = true
		e.stream = io.MultiReader(bytes.NewReader(first[:]), e.stream)
		if first[0] != 0 {
			e.json = json.NewDecoder(e.stream)
		}
	}
	if e.json != nil {
		return e.nextJSON()
	}
	var length [4]byte
	if _, err := io.ReadFull(e.stream, length[:]); err != nil {
		return Event{}, err
	}
	size := int(binary.BigEndian.Uint32(length[:]))
	if size > rawMax {
		return Event{}, errAnswer
	}
	if size > cap(e.buffer) {
		e.buffer = make([]byte, size)
	}
	e.buffer = e.buffer[:size]
	if _, err := io.ReadFull(e.stream, e.buffer); err != nil {
		return Event{}, err
	}
	return e.parse(e.buffer)
}

func (e *Events) parse(message []byte) (Event, error) {
	var event Event
	for f := range fieldsOf(message) {
		switch f.number {
		case eventType:
			event.Type = string(f.bytes)
		case eventObject:
			for raw := range fieldsOf(f.bytes) {
				inner, ok := unwrap(raw.bytes)
				if !ok {
					return event, errAnswer
				}
				event.Object = identify(e.resource, inner)
			}
		}
	}
	if event.Type == "" {
		return event, errAnswer
	}
	return event, nil
}

func (e *Events) nextJSON() (Event, error) {
	var read struct {
		Type   string
		Object json.RawMessage
	}
	if err := e.json.Decode(&read); err != nil {
		return Event{}, err
	}
	o, err := parseJSON(e.resource, read.Object)
	return Event{read.Type, o}, err
}
