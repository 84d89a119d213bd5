package wire

import (
	"fmt"
	"math/rand"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
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

// TestUnjudgedFieldsChangeNoVerdict holds that an object is as well without what IsWell never looks at.
func TestUnjudgedFieldsChangeNoVerdict(t *testing.T) {
	ready, is := []corev1.NodeConditionType{"Ready", "DiskPressure"}, []corev1.ConditionStatus{"True", "False"}
	part := []appsv1.DeploymentConditionType{"Available", "Progressing", "ReplicaFailure"}
	ended := []batchv1.JobConditionType{"Complete", "Failed", "Suspended"}
	for _, kind := range kinds.All() {
		if len(kind.Unjudged) == 0 {
			continue
		}
		cut, err := NewFieldMask(kind.New(), kind.Unjudged)
		if err != nil {
			t.Fatal(err)
		}
		well, reused := 0, kind.New()
		for seed := range int64(400) {
			obj := kind.New()
			randfill.New().RandSource(rand.NewSource(seed)).NilChance(.6).NumElements(0, 3).MaxDepth(14).Funcs(
				func(s *corev1.NodeConditionType, c randfill.Continue) { *s = ready[c.Intn(len(ready))] },
				func(s *corev1.ConditionStatus, c randfill.Continue) { *s = is[c.Intn(len(is))] },
				func(s *appsv1.DeploymentConditionType, c randfill.Continue) { *s = part[c.Intn(len(part))] },
				func(s *batchv1.JobConditionType, c randfill.Continue) { *s = ended[c.Intn(len(ended))] },
				func(n *int32, c randfill.Continue) { *n = int32(c.Intn(2)) },
				func(n *int64, c randfill.Continue) { *n = int64(c.Intn(2)) },
				func(s *metav1.FieldsV1, _ randfill.Continue) { s.SetRawString("{}") },
				func(*runtime.RawExtension, randfill.Continue) {},
			).Fill(obj)
			short, ok := cut.AppendKept(nil, kubetest.Marshal(t, obj.(kubetest.Marshaler)))
			if !ok {
				t.Fatalf("%s/%d: not as expected", kind.Kind, seed)
			}
			kind.Reset(reused)
			if err := reused.(Message).Unmarshal(short); err != nil {
				t.Fatalf("%s/%d: %v", kind.Kind, seed, err)
			}
			if got, want := kind.IsWell(reused), kind.IsWell(obj); got != want {
				t.Errorf("%s/%d: well is %t, and %t of the whole object", kind.Kind, seed, got, want)
			} else if want {
				well++
			}
		}
		if well == 0 || well == 400 {
			t.Errorf("%s: %d of 400 are well", kind.Kind, well)
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
