package dump

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// shape is the JSON that decoding into a Go type accepts. A nil shape accepts
// everything.
type shape struct {
	kind     shapeKind
	fields   map[string]*shape // of a structure
	folded   map[string]*shape // the same by lower case, which encoding/json accepts too
	element  *shape            // of a list or of a map
	min, max float64           // of a number
	of       reflect.Type      // which reads its own JSON
}

type shapeKind uint8

const (
	structure shapeKind = iota
	mapOf
	listOf
	text
	base64Text
	boolean
	integer
	float
	instant // RFC 3339
	custom
)

var shapes struct {
	sync.Mutex
	byType map[reflect.Type]*shape
	byKind map[schema.GroupVersionKind]*shape
}

// shapeOf returns the shape of a kind's objects; of a kind that is not built in,
// it is only that of the metadata.
func shapeOf(gvk schema.GroupVersionKind) *shape {
	shapes.Lock()
	defer shapes.Unlock()
	if known, ok := shapes.byKind[gvk]; ok {
		return known
	}
	if shapes.byKind == nil {
		shapes.byType, shapes.byKind = map[reflect.Type]*shape{}, map[schema.GroupVersionKind]*shape{}
	}
	var object any = metav1.PartialObjectMetadata{}
	if builtin, err := scheme.Scheme.New(gvk); err == nil {
		object = builtin
	}
	made := makeShape(reflect.TypeOf(object))
	if len(shapes.byKind) < shapesMax {
		shapes.byKind[gvk] = made
	}
	return made
}

// shapesMax bounds the kinds that are remembered: a dump may name any number.
const shapesMax = 4096

var (
	readsJSON = reflect.TypeFor[json.Unmarshaler]()
	instants  = reflect.TypeFor[metav1.Time]()
	anything  = map[reflect.Type]bool{
		reflect.TypeFor[runtime.RawExtension](): true,
		reflect.TypeFor[metav1.FieldsV1]():      true,
	}
)

func makeShape(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := shapes.byType[t]; ok {
		return known
	}
	made := &shape{of: t}
	shapes.byType[t] = made // before its fields, which may refer to it
	switch {
	case anything[t], t.Kind() == reflect.Interface:
		shapes.byType[t] = nil
		return nil
	case t == instants:
		made.kind = instant
	case reflect.PointerTo(t).Implements(readsJSON):
		made.kind = custom
	default:
		made.fill(t)
	}
	return made
}

func (s *shape) fill(t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		s.kind, s.fields, s.folded = structure, map[string]*shape{}, map[string]*shape{}
		s.addFields(t)
	case reflect.Map:
		s.kind, s.element = mapOf, makeShape(t.Elem())
	case reflect.Slice:
		if s.kind = listOf; t.Elem().Kind() == reflect.Uint8 {
			s.kind = base64Text
			return
		}
		s.element = makeShape(t.Elem())
	case reflect.String:
		s.kind = text
	case reflect.Bool:
		s.kind = boolean
	case reflect.Float32, reflect.Float64:
		s.kind = float
	default:
		bits := t.Bits()
		s.kind, s.min, s.max = integer, -math.Pow(2, float64(bits-1)), math.Pow(2, float64(bits-1))
		if t.Kind() >= reflect.Uint {
			s.min, s.max = 0, 2*s.max
		}
	}
}

func (s *shape) addFields(t reflect.Type) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := field.Type
		for inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case name == "-":
		case field.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			s.addFields(inner)
		case field.IsExported():
			if name == "" {
				name = field.Name
			}
			made := makeShape(field.Type)
			s.fields[name], s.folded[strings.ToLower(name)] = made, made
		}
	}
}

// field returns the shape of a value by its key.
func (s *shape) field(key string) *shape {
	switch {
	case s == nil:
		return nil
	case s.kind == mapOf:
		return s.element
	}
	if known, ok := s.fields[key]; ok {
		return known
	}
	return s.folded[strings.ToLower(key)]
}
