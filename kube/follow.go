package kube

import (
	"context"
	"fmt"
	"io"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// follow reads a container's log over its restarts, until the pod is gone or
// the container has ended for good. The pod's own listing says when that is.
func (t *tail) follow(ctx context.Context) error {
	o := t.logs.options
	listing := t.logs.cluster.Listing(Scope{
		GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"),
		Namespace:            o.Namespace,
		Fields:               "metadata.name=" + o.Pod,
	})
	f := &following{tail: t, listing: listing, watch: listing.Watch()}
	if _, err := f.watch.Next(ctx); err != nil {
		return err
	}
	for {
		run, err := f.awaitRun(ctx)
		if err != nil {
			return err
		}
		if run != f.run {
			if f.run != "" {
				f.say("container restarted")
			}
			f.run, f.said = run, ""
		}
		err = t.stream(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.blind() {
			if err != nil {
				return clearly("logs", err)
			}
			return io.EOF
		}
		if err != nil {
			f.say("stream broken: " + clearly("", err).Error())
		}
		if !sleepOr(ctx, logReconnect, nil) {
			return ctx.Err()
		}
	}
}

// following is a log over the runs of a container.
type following struct {
	*tail
	listing *Listing
	watch   *Watch
	run     string // the container ID whose log was read
	said    string // the last note about waiting
	found   bool   // the pod was there
}

func (f *following) say(text string) {
	if text != f.said {
		f.said = text
		f.logs.queue.note(kinds.Clean(text))
	}
}

// blind says whether the user may read the log but not look at the pod.
func (f *following) blind() bool {
	phase := f.listing.State().Phase
	return phase == Denied || phase == Failed && f.listing.Get(f.logs.options.Namespace, f.logs.options.Pod) == nil
}

// awaitRun waits until there is a run of the container to read, and returns its
// ID. io.EOF means that there will be none.
func (f *following) awaitRun(ctx context.Context) (string, error) {
	o := f.logs.options
	for {
		record := f.listing.Get(o.Namespace, o.Pod)
		switch {
		case record != nil:
			f.found = true
			if run, err := f.nextRun(record); run != "" || err != nil {
				return run, err
			}
		case f.blind():
			return "", nil
		case f.listing.State().Phase == Live && !f.found:
			return "", clearly("logs", apierrors.NewNotFound(corev1.Resource("pods"), o.Pod))
		case f.listing.State().Phase == Live:
			f.say("pod deleted")
			return "", io.EOF
		}
		if _, err := f.watch.Next(ctx); err != nil {
			return "", err
		}
	}
}

// nextRun is the run to read as the pod is now; "" when there is none yet.
func (f *following) nextRun(record *kinds.Record) (string, error) {
	pod, err := f.pod(record)
	if err != nil {
		return "", err
	}
	if f.container == "" {
		f.container = defaultContainer(pod)
	}
	run, note, last := runOf(pod, f.container, f.run)
	if run != "" {
		return run, nil
	}
	f.say(note)
	if last {
		return "", io.EOF
	}
	return "", nil
}

func (f *following) pod(r *kinds.Record) (*corev1.Pod, error) {
	obj, err := f.logs.cluster.Decode(r)
	if err != nil {
		return nil, err
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("logs: %T is no pod", obj)
	}
	return pod, nil
}

// runOf says which run of a container there is to read when the run named read
// has been read: its ID, or why there is none, and whether none will come.
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
	for _, all := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses} {
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

// finished says whether no container of the pod will ever run again.
func finished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// restarts says whether the kubelet will start a container again that ended
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
