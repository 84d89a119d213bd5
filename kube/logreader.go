package kube

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// logReader reads the log of one container, over its runs.
type logReader struct {
	logs    *Logs
	stop    context.CancelFunc
	changed chan struct{} // the target did; holds at most one
	whole   bool          // the pod began after the reading: all of it is new

	tail       logs.Tail // of the run that is read
	runRead    string    // its container ID
	counted    int32     // how often the container had restarted then
	rest       LogLine   // what has come of a line when the last request ended; it comes again with the next
	unfinished bool      // there is some
	problem    string    // the last one that was said
	failed     int       // how often in a row the log could not be opened

	// Under the lock of Logs.
	target LogTarget
	over   bool
	err    error // why it is over; io.EOF is a proper end
}

func (r *logReader) current() LogTarget {
	r.logs.mu.Lock()
	defer r.logs.mu.Unlock()
	return r.target
}

// mark puts a line of our own among those of the container, after the last one.
func (r *logReader) mark(ctx context.Context, text string, more logs.Flag) {
	line := LogLine{Time: r.tail.Last(), Text: kinds.Clean(text), Stream: r.current().Stream, Flags: logs.Marker | more}
	if line.Time.IsZero() {
		line.Time = r.logs.cluster.Now()
	}
	_ = r.logs.merge.Push(ctx, line.Stream, []LogLine{line})
}

// finish passes on a line that will not be finished any more.
func (r *logReader) finish(ctx context.Context) {
	if !r.unfinished {
		return
	}
	r.unfinished = false
	if keep, _ := r.tail.Keep(r.rest); keep {
		_ = r.logs.merge.Push(ctx, r.rest.Stream, []LogLine{r.rest})
	}
}

// run reads until there is nothing more to come; it returns io.EOF then.
func (r *logReader) run(ctx context.Context) (err error) {
	t := r.current()
	defer r.logs.cluster.options.Messages.Recover("logs of "+t.Namespace+"/"+t.Name, &err)
	defer r.finish(ctx)
	if r.logs.options.Follow {
		return r.follow(ctx)
	}
	if t.Container == "" {
		container, err := r.findContainer(ctx)
		if err != nil {
			return err
		}
		r.logs.mu.Lock()
		r.target.Container = container
		r.logs.mu.Unlock()
	}
	if err := r.read(ctx, false, r.logs.options.Previous); err != nil {
		return err
	}
	return io.EOF
}

// follow reads run after run, until the pod is gone or the container has ended for good.
func (r *logReader) follow(ctx context.Context) error {
	var pod *corev1.Pod
	for {
		t := r.current()
		if t.Pod != nil {
			// Of a pod whose body made room for others, what was known goes on.
			if obj, err := r.logs.cluster.Decode(t.Pod); err == nil {
				pod, _ = obj.(*corev1.Pod)
			}
		}
		run, over := "", false
		if pod != nil {
			run, _, over = runOf(pod, t.Container, r.runRead)
		}
		switch {
		case t.Gone:
			r.finish(ctx)
			r.mark(ctx, "pod deleted", 0)
			return io.EOF
		case run == "" && over:
			return io.EOF
		case run == "" && pod != nil:
			if !signal.Sleep(ctx, 0, r.changed) {
				return ctx.Err()
			}
			continue
		case run != r.runRead:
			r.turn(ctx, pod, run)
		}
		err := r.read(ctx, true, false)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && pod == nil:
			return io.EOF // Whether the container runs again cannot be known.
		case apierrors.IsForbidden(err), pod == nil && apierrors.IsNotFound(err):
			return err
		}
		if !r.pause(ctx, err) {
			return ctx.Err()
		}
	}
}

// pause waits before the log is opened again, and says once why it cannot be: a stream
// that breaks and goes on is nobody's business.
func (r *logReader) pause(ctx context.Context, err error) bool {
	if err == nil {
		r.failed = 0
	} else if r.failed++; r.failed > 1 {
		if text := plain.Error("", err).Error(); text != r.problem {
			r.problem = text
			r.mark(ctx, "cannot be read, still trying: "+text, 0)
		}
	}
	return signal.Sleep(ctx, logReconnect*time.Duration(max(1, min(r.failed, 8))), r.changed)
}

// turn goes on to another run: it reads what is left of the one before, and marks where
// the new one begins.
func (r *logReader) turn(ctx context.Context, pod *corev1.Pod, run string) {
	status := containerStatus(pod, r.current().Container)
	begins := r.runRead == ""
	before := status.LastTerminationState.Terminated
	skipped := status.RestartCount - r.counted - 1
	r.counted = status.RestartCount
	if begins && (status.State.Running == nil || status.RestartCount == 0) {
		r.runRead = run
		return
	}
	if before != nil && before.ContainerID != r.runRead && before.ContainerID != run {
		r.finish(ctx)
		r.whole = r.whole || !begins
		r.tail = logs.Tail{}
	}
	if before != nil && before.ContainerID != run {
		// What the kubelet no longer has is an error, or an excuse in place of lines.
		_ = r.read(ctx, false, true)
	}
	r.finish(ctx)
	text, more := "container "+r.current().Container+" restarted", logs.Flag(0)
	if before != nil {
		text += fmt.Sprintf(": exit %d, %s", before.ExitCode, before.Reason)
	}
	if !begins && skipped > 0 {
		text += fmt.Sprintf("; runs in between that were not read: %d", skipped)
		more = logs.Incomplete
	}
	r.mark(ctx, text, more)
	r.runRead, r.tail, r.whole = run, logs.Tail{}, r.whole || !begins
}
