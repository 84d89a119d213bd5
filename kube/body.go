package kube

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// samplesMax is how many first objects make a resource's dictionary.
	samplesMax = 16
	// sampleBytes is how much of each: the rest of a large object is its own.
	sampleBytes = 16 << 10
	// dictionaryID is written into each frame that needs the dictionary.
	dictionaryID = 1
	// partsMax and blockBytes bound what has to be read to find one object, and
	// what an object that stays keeps of those that went.
	partsMax   = 16
	blockBytes = 128 << 10
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
// them, which look like the rest. Siblings that arrive one after the other, as
// in a list, are compressed together: most of what they say is the same.
type bodyCodec struct {
	mu         sync.Mutex
	samples    int
	dictionary []byte
	encoder    *zstd.Encoder // without the dictionary until that is complete
	decoder    *zstd.Decoder // nil until needed
	raw, out   []byte        // scratch

	open  *block // takes the next sibling; nil when there is none
	text  []byte // what is in open: each object after its length
	parts uint32 // how many objects that are
	siblings
}

// block is the compressed text of some siblings; nil while it is open.
type block struct{ data []byte }

// siblings is what objects have in common that are kept together.
type siblings struct {
	namespace string
	owner     types.UID // "" when there is none: such an object is kept alone
	last      types.UID // another version of it is no sibling
}

// encode keeps the whole object but the field sets of managedFields, which it
// takes out of obj.
func (b *bodyCodec) encode(obj runtime.Object) (kinds.Body, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if b.raw, err = appendObject(b.raw[:0], obj); err != nil {
		return kinds.Body{}, err
	}
	if b.encoder == nil {
		if err := b.newEncoder(); err != nil {
			return kinds.Body{}, err
		}
	}
	if !b.joins(obj) || len(b.text)+len(b.raw) > blockBytes {
		b.seal()
	}
	if b.open == nil {
		b.open = &block{}
	}
	body := kinds.Body{Kept: b.open, Part: b.parts, Sum: uint32(maphash.Bytes(sumSeed, b.raw))}
	b.text = append(binary.AppendUvarint(b.text, uint64(len(b.raw))), b.raw...)
	b.parts++
	if b.owner == "" || b.parts == partsMax {
		b.seal()
	}
	b.learn()
	if cap(b.raw) > scratchMax {
		b.raw = nil
	}
	return body, nil
}

var sumSeed = maphash.MakeSeed()

// joins says whether obj is a sibling of what is in the open block, and
// remembers it for the next.
func (b *bodyCodec) joins(obj runtime.Object) bool {
	var now siblings
	if m, ok := obj.(metav1.Object); ok {
		now.namespace, now.last = m.GetNamespace(), m.GetUID()
		if owners := m.GetOwnerReferences(); len(owners) > 0 {
			now.owner = owners[0].UID
		}
	}
	before := b.siblings
	b.siblings = now
	return now.owner != "" && now.owner == before.owner && now.namespace == before.namespace && now.last != before.last
}

// seal compresses the open block.
func (b *bodyCodec) seal() {
	if b.open == nil {
		return
	}
	b.out = b.encoder.EncodeAll(b.text, b.out[:0])
	b.open.data = append(make([]byte, 0, len(b.out)), b.out...)
	b.open, b.text, b.parts = nil, b.text[:0], 0
	if cap(b.text) > scratchMax {
		b.text = nil
	}
	if cap(b.out) > scratchMax {
		b.out = nil
	}
}

// learn makes the dictionary of the first objects.
func (b *bodyCodec) learn() {
	if b.samples == samplesMax {
		return
	}
	b.samples++
	b.dictionary = append(b.dictionary, b.raw[:min(len(b.raw), sampleBytes)]...)
	if b.samples == samplesMax {
		b.seal()
		b.encoder, b.decoder = nil, nil
	}
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

// decode returns the text of one object, which the caller may keep.
func (b *bodyCodec) decode(body kinds.Body) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept, ok := body.Kept.(*block)
	if !ok {
		return nil, errNoBody
	}
	text := b.text
	if kept != b.open {
		if err := b.newDecoder(); err != nil {
			return nil, err
		}
		var err error
		if text, err = b.decoder.DecodeAll(kept.data, b.out[:0]); err != nil {
			return nil, err
		}
		if b.out = text[:0]; cap(text) > scratchMax {
			b.out = nil
		}
	}
	for part := uint32(0); ; part++ {
		size, n := binary.Uvarint(text)
		if n <= 0 || size > uint64(len(text)-n) {
			return nil, io.ErrUnexpectedEOF
		}
		if part == body.Part {
			return slices.Clone(text[n : n+int(size)]), nil
		}
		text = text[n+int(size):]
	}
}

func (b *bodyCodec) newDecoder() (err error) {
	if b.decoder != nil {
		return nil
	}
	options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)}
	if b.samples == samplesMax {
		options = append(options, zstd.WithDecoderDictRaw(dictionaryID, b.dictionary))
	}
	b.decoder, err = zstd.NewReader(nil, options...)
	return err
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
	if r.Body.Kept == nil {
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
