package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

var podsResource = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

func pod(namespace, name, phase string) object {
	return newObject("v1", "Pod", namespace, name, object{
		"spec":   object{"containers": []object{{"name": "app", "image": "app"}}},
		"status": object{"phase": phase},
	})
}

// watcher is a listing with somebody who looks.
type watcher struct {
	*Listing
	source testSource
}

// boundWatch passes on what another source yields, for as long as the test lasts: a
// source ends with the context of its first call, and until ends its own after each
// wait.
type boundWatch struct{ changes chan struct{} }

func (b *boundWatch) Next(ctx context.Context) (any, error) {
	select {
	case <-b.changes:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// look watches a listing until the test ends or stop is called.
func look(t *testing.T, l *Listing) (w watcher, stop context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	b, source := &boundWatch{make(chan struct{}, 1)}, l.Watch()
	go func() {
		for {
			if _, err := source.Next(ctx); err != nil {
				return
			}
			signal.Wake(b.changes)
		}
	}()
	return watcher{l, b}, cancel
}

func (w watcher) until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the listing is %+v", w.State())
		}
	}()
	until(t, w.source, what, reached)
}

func (w watcher) live(t *testing.T, objects int) {
	t.Helper()
	w.until(t, fmt.Sprintf("live with %d objects", objects), func() bool {
		return w.State().Phase == Live && w.Len() == objects
	})
}

func names(records []*kinds.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Namespace+"/"+r.Name)
	}
	slices.Sort(out)
	return out
}

func TestListingFollowsTheCluster(t *testing.T) {
	s := newServer(t)
	for i := range 3 {
		s.put(pod("shop", fmt.Sprint("web-", i), "Running"))
	}
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 3)
	v := l.Since(0).Version

	s.put(pod("shop", "web-1", "Failed"))
	s.put(pod("other", "web-3", "Pending"))
	s.remove("Pod", "web-0")
	l.until(t, "the three changes", func() bool { return l.Since(v).Version == v+3 })
	delta := l.Since(v)
	if got := names(delta.Changed); !slices.Equal(got, []string{"other/web-3", "shop/web-1"}) || delta.Reset {
		t.Errorf("changed %v, reset %v", got, delta.Reset)
	}
	if !slices.Equal(delta.Gone, []Key{{"shop", "web-0"}}) {
		t.Errorf("gone %v", delta.Gone)
	}
	if again := l.Since(delta.Version); len(again.Changed)+len(again.Gone) > 0 || again.Reset {
		t.Errorf("nothing happened, but %+v", again)
	}
}

func TestListingShowsRowsBeforeTheLastHasArrived(t *testing.T) {
	s := newServer(t)
	for i := range 3*pageSize - 100 {
		s.put(pod("shop", fmt.Sprintf("web-%04d", i), "Running"))
	}
	second := make(chan struct{})
	s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.RawQuery, "continue") {
			<-second
		}
		return false
	})
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.until(t, "the first page", func() bool { return l.Len() == firstPageSize })
	if state := l.State(); state.Phase != Loading || state.Remaining != 3*pageSize-100-firstPageSize {
		t.Errorf("after the first page: %+v", state)
	}
	close(second)
	l.live(t, 3*pageSize-100)
	if state := l.State(); state.Remaining != -1 || state.Err != nil {
		t.Errorf("after the last page: %+v", state)
	}
}

// The table must wait only for its own request: not for discovery, the version or a
// watch.
func TestListingShowsRowsAfterOneRequest(t *testing.T) {
	s := newServer(t)
	for i := range firstPageSize + 1 {
		s.put(pod("shop", fmt.Sprintf("web-%04d", i), "Running"))
	}
	shown := make(chan struct{})
	s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.RawQuery != fmt.Sprint("limit=", firstPageSize) {
			<-shown
		}
		return false
	})
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.until(t, "the first page", func() bool { return l.Len() == firstPageSize })
	if lists := s.Requests("sendInitialEvents"); len(lists) > 0 {
		t.Errorf("asked for what is not compressed: %v", lists)
	}
	if before := s.Requests(""); len(before) > 6 { // the second page may be among them
		t.Errorf("%d requests before the first rows: %v", len(before), before)
	}
	close(shown)
	l.live(t, firstPageSize+1)
}

func TestReleasedListingHoldsNoRecord(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	c := s.open(t, func(o *Options) { o.Idle = time.Millisecond })
	l, stop := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 1)
	record := weak.Make(l.Get("shop", "web-0"))
	heard, deaf := l.changed.Subscribe()
	defer deaf()
	stop()
	deadline := time.After(patience)
	for l.State().Phase != Idle {
		select {
		case <-heard:
		case <-deadline:
			t.Fatalf("still %+v", l.State())
		}
	}
	for record.Value() != nil {
		select {
		case <-deadline:
			t.Fatal("the record is still held")
		default:
			runtime.GC() // the Reflector may need a moment to end
		}
	}
	runtime.KeepAlive(l)
	runtime.KeepAlive(c)
}

