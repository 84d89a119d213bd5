package kube

import (
	"cmp"
	"context"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// firstPageSize is how many objects the first request lists: a screenful,
	// so that rows are there after one round trip on a thin link too.
	firstPageSize = 100
	// pageSize is how many objects a page has that is parsed as a whole, and the
	// least that the others have.
	pageSize = 500
	// pageMax bounds what one request costs the API server, which may have to
	// read all of it from etcd at once.
	pageMax = 5000
	// pageTime is how long a page should take: long against a round trip, and
	// short against the 60 s after which the API server ends a request.
	pageTime = 4 * time.Second
)

// restartsMax is how often paging begins anew because its snapshot expired,
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
func (f *feed) load(ctx context.Context) (version string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { f.source.read, f.source.object = nil, nil }()
	f.begin()
	p := f.ask(ctx, metav1.ListOptions{Limit: firstPageSize})
	for restarts := 0; ; {
		next, err := f.take(ctx, p)
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
			f.begin()
			p = f.ask(ctx, options)
		default:
			f.failed(err)
			return "", err
		}
	}
}

// take makes the records of a page and shows them, as they arrive. The next page
// is asked for when half of this one is there, so that the link does not rest
// between them; it is nil after the last.
func (f *feed) take(ctx context.Context, p *page) (next *page, err error) {
	defer p.end()
	defer func() {
		if err != nil && next != nil {
			next.end()
		}
	}()
	began, count, before := time.Now(), 0, f.listed
	for b := range p.batches {
		if err := b.err; err != nil {
			return next, err
		}
		records, err := f.source.batch(b)
		if err != nil {
			return next, err
		}
		count += len(records)
		f.listed += len(records)
		p.metadata = b.metadata
		f.expect(p, before)
		f.arrived(records)
		full := b.last || 2*int64(count) >= p.options.Limit
		if next == nil && full && p.metadata.Continue != "" {
			options := metav1.ListOptions{Continue: p.metadata.Continue, Limit: pageSize}
			if p.streamed {
				options.Limit = pageAfter(count, time.Since(began))
			}
			next = f.ask(ctx, options)
		}
		if b.last {
			return next, nil
		}
		p.free <- b
	}
	return next, cmp.Or(context.Cause(ctx), io.ErrUnexpectedEOF)
}

// expect learns from a page how many objects there will be. The last page does
// not say it.
func (f *feed) expect(p *page, before int) {
	if more := p.metadata.RemainingItemCount; more != nil {
		f.expected = int64(before) + p.options.Limit + *more
	}
}

// batch makes the records of a part of a page.
func (s *source) batch(b *batch) (records []*kinds.Record, err error) {
	keep := func(r *kinds.Record) { records = append(records, r) }
	if b.list != nil {
		return records, s.each(b.list, keep)
	}
	records = make([]*kinds.Record, 0, len(b.ends))
	from := 0
	for _, to := range b.ends {
		if err := s.one(b.data[from:to], keep); err != nil {
			return nil, err
		}
		from = to
	}
	return records, nil
}

// one makes the record of an object in protobuf. It changes the text.
func (s *source) one(text []byte, do func(*kinds.Record)) error {
	text = cutFieldSets(text)
	obj, err := s.decode(text)
	if err != nil {
		return err
	}
	return s.record(obj, text, do)
}

// decode reads an object in protobuf, but for what its kind does not read of it.
// The object is good until the next.
func (s *source) decode(text []byte) (runtime.Object, error) {
	obj := s.empty()
	return obj, obj.(protobufObject).Unmarshal(s.shorten(text))
}

// record makes the record of an object whose text is there, without field sets.
func (s *source) record(obj runtime.Object, text []byte, do func(*kinds.Record)) error {
	r, err := s.kind.Record(obj)
	if err != nil {
		return err
	}
	if r.Body, err = s.bodies.encodeText(obj, text); err != nil {
		return err
	}
	do(r)
	return nil
}

// empty is an object to decode into. A record keeps nothing of the one before.
func (s *source) empty() runtime.Object {
	switch {
	case s.kind.Reset == nil:
		return s.kind.New()
	case s.object == nil:
		s.object = s.kind.New()
	default:
		s.kind.Reset(s.object)
	}
	return s.object
}

// shorten is what is read of an object's text, until it is called again.
func (s *source) shorten(text []byte) []byte {
	if s.unread == nil {
		return text
	}
	short, ok := s.unread.appendRead(s.read[:0], text)
	if s.read = short; cap(short) > scratchMax {
		s.read = nil
	}
	if !ok {
		return text
	}
	return short
}
