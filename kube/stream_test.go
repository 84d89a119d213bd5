package kube

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// podList is a list of n pods that differ, with the field sets of their
// managers.
func podList(n int) *corev1.PodList {
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: "more", RemainingItemCount: new(int64(3))}}
	for i := range n {
		p := variedPod(i)
		p.ManagedFields = []metav1.ManagedFieldsEntry{
			{Manager: "kubelet", Operation: "Update", FieldsV1: metav1.NewFieldsV1(`{"f:status":"` + strings.Repeat("k:{type} ", 70) + `"}`), Subresource: "status"},
			{Manager: "controller", Operation: "Update", Time: &p.CreationTimestamp},
		}
		list.Items = append(list.Items, *p)
	}
	return list
}

type marshaler interface{ Marshal() ([]byte, error) }

func marshaled(tb testing.TB, m marshaler) []byte {
	tb.Helper()
	data, err := m.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// answerOf is what an API server answers with an object in protobuf.
func answerOf(tb testing.TB, kind string, object marshaler) []byte {
	tb.Helper()
	return enveloped(tb, kind, marshaled(tb, object))
}

func enveloped(tb testing.TB, kind string, raw []byte) []byte {
	tb.Helper()
	unknown := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: kind}, Raw: raw}
	return append([]byte(protobufMagic), marshaled(tb, &unknown)...)
}

// cutUp reads an answer to its end.
func cutUp(body io.Reader) (items [][]byte, metadata metav1.ListMeta, err error) {
	s, err := openListStream(bufio.NewReaderSize(body, 16))
	if err != nil {
		return nil, metadata, err
	}
	for {
		item, err := s.next(nil)
		if err != nil {
			return items, s.metadata, err
		}
		items = append(items, item)
	}
}

func TestListStreamCutsOutEachObject(t *testing.T) {
	list := podList(30)
	answer := answerOf(t, "PodList", list)
	for name, body := range map[string]io.Reader{
		"at once":      bytes.NewReader(answer),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(answer)),
	} {
		items, metadata, err := cutUp(body)
		if !errors.Is(err, io.EOF) || len(items) != len(list.Items) || metadata.Continue != "more" || *metadata.RemainingItemCount != 3 {
			t.Fatalf("%s: %d items, %+v, %v", name, len(items), metadata, err)
		}
		for i, item := range items {
			if !bytes.Equal(item, marshaled(t, &list.Items[i])) {
				t.Errorf("%s: item %d differs", name, i)
			}
		}
	}
}

// A list that was cut off must never look like a shorter one.
func TestListStreamThatIsCutOffAnywhereIsAnError(t *testing.T) {
	answer := answerOf(t, "PodList", podList(3))
	tail := len(marshaled(t, &runtime.Unknown{})) // what follows the list, and may be missing
	for n := range len(answer) - tail {
		if items, _, err := cutUp(bytes.NewReader(answer[:n])); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("cut at %d of %d: %d items and %v", n, len(answer), len(items), err)
		}
	}
}

func TestListStreamOfOtherShapes(t *testing.T) {
	list := podList(2)
	item := func(i int) []byte { return fieldOf(listItems, marshaled(t, &list.Items[i])) }
	metadata := fieldOf(listMetadata, marshaled(t, &list.ListMeta))
	for name, raw := range map[string][]byte{
		"metadata last":   slices.Concat(item(0), item(1), metadata),
		"unknown fields":  slices.Concat(metadata, fieldOf(9, []byte("new")), item(0), []byte{8 << 3, 5}, item(1), []byte{7<<3 | wireFixed4, 1, 2, 3, 4}, []byte{6<<3 | wireFixed8, 1, 2, 3, 4, 5, 6, 7, 8}),
		"metadata inside": slices.Concat(item(0), metadata, item(1)),
	} {
		items, m, err := cutUp(bytes.NewReader(enveloped(t, "PodList", raw)))
		if !errors.Is(err, io.EOF) || len(items) != 2 || m.ResourceVersion != "7" {
			t.Errorf("%s: %d items, version %q, %v", name, len(items), m.ResourceVersion, err)
		}
	}
	if items, m, err := cutUp(bytes.NewReader(answerOf(t, "PodList", &corev1.PodList{}))); !errors.Is(err, io.EOF) || len(items) != 0 || m.Continue != "" {
		t.Errorf("an empty list: %d items, %v", len(items), err)
	}
}

