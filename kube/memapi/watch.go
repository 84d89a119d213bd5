package memapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
)

// initialMax bounds how many objects a watch that begins with the state encodes
// before the reader reads them.
const initialMax = 100

// watcher is the body of a watch. It has no goroutine: the reader waits.
type watcher struct {
	waiter
	api       *API
	request   *request
	selection selection
	version   uint64
	initial   []*item // the part of the initial state that is not sent yet
	announce  bool    // a bookmark marks the end of the initial state
	bookmarks bool
	columns   bool             // the columns of the table were sent
	unsaid    bool             // an object was sent that does not say its version
	end       <-chan time.Time // nil when the client set no timeout
	tick      *time.Ticker
	out       bytes.Buffer
	over      bool
}

// waiter stops a body that waits.
type waiter struct {
	ctx    context.Context
	closed chan struct{}
	once   sync.Once
}

// Close ends the body; a Read that waits returns.
func (w *waiter) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (a *API) watch(r *request) (*http.Response, error) {
	s, err := r.selection()
	if err != nil {
		return nil, err
	}
	if err := watchOptions(r.query); err != nil {
		return nil, err
	}
	seconds, err := r.number("timeoutSeconds")
	if err != nil {
		return nil, err
	}
	asked, err := a.parse(r.query.Get("resourceVersion"))
	if err != nil {
		return nil, err
	}
	if verbs := r.resource.verbs; len(verbs) < 3 {
		return nil, apierrors.NewMethodNotSupported(r.group(), "watch")
	}
	w := &watcher{
		waiter: waiter{ctx: r.Context(), closed: make(chan struct{})}, api: a, request: r, selection: s,
		version: asked, bookmarks: r.query.Get("allowWatchBookmarks") == "true",
		tick: time.NewTicker(a.options.BookmarkEvery),
	}
	if seconds > 0 {
		w.end = time.After(time.Duration(seconds) * time.Second)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if asked > a.version {
		return nil, tooNew(asked, a.version)
	}
	initial := r.query.Get("sendInitialEvents")
	switch {
	case initial == "true", initial == "" && asked == 0:
		sorted, _ := a.at(r.resource.store, a.version)
		w.initial, _ = s.of(sorted, "", 0)
		w.version, w.announce = a.version, initial == "true" && w.bookmarks
	case asked == 0:
		w.version = a.version
	}
	media := r.form.media
	if media == protobufMedia {
		media += ";stream=watch"
	}
	return stream(r.Request, http.StatusOK, http.Header{"Content-Type": {media}}, w, -1), nil
}

// Read returns what happened; it waits until something did.
func (w *watcher) Read(p []byte) (_ int, err error) {
	defer w.api.options.Panicked.Recover(w.request.URL, &err)
	for w.out.Len() == 0 {
		if w.over {
			w.tick.Stop()
			return 0, io.EOF
		}
		if w.sendInitial(); w.out.Len() > 0 {
			break
		}
		changed := w.sendChanges()
		if w.out.Len() > 0 || w.over {
			continue
		}
		select {
		case <-changed:
		case <-w.ctx.Done():
			w.tick.Stop()
			return 0, w.ctx.Err()
		case <-w.closed:
			w.tick.Stop()
			return 0, io.ErrClosedPipe
		case <-w.end:
			w.over = true
		case <-w.tick.C:
			if w.bookmarks {
				w.bookmark(nil)
			}
		}
	}
	return w.out.Read(p)
}

// sendInitial sends a part of the state with which the watch begins.
func (w *watcher) sendInitial() {
	n := min(initialMax, len(w.initial))
	for _, i := range w.initial[:n] {
		w.send(watch.Added, i)
	}
	if w.initial = w.initial[n:]; len(w.initial) > 0 {
		return
	}
	w.initial = nil
	if w.announce {
		w.announce, w.unsaid = false, false
		w.bookmark(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	w.sayVersion()
}

// sayVersion sends a bookmark after objects that do not say their versions: the
// client would not know where to go on.
func (w *watcher) sayVersion() {
	if w.unsaid && w.bookmarks {
		w.bookmark(nil)
	}
	w.unsaid = false
}

// sendChanges sends the changes since the last one sent, and returns the channel
// that is closed when there are more.
func (w *watcher) sendChanges() <-chan struct{} {
	a, s := w.api, w.request.resource.store
	a.mu.Lock()
	changed, all, newest := s.changed, s.history, a.version
	oldest := max(a.base, s.oldest)
	a.mu.Unlock()
	if w.version < oldest {
		w.expired(oldest)
		return changed
	}
	for _, c := range all[sort.Search(len(all), func(n int) bool { return all[n].version > w.version }):] {
		was, is := w.selection.has(c.before), w.selection.has(c.after) && !c.deleted
		switch {
		case was && is:
			w.send(watch.Modified, c.after)
		case is:
			w.send(watch.Added, c.after)
		case was && c.deleted:
			w.send(watch.Deleted, c.after)
		case was:
			w.send(watch.Deleted, c.before.at(c.version))
		}
	}
	w.version = newest
	w.sayVersion()
	return changed
}

// expired sends the error that the version the client saw last is too old.
func (w *watcher) expired(oldest uint64) {
	status := apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", w.version, oldest)).ErrStatus
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	body := encode(status)
	if w.request.form.media == protobufMedia {
		message, _ := status.Marshal()
		body = enclose(schema.GroupVersionKind{Version: "v1", Kind: "Status"}, message)
	}
	w.frame(watch.Error, body)
	w.over = true
}

// send writes an object. One that cannot be written ends the watch, as a broken
// connection would.
func (w *watcher) send(what watch.EventType, i *item) {
	w.unsaid = w.unsaid || i.own == 0
	if w.request.form.as == "Table" {
		t, err := w.rowEvent(i)
		if err != nil {
			w.over = true
			return
		}
		w.frame(what, encode(t))
		return
	}
	body, err := w.api.render(w.request, i)
	if err != nil {
		w.over = true
		return
	}
	w.frame(what, body)
}

// bookmark sends the version up to which the client has seen everything.
func (w *watcher) bookmark(annotations map[string]string) {
	r := w.request
	about := metav1.ObjectMeta{ResourceVersion: strconv.FormatUint(w.version, 10), Annotations: annotations}
	kind := r.resource.gvk
	switch r.form.as {
	case "Table":
		w.frame(watch.Bookmark, encode(w.bookmarkTable(about)))
		return
	case "":
	default:
		kind = r.metaKind("PartialObjectMetadata")
	}
	o := &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: kind.Kind, APIVersion: kind.GroupVersion().String()}, ObjectMeta: about,
	}
	if r.form.media != protobufMedia {
		w.frame(watch.Bookmark, encode(o))
		return
	}
	message, _ := o.Marshal()
	w.frame(watch.Bookmark, enclose(kind, message))
}

// frame writes an event in the form of the media type.
func (w *watcher) frame(what watch.EventType, body []byte) {
	if w.request.form.media != protobufMedia {
		fmt.Fprintf(&w.out, "{\"type\":%q,\"object\":%s}\n", what, bytes.TrimSpace(body))
		return
	}
	event := &metav1.WatchEvent{Type: string(what), Object: runtime.RawExtension{Raw: body}}
	frames := protobuf.LengthDelimitedFramer.NewFrameWriter(&w.out)
	if err := protobuf.NewRawSerializer(scheme.Scheme, scheme.Scheme).Encode(event, frames); err != nil {
		w.over = true
	}
}
