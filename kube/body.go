package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// samplesMax is how many first objects make a resource's dictionary.
	samplesMax = 16
	// sampleBytes is how much of each: the rest of a large object is its own.
	sampleBytes = 16 << 10
	// dictionaryID is written into each frame that needs the dictionary.
	dictionaryID = 1
)

// bodies holds one codec for each resource, for as long as the cluster is open:
// a record may outlive its listing.
type bodies struct {
	mu     sync.Mutex
	codecs map[schema.GroupVersionResource]*bodyCodec
}

func (b *bodies) of(gvr schema.GroupVersionResource) *bodyCodec {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.codecs == nil {
		b.codecs = map[schema.GroupVersionResource]*bodyCodec{}
	}
	if b.codecs[gvr] == nil {
		b.codecs[gvr] = &bodyCodec{}
	}
	return b.codecs[gvr]
}

// bodyCodec compresses the objects of one resource against the first few of
// them, which look like the rest.
type bodyCodec struct {
	mu         sync.Mutex
	samples    int
	dictionary []byte
	encoder    *zstd.Encoder // without the dictionary until that is complete
	decoder    *zstd.Decoder // nil until needed
	raw, out   []byte        // scratch
}

// encode keeps the whole object but the field sets of managedFields, which it
// takes out of obj.
func (b *bodyCodec) encode(obj runtime.Object) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if b.raw, err = appendObject(b.raw[:0], obj); err != nil {
		return nil, err
	}
	if b.encoder == nil {
		if err := b.newEncoder(); err != nil {
			return nil, err
		}
	}
	b.out = b.encoder.EncodeAll(b.raw, b.out[:0])
	if b.samples < samplesMax {
		b.samples++
		b.dictionary = append(b.dictionary, b.raw[:min(len(b.raw), sampleBytes)]...)
		if b.samples == samplesMax {
			b.encoder, b.decoder = nil, nil
		}
	}
	body := slices.Clone(b.out)
	if cap(b.raw) > scratchMax {
		b.raw = nil
	}
	if cap(b.out) > scratchMax {
		b.out = nil
	}
	return body, nil
}

// scratchMax bounds what is kept for the next object.
const scratchMax = 256 << 10

func (b *bodyCodec) newEncoder() (err error) {
	options := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(512 << 10), // the dictionary and a usual object
		zstd.WithEncoderCRC(false),
	}
	if b.samples == samplesMax {
		options = append(options, zstd.WithEncoderDictRaw(dictionaryID, b.dictionary))
	}
	b.encoder, err = zstd.NewWriter(nil, options...)
	return err
}

// protobufObject is what generated types can do.
type protobufObject interface {
	Size() int
	MarshalToSizedBuffer([]byte) (int, error)
	Unmarshal([]byte) error
}

// appendObject appends the object as protobuf, or as JSON when it has no type.
func appendObject(to []byte, obj runtime.Object) ([]byte, error) {
	switch obj := obj.(type) {
	case *unstructured.Unstructured:
		dropFieldSets(obj.Object)
		data, err := json.Marshal(obj.Object)
		return append(to, data...), err
	case protobufObject:
		if m, ok := obj.(metav1.Object); ok {
			fields := m.GetManagedFields()
			for i := range fields {
				fields[i].FieldsV1 = nil
			}
		}
		size := obj.Size()
		to = slices.Grow(to, size)[:size]
		_, err := obj.MarshalToSizedBuffer(to)
		return to, err
	}
	return to, fmt.Errorf("%T cannot be kept", obj)
}

func dropFieldSets(object map[string]any) {
	metadata, _ := object["metadata"].(map[string]any)
	fields, _ := metadata["managedFields"].([]any)
	for _, f := range fields {
		if f, ok := f.(map[string]any); ok {
			delete(f, "fieldsV1")
		}
	}
}

func (b *bodyCodec) decode(body []byte) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.decoder == nil {
		options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)}
		if b.samples == samplesMax {
			options = append(options, zstd.WithDecoderDictRaw(dictionaryID, b.dictionary))
		}
		decoder, err := zstd.NewReader(nil, options...)
		if err != nil {
			return nil, err
		}
		b.decoder = decoder
	}
	return b.decoder.DecodeAll(body, nil)
}

// errNoBody is what a record answers that was made without its object.
var errNoBody = errors.New("the object itself was not kept")

// Decode returns the whole object of a record: typed for kinds with New, else
// *unstructured.Unstructured. The object is the caller's own. Its text is as the
// cluster has it, not cleaned.
//
// A field that this program's version of the API does not know is lost in a
// typed object.
func (c *Cluster) Decode(r *kinds.Record) (runtime.Object, error) {
	if r.Body == nil {
		return nil, errNoBody
	}
	data, err := c.bodies.of(r.Kind.GVR()).decode(r.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Ref(), err)
	}
	if r.Kind.New == nil {
		u := &unstructured.Unstructured{}
		if err := u.UnmarshalJSON(data); err != nil {
			return nil, clearly(r.Ref().String(), err)
		}
		return u, nil
	}
	obj := r.Kind.New()
	if err := obj.(protobufObject).Unmarshal(data); err != nil {
		return nil, clearly(r.Ref().String(), err)
	}
	setKinds(obj, r.Kind.GroupVersionKind)
	return obj, nil
}

// setKinds sets what protobuf does not carry: the apiVersion and kind of an
// object and of the whole objects inside it. The API server always sends those
// in JSON (pkg/apis/apps/v1/conversion.go).
func setKinds(obj runtime.Object, kind schema.GroupVersionKind) {
	obj.GetObjectKind().SetGroupVersionKind(kind)
	if set, ok := obj.(*appsv1.StatefulSet); ok {
		for i := range set.Spec.VolumeClaimTemplates {
			claim := &set.Spec.VolumeClaimTemplates[i]
			claim.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"))
		}
	}
}

// Fields returns the whole object as `kubectl get -o json` prints it, with
// managedFields shrunk to who, when and what operation. Its text is as the
// cluster has it, not cleaned.
func (c *Cluster) Fields(r *kinds.Record) (map[string]any, error) {
	obj, err := c.Decode(r)
	if err != nil {
		return nil, err
	}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return u.Object, nil
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return nil, clearly(r.Ref().String(), err)
	}
	return fields, nil
}
