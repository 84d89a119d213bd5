package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzList cuts anything into objects. They are parts of what was read, and the stream
// ends.
func FuzzList(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		in := bufio.NewReader(bytes.NewReader(body))
		if protobuf, err := IsProtobuf(in); !protobuf || err != nil {
			return
		}
		list, err := OpenList(in)
		if err != nil {
			return
		}
		left := len(body)
		for {
			object, err := list.Next(nil)
			if err != nil {
				if err.Error() == "" || errors.Is(err, io.ErrNoProgress) {
					t.Error(err)
				}
				return
			}
			if !bytes.Contains(body, object) {
				t.Fatalf("%x is not in the answer", object)
			}
			if left -= len(object) + 1; left < 0 {
				t.Fatal("more objects than there are bytes")
			}
			_ = DropFieldSets(object)
		}
	})
}

// FuzzEvent reads anything as an event.
func FuzzEvent(f *testing.F) {
	f.Fuzz(func(t *testing.T, frame []byte) {
		kind, object, err := ParseEvent(frame)
		if err == nil && (kind == "" || len(object.Raw) > len(frame)) {
			t.Errorf("%q of %d bytes in %d", kind, len(object.Raw), len(frame))
		}
		_ = DropFieldSets(object.Raw)
		var length [4]byte
		copy(length[:], frame)
		if read, err := ReadFrame(bytes.NewReader(frame), length, nil); err == nil && len(read) > len(frame) {
			t.Errorf("%d bytes of %d", len(read), len(frame))
		}
	})
}
