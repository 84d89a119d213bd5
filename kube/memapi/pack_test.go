package memapi

import (
	"bytes"
	"fmt"
	"testing"
)

// blocksOf returns the sealed blocks of the pods, with the bytes of objects that
// each holds.
func blocksOf(a *API) map[*block]int {
	blocks := map[*block]int{}
	for _, i := range a.families[podKind.GroupKind()].items {
		if one := i.data.(*part); one.block.compressed != nil {
			blocks[one.block] += int(one.to - one.from)
		}
	}
	return blocks
}

// TestListsInAnyOrderCostTheSame counts the blocks that a list decompresses.
func TestListsInAnyOrderCostTheSame(t *testing.T) {
	const pods = 8000
	objects, size := recorded(t, JSON, pods)
	if size < 3*windowBytes {
		t.Fatalf("%d bytes do not fill windows enough", size)
	}
	for _, order := range []string{"sorted", "shuffled"} {
		t.Run(order, func(t *testing.T) {
			a := filled(t, inOrder(objects, order))
			if n := listAll(t, clientOf(a)); n != pods {
				t.Fatal(n, "pods")
			}
			if blocks := len(blocksOf(a)); a.pack.reads > blocks+blocks/20 {
				t.Errorf("%d blocks were read %d times", blocks, a.pack.reads)
			}
			if a.pack.cached > cacheBytes || a.pack.waiting > windowBytes {
				t.Errorf("%d bytes are cached, %d wait", a.pack.cached, a.pack.waiting)
			}
		})
	}
}

func TestManyObjectsAreHeldSmall(t *testing.T) {
	objects, _ := recorded(t, JSON, 4000)
	a := filled(t, objects)
	held, text := 0, 0
	for b, bytes := range blocksOf(a) {
		held += len(b.compressed)
		text += bytes
	}
	if text < windowBytes || held > text/6 {
		t.Errorf("%d bytes are held of %d", held, text)
	}
}

// TestBytesStayThoughObjectsMove reads objects before and after they are sorted
// into blocks, some larger than a block.
func TestBytesStayThoughObjectsMove(t *testing.T) {
	p, s := newPack(), newStore(podKind.GroupKind())
	want, held := map[string][]byte{}, map[string]Data{}
	for n := range 2000 {
		key := fmt.Sprintf("ns/%04d", n*7919%2000)
		want[key] = bytes.Repeat([]byte(key), 1+n%1200)
		if n%500 == 0 {
			want[key] = bytes.Repeat([]byte(key), blockBytes/4)
		}
		held[key] = p.add(s, key, want[key])
	}
	early, err := held["ns/0000"].Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for p.waiting > 0 {
		p.seal()
	}
	for key, data := range held {
		got, err := data.Bytes()
		if err != nil || !bytes.Equal(got, want[key]) {
			t.Fatalf("%s: %d bytes of %d, %v", key, len(got), len(want[key]), err)
		}
	}
	if !bytes.Equal(early, want["ns/0000"]) {
		t.Error("bytes changed that were read before")
	}
}
