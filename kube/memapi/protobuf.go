package memapi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// What the messages of every kind have in common (k8s.io/apimachinery,
// pkg/apis/meta/v1/generated.proto and pkg/runtime/generated.proto).
const (
	metadataField        = 1 // of an object: ObjectMeta
	resourceVersionField = 6 // of ObjectMeta
	listMetaField        = 1 // of a list
	itemsField           = 2
	unknownTypeField     = 1 // of runtime.Unknown
	unknownRawField      = 2
	bytesType            = 2 // wire type of fields with a length
)

// envelope begins what an API server sends as protobuf: a runtime.Unknown.
var envelope = []byte("k8s\x00")

var errMessage = errors.New("a protobuf message that cannot be read")

// marshaler is implemented by the API's own types.
type marshaler interface{ Marshal() ([]byte, error) }

// entry is one field of a message: the bytes of all of it, and of its value
// when that has a length.
type entry struct {
	number     int
	all, value []byte
}

// cut takes the first field off a message.
func cut(message []byte) (f entry, rest []byte, err error) {
	tag, n := binary.Uvarint(message)
	if n <= 0 {
		return f, nil, errMessage
	}
	f.number = int(tag >> 3)
	end := n
	switch tag & 7 {
	case 0:
		_, length := binary.Uvarint(message[n:])
		if length <= 0 {
			return f, nil, errMessage
		}
		end += length
	case 1:
		end += 8
	case bytesType:
		size, length := binary.Uvarint(message[n:])
		if length <= 0 || size > uint64(len(message)-n-length) {
			return f, nil, errMessage
		}
		f.value = message[n+length : n+length+int(size)]
		end += length + int(size)
	case 5:
		end += 4
	default:
		return f, nil, errMessage
	}
	if end > len(message) {
		return f, nil, errMessage
	}
	f.all = message[:end]
	return f, message[end:], nil
}

func appendField(out []byte, number int, value []byte) []byte {
	out = binary.AppendUvarint(out, uint64(number)<<3|bytesType)
	out = binary.AppendUvarint(out, uint64(len(value)))
	return append(out, value...)
}

// valueOf returns the value of the field of that number, and the message without it; nil
// when there is none. A message that has it twice means both parts together.
func valueOf(message []byte, number int) (value, others []byte, err error) {
	others = make([]byte, 0, len(message))
	for len(message) > 0 {
		f, rest, err := cut(message)
		if err != nil {
			return nil, nil, err
		}
		if f.number != number {
			others = append(others, f.all...)
		} else if value == nil {
			value = f.value
		} else {
			value = append(slices.Clip(value), f.value...)
		}
		message = rest
	}
	return value, others, nil
}

// bare returns the message without the envelope.
func bare(b []byte) ([]byte, error) {
	inside, enveloped := bytes.CutPrefix(b, envelope)
	if !enveloped {
		return b, nil
	}
	raw, _, err := valueOf(inside, unknownRawField)
	return raw, err
}

// enclose puts a message into the envelope.
func enclose(gvk schema.GroupVersionKind, message []byte) []byte {
	about := runtime.TypeMeta{APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind}
	head, _ := about.Marshal()
	out := make([]byte, 0, len(message)+len(head)+24)
	out = append(out, envelope...)
	out = appendField(out, unknownTypeField, head)
	return appendField(out, unknownRawField, message)
}

// withVersion returns the message with another resourceVersion.
func withVersion(message []byte, version uint64) ([]byte, error) {
	meta, others, err := valueOf(message, metadataField)
	if err != nil {
		return nil, err
	}
	_, meta, err = valueOf(meta, resourceVersionField)
	if err != nil {
		return nil, err
	}
	meta = appendField(meta, resourceVersionField, strconv.AppendUint(nil, version, 10))
	return append(appendField(make([]byte, 0, len(message)+32), metadataField, meta), others...), nil
}

// listMessage returns the message of a list.
func listMessage(about metav1.ListMeta, items [][]byte) []byte {
	head, _ := about.Marshal()
	size := len(head) + 8
	for _, i := range items {
		size += len(i) + 8
	}
	out := appendField(make([]byte, 0, size), listMetaField, head)
	for _, i := range items {
		out = appendField(out, itemsField, i)
	}
	return out
}
