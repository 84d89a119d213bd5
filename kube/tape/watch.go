package tape

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

// watcher is the body of a watch. It has no goroutine: the reader waits.
type watcher struct {
	waiter
	api       *API
	request   *request
	selection selection
	version   uint64
	bookmarks bool
	end       <-chan time.Time // nil when the client set no timeout
	tick      *time.Ticker
	out       bytes.Buffer
	over      bool
}

// waiter is what a body that waits is stopped by.
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
	q := r.URL.Query()
	initial, match, from := q.Get("sendInitialEvents"), q.Get("resourceVersionMatch"), q.Get("resourceVersion")
	if (initial != "") != (match != "") || match != "" && match != "NotOlderThan" {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: "meta.k8s.io", Kind: "ListOptions"}, "", nil)
	}
	w := &watcher{
		waiter: waiter{ctx: r.Context(), closed: make(chan struct{})}, api: a, request: r, selection: s,
		bookmarks: q.Get("allowWatchBookmarks") == "true", tick: time.NewTicker(a.options.BookmarkEvery),
	}
	if seconds, _ := strconv.Atoi(q.Get("timeoutSeconds")); seconds > 0 {
		w.end = time.After(time.Duration(seconds) * time.Second)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	asked, err := a.parse(from)
	if err != nil {
		return nil, err
	}
	w.version = asked
	if initial == "true" || initial == "" && asked == 0 {
		for _, i := range s.of(r.resource.items) {
			w.send(watch.Added, i)
		}
		w.version = a.version
		if initial == "true" && w.bookmarks {
			w.bookmark(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
		}
	} else if asked == 0 {
		w.version = a.version
	}
	media := jsonMedia
	if r.form.media == protobufMedia {
		media = protobufMedia + ";stream=watch"
	}
	return stream(r.Request, http.StatusOK, http.Header{"Content-Type": {media}}, w, -1), nil
}

// Read returns what happened; it waits until something did.
func (w *watcher) Read(p []byte) (int, error) {
	for w.out.Len() == 0 {
		if w.over {
			return 0, io.EOF
		}
		w.api.mu.Lock()
		changed := w.api.changed
		w.follow()
		w.api.mu.Unlock()
		if w.out.Len() > 0 {
			break
		}
		select {
		case <-changed:
		case <-w.ctx.Done():
			return 0, w.ctx.Err()
		case <-w.closed:
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

// follow sends the changes since the last one sent.
func (w *watcher) follow() {
	if w.version < w.api.oldest {
		status := apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", w.version, w.api.oldest)).ErrStatus
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		body, err := w.request.binary(encode(status), schema.GroupVersionKind{Version: "v1", Kind: "Status"})
		w.frame(watch.Error, body, err)
		w.over = true
		return
	}
	all := w.api.history
	for _, c := range all[sort.Search(len(all), func(n int) bool { return all[n].version > w.version }):] {
		w.version = c.version
		if c.resource != w.request.resource {
			continue
		}
		was, is := w.selection.has(c.before), w.selection.has(c.after) && !c.deleted
		switch {
		case was && is:
			w.send(watch.Modified, c.after)
		case is:
			w.send(watch.Added, c.after)
		case was:
			w.send(watch.Deleted, c.after)
		}
	}
}

func (w *watcher) send(what watch.EventType, i *item) {
	body, err := w.api.render(w.request, i)
	w.frame(what, body, err)
}

func (w *watcher) bookmark(annotations map[string]string) {
	gvk := w.request.resource.gvk
	i := &item{version: w.version, json: encode(metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{Kind: gvk.Kind, APIVersion: gvk.GroupVersion().String()},
		ObjectMeta: metav1.ObjectMeta{ResourceVersion: strconv.FormatUint(w.version, 10), Annotations: annotations},
	})}
	w.send(watch.Bookmark, i)
}

// frame writes an event as the media type wants it. An object that cannot be
// written ends the watch, as a broken connection would.
func (w *watcher) frame(what watch.EventType, body []byte, err error) {
	if err != nil {
		w.over = true
		return
	}
	if w.request.form.media != protobufMedia {
		fmt.Fprintf(&w.out, "{\"type\":%q,\"object\":%s}\n", what, body)
		return
	}
	event := &metav1.WatchEvent{Type: string(what), Object: runtime.RawExtension{Raw: body}}
	frames := protobuf.LengthDelimitedFramer.NewFrameWriter(&w.out)
	if err := protobuf.NewRawSerializer(scheme.Scheme, scheme.Scheme).Encode(event, frames); err != nil {
		w.over = true
	}
}