func TestListingBeginsAnewWhenItsPagesExpire(t *testing.T) {
	s := newServer(t)
	for i := range pageSize + 1 {
		s.put(pod("shop", fmt.Sprintf("web-%04d", i), "Running"))
	}
	s.Intercept(
		failing("continue", http.StatusGone, metav1.StatusReasonExpired, "the provided continue parameter is too old"),
	)
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, pageSize+1)
}

func TestListingKeepsItsRowsWhenTheConnectionBreaks(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	s.put(pod("shop", "web-1", "Running"))
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 2)

	s.Intercept(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	s.drop()
	l.until(t, "stale", func() bool { return l.State().Phase == Stale })
	if state := l.State(); state.Err == nil || state.Since.IsZero() || state.Loaded != 2 {
		t.Errorf("a broken listing says %+v", state)
	}
	s.remove("Pod", "web-0")
	s.Intercept(nil)
	l.live(t, 1)
	if state := l.State(); state.Err != nil {
		t.Errorf("the error outlived its cause: %v", state.Err)
	}
}

func TestListingRelistsWhenItsVersionIsGone(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	s.put(pod("shop", "web-1", "Running"))
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 2)
	v := l.Since(0).Version

	s.Intercept(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	s.drop()
	l.until(t, "stale", func() bool { return l.State().Phase == Stale })
	s.remove("Pod", "web-1")
	s.put(pod("shop", "web-2", "Running"))
	var refused atomic.Bool
	tooOld := failing("watch=true", http.StatusGone, metav1.StatusReasonExpired, "too old resource version")
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		return !refused.Load() && tooOld(w, r) && !refused.Swap(true)
	})
	l.until(t, "live again", func() bool { return l.State().Phase == Live && l.Get("shop", "web-2") != nil })
	delta := l.Since(v)
	got := names(delta.Changed)
	if !slices.Equal(got, []string{"shop/web-2"}) || !slices.Equal(delta.Gone, []Key{{"shop", "web-1"}}) {
		t.Errorf("a relist told of %v and of the end of %v", got, delta.Gone)
	}
}

func TestListingThatIsForbidden(t *testing.T) {
	s := newServer(t)
	const message = `pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "shop"`
	s.Intercept(failing("pods", http.StatusForbidden, metav1.StatusReasonForbidden, message+"\x1b[2J"))
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource, Namespace: "shop"}))
	l.until(t, "denied", func() bool { return l.State().Phase == Denied })
	err := l.State().Err
	if !apierrors.IsForbidden(err) || err.Error() != message+"␛[2J" {
		t.Errorf("denied with %q", err)
	}
	s.Intercept(nil)
	l.cluster.Refresh()
	l.live(t, 0)
}

func TestListingIsPolledByThoseWhoMayNotWatch(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	s.Intercept(failing("watch=true", http.StatusForbidden, metav1.StatusReasonForbidden, "cannot watch"))
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.until(t, "polling", func() bool { return l.polled.Load() && l.State().Phase == Live })
	if l.Len() != 1 {
		t.Errorf("%d objects", l.Len())
	}
}

func TestListingOfAResourceThatIsNotServed(t *testing.T) {
	s := newServer(t)
	things := schema.GroupVersionResource{Group: "no.such", Version: "v1", Resource: "things"}
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: things}))
	l.until(t, "failed", func() bool { return l.State().Phase == Failed })
	if err := l.State().Err; !apierrors.IsNotFound(err) {
		t.Errorf("failed with %v", err)
	}
}

func TestListingIsReleasedAfterAWhile(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	c := s.open(t, func(o *Options) { o.Idle = time.Millisecond })
	l, stop := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 1)
	v := l.Since(0).Version
	heard, deaf := l.changed.Subscribe()
	defer deaf()
	stop()
	for deadline := time.After(patience); l.State().Phase != Idle; {
		select {
		case <-heard:
		case <-deadline:
			t.Fatalf("still %+v", l.State())
		}
	}
	if delta := l.Since(v); !delta.Reset || len(delta.Changed) != 0 || l.Len() != 0 {
		t.Errorf("after the release: %+v", delta)
	}
	again, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
	again.live(t, 1)
}

func TestListingIsShared(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	c := s.open(t)
	scope := Scope{GroupVersionResource: podsResource, Namespace: "shop"}
	a, stop := look(t, c.Listing(scope))
	b, _ := look(t, c.Listing(scope))
	if a.Listing != b.Listing {
		t.Fatal("one scope has two listings")
	}
	a.live(t, 1)
	stop()
	s.put(pod("shop", "web-1", "Running"))
	b.live(t, 2)
	if lists := s.Requests("namespaces/shop/pods?limit"); len(lists) != 1 {
		t.Errorf("two watchers cost %v", lists)
	}
}

var pondsResource = schema.GroupVersionResource{Group: "water.test", Version: "v1", Resource: "ponds"}

// ponds defines the kind Pond with columns, as JSON, next to its name.
func ponds(generation int, columns string) object {
	o := newObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "ponds.water.test", object{"spec": object{
		"group": "water.test",
		"scope": "Namespaced",
		"names": object{"plural": "ponds", "singular": "pond", "kind": "Pond"},
		"versions": []any{
			object{"name": "v1", "served": true, "storage": true, "additionalPrinterColumns": json.RawMessage(columns)},
		},
	}})
	o["metadata"].(object)["generation"] = generation
	return o
}

