package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"k8s.io/apimachinery/pkg/watch"
)

// The fields of metav1.WatchEvent, runtime.RawExtension, runtime.Unknown and
// runtime.TypeMeta that are read, with their wire type.
const (
	eventTypeTag       = 1<<3 | wireBytes
	eventObjectTag     = 2<<3 | wireBytes
	extensionTag       = 1<<3 | wireBytes
	unknownTypeTag     = unknownType<<3 | wireBytes
	unknownRawTag      = unknownRaw<<3 | wireBytes
	unknownEncodingTag = unknownEncoding<<3 | wireBytes
	typeKindTag        = 2<<3 | wireBytes
)

// EventObject is the object of an event in protobuf. It is valid until the next frame
// is read.
type EventObject struct{ Kind, Raw []byte }

// CheckKind returns an error when the object is of another kind.
func (o EventObject) CheckKind(kind string) error {
	if string(o.Kind) != kind {
		return fmt.Errorf("watched for a %s, and the API server sent a %q", kind, o.Kind)
	}
	return nil
}

// ParseEvent finds the parts of an event.
func ParseEvent(frame []byte) (kind watch.EventType, object EventObject, err error) {
	var extension, envelope []byte
	for tag, content := range fieldsOf(frame) {
		switch tag {
		case 0:
			return "", object, ErrMalformed
		case eventTypeTag:
			kind = watch.EventType(content)
		case eventObjectTag:
			extension = content
		}
	}
	switch kind {
	case watch.Added, watch.Modified, watch.Deleted, watch.Bookmark, watch.Error:
	default:
		return "", object, fmt.Errorf("the API server sent an event of the unknown type %q", kind)
	}
	for tag, content := range fieldsOf(extension) {
		switch tag {
		case 0:
			return "", object, ErrMalformed
		case extensionTag:
			envelope = content
		}
	}
	object, err = openEnvelope(envelope)
	return kind, object, err
}

func openEnvelope(envelope []byte) (object EventObject, err error) {
	message, ok := bytes.CutPrefix(envelope, []byte(magic))
	if !ok {
		return object, ErrMalformed
	}
	var kind []byte
	for tag, content := range fieldsOf(message) {
		switch tag {
		case 0:
			return object, ErrMalformed
		case unknownTypeTag:
			kind = content
		case unknownRawTag:
			object.Raw = content
		case unknownEncodingTag:
			if len(content) > 0 {
				return object, fmt.Errorf("the object is encoded in an unknown way: %q", content)
			}
		}
	}
	for tag, content := range fieldsOf(kind) {
		switch tag {
		case 0:
			return object, ErrMalformed
		case typeKindTag:
			object.Kind = content
		}
	}
	return object, nil
}

// fieldsOf yields the tags of a message's fields and their content. The tag 0,
// which no field has, says that the message cannot be read on.
func fieldsOf(message []byte) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for at := 0; at < len(message); {
			f := fieldAt(message, at)
			if f.to < 0 {
				yield(0, nil)
				return
			}
			if !yield(f.tag, message[f.from:f.to]) {
				return
			}
			at = f.to
		}
	}
}

// ReadFrame reads the event that a length (big-endian) announces. The room of the frame
// before is reused.
func ReadFrame(body io.Reader, length [4]byte, frame []byte) ([]byte, error) {
	size := binary.BigEndian.Uint32(length[:])
	if size > objectMax {
		return frame, ErrTooLarge
	}
	if cap(frame) > frameKeep {
		frame = nil // do not keep the room of one large object
	}
	frame = grown(frame[:0], int(size))
	_, err := io.ReadFull(body, frame)
	return frame, unexpectedEOF(err)
}

// frameKeep is the largest frame whose room is reused.
const frameKeep = 256 << 10
