package tape

import (
	"bytes"
	"cmp"
	"slices"
)

// Weight is what a change means to those who step through a tape.
type Weight byte

// The weights.
const (
	Step    Weight = iota // a stop when going change by change
	Quiet                 // not a stop: leases, metrics
	Finding               // also a stop when looking for what went wrong
)

func (w Weight) flag() byte {
	switch w {
	case Quiet:
		return quiet
	case Finding:
		return finding
	default:
		return 0
	}
}

// Put adds a version of an object. A version that is on the tape already, as
// after a list that was read again, adds nothing. Values of Secrets are removed
// here: none reaches the file, or the memory of the Writer.
func (w *Writer) Put(o Object, weight Weight) error {
	o = withoutSecrets(o)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.put(w.resource(*o.Resource), o, weight)
	return w.err
}

func (w *Writer) put(resource uint64, o Object, weight Weight) *lastWritten {
	key := objectKey{resource, o.Namespace, o.Name}
	h := w.objects[key]
	flags := flagsOf(o)
	if h != nil && h.uid == o.UID && h.version == o.Version && o.Version != "" {
		return h
	}
	c := change{operation: putWhole, flags: flags | weight.flag(), version: o.Version, size: len(o.Body), body: o.Body}
	if h != nil && h.uid == o.UID && h.flags == flags {
		base := w.baseOf(h)
		if o.Version == "" && h.delta == nil && bytes.Equal(base, o.Body) {
			return h
		}
		w.change = w.deltas.append(w.change[:0], base, o.Body)
		if len(w.change) < len(o.Body)/2 {
			c.operation, c.body = putDelta, w.change
		}
	}
	if h == nil {
		h = &lastWritten{number: w.numbers}
		w.numbers++
		w.objects[key] = h
	}
	if labels := o.labels(); c.operation == putWhole || !bytes.Equal(labels, h.labels) {
		c.flags, c.labels, h.labels = c.flags|labelled, labels, labels
	}
	c.at, c.number = w.nextTime(), h.number
	h.uid, h.version, h.flags, h.size = o.UID, o.Version, flags, len(o.Body)
	if c.operation == putWhole {
		c.resource, c.namespace, c.name, c.uid = resource, o.Namespace, o.Name, o.UID
		w.setBase(h, o.Body)
	} else {
		h.delta = append(h.delta[:0], c.body...)
	}
	w.add(&c)
	return h
}

func flagsOf(o Object) byte {
	var flags byte
	if o.Protobuf {
		flags |= inProtobuf
	}
	if o.Redacted {
		flags |= redacted
	}
	return flags
}

func (w *Writer) add(c *change) {
	w.changes.text = c.append(w.changes.text, w.changes.since(c.at))
	w.changes.added(c.at)
	if c.flags&finding != 0 {
		w.changes.findings++
	}
	if w.complete {
		w.counted.Changes++
	}
	if len(w.changes.text) > batchMax {
		w.flush()
	}
}

// setBase keeps a body to compare the next version with.
func (w *Writer) setBase(h *lastWritten, body []byte) {
	w.scratch = w.quick.EncodeAll(body, w.scratch[:0])
	h.base, h.baseSize, h.delta = bytes.Clone(w.scratch), len(body), nil
}

// baseOf returns the base of an object, until the next call.
func (w *Writer) baseOf(h *lastWritten) []byte {
	// It was packed a moment ago, in this memory.
	w.base, _ = w.decoder.DecodeAll(h.base, w.base[:0])
	return w.base
}

// Delete adds that an object is gone. Its body is its last state, which may be
// empty.
func (w *Writer) Delete(o Object, weight Weight) error {
	o = withoutSecrets(o)
	w.mu.Lock()
	defer w.mu.Unlock()
	resource := w.resource(*o.Resource)
	key := objectKey{resource, o.Namespace, o.Name}
	if h := w.objects[key]; h != nil && (o.UID == "" || h.uid == o.UID) {
		w.remove(key, h, o, weight)
	}
	return w.err
}

func (w *Writer) remove(key objectKey, h *lastWritten, o Object, weight Weight) {
	delete(w.objects, key)
	c := change{
		operation: deleted, flags: h.flags | weight.flag(), at: w.nextTime(), number: h.number,
		version: cmp.Or(o.Version, h.version),
	}
	switch {
	case len(o.Body) > 0 && flagsOf(o) == h.flags:
		w.change = w.deltas.append(w.change[:0], w.baseOf(h), o.Body)
		c.body, c.size = w.change, len(o.Body)
	case h.delta != nil:
		c.body, c.size = h.delta, h.size
	default:
		w.change = w.deltas.append(w.change[:0], w.baseOf(h), w.base)
		c.body, c.size = w.change, h.baseSize
	}
	w.add(&c)
}

// Listing is a list that is read page by page. When it is done, what is on the
// tape and not in the list is gone.
type Listing struct {
	writer    *Writer
	resource  Resource
	namespace string // "": all
	seen      map[uint64]struct{}
}

// List begins a list of a resource, in a namespace or ("") in all.
func (w *Writer) List(r Resource, namespace string) *Listing {
	return &Listing{writer: w, resource: r, namespace: namespace, seen: map[uint64]struct{}{}}
}

// Put adds an object of the list.
func (l *Listing) Put(o Object, weight Weight) error {
	o = withoutSecrets(o)
	w := l.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.put(w.resource(l.resource), o, weight)
	l.seen[h.number] = struct{}{}
	return w.err
}

// Done ends a list that was read completely.
func (l *Listing) Done(weight Weight) error {
	w := l.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	resource := w.resource(l.resource)
	for key, h := range w.objects {
		if key.resource != resource || l.namespace != "" && key.namespace != l.namespace {
			continue
		}
		if _, there := l.seen[h.number]; !there {
			w.remove(key, h, Object{}, weight)
		}
	}
	return w.err
}

// key writes every object as it is now, so that a reader may begin here. Each
// becomes its own base.
func (w *Writer) key() {
	type entry struct {
		objectKey
		*lastWritten
	}
	all := make([]entry, 0, len(w.objects))
	for k, h := range w.objects {
		all = append(all, entry{k, h})
	}
	// Objects that are alike stand side by side.
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
	before := w.written
	at := w.nextTime()
	var b batch
	flush := func(flags uint8) {
		w.frame(frame{kind: keyFrame, flags: flags, count: b.count, first: at, last: at}, w.encoder, b.text)
		b = batch{text: b.text[:0]}
	}
	for _, e := range all {
		body := w.baseOf(e.lastWritten)
		if e.delta != nil {
			body, _ = applyDelta(body, e.delta, e.size)
			w.setBase(e.lastWritten, body)
		}
		c := change{
			operation: putWhole, flags: e.flags | labelled, at: at, number: e.number, version: e.version, labels: e.labels,
			resource: e.resource, namespace: e.namespace, name: e.name, uid: e.uid, body: body,
		}
		b.text = c.append(b.text, b.since(at))
		b.added(at)
		if len(b.text) > 2*batchMax {
			flush(0)
		}
	}
	flush(keyEnd)
	w.keySize, w.sinceKey = w.written-before, 0
}
