package wire

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// FieldMask says which fields of a protobuf message are not read, by their numbers. A
// field whose mask has no fields is not read at all.
type FieldMask struct{ fields []*FieldMask }

// NewFieldMask returns the mask of some fields of a message, each named by its path
// ("spec.containers.image"); nil when there are none. A name that the message does
// not have is an error.
func NewFieldMask(message any, paths []string) (*FieldMask, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	root := &FieldMask{}
	for _, path := range paths {
		if err := root.add(reflect.TypeOf(message), path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return root, nil
}

func (u *FieldMask) add(in reflect.Type, path string) error {
	for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice {
		in = in.Elem()
	}
	name, rest, deeper := strings.Cut(path, ".")
	number, of, err := protobufField(in, name)
	if err != nil {
		return err
	}
	u.fields = append(u.fields, make([]*FieldMask, max(0, number+1-len(u.fields)))...)
	if u.fields[number] == nil {
		u.fields[number] = &FieldMask{}
	}
	if !deeper {
		return nil
	}
	return u.fields[number].add(of, rest)
}

// protobufField finds the number and the type of a field in what generated types say
// about themselves: `protobuf:"bytes,2,rep,name=containers"`.
func protobufField(in reflect.Type, name string) (number int, of reflect.Type, err error) {
	for i := 0; in.Kind() == reflect.Struct && i < in.NumField(); i++ {
		field := in.Field(i)
		parts := strings.Split(field.Tag.Get("protobuf"), ",")
		if len(parts) > 1 && slices.Contains(parts, "name="+name) {
			number, err = strconv.Atoi(parts[1])
			return number, field.Type, err
		}
	}
	return 0, nil, fmt.Errorf("%s has no field %q", in, name)
}

// AppendKept appends the part of a message that is read; false means that the message
// is not as expected.
func (u *FieldMask) AppendKept(to, message []byte) ([]byte, bool) {
	for at := 0; at < len(message); {
		f := fieldAt(message, at)
		if f.to < 0 {
			return to, false
		}
		from, number := at, f.tag>>3
		at = f.to
		if number >= uint64(len(u.fields)) || u.fields[number] == nil {
			to = append(to, message[from:f.to]...)
			continue
		}
		inner := u.fields[number]
		if inner.fields == nil {
			continue
		}
		if f.tag&7 != wireBytes {
			return to, false
		}
		to = append(to, message[from:f.from]...)
		end, ok := len(to), false
		if to, ok = inner.AppendKept(to, message[f.from:f.to]); !ok {
			return to, false
		}
		putLength(to[:end], uint64(f.to-f.from), uint64(len(to)-end))
	}
	return to, true
}

// putLength replaces the length at the end of a text with a smaller one that takes as
// many bytes.
func putLength(to []byte, was, size uint64) {
	var room [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(room[:], was)
	to = to[len(to)-n:]
	for i := range to {
		to[i] = byte(size) | 0x80
		size >>= 7
	}
	to[n-1] &= 0x7f
}
