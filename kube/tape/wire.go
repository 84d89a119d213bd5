package tape

import (
	"encoding/binary"
	"iter"
)

// field is one field of a protobuf message: its number, what it holds (bytes,
// or a number for the types that have no length), and where it is in the message.
type field struct {
	number     int
	bytes      []byte // nil unless it has a length
	value      uint64
	start, end int
}

// fieldsOf walks over a message, to its end or the first damage. Its encoding is
// that of https://protobuf.dev/programming-guides/encoding.
func fieldsOf(message []byte) iter.Seq[field] {
	return func(yield func(field) bool) {
		for at := 0; at < len(message); {
			f, ok := nextField(message, at)
			if !ok || !yield(f) {
				return
			}
			at = f.end
		}
	}
}

func nextField(message []byte, at int) (field, bool) {
	f := field{start: at}
	tag, n := binary.Uvarint(message[at:])
	if n <= 0 || tag>>3 > 1<<29 {
		return f, false
	}
	at += n
	f.number = int(tag >> 3)
	switch tag & 7 {
	case 0:
		if f.value, n = binary.Uvarint(message[at:]); n <= 0 {
			return f, false
		}
		f.end = at + n
	case 1:
		f.end = at + 8
	case 5:
		f.end = at + 4
	case 2:
		size, n := binary.Uvarint(message[at:])
		if n <= 0 || size > uint64(len(message)-at-n) {
			return f, false
		}
		at += n
		f.end = at + int(size)
		f.bytes = message[at:f.end:f.end]
	default:
		return f, false
	}
	return f, f.end <= len(message)
}

// isWhole reports whether a message can be read to its end.
func isWhole(message []byte) bool {
	end := 0
	for f := range fieldsOf(message) {
		end = f.end
	}
	return end == len(message)
}

func appendField(to []byte, number int, value []byte) []byte {
	to = binary.AppendUvarint(to, uint64(number)<<3|2)
	return appendText(to, value)
}

// The numbers of the fields that are read (k8s.io/apimachinery's
// generated.proto files). All kinds have their metadata in field 1.
const (
	unknownRaw = 2

	listMeta, listItems   = 1, 2
	listVersion, listMore = 2, 3

	metaName, metaNamespace, metaUID, metaVersion, metaLabels, metaAnnotations = 1, 3, 5, 6, 11, 12

	mapKey, mapValue = 1, 2

	eventType, eventObject = 1, 2

	secretData, secretType, secretStringData, secretImmutable = 2, 3, 4, 5
)
