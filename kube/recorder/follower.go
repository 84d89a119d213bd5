package recorder

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/kube/transport"
	"github.com/fathom-k8s/fathom/kube/wire"
)

const (
	// pollEvery is how often a resource that cannot be watched is listed.
	pollEvery = time.Minute
	// triesMax is how often a first list may fail before the recording counts as
	// complete without it.
	triesMax = 3
	// retryFirst is the first wait after a failure; it doubles up to retrySlowest.
	retryFirst   = time.Second
	retrySlowest = 30 * time.Second
	// pageSize is how many objects a page of a list has, unless they take more than
	// pageBytes: a page is held as a whole.
	pageSize  = 500
	pageBytes = 64 << 20
	// restartsMax is how often paging starts over because its snapshot expired,
	// before everything is asked for at once.
	restartsMax = 2
	// pagePatience is how many times longer than other requests a page may take:
	// it is some MB, and the link may be thin.
	pagePatience = 4
)

// follower records one resource, in one namespace or in all.
type follower struct {
	recording *recording
	resource  kube.Resource
	onTape    *tape.Resource
	namespace string // "": all
	counted   sync.Once
	polled    bool
}

func newFollower(r *recording, res kube.Resource, namespace string) *follower {
	return &follower{
		recording: r, resource: res, namespace: namespace, polled: !res.Can("watch"),
		onTape: &tape.Resource{GroupVersionResource: res.GroupVersionResource, Kind: res.Kind, Namespaced: res.Namespaced},
	}
}

func (f *follower) String() string {
	if f.namespace == "" {
		return f.resource.GroupResource().String()
	}
	return f.resource.GroupResource().String() + " in " + f.namespace
}

// countListed counts the resource, once, as complete as it gets.
func (f *follower) countListed(listed bool) {
	f.counted.Do(func() {
		if listed {
			f.recording.mu.Lock()
			f.recording.listed++
			f.recording.mu.Unlock()
		}
		f.recording.countUnlisted(-1)
	})
}

// run lists and watches until ctx ends or the resource cannot be read.
func (f *follower) run(ctx context.Context) {
	defer f.countListed(false)
	if err := f.listAndWatch(ctx); err != nil {
		f.recording.addNote(tape.Note, plain.Error(f.String()+": no longer recorded", err).Error())
	}
}

// listAndWatch does the work of run; its error says that it panicked.
func (f *follower) listAndWatch(ctx context.Context) (err error) {
	defer f.recording.raw.Messages.Recover(f, &err)
	retry := retryFirst
	own := f.recording.cluster.Namespace()
	for tries := 1; ctx.Err() == nil; tries++ {
		version, err := f.list(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case apierrors.IsForbidden(err) && f.namespace == "" && f.resource.Namespaced && own != "":
			// Whoever may not read all namespaces may read one.
			f.noteRefusal(err)
			f.namespace = own
			continue
		case apierrors.IsForbidden(err), apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
			f.noteRefusal(err)
			return nil
		case err != nil:
			if tries == triesMax {
				f.recording.addNote(tape.Note, plain.Error(f.String()+": not listed", err).Error())
				f.countListed(false)
			}
			f.recording.outage.markLost(f, err)
			if !signal.Sleep(ctx, retry, nil) {
				return nil
			}
			retry = min(2*retry, retrySlowest)
			continue
		}
		f.countListed(true)
		f.recording.outage.markReached(f)
		if f.polled {
			signal.Sleep(ctx, pollEvery, nil)
			continue
		}
		began := time.Now()
		f.watch(ctx, version)
		if time.Since(began) > watchLong {
			retry = retryFirst
		} else if !signal.Sleep(ctx, retry, nil) {
			return nil
		} else {
			retry = min(2*retry, retrySlowest)
		}
	}
	return nil
}

// noteRefusal notes a refusal that will not change by itself.
func (f *follower) noteRefusal(err error) {
	text := plain.Error(f.String(), err).Error()
	f.recording.mu.Lock()
	if f.recording.denied == "" {
		f.recording.denied = text
	}
	f.recording.mu.Unlock()
	f.recording.addNote(tape.Denied, text)
}

