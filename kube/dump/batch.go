package dump

import (
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

const (
	// Objects go from goroutine to goroutine in batches, which costs less than one by
	// one.
	batchBytes   = 128 << 10
	batchObjects = 64
	// batchKept is how large a batch may be to be reused.
	batchKept = 1 << 20
)

// rawBatch is some texts on their way to a parser.
type rawBatch struct {
	text    []byte
	objects []queuedObject
}

// queuedObject is a rawObject whose text is in a batch.
type queuedObject struct {
	rawObject
	from, to int
	origin   origin
}

// parsedBatch is some objects on their way to the collector.
type parsedBatch struct {
	text    []byte
	objects []parsedObject
}

var rawBatches, parsedBatches sync.Pool

func newRawBatch() *rawBatch {
	if b, ok := rawBatches.Get().(*rawBatch); ok {
		return b
	}
	return &rawBatch{text: make([]byte, 0, batchBytes+batchBytes/4)}
}

func newParsedBatch() *parsedBatch {
	if b, ok := parsedBatches.Get().(*parsedBatch); ok {
		return b
	}
	return &parsedBatch{text: make([]byte, 0, batchBytes)}
}

// add adds a copy of an object's text.
func (b *rawBatch) add(o rawObject, at origin) {
	from := len(b.text)
	b.text = append(b.text, o.text...)
	o.text = nil
	b.objects = append(b.objects, queuedObject{o, from, len(b.text), at})
}

func (b *rawBatch) full() bool { return len(b.text) >= batchBytes || len(b.objects) >= batchObjects }

// release lets the batch be used again.
func (b *rawBatch) release() {
	if cap(b.text) <= batchKept {
		clear(b.objects)
		b.text, b.objects = b.text[:0], b.objects[:0]
		rawBatches.Put(b)
	}
}

func (b *parsedBatch) release() {
	if cap(b.text) <= batchKept {
		clear(b.objects)
		b.text, b.objects = b.text[:0], b.objects[:0]
		parsedBatches.Put(b)
	}
}

// each calls do with the objects.
func (b *parsedBatch) each(do func(parsedObject)) {
	for _, f := range b.objects {
		f.object.Data = memapi.Raw(b.text[f.from:f.to:f.to])
		do(f)
	}
}

func (r *reader) newParser(before time.Time) *parser {
	p := newParser(r.problems, before)
	p.onList = func() { r.empty.Store(true) }
	return p
}

// parseAll parses batches until there are no more.
func (r *reader) parseAll(before time.Time, results chan<- *parsedBatch) {
	p := r.newParser(before)
	for batch := range r.raw {
		for _, q := range batch.objects {
			whole := r.readPart(q.origin.file, q.origin.line, func() { p.parse(q, batch.text[q.from:q.to]) })
			if !whole { // What it was about to write is still in it.
				out := p.out
				p = r.newParser(before)
				p.out = out
			}
		}
		batch.release()
		results <- p.out
		p.out = newParsedBatch()
	}
}

// queueObject sends an object to the parsers, with its neighbours.
func (r *reader) queueObject(o rawObject, at origin) error {
	if r.batch == nil {
		r.batch = newRawBatch()
	}
	if r.batch.add(o, at); r.batch.full() {
		return r.flushBatch()
	}
	return nil
}

// flushBatch sends what still waits for neighbours.
func (r *reader) flushBatch() error {
	batch := r.batch
	if r.batch = nil; batch == nil {
		return nil
	}
	select {
	case r.raw <- batch:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}
