package recorder

import corev1 "k8s.io/api/core/v1"

// podFails reports whether a pod is not as it should be.
func podFails(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodUnknown {
		return true
	}
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, all := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range all {
			if containerFails(&all[i]) {
				return true
			}
		}
	}
	return false
}

// containerFails reports whether a container has ended badly, cannot start, or is
// not ready though it was restarted.
func containerFails(s *corev1.ContainerStatus) bool {
	switch {
	case s.State.Waiting != nil:
		reason := s.State.Waiting.Reason
		return s.RestartCount > 0 || reason != "" && reason != "ContainerCreating" && reason != "PodInitializing"
	case s.State.Terminated != nil:
		return s.State.Terminated.ExitCode != 0
	}
	return s.State.Running != nil && !s.Ready && (s.RestartCount > 0 || s.Started != nil && *s.Started)
}
