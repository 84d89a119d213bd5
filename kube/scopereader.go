package kube

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// scopeReader requests and reads the objects of a scope.
type scopeReader struct {
	scope     Scope
	kind      *kinds.Kind
	client    *rest.RESTClient
	bodies    *bodies.Codec
	mask      *wire.FieldMask // of the kind; nil for nothing
	unjudged  *wire.FieldMask // of what says nothing of how well an object is; nil for nothing
	watchable bool
	table     bool // the API server makes the cells

	// What an object leaves for the next. Only the goroutine that loads uses them; each
	// watch has its own.
	maskedScratch []byte         // what is read of an object's text
	objectScratch runtime.Object // where it is decoded
}

// request begins the request for the scope's objects.
func (s *scopeReader) request(options metav1.ListOptions) *rest.Request {
	options.LabelSelector, options.FieldSelector = s.scope.Labels, s.scope.Fields
	// The Reflector tries again by itself; a second loop inside would only delay what
	// the listing's state says.
	r := s.client.Get().
		MaxRetries(0).
		NamespaceIfScoped(s.scope.Namespace, s.scope.Namespace != "").
		Resource(s.scope.Resource).
		SpecificallyVersionedParams(&options, metav1.ParameterCodec, schema.GroupVersion{Version: "v1"})
	if s.table {
		r.Param("includeObject", string(metav1.IncludeObject))
	}
	return r
}

// each calls do with the record of an event's object: of the one object, or of each row
// of a Table.
func (s *scopeReader) each(obj runtime.Object, do func(*kinds.Record)) error {
	if s.table {
		return s.eachRow(obj, func(row map[string]any) error { return s.recordOfRow(row, do) })
	}
	r, err := s.kind.Record(obj)
	return s.addBody(r, obj, err, do)
}

func (s *scopeReader) addBody(r *kinds.Record, obj runtime.Object, err error, do func(*kinds.Record)) error {
	if err != nil {
		return err
	}
	if r.Name == "" {
		return errNameless
	}
	if r.Body, err = s.bodies.Encode(obj); err != nil {
		return err
	}
	do(r)
	return nil
}

