package kube

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// What RecordOptions.Logs may be.
const (
	LogsFailing = "failing" // of containers that are not as they should be
	LogsAll     = "all"
	LogsNone    = "none"
)

const (
	// recordFlush is how much of a recording a crash may lose.
	recordFlush = time.Second
	// recordProgressEvery is how often progress is reported.
	recordProgressEvery = 500 * time.Millisecond
	// recordLists is how many lists are read at a time: an API server has
	// others to serve.
	recordLists = 3
	// recordWait is how long a start waits for the cluster to say what it has.
	recordWait = 30 * time.Second
	// notesMax bounds the notes of one progress.
	notesMax = 100
)

// RecordOptions say what to record.
type RecordOptions struct {
	Out        string        // the file, which must not exist
	Namespaces []string      // none: all
	Kinds      []string      // names as kubectl takes them; none: all that can be listed and watched
	Logs       string        // LogsFailing, LogsAll or LogsNone; "": LogsFailing
	For        time.Duration // 0: until the context ends
	NoSchemas  bool          // leave the OpenAPI documents out, which explain fields and are most of a short tape
	Notes      <-chan string // lines for whoever plays the tape; nil: none
}

// RecordProgress is how far a recording is.
type RecordProgress struct {
	tape.Written
	Elapsed           time.Duration
	Listed, Resources int      // of the resources, how many are read as they were at the start
	Notes             []string // clean; what happened since the last progress: a resource that may not be read, a gap
}

// recorder is one recording.
type recorder struct {
	cluster *Cluster
	options RecordOptions
	writer  *tape.Writer
	began   time.Time
	slots   chan struct{} // for lists
	logs    *logRecorder
	gap     gap

	mu      sync.Mutex
	feeds   map[Scope]bool // those that run or ended for good
	listed  int
	total   int
	pending int // feeds that have not listed yet
	notes   []string
	denied  string        // the first refusal
	err     error         // of the file
	settled chan struct{} // closed when all that was there at the start is listed
	running sync.WaitGroup
}

// Record writes what the cluster is and becomes to a new file, until ctx ends or
// the time of the options has passed, and returns nil then. It sends nothing but
// GETs. What may not be read is noted on the tape and told. At every moment the
// file can be opened.
//
// progress is called twice a second, and at the end, never twice at a time. It
// fails when the cluster does not answer at the start, when a kind is unknown,
// nothing may be read, or the file exists or cannot be written.
func (c *Cluster) Record(ctx context.Context, o RecordOptions, progress func(RecordProgress)) (err error) {
	defer c.options.Messages.Recover("record", &err)
	if o.Logs == "" {
		o.Logs = LogsFailing
	}
	if !slices.Contains([]string{LogsFailing, LogsAll, LogsNone}, o.Logs) {
		return fmt.Errorf("logs %q: there are %s, %s and %s", o.Logs, LogsFailing, LogsAll, LogsNone)
	}
	if _, err := os.Lstat(o.Out); err == nil {
		return fmt.Errorf("%s already exists; name a new file", o.Out)
	}
	wait, stop := context.WithTimeout(ctx, recordWait)
	defer stop()
	if err := c.WaitResources(wait); err != nil {
		return plain.Error("record "+c.name, err)
	}
	r := &recorder{
		cluster: c,
		options: o,
		began:   time.Now(),
		slots:   make(chan struct{}, recordLists),
		feeds:   map[Scope]bool{},
		settled: make(chan struct{}),
	}
	if _, err := r.chosen(); err != nil {
		return err
	}
	about := tape.About{
		Cluster: c.name, Server: c.Version(), Recorder: "fathom " + c.options.Version, Started: c.Now(),
		Namespace: c.namespace, Namespaces: o.Namespaces, Kinds: o.Kinds, Logs: o.Logs,
	}
	if r.writer, err = tape.Create(o.Out, about, c.Now); err != nil {
		return err
	}
	return r.run(ctx, progress)
}

// start runs a part of the recording in a goroutine that the end waits for.
func (r *recorder) start(what any, do func()) {
	r.running.Add(1)
	r.cluster.options.Messages.Start(what, func() {
		defer r.running.Done()
		do()
	})
}

// run records until the end and closes the file.
func (r *recorder) run(ctx context.Context, progress func(RecordProgress)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(r.cluster.ctx, stop)
	if r.options.For > 0 {
		timer := time.AfterFunc(r.options.For, stop)
		defer timer.Stop()
	}
	r.gap.recorder = r
	r.logs = newLogRecorder(ctx, r)
	r.writeAbout(ctx)
	r.begin(ctx)
	complete := make(chan struct{})
	r.start("complete the recording", func() {
		select {
		case <-r.settled:
		case <-ctx.Done():
			return
		}
		if r.tell(r.writer.Mark(tape.Complete, "")) {
			close(complete)
			if !r.options.NoSchemas {
				r.writeSchemas(ctx)
			}
		}
	})
	r.start("follow the resources", func() { r.follow(ctx) })
	r.attend(ctx, stop, complete, progress)
	stop()
	r.running.Wait()
	r.logs.running.Wait()
	r.tell(r.writer.Mark(tape.Ended, ""))
	progress(r.progress())
	r.tell(r.writer.Close())
	if err := r.failure(); errors.Is(err, errNothing) {
		return errors.Join(err, os.Remove(r.options.Out))
	}
	return r.failure()
}

