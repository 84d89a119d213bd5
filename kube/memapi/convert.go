package memapi

import (
	"encoding/json"
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// rewrite returns the resourceVersion that replaces the one in the data, or 0 when that
// stays. Data without one is served without one: whoever reads a file wants to see what
// is in it.
func (i *item) rewrite() uint64 {
	if i.own == 0 || i.own == i.version {
		return 0
	}
	return i.version
}

// json returns the object as JSON in the version that gvk says, with the
// resourceVersion that it is served with.
func (i *item) json(gvk schema.GroupVersionKind) ([]byte, error) {
	text, err := i.data.Bytes()
	if err != nil {
		return nil, err
	}
	if i.encoding == Protobuf || different(i.gvk, gvk) {
		obj, err := i.typed(gvk)
		if err != nil {
			return nil, err
		}
		if set, ok := obj.(*appsv1.StatefulSet); ok {
			// Protobuf has no place for it, and a server sets it again.
			for n := range set.Spec.VolumeClaimTemplates {
				set.Spec.VolumeClaimTemplates[n].TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}
			}
		}
		return json.Marshal(obj)
	}
	return i.named(served(text, gvk, i.rewrite()))
}

// message returns the object as a protobuf message without an envelope, in the version
// that gvk says. Its kind must be in the scheme.
func (i *item) message(gvk schema.GroupVersionKind) ([]byte, error) {
	if i.encoding == Protobuf && !different(i.gvk, gvk) {
		b, err := i.data.Bytes()
		if err != nil {
			return nil, err
		}
		version := i.rewrite()
		if b, err = bare(b); err != nil || version == 0 {
			return i.named(b, err)
		}
		return i.named(withVersion(b, version))
	}
	obj, err := i.typed(gvk)
	if err != nil {
		return nil, err
	}
	m, ok := obj.(marshaler)
	if !ok {
		return nil, fmt.Errorf("%T has no protobuf form", obj)
	}
	return m.Marshal()
}

// typed returns the object as the scheme's type, in the version that gvk says.
func (i *item) typed(gvk schema.GroupVersionKind) (runtime.Object, error) {
	b, err := i.data.Bytes()
	if err != nil {
		return nil, err
	}
	from := i.gvk
	if !different(from, gvk) {
		from = gvk
	}
	obj, err := scheme.Scheme.New(from)
	if err != nil {
		return nil, err
	}
	if i.encoding == JSON {
		err = json.Unmarshal(b, obj)
	} else if b, err = bare(b); err == nil {
		err = obj.(interface{ Unmarshal([]byte) error }).Unmarshal(b)
	}
	if err != nil {
		return nil, i.failed(err)
	}
	if obj, err = convert(obj, from, gvk); err != nil {
		return nil, i.failed(err)
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	if version := i.rewrite(); version != 0 {
		obj.(metav1.Object).SetResourceVersion(strconv.FormatUint(version, 10))
	}
	return obj, nil
}

// meta returns the object's metadata, as it is served.
func (i *item) meta() (metav1.ObjectMeta, error) {
	var o metav1.PartialObjectMetadata
	b, err := i.data.Bytes()
	if err != nil {
		return o.ObjectMeta, err
	}
	if i.encoding == JSON {
		err = json.Unmarshal(b, &o)
	} else if b, err = bare(b); err == nil {
		if b, _, err = valueOf(b, metadataField); err == nil {
			err = o.Unmarshal(appendField(nil, metadataField, b))
		}
	}
	if version := i.rewrite(); version != 0 {
		o.ResourceVersion = strconv.FormatUint(version, 10)
	}
	return o.ObjectMeta, i.failed(err)
}

func (i *item) named(b []byte, err error) ([]byte, error) { return b, i.failed(err) }

// failed says which object could not be read.
func (i *item) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", i.gvk.Kind, i.key, err)
}
