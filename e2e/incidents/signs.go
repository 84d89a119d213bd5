package main

import (
	"context"
	"fmt"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// atOnce is the sign of a fault that the API shows as soon as it has taken the change.
var atOnce = Sign{look: func(context.Context, *scene) (time.Time, bool, error) { return time.Time{}, true, nil },
	lasts: true}

// state is the sign that a container of a pod with a label is, or was, in a state such as
// "CrashLoopBackOff" or "Error 3".
func state(selector, pattern string) Sign {
	matches := regexp.MustCompile(pattern)
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		pods, err := s.pods(ctx, s.namespace, selector)
		if err != nil {
			return time.Time{}, false, err
		}
		for _, pod := range pods {
			for _, c := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
				for _, text := range []string{stateText(c.State), stateText(c.LastTerminationState)} {
					if text != "" && matches.MatchString(text) {
						return time.Time{}, true, nil
					}
				}
			}
		}
		return time.Time{}, false, nil
	}}
}

func stateText(state corev1.ContainerState) string {
	switch {
	case state.Waiting != nil:
		return state.Waiting.Reason + ": " + state.Waiting.Message
	case state.Terminated != nil:
		return fmt.Sprintf("%s %d: %s", state.Terminated.Reason, state.Terminated.ExitCode, state.Terminated.Message)
	case state.Running != nil:
		return "Running"
	}
	return ""
}

// pod is the sign that a pod with a label has a condition; the pattern is of its reason and message.
func pod(selector string, kind corev1.PodConditionType, status corev1.ConditionStatus, pattern string) Sign {
	matches := regexp.MustCompile(pattern)
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		pods, err := s.pods(ctx, s.namespace, selector)
		if err != nil {
			return time.Time{}, false, err
		}
		for _, pod := range pods {
			for _, c := range pod.Status.Conditions {
				if c.Type == kind && c.Status == status && matches.MatchString(c.Reason+": "+c.Message) {
					return c.LastTransitionTime.Time, true, nil
				}
			}
		}
		return time.Time{}, false, nil
	}}
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// event is the sign that an event of the namespace says something, and has said it since the fault.
func event(pattern string) Sign {
	matches := regexp.MustCompile(pattern)
	return Sign{lasts: true, look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		events, err := s.client.CoreV1().Events(s.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return time.Time{}, false, err
		}
		for _, e := range events.Items {
			last := e.LastTimestamp.Time
			if last.IsZero() {
				last = e.EventTime.Time
			}
			if !last.Before(s.began.Truncate(time.Second)) && matches.MatchString(e.Reason+": "+e.Message) {
				return time.Time{}, true, nil
			}
		}
		return time.Time{}, false, nil
	}}
}

// condition is the sign that an object has a condition, "Ready=False" or so; the pattern is
// of its reason and message.
func condition(object, kind, status, pattern string) Sign {
	matches := regexp.MustCompile(pattern)
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		found, err := s.get(ctx, s.refs(object)[0])
		if apierrors.IsNotFound(err) {
			return time.Time{}, false, nil
		}
		if err != nil {
			return time.Time{}, false, err
		}
		conditions, _, _ := unstructured.NestedSlice(found.Object, "status", "conditions")
		for _, entry := range conditions {
			fields, _ := entry.(map[string]any)
			text := fmt.Sprintf("%v: %v", fields["reason"], fields["message"])
			if fields["type"] != kind || fields["status"] != status || !matches.MatchString(text) {
				continue
			}
			at, _ := fields["lastTransitionTime"].(string)
			since, err := time.Parse(time.RFC3339, at)
			if err != nil {
				since = time.Time{}
			}
			return since, true, nil
		}
		return time.Time{}, false, nil
	}}
}

// field is the sign that a field of an object has a value.
func field(object, value string, path ...string) Sign {
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		found, err := s.get(ctx, s.refs(object)[0])
		if apierrors.IsNotFound(err) {
			return time.Time{}, false, nil
		}
		if err != nil {
			return time.Time{}, false, err
		}
		content, there, _ := unstructured.NestedFieldNoCopy(found.Object, path...)
		return time.Time{}, there && fmt.Sprint(content) == value, nil
	}}
}

// deleting is the sign that an object is being deleted and does not go.
func deleting(object string) Sign {
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		found, err := s.get(ctx, s.refs(object)[0])
		if apierrors.IsNotFound(err) {
			return time.Time{}, false, nil
		}
		if err != nil {
			return time.Time{}, false, err
		}
		at := found.GetDeletionTimestamp()
		if at == nil {
			return time.Time{}, false, nil
		}
		return at.Time, true, nil
	}}
}

// noEndpoints is the sign that a Service has nothing behind it that is ready.
func noEndpoints(service string) Sign {
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		slices, err := s.client.DiscoveryV1().EndpointSlices(s.namespace).List(ctx,
			metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
		if err != nil {
			return time.Time{}, false, err
		}
		for _, slice := range slices.Items {
			for _, e := range slice.Endpoints {
				if len(slice.Ports) > 0 && (e.Conditions.Ready == nil || *e.Conditions.Ready) {
					return time.Time{}, false, nil
				}
			}
		}
		return time.Time{}, true, nil
	}}
}

// both is the sign that two faults show.
func both(first, second Sign) Sign {
	return Sign{lasts: first.lasts || second.lasts, look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		_, shown, err := first.look(ctx, s)
		if !shown || err != nil {
			return time.Time{}, false, err
		}
		_, shown, err = second.look(ctx, s)
		return time.Time{}, shown, err
	}}
}
