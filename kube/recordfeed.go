package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/kube/wire"
)

const (
	// recordPoll is how often a resource is listed that cannot be watched.
	recordPoll = time.Minute
	// recordTries is how often a first list may fail before the recording
	// counts as complete without it.
	recordTries = 3
	// recordRetry is the first wait after a failure; it doubles up to
	// recordSlowest.
	recordRetry   = time.Second
	recordSlowest = 30 * time.Second
	// watchSeconds is how long one watch lasts at least, and at most twice
	// that, so that not all end at once.
	watchSeconds = 300
	// recordPatience is how many times longer than other requests a page may
	// take: it is some MB, and the link may be thin.
	recordPatience = 4
	// watchLong is how long a watch must last for the connection to count as
	// good again.
	watchLong = 10 * time.Second
)

// recordFeed records one resource, in one namespace or in all.
type recordFeed struct {
	recorder  *recorder
	resource  Resource
	on        *tape.Resource
	namespace string // "": all
	once      sync.Once
	polled    bool
}

func newRecordFeed(r *recorder, res Resource, namespace string) *recordFeed {
	return &recordFeed{
		recorder: r, resource: res, namespace: namespace, polled: !res.Can("watch"),
		on: &tape.Resource{GroupVersionResource: res.GroupVersionResource, Kind: res.Kind, Namespaced: res.Namespaced},
	}
}

func (f *recordFeed) String() string {
	if f.namespace == "" {
		return f.resource.GroupResource().String()
	}
	return f.resource.GroupResource().String() + " in " + f.namespace
}

// settled says that the resource is as complete as it gets.
func (f *recordFeed) settled(listed bool) {
	f.once.Do(func() {
		if listed {
			f.recorder.mu.Lock()
			f.recorder.listed++
			f.recorder.mu.Unlock()
		}
		f.recorder.pend(-1)
	})
}

// run lists and watches until ctx ends or the resource cannot be read.
func (f *recordFeed) run(ctx context.Context) {
	defer f.settled(false)
	if err := f.record(ctx); err != nil {
		f.recorder.note(tape.Note, plain.Error(f.String()+": not recorded any further", err).Error())
	}
}

// record lists and watches; its error says that it panicked.
func (f *recordFeed) record(ctx context.Context) (err error) {
	defer f.recorder.cluster.options.Messages.Recover(f, &err)
	retry := recordRetry
	for tries := 1; ctx.Err() == nil; tries++ {
		version, err := f.list(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case apierrors.IsForbidden(err) && f.namespace == "" && f.resource.Namespaced && f.recorder.cluster.namespace != "":
			// Whoever may not read all namespaces may read one.
			f.refused(err)
			f.namespace = f.recorder.cluster.namespace
			continue
		case apierrors.IsForbidden(err), apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
			f.refused(err)
			return nil
		case err != nil:
			if tries == recordTries {
				f.recorder.note(tape.Note, plain.Error(f.String()+": not listed", err).Error())
				f.settled(false)
			}
			f.recorder.gap.lost(f, err)
			if !signal.Sleep(ctx, retry, nil) {
				return nil
			}
			retry = min(2*retry, recordSlowest)
			continue
		}
		retry = recordRetry
		f.settled(true)
		f.recorder.gap.found(f)
		if f.polled {
			signal.Sleep(ctx, recordPoll, nil)
			continue
		}
		f.watch(ctx, version)
	}
	return nil
}

// refused takes a refusal that will not change by itself.
func (f *recordFeed) refused(err error) {
	text := plain.Error(f.String(), err).Error()
	f.recorder.mu.Lock()
	if f.recorder.denied == "" {
		f.recorder.denied = text
	}
	f.recorder.mu.Unlock()
	f.recorder.note(tape.Denied, text)
}

// get begins a request. What comes back is not decoded.
func (f *recordFeed) get() (*rest.Request, error) {
	content := protobuf
	if !scheme.Scheme.Recognizes(f.on.GroupVersionKind()) {
		// A tape could not be asked for JSON of what the API's types lack
		// (CustomResourceDefinitions).
		content = plainJSON
	}
	client, err := f.recorder.cluster.rest(f.resource.GroupVersion(), content)
	if err != nil {
		return nil, err
	}
	return client.Get().MaxRetries(0).NamespaceIfScoped(f.namespace, f.namespace != "").Resource(f.resource.Resource), nil
}

