package memapi

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const benchPods = 10_000

// varied is a pod as a cluster has them: siblings that differ in their names,
// times and status.
func varied(n int) *corev1.Pod {
	random := rand.New(rand.NewPCG(uint64(n), 1))
	app := fmt.Sprint("app-", n/20)
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              fmt.Sprintf("%s-%08x", app, random.Uint32()),
			Namespace:         fmt.Sprint("ns-", n/200),
			UID:               types.UID(fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64())),
			ResourceVersion:   strconv.Itoa(1000 + n),
			CreationTimestamp: metav1.NewTime(time.Unix(1_790_000_000+int64(n), 0)),
			Labels:            map[string]string{"app": app, "pod-template-hash": fmt.Sprintf("%08x", n/20)},
			Annotations:       map[string]string{"example.com/checksum": fmt.Sprintf("%016x", random.Uint64())},
			OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app, UID: types.UID(fmt.Sprintf("%032x", n/20))},
			},
		},
		Spec: corev1.PodSpec{
			NodeName:           fmt.Sprint("node-", random.IntN(1000)),
			RestartPolicy:      corev1.RestartPolicyAlways,
			ServiceAccountName: app,
		},
		Status: corev1.PodStatus{
			Phase:    corev1.PodRunning,
			PodIP:    fmt.Sprintf("10.%d.%d.%d", random.IntN(250), random.IntN(250), random.IntN(250)),
			QOSClass: corev1.PodQOSBurstable,
		},
	}
	for c := range 2 {
		container := corev1.Container{
			Name:  fmt.Sprint("c", c),
			Image: fmt.Sprintf("registry.example.com/%s/c%d:v1.%d", app, c, n/20),
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{"cpu": quantity.MustParse("100m"), "memory": quantity.MustParse("128Mi")},
			},
			LivenessProbe: &corev1.Probe{PeriodSeconds: 10, FailureThreshold: 3, ProbeHandler: corev1.ProbeHandler{
				Exec: &corev1.ExecAction{Command: []string{"/bin/healthy", "--deep", app}},
			}},
		}
		for e := range 12 {
			container.Env = append(container.Env, corev1.EnvVar{
				Name: fmt.Sprint("SETTING_OF_THE_APPLICATION_", e), Value: fmt.Sprintf("value-%s-%d", app, e),
			})
		}
		pod.Spec.Containers = append(pod.Spec.Containers, container)
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name:        container.Name,
			Image:       container.Image,
			ImageID:     fmt.Sprintf("sha256:%032x", n/20),
			ContainerID: fmt.Sprintf("containerd://%016x%016x", random.Uint64(), random.Uint64()),
			Ready:       true,
			State: corev1.ContainerState{
				Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(time.Unix(1_790_000_010+int64(n), 0))},
			},
		})
	}
	return pod
}

// recorded are pods as a recording has them: known, and encoded already.
func recorded(tb testing.TB, encoding Encoding, n int) (objects []Object, size int) {
	tb.Helper()
	for i := range n {
		pod := varied(i)
		data := encode(pod)
		if encoding == Protobuf {
			data, _ = pod.Marshal()
		}
		size += len(data)
		objects = append(objects, Object{
			GVK: podKind, Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, Version: uint64(1000 + i),
			Labels: pod.Labels, Encoding: encoding, Data: Raw(data),
		})
	}
	return objects, size
}

func filled(tb testing.TB, objects []Object) *API {
	tb.Helper()
	a, err := New(Options{Clock: NewClock(time.Unix(1_790_100_000, 0))})
	if err != nil {
		tb.Fatal(err)
	}
	if err := a.Replace(objects); err != nil {
		tb.Fatal(err)
	}
	return a
}

