package kube

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/transport"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// podFeed is a feed of pods that nothing runs.
func podFeed(tb testing.TB) *reflectorRun {
	tb.Helper()
	c := &Cluster{listings: map[Scope]*Listing{}, options: Options{Messages: NewMessages()}}
	scope := Scope{GroupVersionResource: podsResource}
	f := &reflectorRun{
		listing: c.Listing(scope),
		reader:  &scopeReader{scope: scope, kind: kindWithFile(podsResource), bodies: c.bodies.Codec(podsResource)},
	}
	f.ctx, f.stop = context.WithCancel(tb.Context())
	f.listing.reflector = f
	var err error
	if f.reader.mask, err = wire.NewFieldMask(f.reader.kind.New(), f.reader.kind.Skip); err != nil {
		tb.Fatal(err)
	}
	if err := f.reader.bodies.EndList(); err != nil {
		tb.Fatal(err)
	}
	return f
}

func framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// eventFrame returns an event as an API server sends it.
func eventFrame(tb testing.TB, event, kind string, obj kubetest.Marshaler) []byte {
	tb.Helper()
	return framed(
		kubetest.Marshal(
			tb,
			&metav1.WatchEvent{Type: event, Object: runtime.RawExtension{Raw: kubetest.Answer(tb, kind, obj)}},
		),
	)
}

// allEvents reads all events of a watch.
func allEvents(w watch.Interface) (events []watch.Event) {
	for e := range w.ResultChan() {
		events = append(events, e)
	}
	return events
}

// clientGo reads the same body with client-go's watch, without records.
func clientGo(tb testing.TB, contentType string, body io.ReadCloser) watch.Interface {
	tb.Helper()
	transport := answering{contentType, body}
	c := &Cluster{client: &http.Client{Transport: transport}}
	c.config.Store(&rest.Config{Host: backendHost})
	client, err := c.rest(podsResource.GroupVersion(), protobuf)
	if err != nil {
		tb.Fatal(err)
	}
	w, err := client.Get().MaxRetries(0).Resource("pods").Watch(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

type answering struct {
	contentType string
	body        io.ReadCloser
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {a.contentType}},
		Body:       a.body,
		Request:    r,
	}, nil
}

const watchedProtobuf = "application/vnd.kubernetes.protobuf;stream=watch"

func podWithVersion(i int, version string) *corev1.Pod {
	p := kubetest.PodList(i + 1).Items[i]
	p.ResourceVersion = version
	return &p
}

func everyEvent(tb testing.TB) []byte {
	gone := &metav1.Status{Status: metav1.StatusFailure, Code: 410, Reason: metav1.StatusReasonExpired, Message: "too old"}
	return slices.Concat(
		eventFrame(tb, "ADDED", "Pod", podWithVersion(0, "1")),
		eventFrame(tb, "MODIFIED", "Pod", podWithVersion(0, "2")),
		eventFrame(tb, "DELETED", "Pod", podWithVersion(1, "3")),
		eventFrame(tb, "BOOKMARK", "Pod", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "4"}}),
		eventFrame(tb, "ERROR", "Status", gone),
	)
}

func TestEventStreamReadsEveryEvent(t *testing.T) {
	text := everyEvent(t)
	for name, body := range map[string]io.Reader{
		"at once":      bytes.NewReader(text),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(text)),
	} {
		f := podFeed(t)
		events := allEvents(f.events(t.Context(), io.NopCloser(body)))
		var got []string
		for _, e := range events {
			if r, ok := e.Object.(*kinds.Record); ok {
				got = append(got, string(e.Type)+" "+r.Name+" "+r.ResourceVersion)
			}
		}
		first, second := podWithVersion(0, "").Name, podWithVersion(1, "").Name
		want := []string{"ADDED " + first + " 1", "MODIFIED " + first + " 2", "DELETED " + second + " 3", "BOOKMARK  4"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
		if last, ok := events[len(events)-1].Object.(*metav1.Status); !ok || last.Code != http.StatusGone {
			t.Errorf("%s: the error is %+v", name, events[len(events)-1])
		}
		if state := f.listing.State(); state.Err != nil {
			t.Errorf("%s: an expired version is not a failure, but %+v", name, state)
		}
		record := events[1].Object.(*kinds.Record)
		kept, err := f.listing.cluster.bodies.Text(f.reader.bodies, record.Body)
		pod := podWithVersion(0, "2")
		for i := range pod.ManagedFields {
			pod.ManagedFields[i].FieldsV1 = nil
		}
		if err != nil || !bytes.Equal(kept, kubetest.Marshal(t, pod)) {
			t.Errorf("%s: the body of a record is %d bytes, %v", name, len(kept), err)
		}
	}
}

// The Reflector goes on where the last whole event left it, or lists again after
// an error: the same as with client-go, wherever a body ends.
func TestEventStreamThatIsCutAnywhereEndsAsClientGos(t *testing.T) {
	text := everyEvent(t)
	for n := range len(text) + 1 {
		for _, end := range []error{io.EOF, errors.New("stream error: INTERNAL_ERROR")} {
			if n%97 != 0 && end != io.EOF { //nolint:errorlint // which of the two, and not what it wraps
				continue
			}
			body := func() io.ReadCloser {
				return io.NopCloser(io.MultiReader(bytes.NewReader(text[:n]), iotest.ErrReader(end)))
			}
			got, want := allEvents(podFeed(t).events(t.Context(), body())), allEvents(clientGo(t, watchedProtobuf, body()))
			same := slices.EqualFunc(got, want, func(a, b watch.Event) bool { return a.Type == b.Type })
			if !same {
				t.Fatalf("cut at %d of %d with %v: %v, not %v", n, len(text), end, got, want)
			}
		}
	}
}

