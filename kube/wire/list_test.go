package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fathom-k8s/fathom/kube/kubetest"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// cutUp reads an answer to its end.
func cutUp(body io.Reader) (items [][]byte, metadata metav1.ListMeta, err error) {
	s, err := OpenList(bufio.NewReaderSize(body, 16))
	if err != nil {
		return nil, metadata, err
	}
	for {
		item, err := s.Next(nil)
		if err != nil {
			return items, s.Metadata, err
		}
		items = append(items, item)
	}
}

func TestListStreamCutsOutEachObject(t *testing.T) {
	list := kubetest.PodList(30)
	answer := kubetest.Answer(t, "PodList", list)
	for name, body := range map[string]io.Reader{
		"at once":      bytes.NewReader(answer),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(answer)),
	} {
		items, metadata, err := cutUp(body)
		if !errors.Is(err, io.EOF) || len(items) != len(list.Items) || metadata.Continue != "more" ||
			*metadata.RemainingItemCount != 3 {
			t.Fatalf("%s: %d items, %+v, %v", name, len(items), metadata, err)
		}
		for i, item := range items {
			if !bytes.Equal(item, kubetest.Marshal(t, &list.Items[i])) {
				t.Errorf("%s: item %d differs", name, i)
			}
		}
	}
}

// A list that was cut off must never look like a shorter one.
func TestListStreamThatIsCutOffAnywhereIsAnError(t *testing.T) {
	answer := kubetest.Answer(t, "PodList", kubetest.PodList(3))
	tail := len(kubetest.Marshal(t, &runtime.Unknown{})) // what follows the list, and may be missing
	for n := range len(answer) - tail {
		if items, _, err := cutUp(bytes.NewReader(answer[:n])); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("cut at %d of %d: %d items and %v", n, len(answer), len(items), err)
		}
	}
}

func TestListStreamOfOtherShapes(t *testing.T) {
	list := kubetest.PodList(2)
	item := func(i int) []byte { return fieldOf(listItems, kubetest.Marshal(t, &list.Items[i])) }
	metadata := fieldOf(listMetadata, kubetest.Marshal(t, &list.ListMeta))
	for name, raw := range map[string][]byte{
		"metadata last": slices.Concat(item(0), item(1), metadata),
		"unknown fields": slices.Concat(metadata, fieldOf(9, []byte("new")), item(0), []byte{8 << 3, 5}, item(1),
			[]byte{7<<3 | wireFixed4, 1, 2, 3, 4}, []byte{6<<3 | wireFixed8, 1, 2, 3, 4, 5, 6, 7, 8}),
		"metadata inside": slices.Concat(item(0), metadata, item(1)),
	} {
		items, m, err := cutUp(bytes.NewReader(kubetest.Envelope(t, "PodList", raw)))
		if !errors.Is(err, io.EOF) || len(items) != 2 || m.ResourceVersion != "7" {
			t.Errorf("%s: %d items, version %q, %v", name, len(items), m.ResourceVersion, err)
		}
	}
	items, m, err := cutUp(bytes.NewReader(kubetest.Answer(t, "PodList", &corev1.PodList{})))
	if !errors.Is(err, io.EOF) || len(items) != 0 || m.Continue != "" {
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
		"an object too large": {kubetest.Envelope(t, "PodList", huge), ErrTooLarge.Error()},
		"an object as a list": {kubetest.Envelope(t, "Pod", []byte{1}), `answered with a "Pod"`},
		"an item over the end": {
			kubetest.Envelope(t, "PodList", []byte{listItems<<3 | wireBytes, 5, 1}), ErrMalformed.Error(),
		},
		"a field of no type":   {kubetest.Envelope(t, "PodList", []byte{listItems<<3 | 7}), ErrMalformed.Error()},
		"a length without end": {append([]byte(magic), bytes.Repeat([]byte{0xff}, 20)...), ErrMalformed.Error()},
		"another way to encode": {
			append([]byte(magic), kubetest.Marshal(t, &runtime.Unknown{ContentEncoding: "gzip"})...),
			"encoded in an unknown way",
		},
	} {
		if _, _, err := cutUp(bytes.NewReader(c.answer)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, not %q", name, err, c.says)
		}
	}
	status := &metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    410,
		Reason:  metav1.StatusReasonExpired,
		Message: "too old",
	}
	if _, _, err := cutUp(bytes.NewReader(kubetest.Answer(t, "Status", status))); !apierrors.IsResourceExpired(err) {
		t.Errorf("a Status: %v", err)
	}
}

func TestCutFieldSets(t *testing.T) {
	for i, p := range kubetest.PodList(20).Items {
		got := DropFieldSets(kubetest.Marshal(t, &p))
		for k := range p.ManagedFields {
			p.ManagedFields[k].FieldsV1 = nil
		}
		if want := kubetest.Marshal(t, &p); !bytes.Equal(got, want) {
			t.Fatalf("pod %d: %d bytes, not %d", i, len(got), len(want))
		}
	}
	broken := [][]byte{
		nil, {1}, {0x0a}, {0x0a, 5, 1}, {0x0a, 1, 0xff}, {0x12, 1, 1}, {0x0a, 4, 0x8a, 0x01, 1, 0x3a},
	}
	for _, text := range broken {
		if got := DropFieldSets(slices.Clone(text)); !bytes.Equal(got, text) {
			t.Errorf("%x became %x", text, got)
		}
	}
}

func FuzzCutFieldSets(f *testing.F) {
	f.Add(kubetest.Marshal(f, &kubetest.PodList(1).Items[0]))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := slices.Clone(text)
		got := DropFieldSets(text)
		var was, is corev1.Pod
		if was.Unmarshal(before) != nil {
			return
		}
		if err := is.Unmarshal(got); err != nil {
			t.Fatal(err)
		}
		// A string of a map may reach beyond its entry, into what is cut: the generated code
		// reads that, but writes another message.
		if !bytes.Equal(kubetest.Marshal(t, &was), before) {
			return
		}
		for _, p := range []*corev1.Pod{&was, &is} {
			for i := range p.ManagedFields {
				p.ManagedFields[i].FieldsV1 = nil
			}
		}
		if !bytes.Equal(kubetest.Marshal(t, &was), kubetest.Marshal(t, &is)) {
			t.Errorf("%v became %v", was, is)
		}
	})
}
