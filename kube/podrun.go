package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// runOf returns the ID of the run of a container that is to be read after the run named
// read, or why there is none, and whether none will come.
func runOf(pod *corev1.Pod, container, read string) (run, note string, last bool) {
	status := containerStatus(pod, container)
	if status == nil {
		return "", "waiting for container: " + podReason(pod), finished(pod)
	}
	state := status.State
	switch {
	case state.Running != nil:
		// The same run again: the stream broke.
		return status.ContainerID, "", false
	case state.Terminated != nil:
		if id := state.Terminated.ContainerID; id != "" && id != read {
			return id, "", false
		}
		note = fmt.Sprintf("container ended: %s (exit %d)", state.Terminated.Reason, state.Terminated.ExitCode)
		return "", note, finished(pod) || !restarts(pod, container, state.Terminated.ExitCode)
	}
	if t := status.LastTerminationState.Terminated; t != nil && t.ContainerID != "" && t.ContainerID != read {
		return t.ContainerID, "", false
	}
	reason := podReason(pod)
	if state.Waiting != nil && state.Waiting.Reason != "" {
		reason = state.Waiting.Reason
	}
	return "", "waiting for container: " + reason, finished(pod)
}

func containerStatus(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for _, all := range [][]corev1.ContainerStatus{
		pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		if i := slices.IndexFunc(all, func(s corev1.ContainerStatus) bool { return s.Name == name }); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

func podReason(pod *corev1.Pod) string {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return c.Reason
		}
	}
	if pod.Status.Reason != "" {
		return pod.Status.Reason
	}
	return string(pod.Status.Phase)
}

// finished reports whether no container of the pod will ever run again.
func finished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// restarts reports whether the kubelet will start a container again that ended
// with a code.
func restarts(pod *corev1.Pod, container string, code int32) bool {
	policy := pod.Spec.RestartPolicy
	for _, c := range pod.Spec.InitContainers {
		if c.Name != container {
			continue
		}
		if c.RestartPolicy != nil {
			policy = corev1.RestartPolicy(*c.RestartPolicy)
		} else if code == 0 {
			return false
		}
	}
	for _, c := range pod.Spec.EphemeralContainers {
		if c.Name == container {
			return false
		}
	}
	return policy == corev1.RestartPolicyAlways || policy == corev1.RestartPolicyOnFailure && code != 0
}
