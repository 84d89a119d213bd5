package memapi

import (
	"bytes"
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// render returns one object in the form that the client asked for.
func (a *API) render(r *request, i *item) ([]byte, error) {
	if err := r.convertible(i); err != nil {
		return nil, err
	}
	binary := r.form.media == protobufMedia
	switch {
	case r.form.as == "Table":
		t, err := a.table(r, []*item{i}, metav1.ListMeta{ResourceVersion: strconv.FormatUint(i.version, 10)})
		return encode(t), err
	case r.form.as != "" && binary:
		message, err := i.partialMessage()
		return enclose(r.metaKind("PartialObjectMetadata"), message), err
	case r.form.as != "":
		partial, err := r.partial(i)
		return encode(partial), err
	case binary:
		message, err := i.message(r.resource.gvk)
		return enclose(r.resource.gvk, message), err
	}
	return i.json(r.resource.gvk)
}

// renderList returns a list in the form that the client asked for.
func (a *API) renderList(r *request, list []*item, about metav1.ListMeta) ([]byte, error) {
	for _, i := range list {
		if err := r.convertible(i); err != nil {
			return nil, err
		}
	}
	kind := r.resource.gvk
	kind.Kind += "List"
	binary := r.form.media == protobufMedia
	switch {
	case r.form.as == "Table":
		t, err := a.table(r, list, about)
		return encode(t), err
	case r.form.as != "" && binary:
		return binaryList(r.metaKind("PartialObjectMetadataList"), list, about, (*item).partialMessage)
	case r.form.as != "":
		return textList(r.metaKind("PartialObjectMetadataList"), list, about, func(i *item) ([]byte, error) {
			partial, err := r.partial(i)
			return encode(partial), err
		})
	case binary:
		return binaryList(kind, list, about, func(i *item) ([]byte, error) { return i.message(r.resource.gvk) })
	}
	return textList(kind, list, about, func(i *item) ([]byte, error) { return i.json(r.resource.gvk) })
}

// convertible refuses what a server would ask a webhook to convert.
func (r *request) convertible(i *item) error {
	if r.resource.webhook && i.gvk.Version != r.resource.gvk.Version {
		return fmt.Errorf("conversion webhook for %s failed: this API calls no webhooks, and %s is stored as %s",
			r.resource.gvk, i.key, i.gvk.Version)
	}
	return nil
}

func (r *request) metaKind(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: metaGroup, Version: r.form.meta, Kind: kind}
}

func binaryList(
	kind schema.GroupVersionKind, list []*item, about metav1.ListMeta, message func(*item) ([]byte, error),
) ([]byte, error) {
	items := make([][]byte, len(list))
	for n, i := range list {
		var err error
		if items[n], err = message(i); err != nil {
			return nil, err
		}
	}
	return enclose(kind, listMessage(about, items)), nil
}

func textList(
	kind schema.GroupVersionKind, list []*item, about metav1.ListMeta, text func(*item) ([]byte, error),
) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"kind":%q,"apiVersion":%q,"metadata":%s,"items":[`, kind.Kind, kind.GroupVersion(), encode(about))
	for n, i := range list {
		one, err := text(i)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out.WriteByte(',')
		}
		out.Write(one)
	}
	out.WriteString("]}\n")
	return out.Bytes(), nil
}

// partial returns the object's metadata alone.
func (r *request) partial(i *item) (*metav1.PartialObjectMetadata, error) {
	meta, err := i.meta()
	kind := r.metaKind("PartialObjectMetadata")
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: kind.Kind, APIVersion: kind.GroupVersion().String()}, ObjectMeta: meta,
	}, err
}

func (i *item) partialMessage() ([]byte, error) {
	meta, err := i.meta()
	if err != nil {
		return nil, err
	}
	o := metav1.PartialObjectMetadata{ObjectMeta: meta}
	return o.Marshal()
}