// list reads everything, page by page, and returns of which version it is.
func (f *recordFeed) list(ctx context.Context) (version string, err error) {
	select {
	case f.recorder.slots <- struct{}{}:
		defer func() { <-f.recorder.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	listing := f.recorder.writer.List(*f.on, f.namespace)
	limit, token := pageSize, ""
	for restarts := 0; ; {
		page, err := f.page(ctx, limit, token)
		if apierrors.IsResourceExpired(err) && token != "" {
			if restarts++; restarts > restartsMax {
				limit = 0
			}
			token = ""
			continue
		}
		if err != nil {
			return "", err
		}
		for _, o := range page.Objects {
			if !f.recorder.tell(listing.Put(o, f.weight(o, false))) {
				return "", f.recorder.failure()
			}
		}
		if token = page.Continue; token == "" {
			return page.Version, listing.Done(f.quiet())
		}
	}
}

func (f *recordFeed) page(ctx context.Context, limit int, token string) (tape.List, error) {
	ctx, cancel := context.WithTimeout(ctx, recordPatience*f.recorder.cluster.timeout)
	defer cancel()
	request, err := f.get()
	if err != nil {
		return tape.List{}, err
	}
	if limit > 0 {
		request.Param("limit", strconv.Itoa(limit))
	}
	if token != "" {
		request.Param("continue", token)
	}
	body, err := request.Stream(ctx)
	if err != nil {
		return tape.List{}, err
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(body)
	if err != nil {
		return tape.List{}, err
	}
	return tape.ParseList(f.on, text)
}

// watch records changes from a version on; it returns when a new list is needed.
func (f *recordFeed) watch(ctx context.Context, version string) {
	retry := recordRetry
	for ctx.Err() == nil {
		before, began := version, time.Now()
		err := f.events(ctx, &version)
		if time.Since(began) > watchLong {
			retry = recordRetry
		}
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
			f.recorder.gap.lost(f, err)
			return
		case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
			f.polled = true
			return
		case err == nil, errors.Is(err, io.EOF) && version != before:
			retry = recordRetry
			continue
		}
		f.recorder.gap.lost(f, err)
		if !signal.Sleep(ctx, retry, nil) {
			return
		}
		retry = min(2*retry, recordSlowest)
	}
}

// events reads one watch to its end; nil means that it ended as it should.
func (f *recordFeed) events(ctx context.Context, version *string) error {
	request, err := f.get()
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
	f.recorder.gap.found(f)
	began := time.Now()
	events := tape.NewEvents(f.on, body)
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) && time.Since(began) > time.Duration(seconds)*time.Second/2 {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Type == "ERROR" {
			return statusOf(e.Object)
		}
		if err := f.event(e); err != nil {
			return err
		}
		if e.Object.Version != "" {
			*version = e.Object.Version
		}
	}
}

func (f *recordFeed) event(e tape.Event) error {
	var err error
	switch e.Type {
	case "ADDED", "MODIFIED":
		err = f.recorder.writer.Put(e.Object, f.weight(e.Object, true))
	case "DELETED":
		err = f.recorder.writer.Delete(e.Object, f.quiet())
		f.recorder.logs.gone(e.Object)
	}
	f.recorder.tell(err)
	return err
}

func (f *recordFeed) quiet() tape.Weight {
	switch f.resource.GroupResource().String() {
	case "leases.coordination.k8s.io", "events", "pods.metrics.k8s.io", "nodes.metrics.k8s.io":
		return tape.Quiet
	}
	return tape.Step
}

// weight says how much a version of an object matters, and looks whether there
// are logs to record.
func (f *recordFeed) weight(o tape.Object, changed bool) tape.Weight {
	switch f.resource.GroupResource().String() {
	case "events":
		var event corev1.Event
		if decodeRaw(o, &event) == nil && event.Type == corev1.EventTypeWarning {
			return tape.Finding
		}
	case "pods":
		var pod corev1.Pod
		if decodeRaw(o, &pod) == nil && f.recorder.logs.saw(&pod) && changed {
			return tape.Finding
		}
	}
	return f.quiet()
}

// decodeRaw reads an object that the recording holds as bytes.
func decodeRaw(o tape.Object, into wire.Message) error {
	if o.Protobuf {
		return into.Unmarshal(o.Body)
	}
	return json.Unmarshal(o.Body, into)
}

// statusOf is the error that a watch told.
func statusOf(o tape.Object) error {
	var status metav1.Status
	if err := decodeRaw(o, &status); err != nil {
		return err
	}
	return &apierrors.StatusError{ErrStatus: status}
}

// gap knows which feeds have lost the cluster: one outage is one gap, however
// many watches it ends.
type gap struct {
	recorder *recorder
	mu       sync.Mutex
	since    time.Time
	why      string
	feeds    map[*recordFeed]bool
	most     int // feeds that were lost in this outage at a time
}

// gapLeast is how long an outage is worth a mark.
const gapLeast = 2 * time.Second

func (g *gap) lost(f *recordFeed, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.feeds) == 0 {
		g.since, g.why, g.feeds, g.most = g.recorder.cluster.Now(), plain.Error("", err).Error(), map[*recordFeed]bool{}, 0
	}
	g.feeds[f] = true
	g.most = max(g.most, len(g.feeds))
}

func (g *gap) found(f *recordFeed) {
	g.mu.Lock()
	if !g.feeds[f] {
		g.mu.Unlock()
		return
	}
	delete(g.feeds, f)
	over, since, why := len(g.feeds) == 0, g.since, g.why
	what := kinds.Clean(f.String())
	if g.most > 1 {
		what = fmt.Sprintf("%d kinds", g.most)
	}
	g.mu.Unlock()
	now := g.recorder.cluster.Now()
	if over && now.Sub(since) >= gapLeast {
		g.recorder.note(tape.Gap, fmt.Sprintf("%s: nothing was heard from %s to %s (%s)", what,
			since.Format(time.TimeOnly), now.Format(time.TimeOnly), why))
	}
}
