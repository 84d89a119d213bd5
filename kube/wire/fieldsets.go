package wire

import "encoding/binary"

// The fields where an object keeps what its managers set, with their wire type.
const (
	objectMetadataTag = 1<<3 | wireBytes  // of every object
	managedFieldsTag  = 17<<3 | wireBytes // of ObjectMeta
	fieldSetTag       = 7<<3 | wireBytes  // fieldsV1 of ManagedFieldsEntry
)

// DropFieldSets takes the field sets of managedFields out of an object in
// protobuf: they are half of a usual object, and nobody reads them. The bytes
// are changed in place; an object that is not as expected stays as it is.
func DropFieldSets(object []byte) []byte {
	metadata := fieldAt(object, 0)
	if metadata.tag != objectMetadataTag || !wellFormed(object[metadata.from:metadata.to]) {
		return object
	}
	size := dropManaged(object[metadata.from:metadata.to])
	object[0] = objectMetadataTag
	n := 1 + binary.PutUvarint(object[1:], uint64(size))
	n += copy(object[n:], object[metadata.from:metadata.from+size])
	return object[:n+copy(object[n:], object[metadata.to:])]
}

// wellFormed reports whether metadata can be walked through to its end.
func wellFormed(metadata []byte) bool {
	for at := 0; at < len(metadata); {
		f := fieldAt(metadata, at)
		if f.to < 0 {
			return false
		}
		if f.tag == managedFieldsTag {
			entry := metadata[f.from:f.to]
			for at := 0; at < len(entry); {
				f := fieldAt(entry, at)
				if f.to < 0 {
					return false
				}
				at = f.to
			}
		}
		at = f.to
	}
	return true
}

// dropManaged moves what stays of sound metadata to its front, and returns how much
// that is. Lengths never take more room than before, so what is written is always
// behind what is read.
func dropManaged(metadata []byte) (size int) {
	for at := 0; at < len(metadata); {
		f := fieldAt(metadata, at)
		if f.tag != managedFieldsTag {
			size += copy(metadata[size:], metadata[at:f.to])
			at = f.to
			continue
		}
		entry := metadata[f.from:f.to]
		kept := dropFieldSet(entry)
		size += binary.PutUvarint(metadata[size:], managedFieldsTag)
		size += binary.PutUvarint(metadata[size:], uint64(kept))
		size += copy(metadata[size:], entry[:kept])
		at = f.to
	}
	return size
}

func dropFieldSet(entry []byte) (size int) {
	for at := 0; at < len(entry); {
		f := fieldAt(entry, at)
		if f.tag != fieldSetTag {
			size += copy(entry[size:], entry[at:f.to])
		}
		at = f.to
	}
	return size
}

// field is a field of a message: its tag, and where its content is. The end is
// negative when the message cannot be read.
type field struct {
	tag      uint64
	from, to int
}

// fieldAt reads the field that begins at a place of a message.
func fieldAt(message []byte, at int) field {
	tag, n := binary.Uvarint(message[at:])
	if n <= 0 {
		return field{to: -1}
	}
	f := field{tag: tag, from: at + n}
	size := uint64(0)
	switch tag & 7 {
	case wireVarint:
		_, n := binary.Uvarint(message[f.from:])
		if n <= 0 {
			return field{to: -1}
		}
		size = uint64(n)
	case wireFixed8:
		size = 8
	case wireFixed4:
		size = 4
	case wireBytes:
		length, n := binary.Uvarint(message[f.from:])
		if n <= 0 {
			return field{to: -1}
		}
		f.from += n
		size = length
	default:
		return field{to: -1}
	}
	if size > uint64(len(message)-f.from) {
		return field{to: -1}
	}
	f.to = f.from + int(size)
	return f
}
