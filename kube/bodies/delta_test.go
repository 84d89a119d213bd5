package bodies

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// versions are those of a pod that comes alone.
func versions(t testing.TB, codec *Codec, n int) (pods []*corev1.Pod, kept []kinds.Body) {
	t.Helper()
	for i := range 8 * samplesMax {
		if _, err := codec.Encode(kubetest.VariedPod(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := codec.EndList(); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		p := kubetest.VariedPod(1)
		p.ResourceVersion = fmt.Sprint(1000 + i)
		p.Status.Phase = corev1.PodPhase(fmt.Sprint("Phase", i%3))
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: "Beat", Message: fmt.Sprint(i * i)})
		body, err := codec.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		pods, kept = append(pods, p), append(kept, body)
	}
	return pods, kept
}

// TestShrink holds that versions which were shrunk one after the other take little, and read as they
// were.
func TestShrink(t *testing.T) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	pods, kept := versions(t, codec, 20)
	if store.Shrink(kept[0], kinds.Body{}) || store.Shrink(kept[0], kept[0]) {
		t.Error("a version shrinks against none")
	}
	before, after := 0, 0
	for i := range len(kept) - 1 {
		before += store.Size(kept[i])
		if !store.Shrink(kept[i], kept[i+1]) {
			t.Errorf("version %d does not shrink", i)
		}
		if store.Shrink(kept[i], kept[i+1]) {
			t.Errorf("version %d shrinks twice", i)
		}
		after += store.Size(kept[i])
	}
	if after*3 > before {
		t.Errorf("differences take %d bytes, the versions %d", after, before)
	}
	for i := range kept {
		text, err := store.Text(codec, kept[i])
		if err != nil {
			t.Fatal(err)
		}
		got := &corev1.Pod{}
		if err := got.Unmarshal(text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pods[i], got); diff != "" {
			t.Fatalf("version %d: %s", i, diff)
		}
	}
	*kept[10].Kept.(*Block) = Block{form: dropped}
	if _, err := store.Text(codec, kept[3]); err == nil {
		t.Error("a version whose next ones are gone can be read")
	}
}

// TestSiblingsDoNotShrink holds that what shares its block stays as it is.
func TestSiblingsDoNotShrink(t *testing.T) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	codec.StartList()
	first := encoded(t, codec, kubetest.VariedPod(0))
	encoded(t, codec, kubetest.VariedPod(1))
	if err := codec.EndList(); err != nil {
		t.Fatal(err)
	}
	if next := encoded(t, codec, kubetest.VariedPod(0)); store.Shrink(first, next) {
		t.Error("one of two siblings shrinks")
	}
}

func BenchmarkShrink(b *testing.B) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	_, kept := versions(b, codec, 2)
	whole := *kept[0].Kept.(*Block)
	b.ReportMetric(float64(len(whole.data)), "B/whole")
	b.ReportAllocs()
	for b.Loop() {
		*kept[0].Kept.(*Block) = whole
		store.Shrink(kept[0], kept[1])
	}
	b.ReportMetric(float64(store.Size(kept[0])), "B/delta")
	b.ReportMetric(float64(len(whole.data)), "B/whole")
}
