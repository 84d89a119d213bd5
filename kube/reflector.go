package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// pollEvery is for resources that cannot be watched (metrics).
	pollEvery = 15 * time.Second
	// pollShare bounds which part of the time goes into polling: a list of everything
	// that takes a second is asked for every twenty.
	pollShare = 20
	// hopelessRetry is how long a listing waits after an answer that will not
	// change by itself: forbidden, no such resource.
	hopelessRetry = 30 * time.Second
	// brokenRetry is the wait when the columns could not be read.
	brokenRetry = 3 * time.Second
	// runPause is the wait after a run that did not last runLong; it doubles up to
	// runPauseMost. Each begins with some requests, whatever ends it.
	runPause     = time.Second
	runPauseMost = 8 * time.Second
	runLong      = 10 * time.Second
)

// backoff is how long the Reflector waits between tries: shorter at most than
// client-go's 30 to 60 s, because somebody looks at the screen.
var backoff = wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 4, Cap: 4 * time.Second}

// reflectorRun is one run of a Reflector (or of polling) for a listing. It is the store
// that the Reflector writes to; once another run has replaced it, what it still writes
// is dropped.
type reflectorRun struct {
	listing *Listing
	reader  *scopeReader
	ctx     context.Context
	stop    context.CancelFunc
	retry   time.Duration // how long to wait after the end

	// When the last watch began, and how long the next has to wait for being short; only
	// the Reflector's goroutine uses them.
	watchBegan time.Time
	watchPause time.Duration

	// What a load knows about itself; only the goroutine that loads uses them.
	listed   int   // how many objects have arrived
	expected int64 // how many there will be; 0 while that is not known
	paging   Paging
	// seen is which objects have arrived, if there were others before; the
	// listing's lock guards it.
	seen map[Key]struct{}
}

var _ cache.ReflectorStore = (*reflectorRun)(nil)

// reflectUntilStopped keeps the listing in step until ctx ends.
func (l *Listing) reflectUntilStopped(ctx context.Context) {
	// The listing's state says better what client-go says about a failure.
	ctx = klog.NewContext(ctx, logr.Discard())
	pause := runPause
	for ctx.Err() == nil {
		f, began := &reflectorRun{listing: l}, time.Now()
		f.ctx, f.stop = context.WithCancel(ctx)
		l.mu.Lock()
		if ctx.Err() == nil {
			l.reflector = f
		}
		l.mu.Unlock()
		f.reflect()
		f.stop()
		if f.retry > 0 && !signal.Sleep(ctx, f.retry, l.retryNow) {
			return
		}
		switch lasted := time.Since(began); {
		case lasted > runLong:
			pause = runPause
		case lasted < pause && !signal.Sleep(ctx, pause-lasted, nil):
			return
		default:
			pause = min(2*pause, runPauseMost)
		}
	}
}

// restart starts over and reads the columns again.
func (l *Listing) restart() {
	l.polled.Store(false)
	l.mu.Lock()
	if l.reflector != nil {
		l.reflector.stop()
	}
	l.mu.Unlock()
	select {
	case l.retryNow <- struct{}{}:
	default:
	}
}

// messages is where the run says what it cannot show.
func (f *reflectorRun) messages() *Messages { return f.listing.cluster.options.Messages }

// reflect keeps the listing in step until the run ends.
func (f *reflectorRun) reflect() {
	if err := f.readAndReflect(); err != nil {
		f.retry = brokenRetry
		f.reportFailure(err)
	}
}

// readAndReflect finds out how the objects are read, and reflects them. Its error
// says why it could not begin, or that it panicked.
func (f *reflectorRun) readAndReflect() (err error) {
	defer f.messages().Recover(f.listing, &err)
	if f.listing.scope.GroupVersionResource == kinds.ContainerKind.GVR() {
		f.deriveContainers()
		return nil
	}
	if whole := f.listing.cluster.wholeOf(f.listing.scope); whole != nil {
		f.sift(whole)
		return nil
	}
	reader, err := f.listing.cluster.readerFor(f.ctx, f.listing)
	if err != nil {
		return err
	}
	f.reader = reader
	f.setKind(reader.kind)
	if !reader.watchable || f.listing.polled.Load() {
		f.poll()
		return nil
	}
	b := backoff
	r := cache.NewReflectorWithOptions(listWatch{&cache.ListWatch{
		ListWithContextFunc:  f.list,
		WatchFuncWithContext: f.watch,
	}}, &kinds.Record{}, f, cache.ReflectorOptions{Name: f.listing.scope.String(), Backoff: &b})
	r.RunWithContext(f.ctx)
	return nil
}

// poll lists again and again while somebody looks.
func (f *reflectorRun) poll() {
	for f.ctx.Err() == nil {
		began := time.Now()
		if f.listing.watched() {
			if _, err := f.load(f.ctx); err != nil {
				f.retry = max(f.retry, pollEvery)
				return
			}
			f.finishLoad()
		}
		signal.Sleep(f.ctx, max(pollEvery, pollShare*time.Since(began)), nil)
	}
}

// memoryError is why a listing holds no more objects.
type memoryError struct{ error }

// checkMemory returns why the listing may not hold more objects.
func (f *reflectorRun) checkMemory() error {
	check := f.listing.cluster.options.Memory
	if check == nil {
		return nil
	}
	if err := check(); err != nil {
		return memoryError{fmt.Errorf("stopped after %d objects: %w", f.listing.Len(), err)}
	}
	return nil
}

// write calls change with the listing locked, if the run may still write.
func (f *reflectorRun) write(change func(*Listing)) {
	l := f.listing
	defer l.cluster.trimBodies() // it locks the listings
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reflector == f && f.ctx.Err() == nil {
		change(l)
	}
}