// BenchmarkOpen opens 10,000 pods; B/object is what one of them takes while it is held,
// and text/object the size of its text.
func BenchmarkOpen(b *testing.B) {
	for name, encoding := range map[string]Encoding{"JSON": JSON, "protobuf": Protobuf} {
		b.Run(name, func(b *testing.B) {
			objects, size := recorded(b, encoding, benchPods)
			b.ReportAllocs()
			var a *API
			before := heap()
			for b.Loop() {
				a = filled(b, objects)
			}
			b.ReportMetric(float64(heap()-before)/benchPods, "B/object")
			b.ReportMetric(float64(size)/benchPods, "text/object")
			runtime.KeepAlive(a)
			runtime.KeepAlive(objects)
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkList lists 10,000 pods in pages of 500, as protobuf; their order and
// encoding must not matter.
func BenchmarkList(b *testing.B) {
	for name, encoding := range map[string]Encoding{"JSON": JSON, "protobuf": Protobuf} {
		objects, _ := recorded(b, encoding, benchPods)
		for _, order := range []string{"sorted", "shuffled"} {
			b.Run(name+"/"+order, func(b *testing.B) {
				client := clientOf(filled(b, inOrder(objects, order)))
				b.ReportAllocs()
				for b.Loop() {
					if n := listAll(b, client); n != benchPods {
						b.Fatal(n, "pods")
					}
				}
			})
		}
	}
}

// inOrder returns the objects as a file might have them, with versions that rise.
func inOrder(objects []Object, order string) []Object {
	objects = slices.SortedFunc(slices.Values(objects), func(x, y Object) int {
		return strings.Compare(keyOf(x.Namespace, x.Name), keyOf(y.Namespace, y.Name))
	})
	if order == "shuffled" {
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(objects), func(i, j int) {
			objects[i], objects[j] = objects[j], objects[i]
		})
	}
	for n := range objects {
		objects[n].Version = uint64(1000 + n)
	}
	return objects
}

func clientOf(a *API) *kubernetes.Clientset {
	config := &rest.Config{Host: "http://api", Transport: a, QPS: -1}
	config.ContentType, config.AcceptContentTypes = protobufMedia, protobufMedia
	return kubernetes.NewForConfigOrDie(config)
}

// listAll lists the pods page by page and returns how many there are.
func listAll(tb testing.TB, client *kubernetes.Clientset) (seen int) {
	tb.Helper()
	for options := (metav1.ListOptions{Limit: 500}); ; {
		raw, err := client.CoreV1().RESTClient().Get().Resource("pods").
			Param("limit", "500").Param("continue", options.Continue).DoRaw(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		message, err := bare(raw)
		if err != nil {
			tb.Fatal(err)
		}
		var about metav1.ListMeta
		for len(message) > 0 {
			var f entry
			if f, message, err = cut(message); err != nil {
				tb.Fatal(err)
			}
			if f.number == itemsField {
				seen++
			} else if err := about.Unmarshal(f.value); err != nil {
				tb.Fatal(err)
			}
		}
		if options.Continue = about.Continue; options.Continue == "" {
			return seen
		}
	}
}

// BenchmarkPut replaces one pod of 10,000, while a watch looks.
func BenchmarkPut(b *testing.B) {
	objects, _ := recorded(b, Protobuf, benchPods)
	a := filled(b, objects)
	from := metav1.ListOptions{ResourceVersion: strconv.FormatUint(a.Version(), 10)}
	w, err := clientOf(a).CoreV1().Pods("").Watch(b.Context(), from)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		o := objects[n%benchPods]
		o.Version = 0
		if err := a.Put(o); err != nil {
			b.Fatal(err)
		}
		<-w.ResultChan()
		n++
	}
}

// BenchmarkReplace jumps between two states of 10,000 pods that differ in 100.
func BenchmarkReplace(b *testing.B) {
	objects, _ := recorded(b, Protobuf, benchPods)
	other := append([]Object(nil), objects...)
	for n := range 100 {
		other[n*100].Version += 1_000_000
	}
	a := filled(b, objects)
	listAll(b, clientOf(a))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := a.Replace([][]Object{other, objects}[n%2]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