// errNothing is why a recording ended before it began.
var errNothing = errors.New("nothing may be read")

// attend flushes and tells until the recording ends.
func (r *recorder) attend(ctx context.Context, stop func(), complete <-chan struct{}, progress func(RecordProgress)) {
	tick := time.NewTicker(recordProgressEvery)
	defer tick.Stop()
	flushed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-complete:
			complete = nil
			r.tell(r.nothing())
		case text := <-r.options.Notes:
			r.tell(r.writer.Mark(tape.Note, text))
		case <-tick.C:
		}
		if time.Since(flushed) >= recordFlush {
			flushed = time.Now()
			r.tell(r.writer.Flush())
		}
		if r.failure() != nil {
			stop()
			return
		}
		progress(r.progress())
	}
}

// tell keeps the first error of the file; false means that there was one.
func (r *recorder) tell(err error) bool {
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

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// nothing says why a recording has nothing to record; nil when it has.
func (r *recorder) nothing() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.feeds) > 0 && r.listed == 0 && r.denied != "" {
		return fmt.Errorf("%w: %s", errNothing, r.denied)
	}
	return nil
}

func (r *recorder) progress() RecordProgress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := RecordProgress{
		Written:   r.writer.Written(),
		Elapsed:   time.Since(r.began),
		Listed:    r.listed,
		Resources: r.total,
		Notes:     r.notes,
	}
	r.notes = nil
	return p
}

// note tells something, and puts it on the tape.
func (r *recorder) note(kind tape.MarkKind, text string) {
	r.tell(r.writer.Mark(kind, text))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notes) < notesMax {
		r.notes = append(r.notes, text)
	}
}

// chosen returns the resources to record.
func (r *recorder) chosen() ([]Resource, error) {
	known := r.cluster.Resources()
	var all []Resource
	for _, res := range known.All() {
		best, ok := known.ByKind(res.GroupKind())
		if ok && best.GroupVersionResource == res.GroupVersionResource && recordable(res) {
			all = append(all, res)
		}
	}
	if len(r.options.Kinds) == 0 {
		return all, nil
	}
	var out []Resource
	for _, name := range r.options.Kinds {
		found := known.Find(name)
		i := slices.IndexFunc(found, recordable)
		switch {
		case len(found) == 0:
			return nil, fmt.Errorf("no kind %q on %s; `kubectl api-resources` lists what there is", name, r.cluster.name)
		case i < 0:
			return nil, fmt.Errorf("%s cannot be recorded: it cannot be listed and watched", found[0].GroupResource())
		case !slices.ContainsFunc(out, found[i].same):
			out = append(out, found[i])
		}
	}
	return out, nil
}

// recordable reports whether a resource can be followed. Metrics can only be
// listed. Events have two names; one is enough.
func recordable(res Resource) bool {
	if res.Group == "events.k8s.io" || !res.Can("list") {
		return false
	}
	return res.Can("watch") || res.Group == metricsGroup
}

const metricsGroup = "metrics.k8s.io"

// begin starts a feed for each resource that has none.
func (r *recorder) begin(ctx context.Context) {
	all, err := r.chosen()
	if err != nil {
		return // a kind of the options has gone; what runs goes on
	}
	r.pend(1) // until all have begun
	defer r.pend(-1)
	for _, res := range all {
		namespaces := []string{""}
		if res.Namespaced && len(r.options.Namespaces) > 0 {
			namespaces = r.options.Namespaces
		}
		for _, namespace := range namespaces {
			scope := Scope{GroupVersionResource: res.GroupVersionResource, Namespace: namespace}
			r.mu.Lock()
			known := r.feeds[scope]
			if !known {
				r.feeds[scope] = true
				r.total++
				r.pending++
			}
			r.mu.Unlock()
			if known {
				continue
			}
			f := newRecordFeed(r, res, namespace)
			r.start(f, func() { f.run(ctx) })
		}
	}
}

// pend counts the feeds that have not listed yet.
func (r *recorder) pend(more int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending += more; r.pending > 0 {
		return
	}
	select {
	case <-r.settled:
	default:
		close(r.settled)
	}
}

// follow records the resources that appear meanwhile.
func (r *recorder) follow(ctx context.Context) {
	heard, stop := r.cluster.healthChanged.Subscribe()
	defer stop()
	before := r.cluster.Resources()
	for signal.Sleep(ctx, 0, heard) {
		now := r.cluster.Resources()
		if now == before {
			continue
		}
		before = now
		r.writeAbout(ctx)
		r.begin(ctx)
	}
}

// RecordName is a name for a recording that is not there yet: the cluster's and
// the time's.
func (c *Cluster) RecordName() string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, c.name)
	return fmt.Sprintf("%s-%s.tape", name, time.Now().Format("20060102-150405"))
}
