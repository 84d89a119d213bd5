package tape

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var (
	pods    = Resource{schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "Pod", true}
	secrets = Resource{schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, "Secret", true}
	widgets = Resource{
		schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}, "Widget", true,
	}
)

var began = time.Date(2026, 11, 24, 13, 40, 0, 0, time.UTC)

// ticker is a clock that advances by a step whenever it is read.
type ticker struct {
	now  time.Time
	step time.Duration
}

func (c *ticker) Now() time.Time {
	c.now = c.now.Add(c.step)
	return c.now
}

func newWriter(t testing.TB, out *bytes.Buffer, step time.Duration) *Writer {
	t.Helper()
	clock := &ticker{began, step}
	w, err := NewWriter(out, About{Cluster: "prod", Started: began, Logs: "none"}, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// pod is a pod as a server might send it.
func pod(n, version int) Object {
	random := rand.New(rand.NewPCG(uint64(n), 1))
	meta := metav1.ObjectMeta{
		Namespace: fmt.Sprint("ns-", n%7),
		Name:      fmt.Sprintf("web-%06x-%05x", n/10, random.Uint32()>>12),
		UID:       types.UID(fmt.Sprintf("%08x-0000-4000-8000-%012x", random.Uint32(), random.Uint64()>>16)),

		ResourceVersion: strconv.Itoa(version), CreationTimestamp: metav1.NewTime(began.Add(-time.Hour)),
		Labels:      map[string]string{"app": fmt.Sprint("web-", n/10), "pod-template-hash": fmt.Sprintf("%x", n/10)},
		Annotations: map[string]string{"checksum/config": fmt.Sprintf("%064x", random.Uint64())},
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "apps/v1", Kind: "ReplicaSet", Name: fmt.Sprint("web-", n/10),
			UID: types.UID(fmt.Sprintf("%036x", n/10)),
		}},
	}
	for _, manager := range []string{"kube-controller-manager", "kubelet"} {
		fields := &metav1.FieldsV1{}
		owned := `{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{}}}}}`
		fields.SetRawBytes(bytes.Repeat([]byte(owned), 12))
		meta.ManagedFields = append(meta.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: manager, Operation: "Update", APIVersion: "v1", FieldsType: "FieldsV1",
			Time:     &metav1.Time{Time: began.Add(time.Duration(version) * time.Second)},
			FieldsV1: fields,
		})
	}
	p := &corev1.Pod{ObjectMeta: meta}
	for c := range 2 {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{
			Name:  fmt.Sprint("c", c),
			Image: fmt.Sprintf("registry.example.com/team/web-%d:v%d", n/10, n%3),
			Env: []corev1.EnvVar{
				{Name: "NODE", Value: fmt.Sprint("worker-", n%100)},
				{Name: "SEED", Value: strconv.FormatUint(random.Uint64(), 36)},
			},
		})
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: fmt.Sprint("c", c), RestartCount: int32(version),
			ContainerID: fmt.Sprintf("containerd://%064x", random.Uint64()),
		})
	}
	p.Spec.NodeName = fmt.Sprint("worker-", n%100)
	p.Status.Phase, p.Status.PodIP = corev1.PodRunning, fmt.Sprintf("10.0.%d.%d", n/250, n%250)
	p.Status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodReady, Status: corev1.ConditionTrue,
		LastTransitionTime: metav1.NewTime(began.Add(time.Duration(version) * time.Second)),
	}}
	body, err := p.Marshal()
	if err != nil {
		panic(err)
	}
	return identify(&pods, body)
}

func widget(n, version int) Object {
	body := fmt.Appendf(nil, `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w%d",`+
		`"namespace":"shop","uid":"u%d","resourceVersion":"%d","labels":{"n":"%d"}},"spec":{"size":%d}}`,
		n, n, version, n, version)
	o, err := parseJSON(&widgets, body)
	if err != nil {
		panic(err)
	}
	return o
}

// open reads a tape that is in memory.
func open(t testing.TB, data []byte) *Tape {
	t.Helper()
	tape, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return tape
}

// objectsAt returns the objects at a time, by name, with their bodies.
func objectsAt(t testing.TB, tape *Tape, at int64) map[string]Object {
	t.Helper()
	s, err := tape.at(at)
	if err != nil {
		t.Fatal(err)
	}
	return s.bodies(t)
}

func (s *state) bodies(t testing.TB) map[string]Object {
	t.Helper()
	all := map[string]Object{}
	for _, o := range s.objects {
		body, err := o.now.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		copied := o.Object
		copied.Body = bytes.Clone(body)
		all[keyed(copied)] = copied
	}
	return all
}

func keyed(o Object) string { return o.Resource.Resource + " " + o.Namespace + "/" + o.Name }