func TestEventStreamThatMakesNoSense(t *testing.T) {
	pod := podWithVersion(0, "1")
	for name, c := range map[string]struct {
		text []byte
		says string
	}{
		"a frame too large": {[]byte{0x02, 0, 0, 1}, wire.ErrTooLarge.Error()},
		"another type":      {eventFrame(t, "MOVED", "Pod", pod), "of the unknown type"},
		"another kind":      {eventFrame(t, "ADDED", "Node", pod), "the API server sent a"},
		"no envelope":       {framed(kubetest.Marshal(t, &metav1.WatchEvent{Type: "ADDED"})), wire.ErrMalformed.Error()},
		"no protobuf":       {framed([]byte{0xff, 0xff}), wire.ErrMalformed.Error()},
		"half JSON":         {[]byte(`{"type": "ADDED", "object": 3}`), "unable to decode"},
	} {
		f := podFeed(t)
		events := allEvents(f.events(t.Context(), io.NopCloser(bytes.NewReader(c.text))))
		if len(events) != 1 || events[0].Type != watch.Error ||
			!strings.Contains(events[0].Object.(*metav1.Status).Message, c.says) {
			t.Errorf("%s: %+v", name, events)
		}
		if state := f.listing.State(); state.Phase != Failed || state.Err == nil {
			t.Errorf("%s: the listing says %+v", name, state)
		}
	}
}

func TestEventStreamInJSON(t *testing.T) {
	var text bytes.Buffer
	for _, event := range []string{"ADDED", "BOOKMARK"} {
		p := podWithVersion(0, "5")
		p.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		err := json.NewEncoder(&text).Encode(metav1.WatchEvent{Type: event, Object: runtime.RawExtension{Object: p}})
		if err != nil {
			t.Fatal(err)
		}
	}
	events := allEvents(podFeed(t).events(t.Context(), io.NopCloser(&text)))
	if len(events) != 2 || events[0].Type != watch.Added || events[1].Type != watch.Bookmark {
		t.Fatalf("%+v", events)
	}
	for _, e := range events {
		if r, ok := e.Object.(*kinds.Record); !ok || r.ResourceVersion != "5" {
			t.Errorf("%+v", e)
		}
	}
}

func TestEventStreamIsStoppedInAReadAndBeforeASend(t *testing.T) {
	for name, text := range map[string][]byte{
		"in a read":     nil,
		"before a send": eventFrame(t, "ADDED", "Pod", podWithVersion(0, "1")),
	} {
		body, server := io.Pipe()
		f := podFeed(t)
		w := f.events(t.Context(), body)
		if text != nil {
			if _, err := server.Write(text); err != nil {
				t.Fatal(err)
			}
		}
		w.Stop()
		w.Stop()
		allEvents(w) // ends when the goroutine does
		if _, err := server.Write([]byte{1}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: the body is still open: %v", name, err)
		}
		if state := f.listing.State(); state.Err != nil {
			t.Errorf("%s: a watch that was stopped failed: %+v", name, state)
		}
	}
}

// arriving is a body that is read piece by piece, and counts the reads that
// found nothing there.
type arriving struct {
	pieces chan []byte
	waits  int
}

func (a *arriving) Read(p []byte) (int, error) {
	if len(a.pieces) == 0 {
		a.waits++
	}
	piece, more := <-a.pieces
	if !more {
		return 0, io.EOF
	}
	return copy(p, piece), nil
}

func (a *arriving) Close() error { return nil }

func TestEventStreamLetsEventsGather(t *testing.T) {
	frame := eventFrame(t, "ADDED", "Pod", podWithVersion(0, "1"))
	const events, apart = 100, 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		body := &arriving{pieces: make(chan []byte, events)}
		w := podFeed(t).events(t.Context(), body)
		began := time.Now()
		go func() {
			defer close(body.pieces)
			for range events {
				body.pieces <- frame
				<-time.After(apart)
			}
		}()
		<-w.ResultChan()
		if late := time.Since(began); late != 0 {
			t.Errorf("the first change came after %v", late)
		}
		if rest := len(allEvents(w)); rest != events-1 {
			t.Errorf("%d events, not %d", 1+rest, events)
		}
		if most := int(2 * events * apart / transport.CoalesceFor); body.waits > most {
			t.Errorf("the body was waited for %d times, more than %d", body.waits, most)
		}
	})
}

// endless is a body of frames without end.
type endless struct {
	frames [][]byte
	at     int
	rest   []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = e.frames[e.at%len(e.frames)]
		e.at++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// BenchmarkWatchEvent is one change of a pod from the body of the watch to the
// Reflector: read in a stream, and by client-go.
func BenchmarkWatchEvent(b *testing.B) {
	var frames [][]byte
	for i, p := range kubetest.PodList(1000).Items {
		p.ResourceVersion = string(rune('0' + i%10))
		frames = append(frames, eventFrame(b, "MODIFIED", "Pod", &p))
	}
	for name, open := range map[string]func(*reflectorRun, io.ReadCloser) watch.Interface{
		"stream": func(f *reflectorRun, body io.ReadCloser) watch.Interface { return f.events(b.Context(), body) },
		"client-go": func(f *reflectorRun, body io.ReadCloser) watch.Interface {
			return watch.Filter(clientGo(b, watchedProtobuf, body), func(e watch.Event) (watch.Event, bool) {
				e.Object = f.recordOf(e)
				return e, true
			})
		},
	} {
		b.Run(name, func(b *testing.B) {
			w := open(podFeed(b), io.NopCloser(&endless{frames: frames}))
			defer w.Stop()
			for range 100 { // what the dictionary is made of
				<-w.ResultChan()
			}
			b.ReportAllocs()
			for b.Loop() {
				<-w.ResultChan()
			}
		})
	}
}
