package wire

import (
	"fmt"
	"math/rand"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/randfill"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// What a kind skips must not change its records, whatever is in it, nor
// must what was in an object before.
func TestSkippedFieldsChangeNoRecord(t *testing.T) {
	texts := []string{
		"",
		"a",
		"web-1",
		"Running",
		"Completed",
		"PodScheduled",
		"SchedulingGated",
		"Initialized",
		"Ready",
		"True",
		"False",
		"Always",
	}
	for _, kind := range kinds.All() {
		if kind.New == nil {
			continue // it is read in JSON
		}
		cut, err := NewFieldMask(kind.New(), kind.Skip)
		if err != nil {
			t.Fatal(err)
		}
		if cut == nil {
			continue
		}
		shorter, reused := 0, kind.New()
		for seed := range int64(400) {
			obj := kind.New()
			randfill.New().RandSource(rand.NewSource(seed)).NilChance(.3).NumElements(0, 3).MaxDepth(14).Funcs(
				func(s *string, c randfill.Continue) { *s = texts[c.Intn(len(texts))] },
				func(s *metav1.FieldsV1, _ randfill.Continue) { s.SetRawString("{}") },
				func(*runtime.RawExtension, randfill.Continue) {},
			).Fill(obj)
			shorter += checkSkipped(t, fmt.Sprintf("%s/%d", kind.Kind, seed), cut, kind, obj, reused)
		}
		if shorter == 0 {
			t.Errorf("%s: nothing was cut out", kind.Kind)
		}
	}
}

// checkSkipped compares the record of a whole object with that of the part that is
// read, into an object that was used before, and reports how many bytes shorter that
// part is.
func checkSkipped(t *testing.T, name string, cut *FieldMask, kind *kinds.Kind, obj, reused runtime.Object) int {
	t.Helper()
	text := kubetest.Marshal(t, obj.(kubetest.Marshaler))
	short, ok := cut.AppendKept(nil, text)
	if !ok {
		t.Fatalf("%s: not as expected", name)
	}
	record := func(text []byte, obj runtime.Object) *kinds.Record {
		if err := obj.(Message).Unmarshal(text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := kind.Record(obj)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return r
	}
	if kind.Reset != nil {
		kind.Reset(reused)
	} else {
		reused = kind.New()
	}
	if whole, part := record(text, kind.New()), record(short, reused); !reflect.DeepEqual(whole, part) {
		t.Errorf("%s: the record differs without what the kind skips: %s", name,
			cmp.Diff(whole, part, cmp.Exporter(func(reflect.Type) bool { return true })))
	}
	return len(text) - len(short)
}

// podToCut is what a pod's record does not read, and a pod.
func podToCut(t *testing.T) (cut *FieldMask, text []byte) {
	t.Helper()
	cut, err := NewFieldMask(kinds.Pod.New(), kinds.Pod.Skip)
	if err != nil {
		t.Fatal(err)
	}
	text, err = kubetest.VariedPod(1).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return cut, text
}

func TestSkippedFieldsAreCutOutOfPods(t *testing.T) {
	cut, text := podToCut(t)
	short, ok := cut.AppendKept(nil, text)
	if !ok || len(short) > len(text)/2 {
		t.Errorf("%d of %d bytes are read, want less than half", len(short), len(text))
	}
	var p corev1.Pod
	if err := p.Unmarshal(short); err != nil {
		t.Fatal(err)
	}
	if p.Name == "" || p.Spec.Containers[0].Name == "" || p.Spec.Containers[0].Image != "" || p.Annotations != nil {
		t.Errorf("read %v", &p)
	}
}

// A text that ends in the middle of a field is not mistaken for a whole one.
func TestFieldMaskRefusesBrokenText(t *testing.T) {
	cut, text := podToCut(t)
	if _, ok := cut.AppendKept(nil, text[:len(text)-1]); ok {
		t.Error("a text that was cut off is taken for whole")
	}
}

func TestSkippedFieldsAreKnown(t *testing.T) {
	kind := *kinds.Pod
	kind.Skip = []string{"spec.containers.imagination"}
	if _, err := NewFieldMask(kind.New(), kind.Skip); err == nil {
		t.Error("an unknown name is not an error")
	}
}
