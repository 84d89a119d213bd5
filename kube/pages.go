package kube

import (
	"cmp"
	"context"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// firstPageSize is how many objects the first request lists: a screenful, so that
	// rows are there after one round trip, even on a thin link.
	firstPageSize = 100
	// pageSize is how many objects a page that is parsed as a whole has, and the least
	// that others have.
	pageSize = 500
	// pageMax bounds what one request costs the API server, which may have to
	// read all of it from etcd at once.
	pageMax = 5000
	// pageTime is how long a page should take: long against a round trip, and
	// short against the 60 s after which the API server ends a request.
	pageTime = 4 * time.Second
)

// restartsMax is how often paging starts over because its snapshot expired,
// before it asks for everything at once.
const restartsMax = 2

// pageAfter is how many objects the next page should have, when the last
// objects came in some time.
func pageAfter(objects int, took time.Duration) int64 {
	most := float64(objects) * float64(pageTime) / float64(max(took, time.Microsecond))
	return int64(max(pageSize, min(most, pageMax)))
}

// load lists everything, page by page, and shows what has arrived. It returns
// the version that the list has.
func (f *reflectorRun) load(ctx context.Context) (version string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { f.reader.maskedScratch, f.reader.objectScratch = nil, nil }()
	f.startLoad()
	p := f.requestPage(ctx, metav1.ListOptions{Limit: firstPageSize}, 0)
	for restarts := 0; ; {
		next, err := f.receivePage(ctx, p)
		switch {
		case err == nil && next == nil:
			return p.metadata.ResourceVersion, nil
		case err == nil:
			p = next
		case p.options.Continue != "" && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)):
			// The snapshot that the pages came from is gone.
			options := metav1.ListOptions{Limit: p.options.Limit}
			if restarts++; restarts > restartsMax {
				options.Limit = 0
			}
			if restarts > restartsMax+1 {
				f.reportFailure(err)
				return "", err
			}
			f.startLoad()
			p = f.requestPage(ctx, options, time.Duration(restarts)*runPause/2)
		default:
			f.reportFailure(err)
			return "", err
		}
	}
}

// receivePage makes the records of a page and shows them, as they arrive. The next page
// is requested when half of this one is there, so that the link is never idle; next is
// nil after the last.
func (f *reflectorRun) receivePage(ctx context.Context, p *page) (next *page, err error) {
	defer p.cancel()
	defer func() {
		if err != nil && next != nil {
			next.cancel()
		}
	}()
	began, count, fresh, before := time.Now(), 0, 0, f.listed
	for b := range p.batches {
		if err := b.err; err != nil {
			return next, err
		}
		records, err := f.recordsOf(b)
		if err != nil {
			return next, err
		}
		count += len(b.ends)
		f.listed += len(b.ends)
		p.metadata = b.metadata
		f.estimateTotal(p, before)
		// Whether what was left out has come before is not known.
		fresh += f.addLoaded(records) + len(b.ends) - len(records)
		if err := f.checkMemory(); err != nil {
			return next, err
		}
		var pause time.Duration
		if b.last {
			if pause, err = f.paging.Received(count, fresh, p.options.Limit); err != nil {
				return next, err
			}
		}
		if next == nil && p.metadata.Continue != "" && (b.last || 2*int64(count) >= p.options.Limit) {
			if next, err = f.requestNext(ctx, p, count, time.Since(began), pause); err != nil {
				return nil, err
			}
		}
		if b.last {
			return next, nil
		}
		p.free <- b
	}
	return next, cmp.Or(context.Cause(ctx), io.ErrUnexpectedEOF)
}

// requestNext requests the page after one of which some objects came in some time.
func (f *reflectorRun) requestNext(
	ctx context.Context,
	p *page,
	objects int,
	took, pause time.Duration,
) (*page, error) {
	if err := f.paging.Next(p.metadata.Continue); err != nil {
		return nil, err
	}
	options := metav1.ListOptions{Continue: p.metadata.Continue, Limit: pageSize}
	if !p.json {
		options.Limit = pageAfter(objects, took)
	}
	return f.requestPage(ctx, options, pause), nil
}

// recordsOf makes the records of a batch.
func (f *reflectorRun) recordsOf(b *batch) (records []*kinds.Record, err error) {
	defer f.messages().Recover(f.listing, &err)
	return f.reader.records(b)
}

// estimateTotal estimates from a page how many objects there will be. The last page
// does not say.
func (f *reflectorRun) estimateTotal(p *page, before int) {
	if more := p.metadata.RemainingItemCount; more != nil {
		f.expected = int64(before) + p.options.Limit + *more
	}
}
