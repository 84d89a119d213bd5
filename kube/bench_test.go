package kube

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const podsPerOwner = 10

// variedPod is the i-th pod of a cluster as real ones are: ten of one
// ReplicaSet are alike but for what only one of them can have.
func variedPod(i int) *corev1.Pod {
	own, shared := rand.New(rand.NewPCG(1, uint64(i))), rand.New(rand.NewPCG(2, uint64(i/podsPerOwner)))
	app := fmt.Sprintf("%s-%s-%d", word(shared), word(shared), i/podsPerOwner)
	hash := fmt.Sprintf("%09x", shared.Uint64()&0xfffffffff)
	created := time.Date(2026, 11, 1, 0, 0, shared.IntN(1e6)+own.IntN(600), 0, time.UTC)
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:              fmt.Sprintf("%s-%s-%05x", app, hash, own.Uint64()&0xfffff),
			GenerateName:      app + "-" + hash + "-",
			Namespace:         "team-" + strconv.Itoa(shared.IntN(40)),
			UID:               uid(own),
			ResourceVersion:   strconv.Itoa(1e8 + own.IntN(9e7)),
			CreationTimestamp: metav1.NewTime(created),
			Labels: map[string]string{
				"app.kubernetes.io/name": app, "app.kubernetes.io/instance": app + "-prod", "pod-template-hash": hash,
				"app.kubernetes.io/version": fmt.Sprintf("v1.%d.%d", shared.IntN(60), shared.IntN(20)), "team": word(shared),
			},
			Annotations:     map[string]string{"checksum/config": fmt.Sprintf("%016x%016x", shared.Uint64(), shared.Uint64()), "prometheus.io/scrape": "true"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app + "-" + hash, UID: uid(shared), Controller: new(true)}},
			ManagedFields:   managed(),
		},
		Spec: corev1.PodSpec{
			NodeName:           fmt.Sprintf("ip-10-0-%d-%d.compute.internal", own.IntN(20), own.IntN(250)),
			ServiceAccountName: app, DeprecatedServiceAccount: app,
			RestartPolicy: corev1.RestartPolicyAlways, DNSPolicy: corev1.DNSClusterFirst, SchedulerName: "default-scheduler",
			Volumes: []corev1.Volume{
				{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: app + "-config"}}}},
				{Name: "kube-api-access-" + fmt.Sprintf("%05x", own.Uint64()&0xfffff), VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token"}}}}}},
			},
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: address(own, 10), HostIP: address(own, 172), QOSClass: corev1.PodQOSBurstable,
			StartTime: new(metav1.NewTime(created)),
		},
	}
	p.Status.PodIPs = []corev1.PodIP{{IP: p.Status.PodIP}}
	for _, c := range []corev1.PodConditionType{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"} {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: c, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(created.Add(time.Duration(own.IntN(60)) * time.Second))})
	}
	for n := range 1 + shared.IntN(3) {
		addContainer(p, word(shared)+strconv.Itoa(n), own, shared)
	}
	return p
}

func addContainer(p *corev1.Pod, name string, own, shared *rand.Rand) {
	app := p.Spec.ServiceAccountName
	image := fmt.Sprintf("registry.example.com/%s/%s:v1.%d.%d", p.Namespace, name, shared.IntN(60), shared.IntN(20))
	c := corev1.Container{
		Name: name, Image: image, Args: []string{"--listen=:8080", "--level=" + word(shared)},
		EnvFrom:        []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: app + "-secrets"}}}},
		Ports:          []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
		Resources:      corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": *resource.NewMilliQuantity(int64(50*(1+shared.IntN(40))), resource.DecimalSI), "memory": *resource.NewQuantity(int64(1+shared.IntN(64))<<25, resource.BinarySI)}},
		ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8080), Scheme: "HTTP"}}, TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3},
		VolumeMounts:   []corev1.VolumeMount{{Name: "config", MountPath: "/etc/" + app, ReadOnly: true}},
	}
	for range 2 + shared.IntN(12) {
		c.Env = append(c.Env, corev1.EnvVar{Name: "SHOP_" + word(shared), Value: word(shared) + "-" + strconv.Itoa(shared.IntN(1e6))})
	}
	p.Spec.Containers = append(p.Spec.Containers, c)
	s := corev1.ContainerStatus{
		Name: name, Image: image, ImageID: fmt.Sprintf("registry.example.com/%s@sha256:%016x%016x%016x%016x", name, shared.Uint64(), shared.Uint64(), shared.Uint64(), shared.Uint64()),
		ContainerID: fmt.Sprintf("containerd://%016x%016x%016x%016x", own.Uint64(), own.Uint64(), own.Uint64(), own.Uint64()),
		Ready:       true, Started: new(true), State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: p.CreationTimestamp}},
	}
	if own.IntN(20) == 0 {
		s.Ready, s.RestartCount = false, own.Int32N(300)
		s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off 5m0s restarting failed container=" + name + " pod=" + p.Name}}
		s.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", FinishedAt: p.CreationTimestamp}
	}
	p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, s)
}

func word(r *rand.Rand) string {
	words := [...]string{"api", "billing", "cart", "checkout", "email", "fraud", "gateway", "images", "inventory", "ledger", "login", "orders", "payments", "prices", "search", "worker"}
	return words[r.IntN(len(words))]
}

func uid(r *rand.Rand) types.UID {
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff))
}

func address(r *rand.Rand, net int) string {
	return fmt.Sprintf("%d.%d.%d.%d", net, r.IntN(256), r.IntN(256), r.IntN(256))
}

// decoded is the pod as it comes from the API server: with strings of its own.
func decoded(b testing.TB, i int) *corev1.Pod {
	data, err := variedPod(i).Marshal()
	if err != nil {
		b.Fatal(err)
	}
	p := &corev1.Pod{}
	if err := p.Unmarshal(data); err != nil {
		b.Fatal(err)
	}
	return p
}

// retained is how many bytes of heap each of n things keeps, with its part of
// what they share.
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

func encoded(tb testing.TB, codec *bodyCodec, p *corev1.Pod) kinds.Body {
	body, err := codec.encode(p)
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
	codec := (&bodies{}).codec(kinds.Pod.GVR())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		encoded(b, codec, pods[i%len(pods)])
	}
	b.StopTimer()
	codec = (&bodies{}).codec(kinds.Pod.GVR())
	b.ReportMetric(retained(10_000, func(i int) kinds.Body { return encoded(b, codec, decoded(b, i)) }), "B/body")
}

// BenchmarkBodyUpdate keeps pods one by one, as a watch brings them.
func BenchmarkBodyUpdate(b *testing.B) {
	pods := make([]*corev1.Pod, 1000)
	codec := (&bodies{}).codec(kinds.Pod.GVR())
	for i := range pods {
		pods[i] = decoded(b, i)
		encoded(b, codec, pods[i])
	}
	if err := codec.endList(); err != nil {
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
		records[i].Body = encoded(b, cluster.bodies.codec(kinds.Pod.GVR()), p)
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