// newRequest begins a request for the objects. What comes back is not decoded.
func (f *follower) newRequest() (*rest.Request, error) {
	connect := f.recording.raw.Protobuf
	if !scheme.Scheme.Recognizes(f.onTape.GroupVersionKind()) {
		// A tape could not serve JSON of what the API's types lack
		// (CustomResourceDefinitions).
		connect = f.recording.raw.JSON
	}
	client, err := connect(f.resource.GroupVersion())
	if err != nil {
		return nil, err
	}
	return client.Get().MaxRetries(0).NamespaceIfScoped(f.namespace, f.namespace != "").Resource(f.resource.Resource), nil
}

// list records everything, page by page, and returns its version.
func (f *follower) list(ctx context.Context) (version string, err error) {
	select {
	case f.recording.slots <- struct{}{}:
		defer func() { <-f.recording.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	listing := f.recording.writer.List(*f.onTape, f.namespace)
	limit, token := pageSize, ""
	paging, seen := kube.Paging{}, map[string]struct{}{}
	for restarts := 0; ; {
		page, err := f.requestPage(ctx, limit, token)
		if apierrors.IsResourceExpired(err) && token != "" && restarts <= restartsMax {
			if restarts++; restarts > restartsMax {
				limit = 0
			}
			token, paging, seen = "", kube.Paging{}, map[string]struct{}{}
			continue
		}
		if errors.Is(err, kube.ErrTooLarge) && limit != 1 {
			limit = max(1, cmp.Or(limit, pageSize)/8)
			continue
		}
		if err != nil {
			return "", err
		}
		before := len(seen)
		for _, o := range page.Objects {
			if !f.recording.checkWritten(listing.Put(o, f.weigh(o, false))) {
				return "", f.recording.failure()
			}
			seen[o.Namespace+"/"+o.Name] = struct{}{}
		}
		if token = page.Continue; token == "" {
			return page.Version, listing.Done(f.defaultWeight())
		}
		pause, err := paging.Received(len(page.Objects), len(seen)-before, int64(limit))
		if err = cmp.Or(err, paging.Next(token)); err != nil {
			return "", err
		}
		if pause > 0 && !signal.Sleep(ctx, pause, nil) {
			return "", ctx.Err()
		}
	}
}

func (f *follower) requestPage(ctx context.Context, limit int, token string) (tape.List, error) {
	ctx, cancel := context.WithTimeout(ctx, pagePatience*f.recording.raw.Timeout)
	defer cancel()
	request, err := f.newRequest()
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
	text, err := io.ReadAll(&transport.Budget{From: body, Limit: pageBytes, What: "page of " + f.String()})
	if err != nil {
		return tape.List{}, err
	}
	return tape.ParseList(f.onTape, text)
}

func (f *follower) defaultWeight() tape.Weight {
	switch f.resource.GroupResource().String() {
	case "leases.coordination.k8s.io", "events", "pods.metrics.k8s.io", "nodes.metrics.k8s.io":
		return tape.Quiet
	}
	return tape.Step
}

// weigh returns how much a version of an object matters. A pod is also passed on to
// those who record logs.
func (f *follower) weigh(o tape.Object, changed bool) tape.Weight {
	switch f.resource.GroupResource().String() {
	case "events":
		var event corev1.Event
		if decodeObject(o, &event) == nil && event.Type == corev1.EventTypeWarning {
			return tape.Finding
		}
	case "pods":
		var pod corev1.Pod
		if decodeObject(o, &pod) == nil && f.recording.logs.observePod(&pod) && changed {
			return tape.Finding
		}
	}
	return f.defaultWeight()
}

// decodeObject decodes an object that the recording holds as bytes.
func decodeObject(o tape.Object, into wire.Message) error {
	if o.Protobuf {
		return into.Unmarshal(o.Body)
	}
	return json.Unmarshal(o.Body, into)
}
