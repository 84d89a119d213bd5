package kube

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

var configMapsResource = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// pile is a cluster with n ConfigMaps of more than bytes each, which differ.
func pile(t *testing.T, n, bytes int, o Options) (*Cluster, *kubetest.Server) {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm-%04d, namespace: shop}\ndata: {text: \"", i)
		for range bytes / 16 {
			fmt.Fprintf(&text, "%016x", random.Uint64())
		}
		text.WriteString("\"}\n---\n")
	}
	server.Apply(t, text.String())
	o.Backend = &Backend{Name: "pile", Transport: server, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC) }}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server
}

// held is how many bytes of whole objects the listings of a cluster keep, and
// how many objects have none.
func held(c *Cluster) (size, without int) {
	seen := map[*block]bool{}
	var blocks []*block
	for _, l := range c.allListings() {
		blocks = l.blocks(blocks)
	}
	c.bodies.mu.Lock()
	defer c.bodies.mu.Unlock()
	for _, b := range blocks {
		if b.form == dropped {
			without++
		}
		if !seen[b] {
			seen[b] = true
			size += len(b.data)
		}
	}
	return size, without
}

func TestTheOldestObjectsMakeRoom(t *testing.T) {
	const budget = 256 << 10
	c, server := pile(t, 1000, 1024, Options{Bodies: budget})
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live && all.Len() == 1000 })
	size, without := held(c)
	if size > budget || size < budget/2 || without == 0 {
		t.Fatalf("%d bytes are kept of at most %d; %d objects have gone", size, budget, without)
	}
	oldest, newest := all.Get("shop", "cm-0000"), all.Get("shop", "cm-0999")
	if _, err := c.Fields(newest); err != nil {
		t.Errorf("the newest: %v", err)
	}
	if _, err := c.Fields(oldest); !errors.Is(err, ErrDropped) {
		t.Fatalf("the oldest: %v", err)
	}

	before := len(server.Requests("cm-0000"))
	one, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource, Namespace: "shop", Fields: "metadata.name=cm-0000"}))
	one.until(t, "the object", func() bool { return one.Get("shop", "cm-0000") != nil })
	if _, err := c.Fields(one.Get("shop", "cm-0000")); err != nil {
		t.Errorf("asked for anew: %v", err)
	}
	one.until(t, "a watch", func() bool { return one.State().Phase == Live })
	lists := 0
	for _, r := range server.Requests("cm-0000")[before:] {
		if !strings.Contains(r, "watch=") {
			lists++
		}
	}
	if lists != 1 {
		t.Errorf("it took %d requests to get one object: %q", lists, server.Requests("cm-0000"))
	}
}

// What a view shows is not taken away from it, however much else comes.
func TestWhatIsLookedAtStays(t *testing.T) {
	c, _ := pile(t, 400, 1024, Options{Bodies: 64 << 10})
	one, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource, Namespace: "shop", Fields: "metadata.name=cm-0000"}))
	one.until(t, "the object", func() bool { return one.Get("shop", "cm-0000") != nil })
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live && all.Len() == 400 })
	if _, without := held(c); without == 0 {
		t.Fatal("nothing had to go")
	}
	if _, err := c.Fields(one.Get("shop", "cm-0000")); err != nil {
		t.Error(err)
	}
}

// visit looks at all ConfigMaps until they are there, leaves, and waits until
// they are released.
func visit(t *testing.T, c *Cluster) {
	t.Helper()
	scope := Scope{GroupVersionResource: configMapsResource}
	all, leave := look(t, c.Listing(scope))
	all.until(t, "everything", func() bool { return all.State().Phase == Live })
	leave()
	until(t, &clockSource{}, "the release", func() bool {
		c.bodies.mu.Lock()
		defer c.bodies.mu.Unlock()
		return all.State().Phase == Idle && all.Len() == 0 && c.bodies.codecs[configMapsResource] == nil
	})
}

// clockSource tells now and then that time has passed: a release rings nobody.
type clockSource struct{}

func (*clockSource) Next(ctx context.Context) (any, error) {
	select {
	case <-time.After(5 * time.Millisecond):
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestAReleaseGivesTheMemoryBack(t *testing.T) {
	c, _ := pile(t, 2000, 256, Options{Idle: time.Millisecond})
	visit(t, c) // Clients and tables that stay are made by the first visit.
	before := heap()
	for range 5 {
		visit(t, c)
	}
	if after := heap(); float64(after) > 1.2*float64(before) {
		t.Errorf("%d bytes of heap after visits, %d before", after, before)
	}
	// With one more listing than before the same would be seen at once.
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live })
	if with := heap(); with < before+2000*200 {
		t.Errorf("2000 records keep %d bytes, which is too little to be measured", int64(with)-int64(before))
	}
}