func fieldOf(number int, content []byte) []byte {
	head := []byte{byte(number<<3 | wireBytes)}
	for n := len(content); ; n >>= 7 {
		if n < 0x80 {
			return slices.Concat(append(head, byte(n)), content)
		}
		head = append(head, byte(n)|0x80)
	}
}

func TestListStreamRefuses(t *testing.T) {
	huge := []byte{listItems<<3 | wireBytes, 0xff, 0xff, 0xff, 0xff, 0x0f}
	for name, c := range map[string]struct {
		answer []byte
		says   string
	}{
		"an object too large":   {enveloped(t, "PodList", huge), errTooLarge.Error()},
		"an object as a list":   {enveloped(t, "Pod", []byte{1}), `answered with a "Pod"`},
		"an item over the end":  {enveloped(t, "PodList", []byte{listItems<<3 | wireBytes, 5, 1}), errWire.Error()},
		"a field of no type":    {enveloped(t, "PodList", []byte{listItems<<3 | 7}), errWire.Error()},
		"a length without end":  {append([]byte(protobufMagic), bytes.Repeat([]byte{0xff}, 20)...), errWire.Error()},
		"another way to encode": {append([]byte(protobufMagic), marshaled(t, &runtime.Unknown{ContentEncoding: "gzip"})...), "encoded in an unknown way"},
	} {
		if _, _, err := cutUp(bytes.NewReader(c.answer)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, not %q", name, err, c.says)
		}
	}
	status := &metav1.Status{Status: metav1.StatusFailure, Code: 410, Reason: metav1.StatusReasonExpired, Message: "too old"}
	if _, _, err := cutUp(bytes.NewReader(answerOf(t, "Status", status))); !apierrors.IsResourceExpired(err) {
		t.Errorf("a Status: %v", err)
	}
}

func TestCutFieldSets(t *testing.T) {
	for i, p := range podList(20).Items {
		got := dropFieldSetsOf(marshaled(t, &p))
		for k := range p.ManagedFields {
			p.ManagedFields[k].FieldsV1 = nil
		}
		if want := marshaled(t, &p); !bytes.Equal(got, want) {
			t.Fatalf("pod %d: %d bytes, not %d", i, len(got), len(want))
		}
	}
	for _, text := range [][]byte{nil, {1}, {0x0a}, {0x0a, 5, 1}, {0x0a, 1, 0xff}, {0x12, 1, 1}, {0x0a, 4, 0x8a, 0x01, 1, 0x3a}} {
		if got := dropFieldSetsOf(slices.Clone(text)); !bytes.Equal(got, text) {
			t.Errorf("%x became %x", text, got)
		}
	}
}

func FuzzCutFieldSets(f *testing.F) {
	f.Add(marshaled(f, &podList(1).Items[0]))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := slices.Clone(text)
		got := dropFieldSetsOf(text)
		var was, is corev1.Pod
		if was.Unmarshal(before) != nil {
			return
		}
		if err := is.Unmarshal(got); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*corev1.Pod{&was, &is} {
			for i := range p.ManagedFields {
				p.ManagedFields[i].FieldsV1 = nil
			}
		}
		if !bytes.Equal(marshaled(t, &was), marshaled(t, &is)) {
			t.Errorf("%v became %v", was, is)
		}
	})
}

// BenchmarkListStream reads a list of pods as it comes from an API server, up to
// records with bodies.
func BenchmarkListStream(b *testing.B) {
	const pods = 1000
	answer := answerOf(b, "PodList", podList(pods))
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	var text []byte
	cut, err := fieldMaskOf(kinds.Pod)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		source := &scopeReader{kind: typedKind(podsResource), bodies: (&bodies{}).codec(podsResource), mask: cut}
		s, err := openListStream(bufio.NewReaderSize(bytes.NewReader(answer), streamBuffer))
		if err != nil {
			b.Fatal(err)
		}
		count := 0
		for text, err = s.next(text[:0]); err == nil; text, err = s.next(text[:0]) {
			if err := source.recordOfText(text, func(*kinds.Record) { count++ }); err != nil {
				b.Fatal(err)
			}
		}
		if count != pods {
			b.Fatal(count, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pods, "ns/object")
}
