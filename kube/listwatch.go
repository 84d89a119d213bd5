package kube

import (
	"context"
	"errors"
	"reflect"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// listWatch keeps the Reflector from loading by a WatchList: the API server
// compresses lists, but not watches.
type listWatch struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is how client-go asks.
func (listWatch) IsWatchListSemanticsUnSupported() bool { return true }

// list is the Reflector's list function. It pages by itself; the Reflector's own
// options (a version from the server's cache, which has no pages) are not used.
// The list that the Reflector gets has no items: they are in the listing as soon
// as they have arrived, and a second and third copy of the list is spared.
func (f *feed) list(ctx context.Context, _ metav1.ListOptions) (runtime.Object, error) {
	f.source.bodies.gather()
	version, err := f.load(ctx)
	if err != nil {
		return nil, err
	}
	return &metav1.List{ListMeta: metav1.ListMeta{ResourceVersion: version}}, nil
}

// watch is the Reflector's watch function: its events carry records.
func (f *feed) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.Watch = true
	request := f.source.request(options)
	if f.source.streams() {
		body, err := request.Stream(ctx)
		if err != nil {
			return nil, f.unwatched(err)
		}
		f.resumed()
		return f.events(ctx, body), nil
	}
	w, err := request.Watch(ctx)
	if err == nil && reflect.TypeOf(w) == silent {
		err = errClosed
	}
	if err != nil {
		return nil, f.unwatched(err)
	}
	f.resumed()
	return watch.Filter(w, func(e watch.Event) (watch.Event, bool) {
		r := f.event(e)
		if r == nil {
			return e, e.Type == watch.Error
		}
		e.Object = r
		return e, true
	}), nil
}

// unwatched takes the reason why a watch did not begin, and makes it the
// Reflector's.
func (f *feed) unwatched(err error) error {
	if isStatus(err) {
		f.refused(err)
		return err
	}
	if utilnet.IsProbableEOF(err) {
		err = errClosed
	}
	f.refused(err)
	return resumable{err}
}

// client-go answers a connection that ended too early with a watch that has no
// events, and no error.
var (
	silent    = reflect.TypeOf(watch.NewEmptyWatch())
	errClosed = errors.New("the connection was closed before the API server answered")
)

// resumable is an error of the network. The Reflector relists after most of
// them, but waits and goes on where it was after a refused connection; that is
// right for all of them, and spares the API server a list of everything.
type resumable struct{ error }

// Unwrap makes the error one of a refused connection too.
func (e resumable) Unwrap() []error { return []error{e.error, syscall.ECONNREFUSED} }

// isStatus says whether the API server itself gave the error.
func isStatus(err error) bool { return apierrors.ReasonForError(err) != metav1.StatusReasonUnknown }

// refused takes an error of a watch that did not begin.
func (f *feed) refused(err error) {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		// Whoever may list, but not watch, sees what polling shows.
		f.listing.polled.Store(true)
		f.end()
	case apierrors.IsNotFound(err):
		f.end()
	case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
	default:
		f.failed(err)
	}
}

// event turns the object of an event into a record; nil when it is none.
func (f *feed) event(e watch.Event) *kinds.Record {
	switch e.Type {
	case watch.Error:
		if err := apierrors.FromObject(e.Object); !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
			f.failed(err)
		}
		return nil
	case watch.Bookmark, watch.Deleted:
		return f.source.name(e.Object)
	default:
		return f.read(func(keep func(*kinds.Record)) error { return f.source.each(e.Object, keep) })
	}
}

// read makes a record of an object; nil, and a message, when that cannot be.
func (f *feed) read(object func(keep func(*kinds.Record)) error) (record *kinds.Record) {
	if err := object(func(r *kinds.Record) { record = r }); err != nil {
		f.listing.cluster.options.Messages.Add("error", clearly(f.listing.scope.String(), err).Error())
	}
	return record
}

// source is how the objects of a scope are asked for and read.
type source struct {
	scope     Scope
	kind      *kinds.Kind
	client    *rest.RESTClient
	bodies    *bodyCodec
	unread    *unread // of the kind; nil for nothing
	watchable bool
	table     bool // the API server makes the cells

	// What an object leaves for the next. The goroutine that loads has them, and
	// each watch has its own.
	read   []byte         // what is read of an object's text
	object runtime.Object // where it is decoded
}

// request begins the request for the scope's objects.
func (s *source) request(options metav1.ListOptions) *rest.Request {
	options.LabelSelector, options.FieldSelector = s.scope.Labels, s.scope.Fields
	// The Reflector tries again by itself; a second loop inside would only
	// keep the state of the listing from being told.
	r := s.client.Get().
		MaxRetries(0).
		NamespaceIfScoped(s.scope.Namespace, s.scope.Namespace != "").
		Resource(s.scope.Resource).
		SpecificallyVersionedParams(&options, metav1.ParameterCodec, schema.GroupVersion{Version: "v1"})
	if s.table {
		r.Param("includeObject", string(metav1.IncludeObject))
	}
	return r
}

// each calls do with the record of each object: the items of a list, the rows
// of a Table, or the one object itself.
func (s *source) each(obj runtime.Object, do func(*kinds.Record)) error {
	if s.table {
		return s.rows(obj, func(cells []any, u *unstructured.Unstructured) error {
			r, err := s.kind.Row(cells, u)
			return s.keep(r, u, err, do)
		})
	}
	one := func(obj runtime.Object) error {
		r, err := s.kind.Record(obj)
		return s.keep(r, obj, err, do)
	}
	if meta.IsListType(obj) {
		return meta.EachListItem(obj, one)
	}
	return one(obj)
}

func (s *source) keep(r *kinds.Record, obj runtime.Object, err error, do func(*kinds.Record)) error {
	if err != nil {
		return err
	}
	if r.Body, err = s.bodies.encode(obj); err != nil {
		return err
	}
	do(r)
	return nil
}

// rows walks over a Table. The API server names the columns in the first one
// only; the cells stay in their order.
func (s *source) rows(obj runtime.Object, do func([]any, *unstructured.Unstructured) error) error {
	table, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	rows, _ := table.Object["rows"].([]any)
	for _, row := range rows {
		row, _ := row.(map[string]any)
		cells, _ := row["cells"].([]any)
		object, _ := row["object"].(map[string]any)
		if err := do(cells, &unstructured.Unstructured{Object: object}); err != nil {
			return err
		}
	}
	return nil
}

// name makes the record that only says which object is meant, or how far a
// watch has come.
func (s *source) name(obj runtime.Object) *kinds.Record {
	if s.table {
		table := obj
		_ = s.rows(table, func(_ []any, u *unstructured.Unstructured) error {
			obj = u
			return nil
		})
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil
	}
	return &kinds.Record{
		Kind:            s.kind,
		UID:             kinds.NewUID(m.GetUID()),
		Namespace:       kinds.Clean(m.GetNamespace()),
		Name:            kinds.Clean(m.GetName()),
		ResourceVersion: m.GetResourceVersion(),
	}
}
