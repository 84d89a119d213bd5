package recorder

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/kube/transport"
)

const (
	// watchSeconds is how long one watch lasts at least, and at most twice that,
	// so that not all end at once.
	watchSeconds = 300
	// watchLong is how long a watch must last for the connection to count as good
	// again.
	watchLong = 10 * time.Second
)

// watch records changes from a version on; it returns when a new list is needed.
func (f *follower) watch(ctx context.Context, version string) {
	retry := retryFirst
	for ctx.Err() == nil {
		before, began := version, time.Now()
		err := f.recordWatch(ctx, &version)
		if time.Since(began) > watchLong {
			retry = retryFirst
		}
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
			f.recording.outage.markLost(f, err)
			return
		case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
			f.polled = true
			return
		case err == nil, errors.Is(err, io.EOF) && version != before:
			if time.Since(began) > watchLong {
				continue
			}
		default:
			f.recording.outage.markLost(f, err)
		}
		if !signal.Sleep(ctx, retry, nil) {
			return
		}
		retry = min(2*retry, retrySlowest)
	}
}

// recordWatch records one watch to its end; nil means that it ended as it should.
func (f *follower) recordWatch(ctx context.Context, version *string) error {
	request, err := f.newRequest()
	if err != nil {
		return err
	}
	seconds := watchSeconds + rand.IntN(watchSeconds)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, err := request.Param("watch", "true").Param("allowWatchBookmarks", "true").
		Param("resourceVersion", *version).Param("timeoutSeconds", strconv.Itoa(seconds)).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	f.recording.outage.markReached(f)
	began := time.Now()
	budget := &transport.Budget{From: body, Limit: transport.ObjectMax, What: "event about " + f.String()}
	events := tape.NewEvents(f.onTape, budget)
	for {
		budget.Reset()
		e, err := events.Next()
		if errors.Is(err, io.EOF) && time.Since(began) > time.Duration(seconds)*time.Second/2 {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Type == "ERROR" {
			return statusError(e.Object)
		}
		if err := f.writeEvent(e); err != nil {
			return err
		}
		if e.Object.Version != "" {
			*version = e.Object.Version
		}
	}
}

func (f *follower) writeEvent(e tape.Event) error {
	var err error
	switch e.Type {
	case "ADDED", "MODIFIED":
		err = f.recording.writer.Put(e.Object, f.weigh(e.Object, true))
	case "DELETED":
		err = f.recording.writer.Delete(e.Object, f.defaultWeight())
		f.recording.logs.forgetPod(e.Object.UID)
	}
	f.recording.checkWritten(err)
	return err
}

// statusError is the error that a watch reported as an object.
func statusError(o tape.Object) error {
	var status metav1.Status
	if err := decodeObject(o, &status); err != nil {
		return err
	}
	return &apierrors.StatusError{ErrStatus: status}
}
