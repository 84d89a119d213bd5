package provider

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestWaitingSaysWhyFromEvents(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	pod := func(name string, conditions ...corev1.PodCondition) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"app": "web"}},
			Status:     corev1.PodStatus{Phase: corev1.PodPending, Conditions: conditions},
		}
	}
	event := func(name, pod, kind, reason, message string, after time.Duration) *corev1.Event {
		return &corev1.Event{
			ObjectMeta:     metav1.ObjectMeta{Namespace: "shop", Name: name},
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: "shop", Name: pod},
			Type:           kind, Reason: reason, Message: message, LastTimestamp: metav1.NewTime(at.Add(after)),
		}
	}
	ready := corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue}
	unscheduled := corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "Insufficient cpu",
	}
	client := fake.NewClientset(
		pod("a"), pod("b", unscheduled), pod("c", ready), pod("d"),
		event("1", "a", corev1.EventTypeWarning, "FailedCreatePodSandBox", "type with url was not found", time.Minute),
		event("2", "a", corev1.EventTypeWarning, "Old", "news", 0),
		event("3", "a", corev1.EventTypeNormal, "Scheduled", "newest, but no warning", time.Hour),
		event("4", "c", corev1.EventTypeWarning, "Unhealthy", "but ready now", 0),
	)
	want := "pod shop/a: FailedCreatePodSandBox: type with url was not found\n" +
		"pod shop/b: Unschedulable: Insufficient cpu\npod shop/d: it is Pending"
	if got := Waiting(t.Context(), client, "shop", "app=web"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Waiting(t.Context(), client, "shop", "app=nosuch"); got != "no pod in shop has the labels app=nosuch" {
		t.Error(got)
	}
}
