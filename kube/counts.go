package kube

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// countsEvery is how often objects are counted while somebody looks at the counts.
	countsEvery = time.Minute
	// countsAtOnce is how many requests count at the same time.
	countsAtOnce = 8
)

// Count is how many objects a resource has.
type Count struct {
	Scope Scope // where they were counted
	N     int64
	More  bool  // there are more than N: the server does not say how many
	Err   error // why they could not be counted; its text is clean
}

// Denied reports whether the user may not list the resource.
func (c Count) Denied() bool { return apierrors.IsForbidden(c.Err) }

// Absent reports whether the API server does not serve the resource.
func (c Count) Absent() bool { return apierrors.IsNotFound(c.Err) }

// CountsRead is what a Counts yields: the counts that came since the last one.
type CountsRead struct {
	From *Counts
	Of   map[schema.GroupVersionResource]Count
}

// Counts is a source that counts the objects of resources without loading them: it asks
// for one of each and for how many remain. What a listing holds anyway is counted there.
type Counts struct {
	cluster    *Cluster
	resources  []Resource
	namespaces []string // where to count, "" is everywhere; the next one where the user may not
	again      bool     // counts every minute, while something waits for it

	answers chan Count // of the round that is under way
	awaited int        // how many of them have not come
	begun   time.Time  // the round
}

// WatchCounts returns a source that counts every minute. The objects of all namespaces
// are counted, or those of one namespace where the user may not see them all.
func (c *Cluster) WatchCounts(resources []Resource, namespace string) *Counts {
	k := c.Count(resources, "")
	k.again = true
	if namespace != "" {
		k.namespaces = append(k.namespaces, namespace)
	}
	return k
}

// Count returns a source that counts the objects in a namespace, "" for all, once.
func (c *Cluster) Count(resources []Resource, namespace string) *Counts {
	return &Counts{cluster: c, resources: slices.Clone(resources), namespaces: []string{namespace}}
}

// CountNow counts the objects of a resource in a namespace, "" for all. Any goroutine may
// call it.
func (c *Cluster) CountNow(ctx context.Context, r Resource, namespace string) Count {
	return c.count(ctx, r, []string{namespace})
}

// Next waits for the next counts; the first come at once, and each as soon as it is
// there.
func (k *Counts) Next(ctx context.Context) (any, error) {
	if k.awaited == 0 {
		if err := k.round(ctx); err != nil {
			return nil, err
		}
	}
	out := CountsRead{From: k, Of: map[schema.GroupVersionResource]Count{}}
	add := func(count Count) {
		k.awaited--
		out.Of[count.Scope.GroupVersionResource] = count
	}
	select {
	case count := <-k.answers:
		add(count)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for k.awaited > 0 {
		select {
		case count := <-k.answers:
			add(count)
		default:
			return out, nil
		}
	}
	return out, nil
}

// round begins to count all resources, a minute after the last time.
func (k *Counts) round(ctx context.Context) error {
	switch {
	case len(k.resources) == 0, !k.begun.IsZero() && !k.again:
		return io.EOF
	case !k.begun.IsZero():
		signal.SleepUntil(ctx, k.begun.Add(countsEvery))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	k.begun, k.awaited = time.Now(), len(k.resources)
	answers := make(chan Count, len(k.resources)) // Nobody waits for those of a source that was left.
	k.answers = answers
	turns := make(chan struct{}, countsAtOnce)
	for _, r := range k.resources {
		k.cluster.options.Messages.Start("count of "+r.Resource, func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			count := Count{Scope: Scope{GroupVersionResource: r.GroupVersionResource}, Err: errPanicked}
			defer func() { answers <- count }()
			count = k.cluster.count(ctx, r, k.namespaces)
		})
	}
	return nil
}

var errPanicked = errors.New("asking ended early (the messages view says why)")

// count counts the objects of a resource in the first of some namespaces where the user
// may.
func (c *Cluster) count(ctx context.Context, r Resource, namespaces []string) (count Count) {
	for _, namespace := range namespaces {
		scope := Scope{GroupVersionResource: r.GroupVersionResource}
		if r.Namespaced {
			scope.Namespace = namespace
		}
		if count = c.countIn(ctx, scope); !count.Denied() || !r.Namespaced {
			break
		}
	}
	return count
}

func (c *Cluster) countIn(ctx context.Context, scope Scope) (count Count) {
	count.Scope = scope
	if l := c.Held(scope); l != nil && l.State().Phase == Live {
		count.N = int64(l.Len())
		return count
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	fail := func(err error) Count { return Count{Scope: scope, Err: plain.Error(scope.String(), err)} }
	client, err := c.rest(scope.GroupVersion(), plainJSON)
	if err != nil {
		return fail(err)
	}
	answer, err := client.Get().
		MaxRetries(0).
		NamespaceIfScoped(scope.Namespace, scope.Namespace != "").
		Resource(scope.GroupVersionResource.Resource).
		Param("limit", "1").
		SetHeader("Accept", metadataOnly+",application/json").
		Stream(ctx)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = answer.Close() }()
	if count.N, count.More, err = readCount(answer, scope.String()); err != nil {
		return fail(err)
	}
	return count
}

// readCount reads how many objects a list stands for. It has one at most, except from
// servers that know no limit.
func readCount(from io.Reader, what string) (n int64, more bool, err error) {
	list, err := openJSONList(from, what)
	if err != nil {
		return 0, false, err
	}
	for {
		if _, err = list.Next(nil); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, false, err
		}
		n++
	}
	if left := list.metadata.RemainingItemCount; left != nil {
		return n + *left, false, nil
	}
	return n, list.metadata.Continue != "", nil
}
