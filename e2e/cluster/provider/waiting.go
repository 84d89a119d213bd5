package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Waiting says, a line for each pod of a selection that is not ready, what it waits
// for: its newest warning, or else what its condition says. It is meant for the error
// after a wait that failed, and takes ten seconds at most.
func Waiting(ctx context.Context, client kubernetes.Interface, namespace, selector string) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return fmt.Sprintf("why is not known: %v", err)
	}
	if len(pods.Items) == 0 {
		return fmt.Sprintf("no pod in %s has the labels %s", namespace, selector)
	}
	events, err := client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Sprintf("why is not known: %v", err)
	}
	var lines []string
	for i := range pods.Items {
		if why := waitsFor(&pods.Items[i], events.Items); why != "" {
			lines = append(lines, fmt.Sprintf("pod %s/%s: %s", namespace, pods.Items[i].Name, why))
		}
	}
	return strings.Join(lines, "\n")
}

// waitsFor is empty for a pod that is ready.
func waitsFor(pod *corev1.Pod, events []corev1.Event) string {
	why := "it is " + string(pod.Status.Phase)
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			return ""
		}
		if condition.Status == corev1.ConditionFalse && condition.Message != "" {
			why = condition.Reason + ": " + condition.Message
		}
	}
	var newest metav1.Time
	for _, event := range events {
		about := event.InvolvedObject.Kind == "Pod" && event.InvolvedObject.Name == pod.Name
		if about && event.Type == corev1.EventTypeWarning && !event.LastTimestamp.Before(&newest) {
			newest, why = event.LastTimestamp, event.Reason+": "+event.Message
		}
	}
	return why
}
