package kube

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/streaming"
	"k8s.io/apimachinery/pkg/watch"
	restwatch "k8s.io/client-go/rest/watch"
	"k8s.io/klog/v2"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// The fields of metav1.WatchEvent, runtime.RawExtension, runtime.Unknown and
// runtime.TypeMeta that are read, with their wire type.
const (
	eventTypeTag       = 1<<3 | wireBytes
	eventObjectTag     = 2<<3 | wireBytes
	extensionTag       = 1<<3 | wireBytes
	unknownTypeTag     = unknownType<<3 | wireBytes
	unknownRawTag      = unknownRaw<<3 | wireBytes
	unknownEncodingTag = unknownEncoding<<3 | wireBytes
	typeKindTag        = 2<<3 | wireBytes
)

// eventStream makes records of the body of a watch in protobuf:
//
//	length, WatchEvent{ type, object{ "k8s\0" Unknown{ typeMeta, raw: Pod } } }, length, ...
//
// It is what client-go's StreamWatcher reads events from, so that the ends of a
// watch, Stop and errors are to the Reflector what they are with client-go's own
// decoder.
type eventStream struct {
	feed      *reflectorRun
	source    scopeReader // with what an object of this watch leaves for the next
	body      *bufio.Reader
	started   bool
	trickle   bool    // the last event came a while after the one before, but not long
	length    [4]byte // big-endian
	frame     []byte  // the last event; its room is used again
	text      watch.Decoder
	closeBody func() error // of the body
	closed    chan struct{}
}

// events reads the body of a watch until it is stopped.
func (f *reflectorRun) events(ctx context.Context, body io.ReadCloser) watch.Interface {
	s := &eventStream{feed: f, source: *f.reader, body: bufio.NewReaderSize(body, streamBuffer), closeBody: body.Close, closed: make(chan struct{})}
	return watch.NewStreamWatcherWithLogger(klog.FromContext(ctx), s, s)
}

// Close implements watch.Decoder. It ends a read too. StreamWatcher calls it once.
func (s *eventStream) Close() {
	close(s.closed)
	_ = s.closeBody()
}

// Decode implements watch.Decoder: the object of an event is a record or, when
// it is an error, a Status.
func (s *eventStream) Decode() (watch.EventType, runtime.Object, error) {
	for {
		if s.text == nil {
			if err := s.readFrame(); err != nil {
				return "", nil, err
			}
		}
		kind, obj, err := s.decodeEvent()
		if obj != nil || err != nil {
			return kind, obj, err
		}
	}
}

// AsObject implements watch.Reporter. What breaks because the watch was stopped
// is nobody's failure.
func (s *eventStream) AsObject(err error) runtime.Object {
	reporter := apierrors.NewClientErrorReporter(http.StatusInternalServerError, "GET", "ClientWatchDecoding")
	e := watch.Event{Type: watch.Error, Object: reporter.AsObject(err)}
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
	s.trickle = isTrickle(time.Since(began))
	if !s.started && strings.IndexByte("{ \t\r\n", s.length[0]) >= 0 {
		return s.readText()
	}
	s.started = true
	size := binary.BigEndian.Uint32(s.length[:])
	if size > objectMax {
		return errTooLarge
	}
	if cap(s.frame) > scratchMax {
		s.frame = nil // one large object is no reason to keep that much
	}
	s.frame = grown(s.frame[:0], int(size))
	_, err := io.ReadFull(s.body, s.frame)
	return unexpectedEOF(err)
}

// awaitMore waits, when all that had gathered is read, until there may be more.
func (s *eventStream) awaitMore() {
	if !s.trickle || s.body.Buffered() > 0 {
		return
	}
	select {
	case <-time.After(coalesceFor):
	case <-s.closed:
	}
}

// readText leaves the reading to client-go, when an API server that has no
// protobuf for a resource answers in JSON.
func (s *eventStream) readText() error {
	negotiator := runtime.NewClientNegotiator(protobuf.NegotiatedSerializer, s.feed.reader.scope.GroupVersion())
	objects, events, framer, err := negotiator.StreamDecoder(runtime.ContentTypeJSON, nil)
	if err != nil {
		return err
	}
	body := io.NopCloser(io.MultiReader(bytes.NewReader(s.length[:]), s.body))
	s.text = restwatch.NewDecoder(streaming.NewDecoder(framer.NewFrameReader(body), events), objects)
	return nil
}

