package kube

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// LogStreamsMax is how many logs are open at a time. One connection carries all
	// requests to an API server, 100 to 250 at a time by what servers and load balancers
	// allow; the watches of the screens need some of them.
	LogStreamsMax = 64
	// logReconnect is the pause before a broken stream is opened again.
	logReconnect = time.Second
)

// LogOptions say which lines of which container to read.
type LogOptions struct {
	Namespace, Pod string        // of Cluster.Logs
	Container      string        // "": the pod's default container
	Previous       bool          // of the container's last run; then Follow is not used
	Follow         bool          // of Cluster.MergedLogs: go on, over restarts of the container
	Since          time.Duration // only lines younger than that; 0: all
	Tail           int64         // only the last lines of each container; 0: all
	Window         time.Duration // how long a line waits for older ones of other streams; 0: logs.Window
	Behind         time.Duration // and, after its last line, for a stream that is behind; 0: no longer
	Opening        time.Duration // and for a stream that has not answered yet; 0: no longer
}

// LogLine is one line of a container, or a mark among them.
type LogLine = logs.Line

// LogLines is what Logs yields.
type LogLines struct {
	From    *Logs
	Lines   []LogLine // may be none, when a log has ended
	Reading int       // how many logs may still bring lines
	Held    []int     // the streams that wait until others have ended; see LogStreamsMax
}

// LogTarget is a container whose log is wanted, as its pod is now.
type LogTarget struct {
	Stream    int           // of its lines
	Pod       *kinds.Record // nil when the pod may not be read; then the names are enough
	Namespace string
	Name      string
	Container string
	Gone      bool // the pod was deleted
}

// Logs is a source of LogLines, in the order of their times. While nobody asks for them,
// only some thousand lines are read ahead.
type Logs struct {
	cluster *Cluster
	options LogOptions
	began   time.Time // by the cluster's clock
	merge   *logs.Merge
	start   sync.Once
	single  bool
	changed chan struct{} // holds at most one

	mu      sync.Mutex
	wanted  []LogTarget
	readers map[int]*logReader
	held    []int
}

// Logs returns the lines of one container up to now as a source. The stream opens with
// the first call of Next and ends with its context. What cannot be read is an error.
func (c *Cluster) Logs(o LogOptions) *Logs {
	o.Follow = false
	l := c.MergedLogs(o)
	l.single = true
	l.wanted = []LogTarget{{Namespace: o.Namespace, Name: o.Pod, Container: o.Container}}
	return l
}

// MergedLogs returns the lines of the containers that Want names as a source. What cannot
// be read is a line among the others. Without Follow it ends with the last of them.
func (c *Cluster) MergedLogs(o LogOptions) *Logs {
	o.Follow = o.Follow && !o.Previous
	return &Logs{
		cluster: c, options: o, began: c.Now(), changed: make(chan struct{}, 1), readers: map[int]*logReader{},
		merge: logs.NewMerge(logs.Options{Window: o.Window, Behind: o.Behind, Opening: o.Opening}),
	}
}

// Want says which containers are to be read from now on, the most important first, and
// how their pods are now. Streams that it does not name end. It does not block.
func (l *Logs) Want(targets []LogTarget) {
	l.mu.Lock()
	l.wanted = targets
	l.mu.Unlock()
	signal.Wake(l.changed)
}

