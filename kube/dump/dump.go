package dump

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// Options say how to open a dump.
type Options struct {
	Limits Limits
	// Wall is the current time; timestamps much later than it are ignored.
	// The zero value ignores none.
	Wall time.Time
	// Progress is called several times a second with how far reading has come,
	// from its own goroutine, and never after Open has returned.
	Progress func(Progress)
	// Print writes the Tables of the kinds that it knows; nil knows none.
	Print memapi.Print
	// Panicked gets the panics of reading a part of the dump, which is a Problem too, and
	// later those of requests to its API. nil drops them.
	Panicked contain.Report
}

// Progress is how far reading has come.
type Progress struct {
	Read, Total int64 // bytes as they are given; Total is 0 when it is not known
	Objects     int64
}

// Dump is what was read.
type Dump struct {
	API *memapi.API
	// Now is the newest time in the dump, or zero when it names none.
	Now        time.Time
	Objects    int
	Kinds      int
	Logs       int
	Namespaces []string // that any object is in, sorted
	// Problems is what could not be read, and what is not shown as it was written, by
	// file and line.
	Problems []Problem
	Dropped  int // problems beyond those kept

	held   map[schema.GroupKind]int
	pods   map[podName][]string
	logged map[container]bool
}

// Holds reports whether the dump has any object of a kind.
func (d *Dump) Holds(kind schema.GroupKind) bool { return d.held[kind] > 0 }

// Lost returns how many problems mean that something is not shown.
func (d *Dump) Lost() int {
	n := d.Dropped
	for _, p := range d.Problems {
		if p.Lost {
			n++
		}
	}
	return n
}

// clockSlack is how far a clock of a cluster may be ahead of ours.
const clockSlack = 24 * time.Hour

// Open reads a folder, an archive, a file, or in when path is "-". It fails when there
// is nothing to read, when there is no Kubernetes object in it, and when it needs more
// than the limits allow. It ends with ctx.
func Open(ctx context.Context, path string, in io.Reader, o Options) (*Dump, error) {
	clock := memapi.NewClock(time.Time{})
	r := &reader{ctx: ctx, limits: o.Limits.filled(), problems: &problems{}, panicked: o.Panicked}
	r.meter.limits = r.limits
	api, err := memapi.New(memapi.Options{Clock: clock, Print: o.Print, Panicked: o.Panicked})
	if err != nil {
		return nil, err
	}
	before := o.Wall
	if !before.IsZero() {
		before = before.Add(clockSlack)
	}
	c := newCollector(api, r.problems, before)
	if err := r.run(path, in, c, o.Progress); err != nil {
		return nil, fmt.Errorf("%s: %w", shownPath(path), err)
	}
	if len(c.held) == 0 && !r.isEmpty() {
		return nil, r.emptyError(path)
	}
	c.attachLogs(r.logs)
	c.reportSummary()
	clock.Set(c.latest)
	api.SetVersion(c.gitVersion())
	d := &Dump{
		API: api, Now: c.latest, Objects: len(c.held), Kinds: len(c.kinds), Logs: len(c.logged),
		Namespaces: c.namespaces(),
		held:       c.kinds, pods: c.pods, logged: c.logged,
	}
	d.Problems, d.Dropped = r.problems.sorted()
	return d, nil
}

func shownPath(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// isEmpty reports whether the dump is one of a cluster without objects: it has
// lists, and nothing that could not be read.
func (r *reader) isEmpty() bool {
	all, dropped := r.problems.sorted()
	return r.empty.Load() && dropped == 0 && !slices.ContainsFunc(all, func(p Problem) bool { return p.Lost })
}

// emptyError returns why a dump without objects cannot be opened.
func (r *reader) emptyError(path string) error {
	const wanted = "`fathom open` takes what kubectl get -o yaml or json, kubectl cluster-info dump and must-gather " +
		"write, and tapes of `fathom record`"
	all, _ := r.problems.sorted()
	switch {
	case r.meter.files == 0:
		return fmt.Errorf("%s: no files in it; %s", shownPath(path), wanted)
	case len(all) > 0:
		return fmt.Errorf("%s: no Kubernetes objects could be read: %s; %s", shownPath(path), all[0], wanted)
	}
	return fmt.Errorf("%s: no Kubernetes objects in it; %s", shownPath(path), wanted)
}

// reader reads files, one by one, and has their pieces parsed.
type reader struct {
	ctx      context.Context
	limits   Limits
	meter    meter
	problems *problems
	panicked contain.Report
	raw      chan *rawBatch
	batch    *rawBatch // that is being filled
	order    int
	logs     []logText
	logBytes int64
	total    atomic.Int64
	empty    atomic.Bool // there was a list, or an object that went
	objects  atomic.Int64
}

// queued is how many batches wait for each parser.
const queued = 4

func (r *reader) run(path string, in io.Reader, c *collector, progress func(Progress)) error {
	parsers := runtime.GOMAXPROCS(0)
	r.raw = make(chan *rawBatch, queued*parsers)
	results := make(chan *parsedBatch, queued*parsers)
	var parsing, collecting, reporting sync.WaitGroup
	for range parsers {
		r.start(&parsing, "parse the dump", func() { r.parseAll(c.before, results) })
	}
	r.start(&collecting, "collect the dump", func() {
		for batch := range results {
			batch.each(func(o parsedObject) {
				r.readPart(o.origin.file, o.origin.line, func() { c.addObject(o) })
			})
			r.objects.Add(int64(len(batch.objects)))
			batch.release()
		}
	})
	done := make(chan struct{})
	r.start(&reporting, "progress", func() { r.reportProgress(done, progress) })
	err := r.readPath(path, in)
	if err == nil {
		err = r.flushBatch()
	}
	close(r.raw)
	parsing.Wait()
	close(results)
	collecting.Wait()
	close(done)
	reporting.Wait()
	return err
}

// start runs do in a goroutine that the group waits for.
func (r *reader) start(group *sync.WaitGroup, what string, do func()) {
	group.Add(1)
	r.panicked.Start(what, func() {
		defer group.Done()
		do()
	})
}

// readPart calls do for a part of the dump, and reports whether it came to its end. A
// panic costs the part.
func (r *reader) readPart(file string, line int, do func()) (whole bool) {
	var err error
	func() {
		defer r.panicked.Recover(file, &err)
		do()
	}()
	if err != nil {
		r.problems.reportLost(file, line, "not shown: %v", err)
	}
	return err == nil
}

// reportProgress reports progress until done.
func (r *reader) reportProgress(done <-chan struct{}, progress func(Progress)) {
	if progress == nil {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			progress(Progress{Read: r.meter.packed.Load(), Total: r.total.Load(), Objects: r.objects.Load()})
		}
	}
}

