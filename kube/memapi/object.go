package memapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"
)

// Encoding is how an object's bytes are written.
type Encoding uint8

const (
	// JSON is one JSON object.
	JSON Encoding = iota
	// Protobuf is the message of a built-in kind, with or without the
	// envelope in which an API server sends it.
	Protobuf
)

// Data has the bytes of one object. Bytes may be called from any goroutine and
// as often as requests need it; nobody changes what it returns.
type Data interface {
	Bytes() ([]byte, error)
}

// Raw is Data in memory. An API compresses it with its neighbours and does not
// keep the slice.
type Raw []byte

// Bytes returns the slice itself.
func (r Raw) Bytes() ([]byte, error) { return r, nil }

// Object is one version of an object, which can be served without being parsed.
type Object struct {
	GVK             schema.GroupVersionKind // as Data is written
	Namespace, Name string
	UID             types.UID // may be empty
	// Version is the resourceVersion in Data. 0 means that there is none; then the
	// object is served without one, and a watch sends a bookmark after it.
	Version uint64
	Labels  labels.Set
	// Fields has the values of the kind's field selectors, as Fields of the
	// package returns them. When nil, they are read from Data if a request
	// selects by them.
	Fields   fields.Set
	Encoding Encoding
	Data     Data
}

// Ref names an object in whichever version its kind is served.
type Ref struct {
	schema.GroupKind
	Namespace, Name string
}

// Ref names the object.
func (o Object) Ref() Ref { return Ref{o.GVK.GroupKind(), o.Namespace, o.Name} }

// ObjectOf reads the identity of an object and encodes it as JSON. It fails for
// what has no apiVersion, kind or name.
func ObjectOf(u *unstructured.Unstructured) (Object, error) {
	text, err := json.Marshal(u.Object)
	if err != nil {
		return Object{}, err
	}
	o := Object{
		GVK: u.GroupVersionKind(), Namespace: u.GetNamespace(), Name: u.GetName(), UID: u.GetUID(),
		Labels: u.GetLabels(), Encoding: JSON, Data: Raw(text),
	}
	o.Fields = Fields(o.GVK, u.Object)
	o.Version, _ = strconv.ParseUint(u.GetResourceVersion(), 10, 64)
	return o, o.check()
}

func (o Object) check() error {
	if o.GVK.Kind == "" || o.GVK.Version == "" || o.Name == "" {
		return fmt.Errorf("object %q lacks its apiVersion, kind or name", o.Name)
	}
	if o.Data == nil {
		return errors.New("an object has no data")
	}
	return nil
}

// item is one version of an object. It never changes.
type item struct {
	key      string // namespace/name
	split    int    // where the slash is
	gvk      schema.GroupVersionKind
	uid      types.UID
	labels   labels.Set
	fields   atomic.Pointer[fields.Set]
	version  uint64 // as it is served
	own      uint64 // as data says
	encoding Encoding
	data     Data
}

func (i *item) namespace() string { return i.key[:i.split] }
func (i *item) name() string      { return i.key[i.split+1:] }

func keyOf(namespace, name string) string { return namespace + "/" + name }

func newItem(o Object, version uint64) *item {
	i := &item{
		key: keyOf(o.Namespace, o.Name), split: len(o.Namespace), gvk: o.GVK, uid: o.UID, labels: o.Labels,
		version: version, own: o.Version, encoding: o.Encoding, data: o.Data,
	}
	if o.Fields != nil {
		i.fields.Store(&o.Fields)
	}
	return i
}

// at returns the same state of the object with another version.
func (i *item) at(version uint64) *item {
	other := &item{
		key: i.key, split: i.split, gvk: i.gvk, uid: i.uid, labels: i.labels,
		version: version, own: i.own, encoding: i.encoding, data: i.data,
	}
	other.fields.Store(i.fields.Load())
	return other
}

// toMap returns a copy of the object as a map with its apiVersion and kind.
func toMap(obj runtime.Object) (*unstructured.Unstructured, error) {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.DeepCopy(), nil
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(obj)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	if err := utiljson.Unmarshal(text, &u.Object); err != nil {
		return nil, err
	}
	if u.GetKind() == "" {
		u.SetGroupVersionKind(kinds[0])
	}
	return u, nil
}
