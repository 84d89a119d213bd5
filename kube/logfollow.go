package kube

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// follow reads a container's log over its restarts, until the pod is gone or
// the container has ended for good. The pod's own listing says when that is.
func (t *logTail) follow(ctx context.Context) error {
	o := t.logs.options
	listing := t.logs.cluster.Listing(Scope{
		GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"),
		Namespace:            o.Namespace,
		Fields:               "metadata.name=" + o.Pod,
	})
	f := &logFollower{logTail: t, listing: listing, watch: listing.Watch()}
	if _, err := f.watch.Next(ctx); err != nil {
		return err
	}
	for {
		run, err := f.awaitRun(ctx)
		if err != nil {
			return err
		}
		if run != f.runRead {
			if f.runRead != "" {
				f.note("container restarted")
			}
			f.runRead, f.lastNote = run, ""
		}
		err = t.readStream(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.podHidden() {
			if err != nil {
				return plain.Error("logs", err)
			}
			return io.EOF
		}
		if err != nil {
			f.note("stream broken: " + plain.Error("", err).Error())
		}
		if !signal.Sleep(ctx, logReconnect, nil) {
			return ctx.Err()
		}
	}
}

// logFollower reads a log over the runs of a container.
type logFollower struct {
	*logTail
	listing  *Listing
	watch    *Watch
	runRead  string // the container ID whose log was read
	lastNote string // the last note about waiting
	found    bool   // the pod was there
}

func (f *logFollower) note(text string) {
	if text != f.lastNote {
		f.lastNote = text
		f.logs.queue.note(kinds.Clean(text))
	}
}

// podHidden reports whether the user may read the log but not look at the pod.
func (f *logFollower) podHidden() bool {
	phase := f.listing.State().Phase
	return phase == Denied || phase == Failed && f.listing.Get(f.logs.options.Namespace, f.logs.options.Pod) == nil
}

// awaitRun waits until there is a run of the container to read, and returns its
// ID. io.EOF means that there will be none.
func (f *logFollower) awaitRun(ctx context.Context) (string, error) {
	o := f.logs.options
	for {
		record := f.listing.Get(o.Namespace, o.Pod)
		switch {
		case record != nil:
			f.found = true
			if run, err := f.nextRun(record); run != "" || err != nil {
				return run, err
			}
		case f.podHidden():
			return "", nil
		case f.listing.State().Phase == Live && !f.found:
			return "", plain.Error("logs", apierrors.NewNotFound(corev1.Resource("pods"), o.Pod))
		case f.listing.State().Phase == Live:
			f.note("pod deleted")
			return "", io.EOF
		}
		if _, err := f.watch.Next(ctx); err != nil {
			return "", err
		}
	}
}

// nextRun returns the run to read as the pod is now; "" when there is none yet.
func (f *logFollower) nextRun(record *kinds.Record) (string, error) {
	pod, err := f.pod(record)
	if err != nil {
		return "", err
	}
	if f.container == "" {
		f.container = defaultContainer(pod)
	}
	run, note, last := runOf(pod, f.container, f.runRead)
	if run != "" {
		return run, nil
	}
	f.note(note)
	if last {
		return "", io.EOF
	}
	return "", nil
}

func (f *logFollower) pod(r *kinds.Record) (*corev1.Pod, error) {
	obj, err := f.logs.cluster.Decode(r)
	if err != nil {
		return nil, err
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("logs: %T is not a pod", obj)
	}
	return pod, nil
}
