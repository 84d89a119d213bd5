package kube

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/wire"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

const (
	// batchBytes is how much text of objects is handed over at once. A page has two
	// batches: one is filled while the records of the other are made.
	batchBytes = 256 << 10
	// firstBatch is the same for the first page, a screenful of which should be shown
	// at once.
	firstBatch = 2 << 20
	// batchTime is how long objects of a slow page wait for others before they
	// are shown.
	batchTime = 100 * time.Millisecond
	// streamBuffer is how much of a body is read at once.
	streamBuffer = 32 << 10
	// answerPatience is how many times longer than for the next bytes of a page to wait
	// for the first: the API server may have to collect it.
	answerPatience = 4
)

// page is one answer to a list, while it arrives.
type page struct {
	options  metav1.ListOptions
	cancel   context.CancelFunc
	streamed bool            // its objects come one by one
	metadata metav1.ListMeta // as far as the batches have it
	batches  chan *batch     // closed after the last one
	free     chan *batch     // those that may be filled again
}

// batch is some objects of a page.
type batch struct {
	data []byte         // the objects in protobuf, one after another
	ends []int          // where each of them ends
	list runtime.Object // instead: the whole page, parsed

	metadata metav1.ListMeta
	last     bool
	err      error // why the page ends here
}

// requestPage requests one page. It arrives in the background, only as fast as it is
// consumed.
func (f *reflectorRun) requestPage(ctx context.Context, options metav1.ListOptions) *page {
	p := &page{
		options:  options,
		streamed: f.reader.canStream(),
		batches:  make(chan *batch),
		free:     make(chan *batch, 2),
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.free <- &batch{}
	p.free <- &batch{}
	f.messages().Start(f.listing, func() {
		defer close(p.batches)
		f.listing.cluster.awaitCredentials(ctx)
		watched, v := withIdleTimeout(ctx, f.listing.cluster.timeout)
		defer v.stop()
		if err := v.explain(p.receive(watched, f, v)); err != nil {
			if v.expired() {
				f.listing.cluster.probeNow()
			}
			p.send(ctx, &batch{err: err})
		}
	})
	return p
}

// receive reads the answer and sends its objects.
func (p *page) receive(ctx context.Context, f *reflectorRun, v *idleTimeout) (err error) {
	defer f.messages().Recover(f.listing, &err)
	if p.streamed {
		return p.receiveStream(ctx, f.reader, v)
	}
	return p.receiveWhole(ctx, f.reader)
}

// send gives a batch to whoever reads the page; false means that nobody does.
func (p *page) send(ctx context.Context, b *batch) bool {
	select {
	case p.batches <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// receiveWhole receives a page that has to be parsed as a whole.
func (p *page) receiveWhole(ctx context.Context, s *scopeReader) error {
	list, err := s.request(p.options).Do(ctx).Get()
	if err != nil {
		return err
	}
	return p.sendParsed(ctx, list)
}

// sendParsed hands over a page in one batch.
func (p *page) sendParsed(ctx context.Context, list runtime.Object) error {
	if status, ok := list.(*metav1.Status); ok {
		return apierrors.FromObject(status)
	}
	m, err := listMeta(list)
	if err != nil {
		return err
	}
	p.send(ctx, &batch{list: list, last: true, metadata: metav1.ListMeta{
		ResourceVersion: m.GetResourceVersion(), Continue: m.GetContinue(), RemainingItemCount: m.GetRemainingItemCount(),
	}})
	return nil
}

// listMeta finds the metadata of a list or of a Table.
func listMeta(list runtime.Object) (metav1.ListInterface, error) {
	if u, ok := list.(*unstructured.Unstructured); ok {
		return u, nil
	}
	return meta.ListAccessor(list)
}

// receiveStream receives a page object by object. An API server that has no protobuf
// for it answers in JSON, and that is parsed as a whole.
func (p *page) receiveStream(ctx context.Context, s *scopeReader, v *idleTimeout) error {
	answer, err := s.request(p.options).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	v.body = answer
	body := bufio.NewReaderSize(v, streamBuffer)
	protobuf, err := wire.IsProtobuf(body)
	if err != nil {
		return err
	}
	if !protobuf {
		return p.receiveJSON(ctx, body)
	}
	list, err := wire.OpenList(body)
	if err != nil {
		return err
	}
	return p.sendBatches(ctx, list)
}

// receiveJSON receives a page in JSON.
func (p *page) receiveJSON(ctx context.Context, body io.Reader) error {
	p.streamed = false
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	list, _, err := scheme.Codecs.UniversalDeserializer().Decode(data, nil, nil)
	if err != nil {
		return err
	}
	return p.sendParsed(ctx, list)
}

// sendBatches hands over the objects of a list in batches.
func (p *page) sendBatches(ctx context.Context, list *wire.ListStream) error {
	most := batchBytes
	if p.options.Continue == "" {
		most = firstBatch
	}
	for ctx.Err() == nil {
		var b *batch
		select {
		case b = <-p.free:
		case <-ctx.Done():
			return nil
		}
		err := b.fill(list, most)
		b.metadata, b.last = list.Metadata, errors.Is(err, io.EOF)
		if err != nil && !b.last {
			return err
		}
		if !p.send(ctx, b) || b.last {
			return nil
		}
	}
	return nil
}

// fill reads objects until the batch is full or has waited long enough. It returns
// io.EOF when the list is complete.
func (b *batch) fill(list *wire.ListStream, most int) (err error) {
	if cap(b.data) > 2*most {
		b.data = nil // do not keep the room of one large object
	}
	b.data, b.ends = b.data[:0], b.ends[:0]
	var since time.Time
	for len(b.data) < most {
		if b.data, err = list.Next(b.data); err != nil {
			return err
		}
		b.ends = append(b.ends, len(b.data))
		if since.IsZero() {
			since = time.Now()
		} else if time.Since(since) > batchTime {
			break
		}
	}
	return nil
}
