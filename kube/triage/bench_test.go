package triage

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	k8sruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// The cluster of the benchmark: of each hundred pods, two are broken.
const (
	benchPods       = 50_000
	benchServices   = 2_000
	benchNamespaces = 100
	benchReplicas   = 3
	benchBatch      = 100
	benchNodes      = 5_000
	benchCrowd      = 150
)

// benchCluster is a large cluster as records, broken pods whole.
type benchCluster struct {
	state *State
	put   []func()
	pods  []func() // to be put again as changes
	crowd []func() // pods of one namespace that are all broken
}

// template reads an object once; copies of its record get other names.
func (c *benchCluster) template(b *testing.B, text string) func(rename func(*kinds.Record)) func() {
	b.Helper()
	record, obj := readObject(b, moment.ReplaceAllString(text, `"2026-11-30T11:00:00Z"`))
	if !Needs(record) {
		obj = nil
	}
	return func(rename func(*kinds.Record)) func() {
		r := *record
		rename(&r)
		return func() { c.state.Put(&r, own(obj)) }
	}
}

// own is an object as whoever decodes it has it: what is kept of it is kept for nobody else.
func own(obj k8sruntime.Object) k8sruntime.Object {
	if obj == nil {
		return nil
	}
	return obj.DeepCopyObject()
}

func newBenchCluster(b *testing.B) *benchCluster {
	c := &benchCluster{}
	set := c.template(b, replicas("web", benchReplicas))
	good := c.template(b, pod("web-1-a", "ReplicaSet/web-1", well))
	bad := c.template(b, pod("web-1-a", "ReplicaSet/web-1", status("False", "@-4m", crashes(5, exit3))))
	for i := range benchPods / benchReplicas {
		namespace, name := benchSpace(i), fmt.Sprintf("web-%d", i)
		c.put = append(c.put,
			c.deployment(b, namespace, name),
			set(func(r *kinds.Record) {
				r.Namespace, r.Name, r.Links = namespace, name+"-1", owned(r, "Deployment", namespace, name)
			}))
		labels := []kinds.Label{{Key: "app", Value: name}}
		for j := range benchReplicas {
			draft := good
			if (i*benchReplicas+j)%50 == 0 {
				draft = bad
			}
			p := draft(func(r *kinds.Record) {
				r.Namespace, r.Name, r.Labels = namespace, fmt.Sprintf("%s-1-%d", name, j), labels
				r.Links = owned(r, "ReplicaSet", namespace, name+"-1")
				for k, l := range r.Links {
					if l.Relation == kinds.RunsOn {
						on := *l
						on.To.Name = fmt.Sprintf("node-%d", (i*benchReplicas+j)%benchNodes)
						r.Links[k] = &on
					}
				}
			})
			c.put, c.pods = append(c.put, p), append(c.pods, p)
		}
	}
	for i := range benchServices {
		c.addService(b, i)
	}
	for i := range benchCrowd {
		c.crowd = append(c.crowd, bad(func(r *kinds.Record) {
			r.Namespace, r.Name = "crowd", fmt.Sprintf("crowd-1-%d", i)
			r.Links = owned(r, "ReplicaSet", "crowd", fmt.Sprintf("crowd-%d-1", i))
		}))
	}
	on := c.template(b, node("n1", nodeWell))
	for i := range benchNodes {
		c.put = append(c.put, on(func(r *kinds.Record) { r.Name = fmt.Sprintf("node-%d", i) }))
	}
	return c
}

// benchSpace is the namespace of a workload: each has its share of what is broken.
func benchSpace(i int) string {
	return fmt.Sprintf("team-%d", i*benchNamespaces*benchReplicas/benchPods)
}

// covered is a state to which all kinds are known.
func (c *benchCluster) covered() *State {
	s := New()
	for _, k := range kinds.All() {
		s.Cover(k.GroupKind(), Coverage{Kind: k.Resource, Of: -1})
	}
	return s
}

// deployment is one with labels of its own.
func (c *benchCluster) deployment(b *testing.B, namespace, name string) func() {
	text := moment.ReplaceAllString(deployment(name, benchReplicas, benchReplicas), `"2026-11-30T11:00:00Z"`)
	record, obj := readObject(b, strings.Replace(text, "namespace: shop", "namespace: "+namespace, 1))
	return func() { c.state.Put(record, own(obj)) }
}

// addService adds a Service and its endpoints; two of a hundred have none.
func (c *benchCluster) addService(b *testing.B, i int) {
	namespace, name := benchSpace(i), fmt.Sprintf("web-%d", i)
	endpoint := name + "-1-0 ready"
	if i%50 == 0 {
		endpoint = name + "-1-0 not"
	}
	for _, text := range []string{service(name), slice(name, endpoint)} {
		c.put = append(c.put, c.template(b, strings.ReplaceAll(text, "namespace: shop", "namespace: "+namespace))(
			func(*kinds.Record) {}))
	}
}

// owned are the links of a record with another owner, in its namespace.
func owned(r *kinds.Record, kind, namespace, name string) []*kinds.Link {
	out := append([]*kinds.Link{}, r.Links...)
	for i, l := range out {
		to := *l
		if l.Relation == kinds.OwnedBy {
			to.To.Kind, to.To.Name = kind, name
		}
		if l.To.Namespace != "" {
			to.To.Namespace = namespace
		}
		out[i] = &to
	}
	return out
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkState measures what a large cluster costs: an object that is put, the memory
// above the records with the verdict, a verdict after a batch of changes.
func BenchmarkState(b *testing.B) {
	c := newBenchCluster(b)
	b.Run("put", func(b *testing.B) {
		var bytes uint64
		for b.Loop() {
			b.StopTimer()
			c.state = c.covered()
			before := heap()
			b.StartTimer()
			for _, put := range c.put {
				put()
			}
			b.StopTimer()
			c.state.Judge(noon)
			bytes = heap() - before
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(c.put)), "ns/object")
		b.ReportMetric(float64(bytes)/float64(len(c.put)), "B/object")
		b.ReportMetric(float64(bytes)/1e6, "MB")
	})
	c.state = c.covered()
	for _, put := range c.put {
		put()
	}
	c.state.Judge(noon)
	c.state.Watching()
	judge := func(step int) func(b *testing.B) {
		return func(b *testing.B) {
			n, findings, now := 1, 0, noon
			c.state.looked = 0
			b.ReportAllocs()
			for b.Loop() {
				for range benchBatch {
					c.pods[n%len(c.pods)]()
					n += step
				}
				now = now.Add(time.Second)
				findings = len(c.state.Judge(now).Findings)
			}
			b.ReportMetric(float64(findings), "findings")
			b.ReportMetric(float64(c.state.looked)/float64(b.N), "looked-at/op")
		}
	}
	b.Run("judge", judge(7))          // of a hundred changes two are of broken pods
	b.Run("judge-healthy", judge(50)) // none is
	for _, put := range c.crowd {
		put()
	}
	c.pods = append(c.pods[1:benchBatch-1], c.crowd[:2]...)
	b.Run("judge-crowded", judge(1)) // two are, in a namespace with many more
}
