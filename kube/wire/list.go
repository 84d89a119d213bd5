package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// magic begins every answer in protobuf (apimachinery,
// pkg/runtime/serializer/protobuf).
const magic = "k8s\x00"

const (
	// objectMax is more than an object can have: etcd takes 1.5 MB unless it is
	// configured otherwise.
	objectMax = 32 << 20
	// headMax is more than the metadata of a list and an error can have.
	headMax = 1 << 20
)

// The fields of runtime.Unknown and of every list that generated code writes.
const (
	unknownType     = 1
	unknownRaw      = 2
	unknownEncoding = 3
	listMetadata    = 1
	listItems       = 2
)

// Protobuf's wire types.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

// ListStream cuts a list in protobuf into its objects while it arrives:
//
//	"k8s\0" Unknown{ typeMeta, raw: PodList{ metadata, items... }, ... }
//
// The lengths say where the list has to end, so that a body that was cut off is
// an error and never a shorter list.
type ListStream struct {
	body *bufio.Reader
	read uint64 // of the answer, without the magic
	end  uint64 // of the list in it

	// Metadata is the list's. It is known before the first object when the API server
	// writes it first, as all existing ones do, and at the end in any case.
	Metadata metav1.ListMeta
	known    bool
	scratch  []byte
}

// IsProtobuf reports whether a body begins as an answer in protobuf does. It consumes
// nothing.
func IsProtobuf(body *bufio.Reader) (bool, error) {
	start, err := body.Peek(len(magic))
	return string(start) == magic, unexpectedEOF(err)
}

// OpenList reads up to the list itself. An answer that is not a list is an
// error: the API server's own when the answer is a Status.
func OpenList(body *bufio.Reader) (*ListStream, error) {
	if _, err := body.Discard(len(magic)); err != nil {
		return nil, unexpectedEOF(err)
	}
	s := &ListStream{body: body}
	var kind runtime.TypeMeta
	for {
		field, wire, err := s.readTag()
		if err != nil {
			return nil, unexpectedEOF(err)
		}
		if field != unknownRaw || wire != wireBytes {
			if err := s.readEnvelope(field, wire, &kind); err != nil {
				return nil, err
			}
			continue
		}
		size, err := s.readVarint()
		if err != nil {
			return nil, unexpectedEOF(err)
		}
		if s.end = s.read + size; s.end < s.read {
			return nil, ErrMalformed
		}
		switch {
		case strings.HasSuffix(kind.Kind, "List"):
			return s, nil
		case kind.Kind == "Status":
			return nil, s.readStatus(size)
		}
		return nil, fmt.Errorf("asked for a list, and the API server answered with a %q", kind.Kind)
	}
}

// readEnvelope reads a field of Unknown that is not the list.
func (s *ListStream) readEnvelope(field, wire uint64, kind *runtime.TypeMeta) error {
	if wire != wireBytes || field != unknownType && field != unknownEncoding {
		return s.skip(wire)
	}
	data, err := s.readBytes(s.scratch[:0], headMax)
	if err != nil {
		return err
	}
	if field == unknownEncoding {
		if len(data) > 0 {
			return fmt.Errorf("the list is encoded in an unknown way: %q", data)
		}
		return nil
	}
	return kind.Unmarshal(data)
}

func (s *ListStream) readStatus(size uint64) error {
	if size > headMax {
		return ErrTooLarge
	}
	data := make([]byte, size)
	if err := s.readFull(data); err != nil {
		return err
	}
	var status metav1.Status
	if err := status.Unmarshal(data); err != nil {
		return err
	}
	Explain(&status)
	return apierrors.FromObject(&status)
}

// Next appends the next object to a buffer. The error io.EOF says that the list
// is complete.
func (s *ListStream) Next(to []byte) ([]byte, error) {
	for s.read < s.end {
		field, wire, err := s.readTag()
		if err != nil {
			return to, unexpectedEOF(err)
		}
		switch {
		case field == listItems && wire == wireBytes:
			to, err = s.readBytes(to, objectMax)
			if err == nil && s.read > s.end {
				err = ErrMalformed
			}
			return to, err
		case field == listMetadata && wire == wireBytes:
			if s.scratch, err = s.readBytes(s.scratch[:0], headMax); err != nil {
				return to, err
			}
			s.Metadata = metav1.ListMeta{}
			if err := s.Metadata.Unmarshal(s.scratch); err != nil {
				return to, err
			}
			s.known = true
		default:
			if err := s.skip(wire); err != nil {
				return to, err
			}
		}
	}
	if s.read > s.end {
		return to, ErrMalformed
	}
	return to, s.readTrailer()
}

// readTrailer reads what follows the list.
func (s *ListStream) readTrailer() error {
	for {
		_, wire, err := s.readTag()
		if err != nil {
			return err // io.EOF before a field is the end of all
		}
		if err := s.skip(wire); err != nil {
			return err
		}
	}
}

// unexpectedEOF makes the end of a body an error where it must not end.
func unexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readTag reads which field follows. It answers io.EOF only where the body ends
// before the tag.
func (s *ListStream) readTag() (field, wire uint64, err error) {
	tag, err := s.readVarint()
	return tag >> 3, tag & 7, err
}

func (s *ListStream) readVarint() (uint64, error) {
	for value, shift := uint64(0), 0; shift < 64; shift += 7 {
		b, err := s.body.ReadByte()
		if err != nil {
			if shift > 0 {
				err = unexpectedEOF(err)
			}
			return 0, err
		}
		s.read++
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value, nil
		}
	}
	return 0, ErrMalformed
}

// readBytes appends a field of type bytes.
func (s *ListStream) readBytes(to []byte, most uint64) ([]byte, error) {
	size, err := s.readVarint()
	if err != nil {
		return to, unexpectedEOF(err)
	}
	if size > most {
		return to, ErrTooLarge
	}
	from := len(to)
	to = grown(to, int(size))
	return to, s.readFull(to[from:])
}

// grown returns b with n more bytes of any content. Its room doubles: append adds a quarter at a
// time, which leaves four times as much behind.
func grown(b []byte, n int) []byte {
	if len(b)+n > cap(b) {
		b = slices.Grow(b, max(n, cap(b)))
	}
	return b[:len(b)+n]
}

func (s *ListStream) readFull(to []byte) error {
	n, err := io.ReadFull(s.body, to)
	s.read += uint64(n)
	return unexpectedEOF(err)
}

// skip passes over the content of a field.
func (s *ListStream) skip(wire uint64) error {
	var size uint64
	switch wire {
	case wireVarint:
		_, err := s.readVarint()
		return unexpectedEOF(err)
	case wireFixed8:
		size = 8
	case wireFixed4:
		size = 4
	case wireBytes:
		var err error
		if size, err = s.readVarint(); err != nil {
			return unexpectedEOF(err)
		}
	default:
		return ErrMalformed
	}
	if size > objectMax {
		return ErrTooLarge
	}
	n, err := s.body.Discard(int(size))
	s.read += uint64(n)
	return unexpectedEOF(err)
}