// eachRow walks over a Table. The API server names the columns in the first one
// only; the cells stay in their order.
func (s *scopeReader) eachRow(obj runtime.Object, do func(row map[string]any) error) error {
	table, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	rows, _ := table.Object["rows"].([]any)
	for _, row := range rows {
		row, _ := row.(map[string]any)
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// reference makes the record that only says which object is meant, or how far a
// watch has come.
func (s *scopeReader) reference(obj runtime.Object) *kinds.Record {
	if s.table {
		table := obj
		_ = s.eachRow(table, func(row map[string]any) error {
			object, _ := row["object"].(map[string]any)
			obj = &unstructured.Unstructured{Object: object}
			return nil
		})
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil
	}
	return &kinds.Record{
		Kind:            s.kind,
		UID:             kinds.NewUID(m.GetUID()),
		Namespace:       kinds.Clean(m.GetNamespace()),
		Name:            kinds.Clean(m.GetName()),
		ResourceVersion: m.GetResourceVersion(),
	}
}

// records makes the records of a part of a page, of what the scope holds.
func (s *scopeReader) records(b *batch) (records []*kinds.Record, err error) {
	keep := func(r *kinds.Record) { records = append(records, r) }
	read := s.recordOfText
	if b.json {
		read = s.recordOfJSON
	}
	records = make([]*kinds.Record, 0, len(b.ends))
	from := 0
	for _, to := range b.ends {
		if err := read(b.data[from:to], keep); err != nil {
			return nil, err
		}
		from = to
	}
	return records, nil
}

// recordOfJSON makes the record of an object of a list in JSON, or of a row of a Table.
func (s *scopeReader) recordOfJSON(text []byte, do func(*kinds.Record)) error {
	if s.table {
		var row map[string]any
		if err := utiljson.Unmarshal(text, &row); err != nil {
			return s.malformed(err)
		}
		return s.recordOfRow(row, do)
	}
	obj, err := s.decodeJSON(text)
	if err != nil || s.leavesOut(obj) {
		return err
	}
	r, err := s.kind.Record(obj)
	return s.addBody(r, obj, err, do)
}

// decodeJSON reads an object in JSON, or the Table of an event.
func (s *scopeReader) decodeJSON(text []byte) (runtime.Object, error) {
	if s.kind.New != nil {
		obj := s.kind.New()
		if err := utiljson.Unmarshal(text, obj); err != nil {
			return nil, s.malformed(err)
		}
		return obj, s.checkKind(obj.GetObjectKind().GroupVersionKind().Kind)
	}
	u := &unstructured.Unstructured{}
	if err := utiljson.Unmarshal(text, &u.Object); err != nil {
		return nil, s.malformed(err)
	}
	// The objects of a list may leave out what the list says.
	if u.GetKind() == "" {
		u.SetGroupVersionKind(s.kind.GroupVersionKind)
	}
	return u, s.checkKind(u.GetKind())
}

// checkKind returns an error when an object is not of the kind that was asked for.
func (s *scopeReader) checkKind(kind string) error {
	want := s.kind.Held().Kind
	if s.table {
		want = "Table"
	}
	if kind != "" && kind != want {
		return fmt.Errorf("asked for a %s, and the API server sent a %q", want, kinds.Clean(kind))
	}
	return nil
}

// malformed is the error of an object that cannot be read.
func (s *scopeReader) malformed(err error) error {
	where := ""
	if misfit, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where = fmt.Sprintf(": it has a %s for %s", misfit.Value, cmp.Or(misfit.Field, "an object"))
	}
	return fmt.Errorf("the API server sent a %s that cannot be read%s", s.kind.Kind, kinds.Clean(shortened(where)))
}

// recordOfRow makes the record of a row of a Table.
func (s *scopeReader) recordOfRow(row map[string]any, do func(*kinds.Record)) error {
	cells, _ := row["cells"].([]any)
	object, _ := row["object"].(map[string]any)
	if object == nil {
		return fmt.Errorf("the API server sent a row of %s without its object", s.scope.Resource)
	}
	u := &unstructured.Unstructured{Object: object}
	r, err := s.kind.Row(cells, u)
	return s.addBody(r, u, err, do)
}

// recordOfText makes the record of an object in protobuf. It changes the text.
func (s *scopeReader) recordOfText(text []byte, do func(*kinds.Record)) error {
	text = wire.DropFieldSets(text)
	if s.scope.Unwell && s.unjudged != nil {
		if obj, err := s.decode(text, s.unjudged); err != nil || s.leavesOut(obj) {
			return err
		}
	}
	obj, err := s.decode(text, s.mask)
	if err != nil || s.leavesOut(obj) {
		return err
	}
	return s.recordWithBody(obj, text, do)
}

// decode reads an object in protobuf, except for what a mask skips. The object is
// valid until the next.
func (s *scopeReader) decode(text []byte, mask *wire.FieldMask) (runtime.Object, error) {
	obj := s.emptyObject()
	return obj, obj.(wire.Message).Unmarshal(s.maskText(text, mask))
}

// leavesOut reports whether the scope does not hold an object though it was selected.
func (s *scopeReader) leavesOut(obj runtime.Object) bool { return s.scope.Unwell && s.kind.IsWell(obj) }

// recordWithBody makes the record of an object whose text, without field sets, is
// there.
func (s *scopeReader) recordWithBody(obj runtime.Object, text []byte, do func(*kinds.Record)) error {
	r, err := s.kind.Record(obj)
	if err != nil {
		return err
	}
	if r.Name == "" {
		return errNameless
	}
	if r.Body, err = s.bodies.EncodeText(obj, text); err != nil {
		return err
	}
	do(r)
	return nil
}

// emptyObject returns an object to decode into. A record keeps nothing of the one
// before.
func (s *scopeReader) emptyObject() runtime.Object {
	switch {
	case s.kind.Reset == nil:
		return s.kind.New()
	case s.objectScratch == nil:
		s.objectScratch = s.kind.New()
	default:
		s.kind.Reset(s.objectScratch)
	}
	return s.objectScratch
}

// maskText returns the part of an object's text that a mask leaves, valid until it is called
// again.
func (s *scopeReader) maskText(text []byte, mask *wire.FieldMask) []byte {
	if mask == nil {
		return text
	}
	short, ok := mask.AppendKept(s.maskedScratch[:0], text)
	if s.maskedScratch = short; cap(short) > scratchMax {
		s.maskedScratch = nil
	}
	if !ok {
		return text
	}
	return short
}

// canStream reports whether objects can be read while a list arrives.
func (s *scopeReader) canStream() bool {
	if s.table || s.kind.New == nil {
		return false
	}
	_, ok := s.kind.New().(wire.Message)
	return ok
}

// scratchMax bounds what is kept for the next object.
const scratchMax = 256 << 10
