package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

const (
	// logReadSize is how much of a log is read at a time.
	logReadSize = 64 << 10
	// longLineMax is the longest line that is shown whole.
	longLineMax = 1 << 20
	// logBacklog is how many lines wait for the reader before the stream is left to
	// fill up, so that the container runtime keeps them.
	logBacklog = 25_000
	// logBacklogBytes is how much text they may have.
	logBacklogBytes = 64 << 20
	// logBatch is how many lines one LogLines has at most. A view gets ten a
	// second, so this bounds how fast a log may grow.
	logBatch = 10_000
	// logSettle is how long lines accumulate before they are passed on.
	logSettle = 25 * time.Millisecond
	// logReconnect is the pause before a broken stream is opened again.
	logReconnect = time.Second
)

// LogOptions say which lines of which container to read.
type LogOptions struct {
	Namespace, Pod string
	Container      string        // "": the pod's default container
	Previous       bool          // of the container's last run; then Follow is not used
	Follow         bool          // and go on, over restarts of the container
	Since          time.Duration // only lines younger than that; 0: all
	Tail           int64         // only the last lines; 0: all
}

// LogLine is one line of a container.
type LogLine struct {
	Time time.Time // when the container runtime read it; zero when it did not say
	Text string    // clean, except for the SGR sequences that kinds.SGR understands
}

// LogLines is what Logs yields: some lines, and what happened after them.
type LogLines struct {
	From  *Logs
	Lines []LogLine
	Note  string // "container restarted", "pod deleted", ...; usually ""
}

// Logs is a source of LogLines. While nobody asks for them, only some thousand lines
// are read ahead.
type Logs struct {
	cluster *Cluster
	options LogOptions
	start   sync.Once
	queue   logQueue
}

// Logs returns the lines of a container as a source. The stream opens with the
// first call of Next and ends with its context.
func (c *Cluster) Logs(o LogOptions) *Logs {
	o.Follow = o.Follow && !o.Previous
	return &Logs{cluster: c, options: o, queue: newLogQueue()}
}

// Next waits for lines. It returns io.EOF after the last one: where the log ends if it
// does not follow, and once the pod or container has ended for good if it does.
func (l *Logs) Next(ctx context.Context) (any, error) {
	l.start.Do(func() {
		l.cluster.options.Messages.Start("logs", func() { l.queue.close(l.run(ctx)) })
	})
	lines, err := l.queue.pop(ctx)
	if err != nil {
		return nil, err
	}
	lines.From = l
	return lines, nil
}

// run reads until the end; it returns io.EOF, or the reason why it ended early.
func (l *Logs) run(ctx context.Context) (err error) {
	defer l.cluster.options.Messages.Recover("logs of "+l.options.Namespace+"/"+l.options.Pod, &err)
	t := &logTail{logs: l, container: l.options.Container}
	if !l.options.Follow {
		if t.container == "" {
			if err := t.findContainer(ctx); err != nil {
				return err
			}
		}
		if err := t.readStream(ctx); err != nil {
			return plain.Error("logs", err)
		}
		return io.EOF
	}
	return t.follow(ctx)
}

// logTail is how far a stream has been read.
type logTail struct {
	logs      *Logs
	container string
	last      time.Time // of the last line
	same      int       // how many lines had that time
}

// readStream reads one request to its end.
func (t *logTail) readStream(ctx context.Context) error {
	o := t.logs.options
	options := &corev1.PodLogOptions{Container: t.container, Follow: o.Follow, Previous: o.Previous, Timestamps: true}
	switch {
	case !t.last.IsZero():
		since := metav1.NewTime(t.last)
		options.SinceTime = &since
	default:
		if o.Since > 0 {
			seconds := int64(max(1, o.Since/time.Second))
			options.SinceSeconds = &seconds
		}
		if o.Tail > 0 {
			options.TailLines = &o.Tail
		}
	}
	client, err := t.logs.cluster.rest(corev1.SchemeGroupVersion, protobuf)
	if err != nil {
		return err
	}
	body, err := client.Get().Namespace(o.Namespace).Resource("pods").Name(o.Pod).SubResource("log").
		VersionedParams(options, scheme.ParameterCodec).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	return t.readLines(ctx, body)
}

// readLines reads lines until the stream ends; nil is a proper end.
func (t *logTail) readLines(ctx context.Context, body io.Reader) error {
	lines := bufio.NewReaderSize(body, logReadSize)
	// The API gives times to the second: what was read of that second comes again.
	until, skip := t.last, t.same
	for {
		text, cut, err := readLine(lines)
		if len(text) > 0 {
			entry := parseLine(text, cut)
			switch {
			case !entry.Time.IsZero() && entry.Time.Before(until):
			case !entry.Time.IsZero() && entry.Time.Equal(until) && skip > 0:
				skip--
			default:
				t.advance(entry.Time)
				if err := t.logs.queue.push(ctx, entry); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *logTail) advance(at time.Time) {
	switch {
	case at.Equal(t.last):
		t.same++
	case at.After(t.last):
		t.last, t.same = at, 1
	}
}

// readLine reads a line, which is valid until the next one is read. cut is how much of
// a line above longLineMax was left out.
func readLine(lines *bufio.Reader) (line []byte, cut int, err error) {
	line, err = lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, 0, err
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		var part []byte
		part, err = lines.ReadSlice('\n')
		fits := min(len(part), longLineMax-len(line))
		line = append(line, part[:fits]...)
		cut += len(part) - fits
	}
	return line, cut, err
}

// parseLine separates a line from the time that the kubelet put before it.
func parseLine(line []byte, cut int) LogLine {
	line = bytes.TrimRight(line, "\r\n")
	var entry LogLine
	stamp, rest, _ := bytes.Cut(line, []byte(" "))
	if at, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil {
		entry.Time, line = at, rest
	}
	entry.Text = kinds.CleanLog(string(line))
	if cut > 0 {
		entry.Text += fmt.Sprintf(" … (%d more bytes are not shown)", cut)
	}
	return entry
}

// findContainer finds the pod's default container.
func (t *logTail) findContainer(ctx context.Context) error {
	o := t.logs.options
	ctx, cancel := t.logs.cluster.withTimeout(ctx)
	defer cancel()
	client, err := t.logs.cluster.rest(corev1.SchemeGroupVersion, protobuf)
	if err != nil {
		return err
	}
	pod := &corev1.Pod{}
	err = client.Get().Namespace(o.Namespace).Resource("pods").Name(o.Pod).Do(ctx).Into(pod)
	switch {
	case apierrors.IsForbidden(err):
		// The kubelet decides, or says which containers there are.
		return nil
	case err != nil:
		return plain.Error("logs", err)
	}
	t.container = defaultContainer(pod)
	return nil
}

// defaultContainer is the one that kubectl logs chooses.
func defaultContainer(pod *corev1.Pod) string {
	name := pod.Annotations["kubectl.kubernetes.io/default-container"]
	for _, c := range pod.Spec.Containers {
		if c.Name == name {
			return name
		}
	}
	if len(pod.Spec.Containers) == 0 {
		return ""
	}
	return pod.Spec.Containers[0].Name
}
