package kube

import (
	"context"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// listWatch keeps the Reflector from loading by a WatchList: the API server
// compresses lists, but not watches.
type listWatch struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported answers client-go's question.
func (listWatch) IsWatchListSemanticsUnSupported() bool { return true }

// list is the Reflector's list function. It pages by itself; the Reflector's own
// options (a version from the server's cache, which has no pages) are not used. The
// list that the Reflector gets has no items: they are in the listing as soon as they
// arrive, which saves a second and third copy of the list.
func (f *reflectorRun) list(ctx context.Context, _ metav1.ListOptions) (_ runtime.Object, err error) {
	defer f.messages().Recover(f.listing, &err)
	f.reader.bodies.StartList()
	version, err := f.load(ctx)
	if err != nil {
		return nil, err
	}
	return &metav1.List{ListMeta: metav1.ListMeta{ResourceVersion: version}}, nil
}

// watch is the Reflector's watch function: its events carry records.
func (f *reflectorRun) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	w, err := f.openWatch(ctx, options)
	if err != nil {
		return nil, f.watchError(err)
	}
	return w, nil
}

func (f *reflectorRun) openWatch(ctx context.Context, options metav1.ListOptions) (_ watch.Interface, err error) {
	defer f.messages().Recover(f.listing, &err)
	if !f.awaitWatch(ctx) {
		return nil, ctx.Err()
	}
	options.Watch = true
	body, err := f.reader.request(options).Stream(ctx)
	if err != nil {
		return nil, err
	}
	f.watchStarted()
	return f.events(ctx, body), nil
}

// awaitWatch waits before a watch that follows a short one: servers and proxies end some
// at once, and the Reflector would ask again at once. false means that ctx ended.
func (f *reflectorRun) awaitWatch(ctx context.Context) bool {
	lasted := time.Since(f.watchBegan)
	if lasted > runLong {
		f.watchPause = 0
	} else {
		f.watchPause = min(max(2*f.watchPause, runPause), runPauseMost)
	}
	if wait := f.watchPause - lasted; wait > 0 && !signal.Sleep(ctx, wait, nil) {
		return false
	}
	f.watchBegan = time.Now()
	return true
}

// watchError maps a failed watch request to the error that makes the Reflector do the
// right thing.
func (f *reflectorRun) watchError(err error) error {
	if isStatus(err) {
		f.reportWatchFailure(err)
		return err
	}
	if utilnet.IsProbableEOF(err) {
		err = errClosed
	}
	f.reportWatchFailure(err)
	return resumable{err}
}

// resumable is a network error. After most of them the Reflector relists, but after a
// refused connection it waits and resumes; that is right for all of them, and saves the
// API server a list of everything.
type resumable struct{ error }

// Unwrap makes the error count as a refused connection.
func (e resumable) Unwrap() []error { return []error{e.error, syscall.ECONNREFUSED} }

// isStatus reports whether the API server itself gave the error.
func isStatus(err error) bool { return apierrors.ReasonForError(err) != metav1.StatusReasonUnknown }

// reportWatchFailure handles an error of a watch that did not begin.
func (f *reflectorRun) reportWatchFailure(err error) {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		// Whoever may list, but not watch, sees what polling shows.
		f.listing.polled.Store(true)
		f.stop()
	case apierrors.IsNotFound(err):
		f.stop()
	case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
	default:
		f.reportFailure(err)
	}
}

// recordOf returns the record that an event carries; nil when it carries none.
func (f *reflectorRun) recordOf(e watch.Event) (record *kinds.Record) {
	defer f.messages().Recover(f.listing, nil)
	switch e.Type {
	case watch.Error:
		if err := apierrors.FromObject(e.Object); !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
			f.reportFailure(err)
		}
		return nil
	case watch.Bookmark, watch.Deleted:
		return f.reader.reference(e.Object)
	default:
		return f.readRecord(func(keep func(*kinds.Record)) error { return f.reader.each(e.Object, keep) })
	}
}

// readRecord makes a record from an object; nil, and a message, when that fails.
func (f *reflectorRun) readRecord(object func(keep func(*kinds.Record)) error) (record *kinds.Record) {
	defer f.messages().Recover(f.listing, nil)
	if err := object(func(r *kinds.Record) { record = r }); err != nil {
		f.messages().Add("error", plain.Error(f.listing.scope.String(), err).Error())
	}
	return record
}