// setKind sets how objects are read from now on. Rows that were read in another way are
// dropped.
func (f *reflectorRun) setKind(kind *kinds.Kind) {
	f.write(func(l *Listing) {
		if l.kind == kind {
			return
		}
		l.kind = kind
		l.synced = false
		l.dropRows()
		l.setPhase(Connecting, nil)
	})
}

// startLoad is called before the first object of a load.
func (f *reflectorRun) startLoad() {
	f.listed, f.expected, f.paging = 0, 0, Paging{}
	f.write(func(l *Listing) {
		f.seen = nil
		if len(l.rows) > 0 {
			f.seen = make(map[Key]struct{}, len(l.rows))
		}
	})
}

// addLoaded adds objects of the first or a new load, as they come. It returns how many
// this load did not have yet.
func (f *reflectorRun) addLoaded(records []*kinds.Record) (fresh int) {
	remaining := max(-1, f.expected-int64(f.listed))
	if f.expected == 0 {
		remaining = -1
	}
	f.write(func(l *Listing) {
		if remaining > int64(len(l.rows)) && !l.scope.Unwell {
			l.reserve(int(min(remaining, rowsExpected)))
		}
		changed := false
		before := len(l.rows) + len(f.seen)
		for _, r := range records {
			changed = l.put(r) || changed
			if f.seen != nil {
				f.seen[Key{r.Namespace, r.Name}] = struct{}{}
			}
		}
		fresh = len(l.rows) + len(f.seen) - before
		if !l.synced && (l.state.Phase != Loading || l.state.Remaining != remaining) {
			l.setPhase(Loading, nil)
			l.state.Remaining = remaining
		} else if changed {
			l.changed.Notify()
		}
	})
	return fresh
}

// rowsExpected bounds how many rows room is made for when the API server announces
// them.
const rowsExpected = 200_000

// reserve makes room for more rows at once. It is called with the lock held.
func (l *Listing) reserve(more int) {
	if l.room >= more {
		return
	}
	rows := make(map[Key]*kinds.Record, len(l.rows)+more)
	maps.Copy(rows, l.rows)
	l.rows, l.room = rows, len(l.rows)+more
}

// put reports whether the row is new. It is called with the lock held.
func (l *Listing) put(r *kinds.Record) bool {
	k := Key{r.Namespace, r.Name}
	old := l.rows[k]
	if old != nil && sameVersion(old, r) {
		return false
	}
	l.rows[k] = r
	if l.pointing != nil {
		l.point(k, r)
	}
	l.remember(old, r)
	l.changes.add(k)
	return true
}

func sameVersion(a, b *kinds.Record) bool {
	if a.Kind != b.Kind || a.UID != b.UID || a.ResourceVersion != b.ResourceVersion {
		return false
	}
	// Metrics have no versions.
	return a.ResourceVersion != "" || slices.Equal(a.Cells, b.Cells) && a.Body.Sum == b.Body.Sum
}

// Add implements cache.ReflectorStore.
func (f *reflectorRun) Add(obj any) error { return f.Update(obj) }

// Update implements cache.ReflectorStore.
func (f *reflectorRun) Update(obj any) error {
	r := obj.(*kinds.Record)
	f.write(func(l *Listing) {
		if l.put(r) {
			l.changed.Notify()
		}
	})
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *reflectorRun) Delete(obj any) error {
	r := obj.(*kinds.Record)
	k := Key{r.Namespace, r.Name}
	f.write(func(l *Listing) {
		if l.rows[k] == nil {
			return
		}
		l.remember(l.rows[k], nil)
		delete(l.rows, k)
		l.changes.add(k)
		l.changed.Notify()
	})
	return nil
}

// Replace implements cache.ReflectorStore: a load is complete. Its objects are
// in the listing already.
func (f *reflectorRun) Replace([]any, string) error {
	f.finishLoad()
	return nil
}

// Resync implements cache.ReflectorStore; there is nothing to do again.
func (f *reflectorRun) Resync() error { return nil }

// finishLoad drops the rows that have not arrived in this load.
func (f *reflectorRun) finishLoad() {
	f.write(func(l *Listing) {
		if f.seen != nil {
			for k, r := range l.rows {
				if _, ok := f.seen[k]; !ok {
					l.remember(r, nil)
					delete(l.rows, k)
					l.changes.add(k)
				}
			}
		}
		f.seen = nil
		l.synced = true
		l.setPhase(Live, nil)
	})
}

// watchStarted is called when a watch resumes where the list or the last watch ended.
func (f *reflectorRun) watchStarted() {
	if err := f.reader.bodies.EndList(); err != nil {
		f.listing.cluster.options.Messages.Add("error", f.listing.scope.String()+": "+err.Error())
	}
	f.write(func(l *Listing) {
		if l.synced && l.state.Phase != Live {
			l.setPhase(Live, nil)
		}
	})
}

// reportFailure sets the listing's state after a list or a watch has failed. A
// reason that will not change by itself ends the run.
func (f *reflectorRun) reportFailure(err error) {
	if f.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return
	}
	shown := plain.Error("", err)
	said := false
	f.write(func(l *Listing) {
		phase := Failed
		switch {
		case apierrors.IsForbidden(err):
			phase = Denied
		case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
			// The resource is no longer served, nor are its objects.
			l.synced = false
			l.dropRows()
		case l.synced:
			phase = Stale
		}
		said = l.state.Phase != phase || l.state.Err == nil || l.state.Err.Error() != shown.Error()
		if said {
			l.setPhase(phase, shown)
		}
		_, full := errors.AsType[memoryError](err)
		if full || phase == Denied || apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
			f.retry = hopelessRetry
			f.stop()
		}
	})
	if said {
		f.listing.cluster.options.Messages.Add("warning", f.listing.scope.String()+": "+shown.Error())
	}
}
