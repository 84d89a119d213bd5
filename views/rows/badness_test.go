package rows

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestWorstIsFirst sorts pods by how bad they are: of two that fail, the one of which nothing is
// ready is worse than one of which a half is, whatever their reasons are called.
func TestWorstIsFirst(t *testing.T) {
	source := &feed{kind: kinds.Pod}
	var all []*kinds.Record
	add := func(name string, phase corev1.PodPhase, ready, of int, reason string) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.PodStatus{Phase: phase}}
		for i := range of {
			state := corev1.ContainerStatus{Name: string(rune('a' + i)), Ready: i < ready}
			switch {
			case i < ready:
				state.State.Running = &corev1.ContainerStateRunning{}
			case reason != "":
				state.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason}
			}
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: state.Name})
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, state)
		}
		record, err := kinds.Pod.Record(pod)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, record)
	}
	add("done", corev1.PodSucceeded, 0, 1, "")
	add("half", corev1.PodRunning, 2, 4, "CrashLoopBackOff")
	add("most", corev1.PodRunning, 3, 4, "CrashLoopBackOff")
	add("none", corev1.PodRunning, 0, 1, "RunContainerError")
	add("none-of-three", corev1.PodRunning, 0, 3, "RunContainerError")
	source.deltas = []kube.Delta{{Reset: true, Changed: all}}
	r := New(source, true)
	r.Refresh(rowsNow)
	r.SortByLevel(r.Column("STATUS"), rowsNow)
	var names []string
	for i := range r.Len() {
		names = append(names, r.Record(i).Name)
	}
	if got, want := strings.Join(names, " "), "none none-of-three half most done"; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
}
