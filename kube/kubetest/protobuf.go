package kubetest

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// Marshaler is an object that can encode itself as protobuf, as those of k8s.io/api
// can.
type Marshaler interface{ Marshal() ([]byte, error) }

// Marshal returns an object in protobuf. It fails the test if it cannot be encoded.
func Marshal(tb testing.TB, m Marshaler) []byte {
	tb.Helper()
	data, err := m.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Answer returns the body of an API server's answer with an object in protobuf.
func Answer(tb testing.TB, kind string, object Marshaler) []byte {
	tb.Helper()
	return Envelope(tb, kind, Marshal(tb, object))
}

// Envelope returns bytes of protobuf in the envelope that the API server puts around
// them.
func Envelope(tb testing.TB, kind string, raw []byte) []byte {
	tb.Helper()
	unknown := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: kind}, Raw: raw}
	return append([]byte("k8s\x00"), Marshal(tb, &unknown)...)
}