// decodeEvent reads what the frame holds. The object is nil when there is nothing to
// tell of it.
func (s *eventStream) decodeEvent() (watch.EventType, runtime.Object, error) {
	if s.text != nil {
		kind, obj, err := s.text.Decode()
		if err != nil {
			return "", nil, err
		}
		return reflectorEvent(kind, obj, s.feed.recordOf(watch.Event{Type: kind, Object: obj}))
	}
	kind, object, err := parseEvent(s.frame)
	if err != nil {
		return "", nil, err
	}
	if kind == watch.Error {
		status := &metav1.Status{}
		if err := cmp.Or(object.checkKind("Status"), status.Unmarshal(object.raw)); err != nil {
			return "", nil, err
		}
		return reflectorEvent(kind, status, s.feed.recordOf(watch.Event{Type: kind, Object: status}))
	}
	object.raw = dropFieldSetsOf(object.raw)
	if err := object.checkKind(s.source.kind.Kind); err != nil {
		return "", nil, err
	}
	obj, err := s.source.decode(object.raw)
	if err != nil {
		return "", nil, err
	}
	if kind == watch.Deleted || kind == watch.Bookmark {
		return reflectorEvent(kind, obj, s.source.reference(obj))
	}
	return reflectorEvent(kind, obj, s.feed.readRecord(func(keep func(*kinds.Record)) error {
		return s.source.recordWithBody(obj, object.raw, keep)
	}))
}

// reflectorEvent is what the Reflector gets of an event.
func reflectorEvent(kind watch.EventType, obj runtime.Object, r *kinds.Record) (watch.EventType, runtime.Object, error) {
	switch {
	case r != nil:
		return kind, r, nil
	case kind == watch.Error:
		return kind, obj, nil
	}
	return kind, nil, nil
}

// eventObject is the object of an event in protobuf. It is good until the next
// frame is read.
type eventObject struct{ kind, raw []byte }

// checkKind is an error when the object is of another kind.
func (o eventObject) checkKind(kind string) error {
	if string(o.kind) != kind {
		return fmt.Errorf("watched for a %s, and the API server sent a %q", kind, o.kind)
	}
	return nil
}

// parseEvent finds the parts of an event.
func parseEvent(frame []byte) (kind watch.EventType, object eventObject, err error) {
	var extension, envelope []byte
	for tag, content := range fieldsOf(frame) {
		switch tag {
		case 0:
			return "", object, errWire
		case eventTypeTag:
			kind = watch.EventType(content)
		case eventObjectTag:
			extension = content
		}
	}
	switch kind {
	case watch.Added, watch.Modified, watch.Deleted, watch.Bookmark, watch.Error:
	default:
		return "", object, fmt.Errorf("the API server sent an event of the unknown type %q", kind)
	}
	for tag, content := range fieldsOf(extension) {
		switch tag {
		case 0:
			return "", object, errWire
		case extensionTag:
			envelope = content
		}
	}
	object, err = openEnvelope(envelope)
	return kind, object, err
}

func openEnvelope(envelope []byte) (object eventObject, err error) {
	message, ok := bytes.CutPrefix(envelope, []byte(protobufMagic))
	if !ok {
		return object, errWire
	}
	var kind []byte
	for tag, content := range fieldsOf(message) {
		switch tag {
		case 0:
			return object, errWire
		case unknownTypeTag:
			kind = content
		case unknownRawTag:
			object.raw = content
		case unknownEncodingTag:
			if len(content) > 0 {
				return object, fmt.Errorf("the object is encoded in an unknown way: %q", content)
			}
		}
	}
	for tag, content := range fieldsOf(kind) {
		switch tag {
		case 0:
			return object, errWire
		case typeKindTag:
			object.kind = content
		}
	}
	return object, nil
}

// fieldsOf yields the tags of a message's fields and their content. The tag 0,
// which no field has, says that the message cannot be read on.
func fieldsOf(message []byte) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for at := 0; at < len(message); {
			f := fieldAt(message, at)
			if f.to < 0 {
				yield(0, nil)
				return
			}
			if !yield(f.tag, message[f.from:f.to]) {
				return
			}
			at = f.to
		}
	}
}