// Next waits for lines. It returns io.EOF after the last one.
func (l *Logs) Next(ctx context.Context) (any, error) {
	l.start.Do(func() {
		l.cluster.options.Messages.Start("logs", func() { l.merge.Close(l.run(ctx)) })
	})
	lines, err := l.merge.Next(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	out := LogLines{From: l, Lines: lines, Held: slices.Clone(l.held)}
	for _, r := range l.readers {
		if !r.over {
			out.Reading++
		}
	}
	return out, nil
}

// run starts and ends the readers until there is nothing more to read; it returns io.EOF,
// or the reason why it ended early.
func (l *Logs) run(ctx context.Context) (err error) {
	defer l.cluster.options.Messages.Recover("logs", &err)
	l.cluster.logsRead.Add(1)
	defer l.cluster.logsRead.Add(-1)
	for {
		if ended, err := l.update(ctx); ended {
			return err
		}
		if !signal.Sleep(ctx, 0, l.changed) {
			return ctx.Err()
		}
	}
}

// update makes the readers those that are wanted, and reports whether all have ended and
// none will come.
func (l *Logs) update(ctx context.Context) (ended bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	open, left := 0, map[int]bool{}
	for _, t := range l.wanted {
		left[t.Stream] = true
		if r := l.readers[t.Stream]; r != nil {
			r.target = t
			signal.Wake(r.changed)
			if !r.over {
				open++
			}
		}
	}
	for id, r := range l.readers {
		if !left[id] {
			r.stop()
			delete(l.readers, id)
		}
	}
	l.held = nil
	for _, t := range l.wanted {
		switch {
		case l.readers[t.Stream] != nil:
		case open < LogStreamsMax:
			l.open(ctx, t)
			open++
		default:
			l.held = append(l.held, t.Stream)
		}
	}
	if open > 0 || l.options.Follow || len(l.wanted) == 0 {
		return false, nil
	}
	if r := l.readers[l.wanted[0].Stream]; l.single {
		return true, r.err
	}
	return true, io.EOF
}

// whyUnread says why the log of a container cannot be read.
func whyUnread(container string, err error) string {
	// The words of the kubelet (GetKubeletContainerLogs in k8s.io/kubernetes/pkg/kubelet).
	if strings.HasPrefix(err.Error(), "previous terminated container ") {
		return "container " + container + " has no previous run"
	}
	text := plain.Error("", err).Error()
	// A kubelet can refuse the API server too, which says nothing of this user's rights.
	if apierrors.IsForbidden(err) && strings.Contains(text, `cannot get resource "pods/log"`) {
		return "you may not get pods/log: " + text // A narrow screen shows only the beginning.
	}
	return "cannot be read: " + text
}

// open starts a reader. The lock is held.
func (l *Logs) open(ctx context.Context, t LogTarget) {
	ctx, stop := context.WithCancel(ctx)
	r := &logReader{logs: l, target: t, stop: stop, changed: make(chan struct{}, 1)}
	r.whole = t.Pod != nil && t.Pod.Created.After(l.began)
	l.readers[t.Stream] = r
	l.cluster.openedLogs.add(types.NamespacedName{Namespace: t.Namespace, Name: t.Name})
	l.merge.Open(t.Stream)
	l.cluster.options.Messages.Start("logs of "+t.Namespace+"/"+t.Name, func() {
		defer stop()
		err := r.run(ctx)
		if err != nil && !errors.Is(err, io.EOF) && ctx.Err() == nil && !l.single {
			r.mark(ctx, whyUnread(r.current().Container, err), logs.Incomplete)
		}
		l.mu.Lock()
		r.over, r.err = true, io.EOF
		if err != nil && !errors.Is(err, io.EOF) {
			r.err = plain.Error("logs", err)
		}
		l.mu.Unlock()
		l.merge.End(t.Stream)
		signal.Wake(l.changed)
	})
}

// read reads one request to its end; nil is a proper end.
func (r *logReader) read(ctx context.Context, follow, previous bool) error {
	o, t := r.logs.options, r.current()
	options := &corev1.PodLogOptions{Container: t.Container, Follow: follow, Previous: previous, Timestamps: true}
	switch since := r.tail.Resume(); {
	case !since.IsZero():
		at := metav1.NewTime(since)
		options.SinceTime = &at
	case !r.whole:
		if o.Since > 0 {
			seconds := int64(max(1, o.Since/time.Second))
			options.SinceSeconds = &seconds
		}
		if o.Tail > 0 {
			options.TailLines = &o.Tail
		}
	}
	client, err := r.logs.cluster.rest(corev1.SchemeGroupVersion, protobuf)
	if err != nil {
		return err
	}
	body, err := client.Get().Namespace(t.Namespace).Resource("pods").Name(t.Name).SubResource("log").
		VersionedParams(options, scheme.ParameterCodec).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	r.problem, r.failed = "", 0
	lines := logs.NewReader(body, t.Stream)
	for {
		batch, err := lines.Next()
		if errors.Is(err, io.EOF) {
			r.rest, r.unfinished = lines.Rest()
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.logs.merge.Push(ctx, t.Stream, r.new(batch)); err != nil {
			return err
		}
	}
}

// new returns the lines that were not read before, behind a mark where some are missing.
func (r *logReader) new(batch []LogLine) []LogLine {
	out := batch[:0]
	for i, line := range batch {
		last := r.tail.Last()
		keep, gap := r.tail.Keep(line)
		if gap {
			const stamp = "15:04:05.000"
			text := "lines may be missing from " + last.UTC().Format(stamp) + " to " + line.Time.UTC().Format(stamp) +
				": the kubelet rotated the log"
			mark := LogLine{Time: last, Text: text, Stream: line.Stream, Flags: logs.Marker | logs.Incomplete}
			return append(append(slices.Clone(out), mark, line), r.new(batch[i+1:])...)
		}
		if keep {
			out = append(out, line)
		}
	}
	return out
}

// findContainer returns the pod's default container; "" leaves it to the kubelet, which
// decides, or says which containers there are.
func (r *logReader) findContainer(ctx context.Context) (string, error) {
	c, t := r.logs.cluster, r.current()
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	client, err := c.rest(corev1.SchemeGroupVersion, protobuf)
	if err != nil {
		return "", err
	}
	pod := &corev1.Pod{}
	err = client.Get().Namespace(t.Namespace).Resource("pods").Name(t.Name).Do(ctx).Into(pod)
	switch {
	case apierrors.IsForbidden(err):
		return "", nil
	case err != nil:
		return "", err
	}
	return defaultContainer(pod), nil
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
