package live

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// The cluster of the benchmark beside its pods that run, which a glance does not read: how many
// pods there are to one of each.
const (
	podsPerNode       = 10
	podsPerDeployment = 6
	podsPerSet        = 50
	podsPerJob        = 50
	podsPerPending    = 50
	podsPerWarning    = 20
	brokenOf          = 100 // one of so many Deployments and nodes is
)

// object is one of a kind with a type.
type object interface {
	metav1.Object
	kubetest.Marshaler
}

func putTyped(b *testing.B, server *kubetest.Server, kind *kinds.Kind, o object) {
	b.Helper()
	if o.GetUID() == "" {
		o.SetUID(types.UID(fmt.Sprintf("%s-%s-%s", kind.Kind, o.GetNamespace(), o.GetName())))
	}
	err := server.Put(memapi.Object{GVK: kind.GroupVersionKind, Namespace: o.GetNamespace(), Name: o.GetName(),
		UID: o.GetUID(), Labels: o.GetLabels(), Encoding: memapi.Protobuf, Data: memapi.Raw(kubetest.Marshal(b, o))})
	if err != nil {
		b.Fatal(err)
	}
}

// metaOf is that of a workload whose pods are like the given one.
func metaOf(p *corev1.Pod) (metav1.ObjectMeta, *metav1.LabelSelector, corev1.PodTemplateSpec) {
	name := p.Labels["app.kubernetes.io/name"]
	return metav1.ObjectMeta{Name: name, Namespace: p.Namespace, Labels: p.Labels, Generation: 1,
			CreationTimestamp: p.CreationTimestamp, ManagedFields: kubetest.ManagedFields()},
		&metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": name}},
		corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: p.Labels, Annotations: p.Annotations}, Spec: p.Spec}
}

// newBenchServer serves what stands beside so many pods.
func newBenchServer(b *testing.B, pods int) *kubetest.Server {
	server := kubetest.New(b, noon)
	n := 0
	next := func() *corev1.Pod { n++; return kubetest.VariedPod(n * kubetest.PodsPerOwner) }
	for i := range pods / podsPerDeployment {
		d := &appsv1.Deployment{}
		d.ObjectMeta, d.Spec.Selector, d.Spec.Template = metaOf(next())
		d.Spec.Replicas = new(int32(3))
		d.Status = appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: 3, UpdatedReplicas: 3, ReadyReplicas: 3}
		if i%brokenOf == 0 {
			d.Status.ReadyReplicas = 0
		}
		putTyped(b, server, kinds.Deployment, d)
	}
	for range pods / podsPerSet {
		d := &appsv1.StatefulSet{}
		d.ObjectMeta, d.Spec.Selector, d.Spec.Template = metaOf(next())
		d.Spec.Replicas = new(int32(3))
		d.Status = appsv1.StatefulSetStatus{ObservedGeneration: 1, Replicas: 3, ReadyReplicas: 3}
		putTyped(b, server, kinds.StatefulSet, d)
	}
	for range pods / podsPerJob {
		j := &batchv1.Job{}
		j.ObjectMeta, j.Spec.Selector, j.Spec.Template = metaOf(next())
		j.Status.Succeeded = 1
		j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}}
		putTyped(b, server, kinds.Job, j)
	}
	for i := range pods / podsPerNode {
		putTyped(b, server, kinds.Node, benchNode(i))
	}
	for range pods / podsPerPending {
		p := next()
		p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
			Message: "0/5000 nodes are available: 4100 Insufficient cpu, 900 node(s) had untolerated taint(s)."}}}
		p.Spec.NodeName, p.OwnerReferences = "", nil
		putTyped(b, server, kinds.Pod, p)
	}
	for i := range pods / podsPerWarning {
		p := kubetest.VariedPod(i)
		e := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace, Name: fmt.Sprint(p.Name, ".", i)},
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", APIVersion: "v1", Namespace: p.Namespace, Name: p.Name},
			Reason:         "BackOff", Message: "Back-off restarting failed container in pod " + p.Name, Type: "Warning",
			Count: 12, FirstTimestamp: p.CreationTimestamp, LastTimestamp: metav1.NewTime(noon)}
		putTyped(b, server, kinds.Event, e)
	}
	return server
}

func benchNode(i int) *corev1.Node {
	name := fmt.Sprintf("ip-10-0-%d-%d.compute.internal", i/250, i%250)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(noon),
		ManagedFields: kubetest.ManagedFields(),
		Labels: map[string]string{"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "pool": "general",
			"topology.kubernetes.io/zone": "eu-west-1a", "node.kubernetes.io/instance-type": "m7i.2xlarge"}}}
	ready := corev1.ConditionTrue
	if i%brokenOf == 0 {
		ready = corev1.ConditionUnknown
	}
	for _, kind := range []corev1.NodeConditionType{"MemoryPressure", "DiskPressure", "PIDPressure"} {
		node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{Type: kind,
			Status: corev1.ConditionFalse, Reason: "Sufficient", LastHeartbeatTime: metav1.NewTime(noon)})
	}
	node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{Type: corev1.NodeReady, Status: ready,
		LastTransitionTime: metav1.NewTime(noon.Add(-time.Hour))})
	for k := range 30 {
		node.Status.Images = append(node.Status.Images, corev1.ContainerImage{SizeBytes: int64(i),
			Names: []string{fmt.Sprintf("registry.example.com/team-%d/app@sha256:%064x", k, i*k)}})
	}
	return node
}

// heapAfter returns what is kept once only so many goroutines are left.
func heapAfter(b *testing.B, goroutines int) int64 {
	b.Helper()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			b.Fatalf("%d goroutines are left, want %d", runtime.NumGoroutine(), goroutines)
		}
	}
	kinds.Forget()
	return heap()
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkGlance measures what the number of what fails costs beside a table of so many pods: the
// memory that is kept for it, and the time and garbage until it is there.
func BenchmarkGlance(b *testing.B) {
	for _, pods := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(pods, "-pods"), func(b *testing.B) {
			server, goroutines := newBenchServer(b, pods), runtime.NumGoroutine()
			b.ReportAllocs()
			kept, failing := int64(0), 0
			glance(b, server) // What the server remembers of requests is not a part of it.
			for b.Loop() {
				b.StopTimer()
				before := heapAfter(b, goroutines)
				b.StartTimer()
				kept, failing = glance(b, server)
				kept -= before
			}
			b.ReportMetric(float64(kept)/1e6, "MB")
			b.ReportMetric(float64(failing), "failing")
		})
	}
}

// glance counts what fails, and returns the heap while that goes on.
func glance(b *testing.B, server *kubetest.Server) (bytes int64, failing int) {
	backend := &kube.Backend{Name: "bench", Transport: server, Now: server.Clock().Now}
	cluster, err := kube.Open(kube.Options{Backend: backend, Messages: &kube.Messages{}})
	if err != nil {
		b.Fatal(err)
	}
	defer cluster.Close()
	t := New(cluster, "", "default", nil)
	t.idleAfter = time.Nanosecond
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	watch := t.Glance()
	for more := false; !more; failing, more = t.Failing() {
		if _, err := watch.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	defer b.StartTimer()
	bytes = heap()
	runtime.KeepAlive(t)
	return bytes, failing
}
