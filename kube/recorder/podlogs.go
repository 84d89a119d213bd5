package recorder

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/kube/tape"
)

const (
	// tailLines is how many of the lines before the recording are read, and openedLines how
	// many where somebody is reading: as many as they see at first.
	tailLines   = 200
	openedLines = 1000
	// runBytes bounds what is recorded of one run of a container, and so its
	// longest line. A frame of a tape holds 64 MiB.
	runBytes = 4 << 20
	// readSize is how much of a log is read at a time.
	readSize = 64 << 10
	// streamsMax bounds how many logs are read at a time.
	streamsMax = 64
	// pieceLines is how many lines are written together at most.
	pieceLines = 200
	// failingMax bounds what is remembered of pods that fail.
	failingMax = 100_000
)

// podLogs records logs of the pods that it is shown.
type podLogs struct {
	recording *recording
	ctx       context.Context // of the recording

	mu      sync.Mutex
	failing map[string]bool       // pods, by UID
	opened  map[string]bool       // pods whose logs somebody reads, by UID
	runs    map[containerRun]bool // that were or are read
	pods    map[string][]logRead  // by UID
	streams int
	crowded bool // too many logs; noted once
}

type containerRun struct {
	uid, container, id string
	previous           bool
}

// logRead is a run whose log is read.
type logRead struct {
	run  containerRun
	stop context.CancelFunc
}

func newPodLogs(ctx context.Context, r *recording) *podLogs {
	return &podLogs{
		recording: r,
		ctx:       ctx,
		failing:   map[string]bool{},
		opened:    map[string]bool{},
		runs:      map[containerRun]bool{},
		pods:      map[string][]logRead{},
	}
}

// observePod looks at a version of a pod, begins to read the logs that are wanted,
// and reports whether the pod has begun to fail.
func (l *podLogs) observePod(pod *corev1.Pod) (beganToFail bool) {
	fails := podFails(pod)
	uid := string(pod.UID)
	l.mu.Lock()
	defer l.mu.Unlock()
	beganToFail = fails && !l.failing[uid]
	if fails && len(l.failing) < failingMax {
		l.failing[uid] = true
	} else if !fails {
		delete(l.failing, uid)
	}
	all := l.recording.options.Logs == LogsAll || l.opened[uid]
	if l.recording.options.Logs == LogsNone || !all && !fails {
		return beganToFail
	}
	for _, statuses := range [][]corev1.ContainerStatus{
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for i := range statuses {
			if all || containerFails(&statuses[i]) || len(statuses) == 1 {
				l.readContainer(pod, &statuses[i])
			}
		}
	}
	return beganToFail
}

