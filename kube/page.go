package kube

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/wire"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// batchBytes is how much text of objects is handed over at once. A page has two
	// batches: one is filled while the records of the other are made.
	batchBytes = 256 << 10
	// firstBatch is the same for the first page, a screenful of which should be shown
	// at once, where there is a screen for it.
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
	json     bool            // its objects are JSON, not protobuf
	most     int             // how much text of objects is handed over at once
	metadata metav1.ListMeta // as far as the batches have it
	batches  chan *batch     // closed after the last one
	free     chan *batch     // those that may be filled again
}

// batch is some objects of a page.
type batch struct {
	data []byte // the objects, one after another
	ends []int  // where each of them ends
	json bool   // they are JSON, not protobuf

	metadata metav1.ListMeta
	last     bool
	err      error // why the page ends here
}

// requestPage requests one page after a pause. It arrives in the background, only as
// fast as it is consumed.
func (f *reflectorRun) requestPage(ctx context.Context, options metav1.ListOptions, pause time.Duration) *page {
	p := &page{
		options: options,
		most:    batchBytes,
		batches: make(chan *batch),
		free:    make(chan *batch, 2),
	}
	if options.Continue == "" && !f.listing.scope.Unwell {
		p.most = firstBatch
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.free <- &batch{}
	p.free <- &batch{}
	f.messages().Start(f.listing, func() {
		defer close(p.batches)
		f.listing.cluster.awaitCredentials(ctx)
		if pause > 0 && !signal.Sleep(ctx, pause, nil) {
			return
		}
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

// send gives a batch to whoever reads the page; false means that nobody does.
func (p *page) send(ctx context.Context, b *batch) bool {
	select {
	case p.batches <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// receive reads a page object by object, in protobuf or, where the API server has none
// for it, in JSON.
func (p *page) receive(ctx context.Context, f *reflectorRun, v *idleTimeout) (err error) {
	defer f.messages().Recover(f.listing, &err)
	answer, err := f.reader.request(p.options).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	v.body = answer
	body := bufio.NewReaderSize(v, streamBuffer)
	if f.reader.canStream() {
		protobuf, err := wire.IsProtobuf(body)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // It may just be short.
			return err
		}
		if protobuf {
			list, err := wire.OpenList(body)
			if err != nil {
				return err
			}
			return p.sendBatches(ctx, list.Next, &list.Metadata)
		}
	}
	p.json = true
	list, err := openJSONList(body, f.reader.scope.GroupResource().String())
	if err != nil {
		return err
	}
	if f.reader.table != list.isTable() {
		return list.otherAnswer("a " + list.kind)
	}
	if !f.reader.table {
		list.listKind = f.reader.kind.Held().Kind + "List"
	}
	return p.sendBatches(ctx, list.Next, &list.metadata)
}

// sendBatches hands over the objects of a list in batches. next appends one to a buffer,
// and fails with io.EOF after the last.
func (p *page) sendBatches(ctx context.Context, next func([]byte) ([]byte, error), metadata *metav1.ListMeta) error {
	for ctx.Err() == nil {
		var b *batch
		select {
		case b = <-p.free:
		case <-ctx.Done():
			return nil
		}
		err := b.fill(next, p.most)
		b.json, b.metadata, b.last = p.json, *metadata, errors.Is(err, io.EOF)
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
func (b *batch) fill(next func([]byte) ([]byte, error), most int) (err error) {
	if cap(b.data) > 2*most {
		b.data = nil // do not keep the room of one large object
	}
	b.data, b.ends = b.data[:0], b.ends[:0]
	var since time.Time
	for len(b.data) < most {
		if b.data, err = next(b.data); err != nil {
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