func pond(name string, depth int) object {
	return newObject("water.test/v1", "Pond", "park", name, object{"spec": object{"depth": depth}})
}

func TestListingOfWhatOnlyTheServerPrints(t *testing.T) {
	s := newServer(t)
	s.put(ponds(1, `[{"name": "Depth", "type": "integer", "jsonPath": ".spec.depth", "priority": 1}]`))
	s.put(pond("north", 3))
	s.Refuse("customresourcedefinitions")
	c := s.open(t)
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: pondsResource}))
	l.live(t, 1)
	s.put(pond("south", 5))
	l.live(t, 2)
	if columns := l.Kind().Columns; len(columns) != 2 || columns[1].Name != "DEPTH" || !columns[1].Wide {
		t.Errorf("columns %+v", columns)
	}
	r := l.Get("park", "south")
	if got := r.Cells[1].Format(time.Time{}, kinds.CoarseAge); got != "5" {
		t.Errorf("cell %q", got)
	}
	fields, err := c.Fields(r)
	if err != nil || fields["kind"] != "Pond" || fields["spec"] == nil {
		t.Errorf("the object of a row is %v, %v", fields, err)
	}
}

func TestListingOfCustomResources(t *testing.T) {
	s := newServer(t)
	s.put(ponds(1, `[{"name": "Depth", "type": "integer", "jsonPath": ".spec.depth"}]`))
	s.put(pond("north", 3))
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: pondsResource}))
	l.live(t, 1)
	column := func() string { return l.Kind().Columns[1].Name }
	if column() != "DEPTH" {
		t.Fatalf("column %q", column())
	}
	if n, ok := l.Get("park", "north").Cells[1].Number(); !ok || n != 3 {
		t.Errorf("depth %d, %v", n, ok)
	}
	v := l.Since(0).Version
	s.put(ponds(2, `[{"name": "Fathoms", "type": "integer", "jsonPath": ".spec.depth"}]`))
	l.until(t, "the new column", func() bool { return column() == "FATHOMS" && l.State().Phase == Live })
	if delta := l.Since(v); !delta.Reset || len(delta.Changed) != 1 {
		t.Errorf("new columns told %+v", delta)
	}
}

func TestListingIsPolledWhereThereIsNoWatch(t *testing.T) {
	s := newServer(t)
	s.put(newObject("metrics.k8s.io/v1beta1", "PodMetrics", "shop", "web-0", nil))
	metrics := schema.GroupVersionResource{Group: "metrics.k8s.io", Version: "v1beta1", Resource: "pods"}
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: metrics}))
	l.live(t, 1)
	if watches := s.Requests("metrics.k8s.io/v1beta1/pods?watch"); len(watches) > 0 {
		t.Errorf("watched: %v", watches)
	}
}

func TestWatchTellsABurstOnce(t *testing.T) {
	s := newServer(t)
	l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 0)
	var told atomic.Int64
	w := l.Watch()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := w.Next(ctx); err != nil {
				return
			}
			told.Add(1)
		}
	}()
	began := time.Now()
	for i := range 300 {
		s.put(pod("shop", fmt.Sprint("web-", i), "Running"))
	}
	l.live(t, 300)
	cancel()
	<-done
	if most := 3 + int64(time.Since(began)/50*time.Millisecond); told.Load() > most {
		t.Errorf("300 changes in %v woke the reader %d times", time.Since(began), told.Load())
	}
}

func TestChangeLog(t *testing.T) {
	key := func(i int) Key { return Key{"n", fmt.Sprint(i)} }
	collect := func(l *changeLog, v uint64) (keys []Key, ok bool) {
		ok = l.since(v, func(k Key) { keys = append(keys, k) })
		return keys, ok
	}
	var l changeLog
	if keys, ok := collect(&l, 0); !ok || keys != nil {
		t.Errorf("an empty log: %v %v", keys, ok)
	}
	for i := range changesMax + 10 {
		l.add(key(i))
	}
	for _, c := range []struct {
		since uint64
		ok    bool
		count int
		first int
	}{
		{0, false, 0, 0},
		{9, false, 0, 0},
		{10, true, changesMax, 10},
		{changesMax + 9, true, 1, changesMax + 9},
		{changesMax + 10, true, 0, 0},
		{changesMax + 11, false, 0, 0},
	} {
		keys, ok := collect(&l, c.since)
		if ok != c.ok || len(keys) != c.count || c.count > 0 && keys[0] != key(c.first) {
			t.Errorf("since %d: %d keys, %v", c.since, len(keys), ok)
		}
	}
	l.forget()
	before := l.version
	if _, ok := collect(&l, before-1); ok {
		t.Error("changes are known that were forgotten")
	}
	l.add(key(1))
	if keys, ok := collect(&l, before); !ok || !slices.Equal(keys, []Key{key(1)}) {
		t.Errorf("after forgetting: %v %v", keys, ok)
	}
}