// readPath walks over the files.
func (r *reader) readPath(path string, in io.Reader) (err error) {
	defer r.panicked.Recover(path, &err)
	w := &walker{meter: &r.meter, problems: r.problems, visit: r.visitFile}
	if path == "-" {
		return r.readStdin(w, in)
	}
	info, err := os.Stat(path)
	if err != nil {
		return errors.New(reasonOf(err))
	}
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		if err != nil {
			return errors.New(reasonOf(err))
		}
		defer func() { _ = root.Close() }()
		files := root.FS()
		r.panicked.Start("size of the dump", func() { r.total.Store(sizeOf(files)) })
		return w.walkFolder(root)
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return errors.New("neither a file nor a folder")
	}
	f, err := os.Open(path)
	if err != nil {
		return errors.New(reasonOf(err))
	}
	defer func() { _ = f.Close() }()
	r.total.Store(info.Size())
	return r.readFile(w, f, info)
}

func (r *reader) readFile(w *walker, f *os.File, info fs.FileInfo) error {
	magic := make([]byte, 4)
	if n, _ := f.ReadAt(magic, 0); n == 4 && (string(magic) == "PK\x03\x04" || string(magic) == "PK\x05\x06") {
		w.meter.given.Store(info.Size())
		z, err := zip.NewReader(packedReaderAt{f, w.meter}, info.Size())
		if err != nil {
			return fmt.Errorf("the archive is cut or damaged: %w", err)
		}
		return w.walkZip(z)
	}
	return w.walkStream(filepath.Base(info.Name()), info.ModTime(), f)
}

// readStdin reads what is piped in. A zip has its table of contents at its end, so it
// is first copied to a file.
func (r *reader) readStdin(w *walker, in io.Reader) error {
	if in == nil {
		return errors.New("nothing to read")
	}
	var magic [4]byte
	n, err := io.ReadFull(in, magic[:])
	if n == 0 {
		return errors.New("it is empty")
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(reasonOf(err))
	}
	all := io.MultiReader(strings.NewReader(string(magic[:n])), in)
	if string(magic[:n]) != "PK\x03\x04" {
		return w.walkStream("stdin", time.Time{}, all)
	}
	kept, err := os.CreateTemp("", "fathom-*.zip")
	if err != nil {
		return err
	}
	defer func() { _, _ = kept.Close(), os.Remove(kept.Name()) }()
	if _, err := io.Copy(kept, io.LimitReader(all, r.limits.Bytes)); err != nil {
		return err
	}
	info, err := kept.Stat()
	if err != nil {
		return err
	}
	return r.readFile(w, kept, info)
}

// sizeOf is how much there is to read in a folder.
func sizeOf(files fs.FS) int64 {
	var total int64
	_ = fs.WalkDir(files, ".", func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}

// visitFile reads one file.
func (r *reader) visitFile(f file) (err error) {
	r.readPart(f.name, 0, func() { err = r.splitFile(f) })
	return err
}

// splitFile queues the objects of one file, and keeps its logs.
func (r *reader) splitFile(f file) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	f.text = asUTF8(f.text)
	switch sniff(f.name, f.text) {
	case other:
		return nil
	case binary:
		r.problems.reportLost(f.name, 0, "binary, not YAML or JSON")
		return nil
	case logs:
		return r.readLog(f)
	case objects:
	}
	s := &splitter{
		in: f.text, limit: r.limits.Object, guess: kindOfList(f.name), single: kindOfObject(f.name),
		onList: func() { r.empty.Store(true) },
		emit: func(p rawObject) error {
			r.order++
			return r.queueObject(p, origin{f.name, p.line, f.modified, r.order, p.item})
		},
		problem: func(line int, format string, args ...any) { r.problems.reportLost(f.name, line, format, args...) },
		log: func(of container, text []byte) {
			log := logText{file: f.name, of: of, run: -1, exact: true, text: text, bare: true}
			if len(log.text) > r.limits.Log {
				tail := tailBuffer{max: r.limits.Log, kept: text}
				log.text, log.cut = tail.text(), true
			}
			r.keepLog(log)
		},
	}
	err := s.split()
	if err == nil || errors.Is(err, errRefused) || r.ctx.Err() != nil {
		return err
	}
	r.problems.reportLost(f.name, s.line, "%s; what comes after is not shown", reasonOf(err))
	return nil
}
