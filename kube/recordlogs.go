package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/tape"
)

const (
	// recordTail is how many lines are read of what was said before.
	recordTail = 200
	// recordRunBytes bounds what is recorded of one run of a container.
	recordRunBytes = 4 << 20
	// recordStreams bounds how many logs are read at a time.
	recordStreams = 64
	// recordPiece is how many lines are written together at most.
	recordPiece = 200
	// podsFailingMax bounds what is remembered of pods that fail.
	podsFailingMax = 100_000
)

// logRecorder records logs of the pods that it is shown.
type logRecorder struct {
	recorder *recorder
	ctx      context.Context // of the recording
	running  sync.WaitGroup

	mu      sync.Mutex
	failing map[string]bool        // pods, by UID
	runs    map[containerRun]bool  // that were or are read
	pods    map[string][]runCancel // by UID
	streams int
	crowded bool // too many logs; told once
}

type containerRun struct {
	uid, container, id string
	previous           bool
}

type runCancel struct {
	run  containerRun
	stop context.CancelFunc
}

func newLogRecorder(ctx context.Context, r *recorder) *logRecorder {
	return &logRecorder{
		recorder: r,
		ctx:      ctx,
		failing:  map[string]bool{},
		runs:     map[containerRun]bool{},
		pods:     map[string][]runCancel{},
	}
}

// saw looks at a version of a pod, begins to read the logs that are wanted, and
// reports whether the pod has begun to fail.
func (l *logRecorder) saw(pod *corev1.Pod) (began bool) {
	fails := podFails(pod)
	uid := string(pod.UID)
	l.mu.Lock()
	defer l.mu.Unlock()
	began = fails && !l.failing[uid]
	if fails && len(l.failing) < podsFailingMax {
		l.failing[uid] = true
	} else if !fails {
		delete(l.failing, uid)
	}
	if l.recorder.options.Logs == LogsNone || l.recorder.options.Logs == LogsFailing && !fails {
		return began
	}
	for _, all := range [][]corev1.ContainerStatus{
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for i := range all {
			if l.recorder.options.Logs == LogsAll || containerFails(&all[i]) || len(all) == 1 {
				l.container(pod, &all[i])
			}
		}
	}
	return began
}

// container begins to read the runs of a container that are not read yet.
func (l *logRecorder) container(pod *corev1.Pod, s *corev1.ContainerStatus) {
	current, before := "", ""
	if t := s.LastTerminationState.Terminated; t != nil {
		before = t.ContainerID
	}
	switch {
	case s.State.Running != nil:
		current = s.ContainerID
	case s.State.Terminated != nil:
		current = s.State.Terminated.ContainerID
	default:
		// While it waits, the log is still that of the run before.
		current, before = before, ""
	}
	if before != "" && before != current {
		l.begin(pod, s.Name, containerRun{string(pod.UID), s.Name, before, true}, false)
	}
	if current != "" {
		l.begin(pod, s.Name, containerRun{string(pod.UID), s.Name, current, false}, s.State.Running != nil)
	}
}

// begin is called with the lock held.
func (l *logRecorder) begin(pod *corev1.Pod, container string, run containerRun, follow bool) {
	if l.runs[run] || l.ctx.Err() != nil {
		return
	}
	if l.streams >= recordStreams {
		if !l.crowded {
			l.crowded = true
			l.recorder.note(tape.Note, fmt.Sprintf("more than %d logs at a time: some are not recorded", recordStreams))
		}
		return
	}
	l.runs[run] = true
	l.streams++
	ctx, stop := context.WithCancel(l.ctx)
	l.pods[run.uid] = append(l.pods[run.uid], runCancel{run, stop})
	of := tape.LogOf{Namespace: pod.Namespace, Pod: pod.Name, Container: container, Previous: run.previous}
	l.running.Add(1)
	l.recorder.cluster.options.Messages.Start("logs of "+of.Namespace+"/"+of.Pod, func() {
		defer l.running.Done()
		defer stop()
		err := l.read(ctx, of, follow)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.streams--
		if err != nil && ctx.Err() == nil {
			// The next version of the pod tries again.
			delete(l.runs, run)
		}
	})
}

// gone lets go of a pod that was deleted.
func (l *logRecorder) gone(o tape.Object) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.failing, o.UID)
	for _, r := range l.pods[o.UID] {
		r.stop()
		delete(l.runs, r.run)
	}
	delete(l.pods, o.UID)
}

// read records one run's log to its end.
func (l *logRecorder) read(ctx context.Context, of tape.LogOf, follow bool) (err error) {
	defer l.recorder.cluster.options.Messages.Recover("logs of "+of.Namespace+"/"+of.Pod, &err)
	tail := int64(recordTail)
	client, err := l.recorder.cluster.rest(corev1.SchemeGroupVersion, protobuf)
	if err != nil {
		return err
	}
	options := &corev1.PodLogOptions{
		Container: of.Container, Previous: of.Previous, Follow: follow, Timestamps: true, TailLines: &tail,
	}
	body, err := client.Get().
		Namespace(of.Namespace).
		Resource("pods").
		Name(of.Pod).
		SubResource("log").
		VersionedParams(options, scheme.ParameterCodec).
		MaxRetries(0).
		Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	lines := bufio.NewReaderSize(body, lineBytesMax)
	var piece []tape.LogLine
	fresh, size := true, 0
	for {
		text, err := lines.ReadSlice('\n')
		size += len(text)
		if len(text) > 0 {
			line := stamped(text)
			if errors.Is(err, bufio.ErrBufferFull) {
				var cut int
				cut, err = discardLine(lines)
				line.Text += fmt.Sprintf(" … (%d more bytes were not recorded)", cut)
			}
			piece = append(piece, line)
		}
		full := size > recordRunBytes
		if full {
			piece = append(piece, tape.LogLine{Text: fmt.Sprintf("… (more than %d MiB were not recorded)", recordRunBytes>>20)})
		}
		if len(piece) > 0 && (full || err != nil || len(piece) >= recordPiece || lines.Buffered() == 0) {
			if !l.recorder.tell(l.recorder.writer.Log(of, fresh, piece...)) {
				return nil
			}
			fresh, piece = false, nil
		}
		if full || err != nil {
			return nil
		}
	}
}

// stamped takes the time off that the kubelet put before a line.
func stamped(text []byte) tape.LogLine {
	text = bytes.TrimSuffix(text, []byte("\n"))
	stamp, rest, found := bytes.Cut(text, []byte(" "))
	if at, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil && found {
		return tape.LogLine{Time: at, Text: string(rest)}
	}
	return tape.LogLine{Text: string(text)}
}

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