// followOpened records the logs of pods whose logs are read in this program, from when
// somebody begins to.
func (l *podLogs) followOpened(ctx context.Context) {
	for n := 0; ; {
		pods, more := l.recording.cluster.OpenedLogs(n)
		for _, pod := range pods {
			l.open(ctx, pod)
		}
		n += len(pods)
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// open records the logs of one pod from now on. A pod that is gone has none.
func (l *podLogs) open(ctx context.Context, name types.NamespacedName) {
	client, err := l.recording.raw.Protobuf(corev1.SchemeGroupVersion)
	if err != nil {
		return
	}
	pod := &corev1.Pod{}
	if client.Get().Namespace(name.Namespace).Resource("pods").Name(name.Name).Do(ctx).Into(pod) != nil {
		return
	}
	l.mu.Lock()
	l.opened[string(pod.UID)] = true
	l.mu.Unlock()
	l.observePod(pod)
}

func (l *podLogs) isOpened(uid string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened[uid]
}

// readContainer begins to read the runs of a container that are not read yet.
func (l *podLogs) readContainer(pod *corev1.Pod, s *corev1.ContainerStatus) {
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
		l.readRun(pod, s.Name, containerRun{string(pod.UID), s.Name, before, true}, false)
	}
	if current != "" {
		l.readRun(pod, s.Name, containerRun{string(pod.UID), s.Name, current, false}, s.State.Running != nil)
	}
}

// readRun begins to read the log of a run. It is called with the lock held.
func (l *podLogs) readRun(pod *corev1.Pod, container string, run containerRun, follow bool) {
	if l.runs[run] || l.ctx.Err() != nil {
		return
	}
	if l.streams >= streamsMax {
		if !l.crowded {
			l.crowded = true
			l.recording.addNote(tape.Note, fmt.Sprintf("more than %d logs at a time: some are not recorded", streamsMax))
		}
		return
	}
	l.runs[run] = true
	l.streams++
	ctx, stop := context.WithCancel(l.ctx)
	l.pods[run.uid] = append(l.pods[run.uid], logRead{run, stop})
	of := tape.LogOf{Namespace: pod.Namespace, Pod: pod.Name, Container: container, Previous: run.previous}
	l.recording.goTracked(nameOfLog(of), func() {
		defer stop()
		err := l.recordLog(ctx, run.uid, of, follow)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.streams--
		if err != nil && ctx.Err() == nil {
			// The next version of the pod tries again.
			delete(l.runs, run)
		}
	})
}

func nameOfLog(of tape.LogOf) string { return "logs of " + of.Namespace + "/" + of.Pod }

// forgetPod ends the reading of logs of a pod that was deleted.
func (l *podLogs) forgetPod(uid string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.failing, uid)
	delete(l.opened, uid)
	for _, r := range l.pods[uid] {
		r.stop()
		delete(l.runs, r.run)
	}
	delete(l.pods, uid)
}

// recordLog records one run's log to its end.
func (l *podLogs) recordLog(ctx context.Context, uid string, of tape.LogOf, follow bool) (err error) {
	defer l.recording.raw.Messages.Recover(nameOfLog(of), &err)
	client, err := l.recording.raw.Protobuf(corev1.SchemeGroupVersion)
	if err != nil {
		return err
	}
	tail := int64(tailLines)
	if l.isOpened(uid) {
		tail = openedLines
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
	lines := bufio.NewReaderSize(body, readSize)
	var piece []tape.LogLine
	fresh, left := true, runBytes
	for {
		text, whole, err := readLine(lines, left)
		left -= len(text)
		if fresh && len(piece) == 0 && logs.FromKubelet(text) {
			return errNoLog
		}
		if len(text) > 0 {
			piece = append(piece, parseLine(text))
		}
		if !whole {
			piece = append(piece, tape.LogLine{Text: notRecorded})
		}
		ends := !whole || err != nil
		if len(piece) > 0 && (ends || len(piece) >= pieceLines || lines.Buffered() == 0) {
			if !l.recording.checkWritten(l.recording.writer.Log(of, fresh, piece...)) {
				return nil
			}
			fresh, piece = false, nil
		}
		if ends {
			return nil
		}
	}
}

var errNoLog = errors.New("the kubelet no longer has this log")

// notRecorded is the last line of a run that is too long.
var notRecorded = fmt.Sprintf("… (the rest is not recorded: %d MiB of one run are)", runBytes>>20)

// readLine reads a line, which is valid until the next one is read. Of a line longer
// than most it returns the beginning, and whole is false.
func readLine(lines *bufio.Reader, most int) (line []byte, whole bool, err error) {
	line, err = lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line)
	}
	for errors.Is(err, bufio.ErrBufferFull) && len(line) <= most {
		var part []byte
		part, err = lines.ReadSlice('\n')
		line = append(line, part...)
	}
	if len(line) > most {
		return line[:most], false, nil
	}
	return line, true, err
}

// parseLine separates a line from the time that the kubelet put before it.
func parseLine(text []byte) tape.LogLine {
	text = bytes.TrimSuffix(text, []byte("\n"))
	stamp, rest, found := bytes.Cut(text, []byte(" "))
	if at, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil && found {
		return tape.LogLine{Time: at, Text: string(rest)}
	}
	return tape.LogLine{Text: string(text)}
}
