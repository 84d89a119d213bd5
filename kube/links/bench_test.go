package links

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// cluster makes the records of a cluster: in each namespace, team-0 and so on, a number of
// workloads, each with a Deployment, a ReplicaSet, a Service, a ConfigMap and some pods. All
// workloads of a namespace use its ConfigMap "shared" too.
func cluster(tb testing.TB, team string, namespaces, workloads, podsEach int) []*kinds.Record {
	var out []*kinds.Record
	put := func(k *kinds.Kind, obj kruntime.Object) {
		r, err := k.Record(obj)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, r)
	}
	for n := range namespaces {
		ns := fmt.Sprintf("%s-%d", team, n)
		put(kinds.Namespace, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})
		put(kinds.ConfigMap, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "shared"}})
		for w := range workloads {
			name := fmt.Sprintf("app-%d", w)
			set := map[string]string{"app": name, "tier": "web"}
			meta := func(name, kind, owner string) metav1.ObjectMeta {
				m := metav1.ObjectMeta{Namespace: ns, Name: name, Labels: set, UID: types.UID(kind + "/" + ns + "/" + name)}
				if owner != "" {
					k := "Deployment"
					if kind == "Pod" {
						k = "ReplicaSet"
					}
					m.OwnerReferences = []metav1.OwnerReference{{
						APIVersion: "apps/v1", Kind: k, Name: owner, UID: types.UID(k + "/" + ns + "/" + owner),
					}}
				}
				return m
			}
			spec := corev1.PodSpec{ServiceAccountName: "default", NodeName: fmt.Sprintf("node-%d", w%500)}
			for _, c := range []string{name, "shared"} {
				spec.Volumes = append(spec.Volumes, corev1.Volume{Name: c, VolumeSource: corev1.VolumeSource{
					ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: c}},
				}})
			}
			template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: set}, Spec: spec}
			put(kinds.ConfigMap, &corev1.ConfigMap{ObjectMeta: meta(name, "ConfigMap", "")})
			put(kinds.Service, &corev1.Service{ObjectMeta: meta(name, "Service", ""), Spec: corev1.ServiceSpec{Selector: set}})
			put(kinds.Deployment, &appsv1.Deployment{
				ObjectMeta: meta(name, "Deployment", ""), Spec: appsv1.DeploymentSpec{Template: template},
			})
			put(kinds.ReplicaSet, &appsv1.ReplicaSet{
				ObjectMeta: meta(name+"-1", "ReplicaSet", name), Spec: appsv1.ReplicaSetSpec{Template: template},
			})
			for p := range podsEach {
				put(kinds.Pod, &corev1.Pod{ObjectMeta: meta(fmt.Sprintf("%s-1-%d", name, p), "Pod", name+"-1"), Spec: spec})
			}
		}
	}
	return out
}

func fill(all []*kinds.Record) *Graph {
	g := New()
	for _, r := range all {
		g.Put(r)
	}
	return g
}

// BenchmarkFill indexes 50,000 pods, 2,000 Services and what is behind them, and says
// what a link costs.
func BenchmarkFill(b *testing.B) {
	all := cluster(b, "team", 20, 100, 25)
	links, distinct := 0, map[*kinds.Link]bool{}
	for _, r := range all {
		links += len(r.Links)
		for _, l := range r.Links {
			distinct[l] = true
		}
	}
	inRecords := uintptr(links)*unsafe.Sizeof(&kinds.Link{}) + uintptr(len(distinct))*unsafe.Sizeof(kinds.Link{})
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		g := fill(all)
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(g)
	}
	b.ReportMetric(float64(len(all)), "objects")
	b.ReportMetric(float64(links), "links")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(links), "B/link")
	b.ReportMetric(float64(inRecords)/float64(links), "B/link-in-records")
}

// BenchmarkUsedBy asks among 50,000 pods what uses a ConfigMap.
func BenchmarkUsedBy(b *testing.B) {
	g := fill(append(cluster(b, "team", 20, 100, 25), cluster(b, "small", 1, 20, 25)...))
	ref := kinds.Ref{Namespace: "team-3", Name: "app-7"}
	ref.Kind = "ConfigMap"
	shared := ref
	shared.Name = "shared"
	small := shared
	small.Namespace = "small-0"
	for _, c := range []struct {
		name string
		ref  kinds.Ref
	}{{"25 pods", ref}, {"500 pods", small}, {"2500 pods", shared}} {
		b.Run(c.name, func(b *testing.B) {
			lines := 0
			for b.Loop() {
				tree := Tree{Subject: c.ref, Reverse: true}
				lines = len(tree.Lines(g))
			}
			b.ReportMetric(float64(lines), "lines")
		})
	}
}

// BenchmarkTree makes the tree of a namespace with 10,000 objects, also together with the
// graph, as when all lists come at once, and that of one pod among 50,000.
func BenchmarkTree(b *testing.B) {
	large := cluster(b, "large", 1, 1000, 7)
	g := fill(append(cluster(b, "team", 20, 100, 25), large...))
	namespace := kinds.Ref{Name: "large-0"}
	namespace.Kind = "Namespace"
	pod := kinds.Ref{Namespace: "team-3", Name: "app-7-1-3"}
	pod.Kind = "Pod"
	b.Run("namespace and graph", func(b *testing.B) {
		for b.Loop() {
			tree := Tree{Subject: namespace}
			tree.Lines(fill(large))
		}
		b.ReportMetric(float64(len(large)), "objects")
	})
	for _, c := range []struct {
		name string
		ref  kinds.Ref
	}{{"namespace", namespace}, {"pod", pod}} {
		b.Run(c.name, func(b *testing.B) {
			lines := 0
			for b.Loop() {
				tree := Tree{Subject: c.ref}
				lines = len(tree.Lines(g))
			}
			b.ReportMetric(float64(lines), "lines")
		})
	}
}
