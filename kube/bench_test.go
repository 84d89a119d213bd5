package kube

import (
	"runtime"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// decoded is the pod as it comes from the API server: with its own strings.
func decoded(b testing.TB, i int) *corev1.Pod {
	data, err := kubetest.VariedPod(i).Marshal()
	if err != nil {
		b.Fatal(err)
	}
	p := &corev1.Pod{}
	if err := p.Unmarshal(data); err != nil {
		b.Fatal(err)
	}
	return p
}

// retained returns how many bytes of heap each of n things keeps, with its part of what
// they share.
func retained[T any](n int, newOne func(i int) T) float64 {
	kept := make([]T, n)
	for i := range kept {
		kept[i] = newOne(i)
	}
	kinds.Forget()
	with := heap()
	clear(kept)
	without := heap()
	runtime.KeepAlive(kept)
	return (float64(with) - float64(without)) / float64(n)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func podRecord(tb testing.TB, p *corev1.Pod) *kinds.Record {
	r, err := kinds.Pod.Record(p)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// recordMax is more than the record of a pod keeps, in bytes; without its body.
const recordMax = 850

func TestPodRecordIsSmall(t *testing.T) {
	if got := retained(10_000, func(i int) *kinds.Record { return podRecord(t, decoded(t, i)) }); got > recordMax {
		t.Errorf("the record of a pod keeps %.0f bytes, more than %d", got, recordMax)
	}
}

// BenchmarkPodRecord reads pods that differ as those of a real cluster do.
func BenchmarkPodRecord(b *testing.B) {
	pods := make([]*corev1.Pod, 1000)
	for i := range pods {
		pods[i] = decoded(b, i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		podRecord(b, pods[i%len(pods)])
	}
	b.StopTimer()
	b.ReportMetric(retained(10_000, func(i int) *kinds.Record { return podRecord(b, decoded(b, i)) }), "B/record")
}

func encoded(tb testing.TB, codec *bodies.Codec, p *corev1.Pod) kinds.Body {
	body, err := codec.Encode(p)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func BenchmarkBodyEncode(b *testing.B) {
	pods := make([]*corev1.Pod, 1000)
	for i := range pods {
		pods[i] = decoded(b, i)
	}
	codec := (&bodies.Store{}).Codec(kinds.Pod.GVR())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		encoded(b, codec, pods[i%len(pods)])
	}
	b.StopTimer()
	codec = (&bodies.Store{}).Codec(kinds.Pod.GVR())
	b.ReportMetric(retained(10_000, func(i int) kinds.Body { return encoded(b, codec, decoded(b, i)) }), "B/body")
}

// BenchmarkBodyUpdate keeps pods one by one, as a watch brings them.
func BenchmarkBodyUpdate(b *testing.B) {
	pods := make([]*corev1.Pod, 1000)
	codec := (&bodies.Store{}).Codec(kinds.Pod.GVR())
	for i := range pods {
		pods[i] = decoded(b, i)
		encoded(b, codec, pods[i])
	}
	if err := codec.EndList(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		encoded(b, codec, pods[i%len(pods)])
	}
	b.StopTimer()
	b.ReportMetric(retained(10_000, func(i int) kinds.Body { return encoded(b, codec, decoded(b, i)) }), "B/body")
}

func BenchmarkBodyDecode(b *testing.B) {
	cluster := &Cluster{}
	records := make([]*kinds.Record, 1000)
	for i := range records {
		p := decoded(b, i)
		records[i] = podRecord(b, p)
		records[i].Body = encoded(b, cluster.bodies.Codec(kinds.Pod.GVR()), p)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := cluster.Decode(records[i%len(records)]); err != nil {
			b.Fatal(err)
		}
	}
}

// newListing is a listing that nothing feeds, and n records for it.
func newListing(b *testing.B, n int) (*Listing, []*kinds.Record) {
	c := &Cluster{listings: map[Scope]*Listing{}}
	records := make([]*kinds.Record, n)
	for i := range records {
		records[i] = podRecord(b, decoded(b, i))
	}
	return c.Listing(Scope{GroupVersionResource: kinds.Pod.GVR()}), records
}

func BenchmarkListingLoad(b *testing.B) {
	l, records := newListing(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		l.dropRows()
		for _, r := range records {
			l.put(r)
		}
		if d := l.Since(0); len(d.Changed) != len(records) {
			b.Fatal(len(d.Changed))
		}
	}
}

func BenchmarkListingUpdate(b *testing.B) {
	l, records := newListing(b, 10_000)
	for _, r := range records {
		l.put(r)
	}
	next := make([]*kinds.Record, len(records))
	for i, r := range records {
		changed := *r
		changed.ResourceVersion += "0"
		next[i] = &changed
	}
	version := l.Since(0).Version
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(next) == 0 {
			records, next = next, records
		}
		l.put(records[i%len(records)])
		d := l.Since(version)
		version = d.Version
	}
}

// BenchmarkListingRemember is an update of which the version before is kept.
func BenchmarkListingRemember(b *testing.B) {
	l, records := newListing(b, 10_000)
	l.cluster.history.ring.Size = l.cluster.bodies.Size
	codec := l.cluster.bodies.Codec(kinds.Pod.GVR())
	for i, r := range records {
		r.Body = encoded(b, codec, decoded(b, i))
		l.put(r)
	}
	l.synced = true
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		changed := *records[i%len(records)]
		changed.ResourceVersion = strconv.Itoa(1_000_000 + i)
		records[i%len(records)] = &changed
		l.put(&changed)
	}
	if u := l.cluster.history.Usage(); u.Entries == 0 {
		b.Error("nothing was kept")
	}
}
