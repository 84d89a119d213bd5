package kube

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/klog/v2"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/transport"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// eventStream makes records of the body of a watch, in JSON (jsonEvents) or in protobuf:
//
//	length, WatchEvent{ type, object{ "k8s\0" Unknown{ typeMeta, raw: Pod } } }, length, ...
//
// It is what client-go's StreamWatcher reads events from, so that to the Reflector, the
// end of a watch, Stop and errors are what they are with client-go's own decoder.
type eventStream struct {
	feed      *reflectorRun
	source    scopeReader // with what an object of this watch leaves for the next one
	body      *bufio.Reader
	started   bool
	trickle   transport.Trickle
	length    [4]byte      // big-endian
	frame     []byte       // the last event; its room is reused
	text      *jsonEvents  // instead: events in JSON
	count     int          // events so far
	closeBody func() error // of the body
	closed    chan struct{}
}

// memoryEvery is how many events come between two looks at the memory that there is.
const memoryEvery = 4096

// events reads the body of a watch until it is stopped.
func (f *reflectorRun) events(ctx context.Context, body io.ReadCloser) watch.Interface {
	s := &eventStream{
		feed:      f,
		source:    *f.reader,
		body:      bufio.NewReaderSize(body, streamBuffer),
		closeBody: body.Close,
		closed:    make(chan struct{}),
	}
	return watch.NewStreamWatcherWithLogger(klog.FromContext(ctx), s, s)
}

// Close implements watch.Decoder. It ends a read too. StreamWatcher calls it once.
func (s *eventStream) Close() {
	close(s.closed)
	_ = s.closeBody()
}

// Decode implements watch.Decoder: the object of an event is a record or, when
// it is an error, a Status.
func (s *eventStream) Decode() (_ watch.EventType, _ runtime.Object, err error) {
	defer s.feed.messages().Recover(s.feed.listing, &err)
	for {
		if s.text == nil {
			if err := s.readFrame(); err != nil {
				return "", nil, err
			}
		}
		if s.count++; s.count%memoryEvery == 0 {
			if err := s.feed.checkMemory(); err != nil {
				return "", nil, err
			}
		}
		kind, obj, err := s.decodeEvent()
		if obj != nil || err != nil {
			return kind, obj, err
		}
	}
}

// AsObject implements watch.Reporter. What breaks because the watch was stopped is not
// a failure.
func (s *eventStream) AsObject(err error) runtime.Object {
	reporter := apierrors.NewClientErrorReporter(http.StatusInternalServerError, "GET", "ClientWatchDecoding")
	object := reporter.AsObject(err)
	if status, ok := object.(*metav1.Status); ok {
		status.Message = err.Error() // without a sentence around it
	}
	e := watch.Event{Type: watch.Error, Object: object}
	select {
	case <-s.closed:
	default:
		s.feed.recordOf(e)
	}
	return e.Object
}

// readFrame reads the next frame, or finds out that there are none. Where the body
// ends, its errors are those of client-go's frames, as they are.
func (s *eventStream) readFrame() error {
	s.awaitMore()
	began := time.Now()
	if _, err := io.ReadFull(s.body, s.length[:]); err != nil {
		return err
	}
	s.trickle.Observe(time.Since(began))
	// No event in protobuf is as long as these characters would say.
	if !s.started && (!s.source.canStream() || strings.IndexByte("{ \t\r\n<", s.length[0]) >= 0) {
		s.readText()
		return nil
	}
	s.started = true
	var err error
	s.frame, err = wire.ReadFrame(s.body, s.length, s.frame)
	return err
}

// awaitMore waits, once everything that had accumulated is read, until there may be
// more.
func (s *eventStream) awaitMore() {
	if s.body.Buffered() == 0 {
		s.trickle.Await(s.closed)
	}
}

// readText has the events read as JSON, which is how an API server answers that has no
// protobuf for a resource.
func (s *eventStream) readText() {
	s.text = newJSONEvents(io.MultiReader(bytes.NewReader(s.length[:]), s.body), s.source.scope.GroupResource().String())
}

// decodeEvent reads what the frame holds. The object is nil when there is nothing to
// report.
func (s *eventStream) decodeEvent() (watch.EventType, runtime.Object, error) {
	if s.text != nil {
		return s.decodeText()
	}
	kind, object, err := wire.ParseEvent(s.frame)
	if err != nil {
		return "", nil, err
	}
	if kind == watch.Error {
		status := &metav1.Status{}
		if err := cmp.Or(object.CheckKind("Status"), status.Unmarshal(object.Raw)); err != nil {
			return "", nil, err
		}
		wire.Explain(status)
		return reflectorEvent(kind, status, s.feed.recordOf(watch.Event{Type: kind, Object: status}))
	}
	object.Raw = wire.DropFieldSets(object.Raw)
	if err := object.CheckKind(s.source.kind.Held().Kind); err != nil {
		return "", nil, err
	}
	obj, err := s.source.decode(object.Raw, s.source.mask)
	if err != nil {
		return "", nil, err
	}
	if kind != watch.Bookmark && s.source.leavesOut(obj) {
		kind = watch.Deleted // As the API server says of what leaves a selection.
	}
	if kind == watch.Deleted || kind == watch.Bookmark {
		return reflectorEvent(kind, obj, s.source.reference(obj))
	}
	return reflectorEvent(kind, obj, s.feed.readRecord(func(keep func(*kinds.Record)) error {
		return s.source.recordWithBody(obj, object.Raw, keep)
	}))
}

// decodeText does the same for the next event in JSON.
func (s *eventStream) decodeText() (watch.EventType, runtime.Object, error) {
	kind, text, err := s.text.next()
	if err != nil {
		return "", nil, err
	}
	var obj runtime.Object
	if kind == watch.Error {
		obj, err = s.text.status(text)
	} else {
		obj, err = s.source.decodeJSON(text)
	}
	if err != nil {
		return "", nil, err
	}
	if (kind == watch.Added || kind == watch.Modified) && s.source.leavesOut(obj) {
		kind = watch.Deleted
	}
	return reflectorEvent(kind, obj, s.feed.recordOf(watch.Event{Type: kind, Object: obj}))
}

// reflectorEvent converts a decoded event into what the Reflector expects.
func reflectorEvent(
	kind watch.EventType,
	obj runtime.Object,
	r *kinds.Record,
) (watch.EventType, runtime.Object, error) {
	switch {
	case r != nil:
		return kind, r, nil
	case kind == watch.Error:
		return kind, obj, nil
	}
	return kind, nil, nil
}
