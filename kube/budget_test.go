package kube

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/signal"
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
	o.Backend = &Backend{
		Name:      "pile",
		Transport: server,
		Now:       func() time.Time { return time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC) },
	}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server
}

// dropped counts the records of a listing whose objects had to make room.
func dropped(t *testing.T, c *Cluster, l *Listing) (count int) {
	t.Helper()
	for _, r := range l.Since(0).Changed {
		switch _, err := c.Decode(r); {
		case errors.Is(err, ErrDropped):
			count++
		case err != nil:
			t.Error(err)
		}
	}
	return count
}

func TestTheOldestObjectsMakeRoom(t *testing.T) {
	const budget = 256 << 10
	c, server := pile(t, 1000, 1024, Options{Bodies: budget})
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live && all.Len() == 1000 })
	// Half of random hexadecimal digits is more than compression can save.
	if n := dropped(t, c, all.Listing); n < 1000-2*budget/1024 || n > 1000-budget/2/1024 {
		t.Fatalf("%d of 1000 objects have gone; there is room for %d bytes", n, budget)
	}
	oldest, newest := all.Get("shop", "cm-0000"), all.Get("shop", "cm-0999")
	if _, err := c.Fields(newest); err != nil {
		t.Errorf("the newest: %v", err)
	}
	if _, err := c.Fields(oldest); !errors.Is(err, ErrDropped) {
		t.Fatalf("the oldest: %v", err)
	}

	before := len(server.Requests("cm-0000"))
	one, _ := look(
		t,
		c.Listing(Scope{GroupVersionResource: configMapsResource, Namespace: "shop", Fields: "metadata.name=cm-0000"}),
	)
	one.until(t, "the object", func() bool { return one.Get("shop", "cm-0000") != nil })
	if _, err := c.Fields(one.Get("shop", "cm-0000")); err != nil {
		t.Errorf("asked for again: %v", err)
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

// What a view shows is kept, however much else comes.
func TestWhatIsLookedAtStays(t *testing.T) {
	c, _ := pile(t, 400, 1024, Options{Bodies: 64 << 10})
	one, _ := look(
		t,
		c.Listing(Scope{GroupVersionResource: configMapsResource, Namespace: "shop", Fields: "metadata.name=cm-0000"}),
	)
	one.until(t, "the object", func() bool { return one.Get("shop", "cm-0000") != nil })
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live && all.Len() == 400 })
	if dropped(t, c, all.Listing) == 0 {
		t.Fatal("nothing had to go")
	}
	if _, err := c.Fields(one.Get("shop", "cm-0000")); err != nil {
		t.Error(err)
	}
}

// visit watches all ConfigMaps until they are there, and releases them.
func visit(t *testing.T, c *Cluster) {
	t.Helper()
	all := c.Listing(Scope{GroupVersionResource: configMapsResource})
	leave := all.attach()
	var changes signal.Subscription
	for ctx := patient(t); all.State().Phase != Live; {
		if err := changes.Next(ctx, &all.changed, nil); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	all.releaseIdle()
	if all.State().Phase != Idle || all.Len() > 0 {
		t.Fatalf("released, the listing is %+v", all.State())
	}
}

func TestAReleaseGivesTheMemoryBack(t *testing.T) {
	c, _ := pile(t, 2000, 256, Options{})
	visit(t, c) // Clients and tables that stay are made by the first visit.
	before := heap()
	for range 5 {
		visit(t, c)
	}
	if after := heap(); float64(after) > 1.2*float64(before) {
		t.Errorf("%d bytes of heap after visits, %d before", after, before)
	}
	// With one more listing than before, the same ones would be seen at once.
	all, _ := look(t, c.Listing(Scope{GroupVersionResource: configMapsResource}))
	all.until(t, "everything", func() bool { return all.State().Phase == Live })
	if with := heap(); with < before+2000*200 {
		t.Errorf("2000 records keep %d bytes, which is too little to be measured", int64(with)-int64(before))
	}
}
