package recorder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// What Options.Logs may be.
const (
	LogsFailing = "failing" // of containers that are not as they should be
	LogsAll     = "all"
	LogsNone    = "none"
)

const (
	// flushEvery is how much of a recording a crash may lose.
	flushEvery = time.Second
	// progressEvery is how often progress is reported.
	progressEvery = 500 * time.Millisecond
	// listsMax is how many lists are read at a time: an API server has others to
	// serve.
	listsMax = 3
	// discoveryPatience is how long a start waits for the cluster to say what it
	// has.
	discoveryPatience = 30 * time.Second
	// notesMax bounds the notes of one progress.
	notesMax = 100
)

// Options say what to record.
type Options struct {
	Out        string        // the file, which must not exist
	Namespaces []string      // none: all
	Kinds      []string      // names as kubectl takes them; none: all that can be listed and watched
	Opened     bool          // logs that are read in this program are recorded, too
	Logs       string        // LogsFailing, LogsAll or LogsNone; "": LogsFailing
	For        time.Duration // 0: until the context ends
	NoSchemas  bool          // leave the OpenAPI documents out, which explain fields and are most of a short tape
	Notes      <-chan string // lines for whoever plays the tape; nil: none
}

// Progress is how far a recording is.
type Progress struct {
	tape.Written
	Elapsed           time.Duration
	Listed, Resources int      // of the resources, how many are read as they were at the start
	Notes             []string // clean; what happened since the last progress: a resource that may not be read, a gap
}

// recording is one run of Record.
type recording struct {
	cluster *kube.Cluster
	raw     kube.Raw
	options Options
	writer  *tape.Writer
	began   time.Time
	slots   chan struct{} // for lists
	logs    *podLogs
	outage  outage
	running sync.WaitGroup // all goroutines

	mu       sync.Mutex
	followed map[kube.Scope]bool // those that are followed, and those that were given up
	listed   int
	total    int
	unlisted int // followers that have not listed yet
	notes    []string
	denied   string        // the first refusal
	err      error         // of the file
	settled  chan struct{} // closed when all that was there at the start is listed
}

// Record writes what the cluster is and becomes to a new file, until ctx ends or the
// time of the options has passed, and returns nil then. What may not be read is noted
// on the tape and reported. The file can be opened at every moment. The cluster has to
// stay open until Record returns.
//
// progress is called twice a second, and at the end, never twice at a time. Record
// fails when the cluster does not answer at the start, when a kind is unknown,
// nothing may be read, or the file exists or cannot be written.
func Record(ctx context.Context, cluster *kube.Cluster, o Options, progress func(Progress)) (err error) {
	raw := cluster.Raw()
	defer raw.Messages.Recover("record", &err)
	if o.Logs == "" {
		o.Logs = LogsFailing
	}
	if !slices.Contains([]string{LogsFailing, LogsAll, LogsNone}, o.Logs) {
		return fmt.Errorf("logs %q: there are %s, %s and %s", o.Logs, LogsFailing, LogsAll, LogsNone)
	}
	if _, err := os.Lstat(o.Out); err == nil {
		return fmt.Errorf("%s already exists; name a new file", o.Out)
	}
	wait, stop := context.WithTimeout(ctx, discoveryPatience)
	defer stop()
	if err := cluster.WaitResources(wait); err != nil {
		return plain.Error("record "+cluster.Name(), err)
	}
	r := &recording{
		cluster:  cluster,
		raw:      raw,
		options:  o,
		began:    time.Now(),
		slots:    make(chan struct{}, listsMax),
		followed: map[kube.Scope]bool{},
		settled:  make(chan struct{}),
	}
	if _, err := r.chooseResources(cluster.Resources()); err != nil {
		return err
	}
	about := tape.About{
		Cluster: cluster.Name(), Server: cluster.Version(), Recorder: "fathom " + raw.Version, Started: cluster.Now(),
		Namespace: cluster.Namespace(), Namespaces: o.Namespaces, Kinds: o.Kinds, Logs: o.Logs,
	}
	if r.writer, err = tape.Create(o.Out, about, cluster.Now); err != nil {
		return err
	}
	return r.run(ctx, progress)
}

// goTracked runs a part of the recording in a goroutine; run waits for it at the end.
func (r *recording) goTracked(what any, do func()) {
	r.running.Add(1)
	r.raw.Messages.Start(what, func() {
		defer r.running.Done()
		do()
	})
}

// run records until the end and closes the file.
func (r *recording) run(ctx context.Context, progress func(Progress)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if r.options.For > 0 {
		timer := contain.Report(r.raw.Messages.Panicked).StartAfter(r.options.For, "end of the recording", stop)
		defer timer.Stop()
	}
	r.outage.recording = r
	r.logs = newPodLogs(ctx, r)
	known := r.cluster.Resources()
	r.writeDiscovery(ctx)
	r.startFollowers(ctx, known)
	complete := make(chan struct{})
	r.goTracked("complete the recording", func() {
		select {
		case <-r.settled:
		case <-ctx.Done():
			return
		}
		if r.checkWritten(r.writer.Mark(tape.Complete, "")) {
			close(complete)
			if !r.options.NoSchemas {
				r.writeSchemas(ctx)
			}
		}
	})
	r.goTracked("follow the resources", func() { r.followDiscovery(ctx, known) })
	if r.options.Opened {
		r.goTracked("record opened logs", func() { r.logs.followOpened(ctx) })
	}
	r.flushAndReport(ctx, complete, progress)
	stop()
	r.running.Wait()
	r.checkWritten(r.writer.Mark(tape.Ended, ""))
	progress(r.progress())
	r.checkWritten(r.writer.Close())
	if err := r.failure(); errors.Is(err, errNothing) {
		return errors.Join(err, os.Remove(r.options.Out))
	}
	return r.failure()
}

// errNothing is returned when there is nothing to record.
var errNothing = errors.New("nothing may be read")

// flushAndReport writes what was collected and reports progress, until the
// recording ends or fails.
func (r *recording) flushAndReport(ctx context.Context, complete <-chan struct{}, progress func(Progress)) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	flushed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-complete:
			complete = nil
			r.checkWritten(r.checkReadable())
		case text := <-r.options.Notes:
			r.checkWritten(r.writer.Mark(tape.Note, text))
		case <-tick.C:
		}
		if time.Since(flushed) >= flushEvery {
			flushed = time.Now()
			r.checkWritten(r.writer.Flush())
		}
		if r.failure() != nil {
			return
		}
		progress(r.progress())
	}
}

// checkWritten reports whether err is nil. The first that is not ends the
// recording.
func (r *recording) checkWritten(err error) bool {
	if err == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	return false
}

func (r *recording) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// checkReadable returns why a recording has nothing to record; nil when it has
// something.
func (r *recording) checkReadable() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.followed) > 0 && r.listed == 0 && r.denied != "" {
		return fmt.Errorf("%w: %s", errNothing, r.denied)
	}
	return nil
}

func (r *recording) progress() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{
		Written:   r.writer.Written(),
		Elapsed:   time.Since(r.began),
		Listed:    r.listed,
		Resources: r.total,
		Notes:     r.notes,
	}
	r.notes = nil
	return p
}

// addNote puts a mark on the tape, and its text into the next progress.
func (r *recording) addNote(kind tape.MarkKind, text string) {
	r.checkWritten(r.writer.Mark(kind, text))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notes) < notesMax {
		r.notes = append(r.notes, text)
	}
}
