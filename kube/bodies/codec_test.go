package bodies

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

func TestSiblingsAreKeptTogether(t *testing.T) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	for i := range samplesMax {
		encoded(t, codec, kubetest.VariedPod(i))
	}
	var bodies []kinds.Body
	var pods []*corev1.Pod
	add := func(p *corev1.Pod) {
		pods = append(pods, p)
		bodies = append(bodies, encoded(t, codec, p))
	}
	for i := range 3 * kubetest.PodsPerOwner {
		add(kubetest.VariedPod(4*kubetest.PodsPerOwner + i))
	}
	again := pods[len(pods)-1].DeepCopy()
	again.ResourceVersion = "7"
	add(again)
	add(kubetest.VariedPod(1)) // nothing has followed it yet
	for i, p := range pods {
		text, err := store.Text(codec, bodies[i])
		if err != nil {
			t.Fatal(err)
		}
		got := &corev1.Pod{}
		if err := got.Unmarshal(text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatalf("pod %d: %s", i, diff)
		}
	}
	if bodies[0].Kept != bodies[kubetest.PodsPerOwner-1].Kept || bodies[0].Kept == bodies[kubetest.PodsPerOwner].Kept {
		t.Error("the pods of one owner are not kept together, or another namespace's with them")
	}
	if n := len(pods); bodies[n-2].Kept == bodies[n-3].Kept {
		t.Error("two versions of a pod are kept together")
	}
	a, b := encoded(t, codec, kubetest.VariedPod(1)), encoded(t, codec, kubetest.VariedPod(2))
	if a.Sum != bodies[len(bodies)-1].Sum || a.Sum == b.Sum {
		t.Error("the sums do not tell what is equal")
	}
}

// Neighbours of other owners say much the same.
func TestNeighboursAreKeptTogether(t *testing.T) {
	codec := (&Store{}).Codec(kinds.Pod.GVR())
	for i := range samplesMax * kubetest.PodsPerOwner {
		encoded(t, codec, kubetest.VariedPod(i))
	}
	var kept []any
	for i := range 3 {
		p := kubetest.VariedPod((samplesMax + i) * kubetest.PodsPerOwner)
		p.Namespace = "shop"
		if i == 2 {
			p.OwnerReferences = nil
		}
		kept = append(kept, encoded(t, codec, p).Kept)
	}
	if kept[0] != kept[1] {
		t.Error("pods of two owners in one namespace are not kept together")
	}
	if kept[2] == kept[1] {
		t.Error("a pod without an owner is kept with others")
	}
}

// A watch brings changes of all kinds of pods: an object that remains would keep its
// deleted block-mates in memory, and zstd's tables would stay for nothing.
func TestWhatComesAfterAListIsKeptAlone(t *testing.T) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	for i := range 4 * kubetest.PodsPerOwner {
		encoded(t, codec, kubetest.VariedPod(i))
	}
	if codec.encoder == nil {
		t.Error("siblings are compressed without zstd")
	}
	if err := codec.EndList(); err != nil {
		t.Fatal(err)
	}
	a, b := encoded(t, codec, kubetest.VariedPod(0)), encoded(t, codec, kubetest.VariedPod(1))
	if a.Kept == b.Kept || codec.encoder != nil || codec.open != nil {
		t.Error("pods of a watch are kept together, or with zstd")
	}
	codec.StartList()
	if a, b := encoded(t, codec, kubetest.VariedPod(0)), encoded(t, codec, kubetest.VariedPod(1)); a.Kept != b.Kept {
		t.Error("pods of the next list are kept alone")
	}
}

func encoded(t *testing.T, codec *Codec, p *corev1.Pod) kinds.Body {
	t.Helper()
	body, err := codec.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheDictionaryMakesBodiesSmaller(t *testing.T) {
	codec := (&Store{}).Codec(kinds.Pod.GVR())
	var sizes []int
	for i := range 2 * samplesMax {
		p := kubetest.VariedPod(i)
		p.OwnerReferences = nil
		sizes = append(sizes, len(encoded(t, codec, p).Kept.(*Block).data))
	}
	if first, last := sizes[0], sizes[len(sizes)-1]; last >= first {
		t.Errorf("with a dictionary a body has %d bytes, without it %d", last, first)
	}
}

func TestTextOfABrokenBlock(t *testing.T) {
	var store Store
	codec := store.Codec(kinds.Pod.GVR())
	for name, body := range map[string]kinds.Body{
		"no body":          {},
		"not a block":      {Kept: "text"},
		"garbage as zstd":  {Kept: &Block{data: "garbage", form: withZstd}},
		"garbage as s2":    {Kept: &Block{data: "\xff\xff\xff", form: withS2}},
		"a length too far": {Kept: &Block{data: "\x01\x00\x05", form: withS2}},
	} {
		if text, err := store.Text(codec, body); err == nil {
			t.Errorf("%s: it holds %q", name, text)
		}
	}
	if _, err := store.Text(codec, kinds.Body{}); !errors.Is(err, ErrNone) {
		t.Errorf("without a body: %v", err)
	}
}

func TestTrimDropsTheOldest(t *testing.T) {
	const budget = 64 << 10
	store := Store{Budget: budget}
	codec := store.Codec(kinds.Pod.GVR())
	random := rand.New(rand.NewPCG(1, 2))
	var kept []kinds.Body
	for range 200 {
		var text strings.Builder
		for range 1024 {
			text.WriteByte(byte(random.Uint32()))
		}
		p := &corev1.Pod{}
		p.Annotations = map[string]string{"text": text.String()}
		kept = append(kept, encoded(t, codec, p))
	}
	if !store.OverBudget() {
		t.Fatal("200 KB are within a budget of 64 KB")
	}
	blocks := func() (out []*Block) {
		for _, b := range kept {
			out = append(out, b.Kept.(*Block))
		}
		return out
	}
	store.Trim(blocks())
	size, last := 0, true // the older ones have gone, and no newer one
	for i, b := range kept {
		_, err := store.Text(codec, b)
		if there := err == nil; there {
			size += len(b.Kept.(*Block).data)
			last = false
		} else if !errors.Is(err, ErrDropped) || !last {
			t.Fatalf("body %d: %v", i, err)
		}
	}
	if size > budget || size < budget/2 || store.OverBudget() {
		t.Errorf("%d bytes stay of at most %d", size, budget)
	}
}
